"""Status codes, and what each means for us: the one such place.

Source: official documentation, sections on interactive and batch sessions and on
the status of an invoice; field reports for what a retry can heal.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any

from ..errors import ProtocolError
from ..reading import inner, text, texts, whole


class Verdict(Enum):
    """What to do with a document after KSeF has spoken of it."""

    WAIT = "wait"  # KSeF has not decided
    ACCEPT = "accept"  # it has its number
    DUPLICATE = "duplicate"  # accepted only if the original is proven to be ours
    REJECT = "reject"  # final: a new document must replace it
    HOLD = "hold"  # same bytes again, once a person has cleared the cause
    RELEASE = "release"  # same bytes again, at once


class SessionPhase(Enum):
    """How far a session is. Of a failed one the listing still has the last word."""

    OPEN = "open"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class EnrolmentPhase(Enum):
    """How far a request for a certificate is."""

    WAIT = "wait"
    ISSUED = "issued"
    REFUSED = "refused"  # final; the details say why
    AGAIN = "again"  # broken off inside KSeF: a new request, the same key will do


class CloseRefusal(str, Enum):
    """What a refusal to close a session means for what is in it."""

    RETRY = "retry"  # close again, the session is still open
    STATUS_TELLS = "status tells"  # it may be closed already: ask how far it is
    NEVER_PROCESSED = "never processed"  # nothing in it was or will be looked at


# code: (document sent online, document sent as offline)
_VERDICTS = {
    100: (Verdict.WAIT, Verdict.WAIT),
    150: (Verdict.WAIT, Verdict.WAIT),
    200: (Verdict.ACCEPT, Verdict.ACCEPT),
    405: (Verdict.RELEASE, Verdict.RELEASE),  # the session failed around it
    410: (Verdict.HOLD, Verdict.HOLD),  # right to issue for this seller missing
    415: (Verdict.HOLD, Verdict.HOLD),  # consent to attachments missing
    430: (Verdict.RELEASE, Verdict.RELEASE),  # file differs from what was declared
    435: (Verdict.RELEASE, Verdict.RELEASE),  # could not be decrypted
    440: (Verdict.DUPLICATE, Verdict.DUPLICATE),
    450: (Verdict.REJECT, Verdict.REJECT),  # not valid as an invoice
    500: (Verdict.RELEASE, Verdict.RELEASE),
    550: (Verdict.RELEASE, Verdict.RELEASE),
}

_ONLINE_PHASES = {
    100: SessionPhase.OPEN,
    170: SessionPhase.WORKING,
    200: SessionPhase.DONE,
    415: SessionPhase.FAILED,  # session key unreadable
    440: SessionPhase.FAILED,  # cancelled, nothing was sent
    445: SessionPhase.DONE,  # processed, every single invoice refused
}
_BATCH_PHASES = {
    100: SessionPhase.OPEN,
    150: SessionPhase.WORKING,
    200: SessionPhase.DONE,
    405: SessionPhase.FAILED,  # a part differs from what was declared
    415: SessionPhase.FAILED,  # session key unreadable
    420: SessionPhase.FAILED,  # too many invoices
    430: SessionPhase.FAILED,  # archive unreadable
    435: SessionPhase.FAILED,  # parts could not be decrypted
    440: SessionPhase.FAILED,  # never closed in time, or empty
    445: SessionPhase.DONE,  # processed, every single invoice refused
    500: SessionPhase.FAILED,
}


_CLOSE_REFUSALS = {
    # A part differs from what was declared, or is missing. KSeF took all that we sent,
    # so it was not sent whole; keys and parts live in one run, the session is lost.
    21157: CloseRefusal.NEVER_PROCESSED,
    21205: CloseRefusal.NEVER_PROCESSED,
    21208: CloseRefusal.NEVER_PROCESSED,  # the time for it is over, KSeF cancelled it
    # No such session: seen a moment after a close that went well (field report R08).
    21173: CloseRefusal.STATUS_TELLS,
    21180: CloseRefusal.STATUS_TELLS,  # closed already, by an answer lost or by time
}


def close_refusal(code: int | None) -> CloseRefusal:
    """What a refusal to close means; of codes we do not know, close again."""
    return _CLOSE_REFUSALS.get(code or 0, CloseRefusal.RETRY)


def verdict(code: int, *, offline: bool) -> Verdict:
    """What an invoice status means; of codes we do not know too.

    Below 400 such a code waits and from 400 it rejects, as the codes of that range do.
    From 500 the trouble is KSeF's own: the same bytes go again, and should KSeF hold
    them after all, it says duplicate (440) and the hash proves that they are ours.
    """
    if code in _VERDICTS:
        return _VERDICTS[code][offline]
    if code >= 500:
        return Verdict.RELEASE
    return Verdict.REJECT if code >= 400 else Verdict.WAIT


def session_phase(code: int, *, batch: bool = False) -> SessionPhase:
    """What a session status means; codes we do not know work, or from 400 fail."""
    known = _BATCH_PHASES if batch else _ONLINE_PHASES
    if code in known:
        return known[code]
    return SessionPhase.FAILED if code >= 400 else SessionPhase.WORKING


def enrolment_phase(code: int) -> EnrolmentPhase:
    """What an enrolment status means; unknown codes wait, or from 400 refuse."""
    if code in (500, 550):
        return EnrolmentPhase.AGAIN
    if code >= 400:
        return EnrolmentPhase.REFUSED
    return EnrolmentPhase.ISSUED if code == 200 else EnrolmentPhase.WAIT


def status_fields(data: Mapping[str, Any]) -> dict[str, Any]:
    """The `code`, `description` and `details` of an answer's status.

    :raises ProtocolError: there is no code
    """
    status = inner(data, "status")
    code = whole(status, "code")
    if code is None:
        raise ProtocolError("the answer lacks status.code")
    return {
        "code": code,
        "description": text(status, "description") or "",
        "details": texts(status.get("details")),
    }
