"""Sessions of both kinds: status, list, how they end; and online ones: open, close.

online  100 --[closed, or 12 hours]--> 170 --[all decided]--> 200 | 440 | 445
        100 --[key unreadable, a moment later]--> 415
batch   100 --[closed]--> 150 --[all decided]--> 200 | 445, or what batch.py finds
        100 --[12 hours]--> 440
"""

from datetime import timedelta

from . import upo
from .answers import json_answer, no_content
from .auth import unknown_key
from .call import invalid
from .clock import parse_moment, polish_day, stamp
from .errors import BadRequest, Forbidden
from .keys import SYMMETRIC, unlock
from .numbers import reference
from .rights import expand
from .store import Session

LIFE = timedelta(hours=12)
FORM = {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"}
STATUS = {
    "Online": {
        100: "Sesja interaktywna otwarta",
        170: "Sesja interaktywna zamknięta",
        200: "Sesja interaktywna przetworzona pomyślnie",
        415: "Błąd odszyfrowania dostarczonego klucza",
        440: "Sesja anulowana, nie przesłano faktur",
        445: "Błąd weryfikacji, brak poprawnych faktur",
    },
    "Batch": {
        100: "Sesja wsadowa rozpoczęta",
        150: "Trwa przetwarzanie",
        200: "Sesja wsadowa przetworzona pomyślnie",
        405: "Błąd weryfikacji poprawności dostarczonych elementów paczki",
        415: "Błąd odszyfrowania dostarczonego klucza",
        420: "Przekroczony limit faktur w sesji",
        430: "Błąd dekompresji pierwotnego archiwum",
        435: "Błąd odszyfrowania zaszyfrowanych części archiwum",
        440: "Sesja anulowana",
        445: "Błąd weryfikacji, brak poprawnych faktur",
    },
}
COMMON = {
    "InProgress": (100, 150, 170),
    "Succeeded": (200,),
    "Cancelled": (440,),
    "Failed": (405, 415, 420, 430, 435, 445, 500),
}
NO_FILES, TOO_LATE = ("Nie przesłano faktur",), ("Przekroczono czas wysyłki",)


def open_online(call):
    """POST /sessions/online: the key is looked at later."""
    body = call.body()
    session = new(call, body, "SO")
    answer = {
        "referenceNumber": session.reference,
        "validUntil": stamp(session.valid_until),
    }
    return json_answer(call, answer, 201)


def new(call, body, infix, **details) -> Session:
    """A session of either kind, opened now. Raises BadRequest 21405, 21470."""
    form = body.part("formCode").raw()
    if {name: form.get(name) for name in FORM} != FORM:
        raise invalid(f"'formCode': {form} nie jest obsługiwany.")
    key, iv = session_key(call, body.part("encryption"))
    refused = call.simulator.faults.take("session_refused_key") or not key
    session = Session(
        reference=reference(infix, polish_day(call.now)),
        context=call.login.context,
        subject=call.login.subject,
        login_reference=call.login.reference,
        key=key,
        iv=iv,
        created=call.now,
        updated=call.now,
        valid_until=call.now + LIFE,
        end_code=415 if refused else None,
        **details,
    )
    call.store.sessions[session.reference] = session
    return session


def session_key(call, encryption):
    """The decrypted AES key (None if it cannot be read) and the IV."""
    key_id = encryption.text("publicKeyId", required=False)
    wrapped = encryption.base64("encryptedSymmetricKey")
    iv = encryption.base64("initializationVector")
    try:
        keys = call.store.keys["public"]
        key = unlock(keys, SYMMETRIC, wrapped, key_id, call.now)
    except KeyError as error:
        raise unknown_key(key_id) from error
    return (key if key and len(key) == 32 else None), iv


def close(call):
    """POST /sessions/online/{reference}/close"""
    session = own(call, "Online")
    settle(call.simulator, session, call.now)
    check_open(session)
    close_now(call, session)
    settle(call.simulator, session, call.now)
    return no_content(call)


def check_open(session):
    """Raises BadRequest 21180."""
    if session.code != 100:
        raise BadRequest(21180, f"Status sesji {session.code} uniemożliwia zamknięcie.")


def close_now(call, session):
    """The sender is done. A fault may decide on the session here."""
    session.closed = session.updated = call.now
    session.looks = 0
    fault = call.simulator.faults.take("session_ends")
    if fault:
        session.end_code = fault.code
    session.stuck = bool(call.simulator.faults.take("session_stuck"))


def status(call):
    """GET /sessions/{reference}"""
    session = looked_at(call)
    answer = {
        "status": _status(call, session),
        "dateCreated": stamp(session.created),
        "dateUpdated": stamp(session.updated),
        "validUntil": stamp(session.valid_until),
        **_counts(session, "invoiceCount"),
    }
    if session.batch and not session.batch.counted:
        answer |= dict.fromkeys(_counts(session, "invoiceCount"))
    if session.upo_pages:
        answer["upo"] = {"pages": [_page(call, page) for page in session.upo_pages]}
    return json_answer(call, answer)


def listing(call):
    """GET /sessions: newest first."""
    kind = call.choice("sessionType", ("Online", "Batch"))
    found = [
        session
        for session in call.store.sessions.values()
        if session.kind == kind and _visible(call, session) and _matches(call, session)
    ]
    found.sort(key=lambda session: session.created, reverse=True)
    rows, token = call.continued(found, 10, 1000)
    items = [_listed(call, session) for session in rows]
    return json_answer(call, {"continuationToken": token, "sessions": items})


def own(call, kind=None) -> Session:
    """The session in the address, of that kind. Raises BadRequest 21173, Forbidden."""
    name = call.args["reference"]
    session = call.store.sessions.get(name)
    known = session is not None and kind in (None, session.kind)
    if not known or session.context != call.login.context:
        raise BadRequest(
            21173, f"Sesja o numerze referencyjnym {name} nie została odnaleziona."
        )
    if not _visible(call, session):
        raise Forbidden("insufficient-resource-access", "Sesja innego podmiotu.")
    return session


def looked_at(call) -> Session:
    """The session named in the address, after one more look at it."""
    session = own(call)
    session.looks += 1
    settle(call.simulator, session, call.now)
    return session


def settle(simulator, session, now):
    """Let the session arrive where it should be by `now`."""
    if session.code == 100 and now >= session.valid_until:
        _run_out(session, now)
    began = session.closed or session.created
    over = simulator.delay.over(session.looks, began, now)
    open_ = session.code == 100 and not session.closed
    if open_ and simulator.faults.take("session_cancelled"):
        _end(session, 440, now)
        _cancel(simulator.store, session)
    elif session.end_code and over and _decided(session):
        _end(session, session.end_code, now)
        _cancel(simulator.store, session)
    elif session.code == 100 and session.closed:
        session.code, session.updated = (150 if session.batch else 170), now
    elif session.code in (150, 170) and over and not session.end_code:
        _finish(simulator, session, now)


def _run_out(session, now):
    """Twelve hours are over: an online session closes, a batch is cancelled."""
    if session.batch:
        session.details = TOO_LATE
        _end(session, 440, now)
        return
    session.closed = session.closed or session.valid_until
    session.looks += 1


def _decided(session):
    """Whether what ends the session may be told: of a batch only after closing."""
    judged = session.batch is None or session.batch.judged
    return session.code in (100, 150, 170) and judged and not session.stuck


def _finish(simulator, session, now):
    """170 to its end, unless a file is still stuck at 150."""
    if any(entry.stuck for entry in session.submissions) or not _decided(session):
        return
    for entry in session.submissions:
        entry.shown = True
    if any(entry.invoice for entry in session.submissions):
        session.upo_pages = upo.session_pages(simulator, session)
        _end(session, 200, now)
    else:
        session.details = () if session.submissions else NO_FILES
        _end(session, 445 if session.submissions else 440, now)


def _cancel(store, session):
    """A failed session takes its files along, those already shown excepted."""
    for entry in session.submissions:
        if entry.invoice and not entry.shown:
            del store.invoices[entry.invoice.ksef_number]
            entry.invoice = None
        if not entry.invoice:
            entry.code, entry.details, entry.extensions = 405, (), None
        entry.shown = True


def _end(session, code, now):
    session.code, session.updated = code, now


def _visible(call, session):
    if session.context != call.login.context:
        return False
    everything = {"Introspection", "EnforcementOperations"}
    mine = session.subject == call.login.subject
    return mine or bool(everything & set(expand(call.claims.permissions)))


def _matches(call, session):
    query = call.request.args
    settle(call.simulator, session, call.now)
    wanted = [code for name in query.getlist("statuses") for code in _codes(name)]
    if query.getlist("statuses") and session.code not in wanted:
        return False
    if query.get("referenceNumber", session.reference) != session.reference:
        return False
    dates = {
        "dateCreated": session.created,
        "dateClosed": session.closed,
        "dateModified": session.updated,
    }
    return all(_within(query, name, moment) for name, moment in dates.items())


def _within(query, name, moment):
    try:
        start, end = (
            parse_moment(query[name + side]) if query.get(name + side) else None
            for side in ("From", "To")
        )
    except ValueError as error:
        raise invalid(f"Parametr {name}: nieprawidłowa data.") from error
    if not start and not end:
        return True
    return moment is not None and (start or moment) <= moment <= (end or moment)


def _codes(name):
    if name not in COMMON:
        raise invalid(f"Parametr statuses: nieprawidłowa wartość {name!r}.")
    return COMMON[name]


def _listed(call, session):
    return {
        "referenceNumber": session.reference,
        "status": _status(call, session),
        "dateCreated": stamp(session.created),
        "dateUpdated": stamp(session.updated),
        "validUntil": stamp(session.valid_until),
        **_counts(session, "totalInvoiceCount"),
    }


def _status(call, session):
    unknown = call.simulator.faults.take("unknown_code", "session")
    code = unknown.code if unknown else session.code
    text = STATUS[session.kind].get(code, f"Nieznany błąd ({code})")
    return {
        "code": code,
        "description": text,
        "details": list(session.details) or None,
    }


def _counts(session, total):
    done = [entry for entry in session.submissions if entry.shown]
    accepted = sum(entry.invoice is not None for entry in done)
    return {
        total: len(session.submissions),
        "successfulInvoiceCount": accepted,
        "failedInvoiceCount": len(done) - accepted,
    }


def _page(call, page):
    until = call.now + timedelta(days=3)
    return {
        "referenceNumber": page.reference,
        "downloadUrl": call.simulator.links.url("upo", page.reference, until),
        "downloadUrlExpirationDate": stamp(until),
    }
