"""The register of certificates: list, fetch, revoke, shorten."""

import base64
import re

from cryptography import x509
from werkzeug.wrappers import Response

from . import enrollments, subjects
from .answers import json_answer, no_content
from .call import invalid
from .certificates import KINDS, STATES, by_signature, period, state
from .clock import stamp
from .errors import BadRequest

SERIAL = re.compile(r"[0-9A-F]{16}")
REASONS = ("Unspecified", "Superseded", "KeyCompromise")
MOST = 10


def query(call):
    """POST /certificates/query: those of the person who asks, newest first."""
    by_signature(call)
    fits = _filter(call, call.body(optional=True))
    offset, size = call.page(10, 50)
    _work(call)
    own = [e for e in call.store.certificates.values() if _owner(call, e)]
    own.sort(key=lambda entry: entry.requested, reverse=True)
    found = [entry for entry in own if fits(entry)]
    rows = found[offset * size : (offset + 1) * size]
    more = len(found) > (offset + 1) * size
    listed = [_listed(entry, call.now) for entry in rows]
    return json_answer(call, {"certificates": listed, "hasMore": more})


def retrieve(call):
    """POST /certificates/retrieve: in any order, without those that are not there."""
    by_signature(call)
    serials = call.body().matches("certificateSerialNumbers", SERIAL, MOST)
    found = [
        _fetched(entry)
        for entry in call.store.certificates.values()
        if entry.serial in serials and _may_revoke(call, entry)
    ]
    call.simulator.chance.shuffle(found)
    return json_answer(call, {"certificates": found})


def revoke(call):
    """POST /certificates/{serial}/revoke: blocked first, revoked a moment later."""
    by_signature(call)
    entry = _named(call)
    reason = call.body(optional=True).choice(
        "revocationReason", REASONS, required=False
    )
    if not _may_revoke(call, entry):
        raise _unknown(call)
    if state(entry, call.now) != "Active":
        raise BadRequest(25009)
    entry.blocked, entry.looks, entry.reason = call.now, 0, reason
    return no_content(call)


def shorten(call):
    """PUT /testdata/certificates/{serial}: an earlier end, for tests of expiry."""
    entry = _named(call)
    if not _owner(call, entry):
        raise _unknown(call)
    end = call.body().moment("validTo")
    if end > period(entry)[1]:
        raise invalid("'validTo': data późniejsza niż obecna.")
    entry.ended = end
    return Response(status=200)


def _named(call):
    serial = call.args["serial"]
    if not SERIAL.fullmatch(serial):
        raise invalid(f"Nieprawidłowy numer seryjny {serial}.")
    entry = call.store.certificates.get(serial)
    if entry is None:
        raise _unknown(call)
    return entry


def _unknown(call):
    return BadRequest(25008, f"Certyfikat {call.args['serial']} nie istnieje.")


def _owner(call, entry):
    return entry.subject == call.login.subject


def _may_revoke(call, entry):
    """One's own, and those of the PESEL or NIP linked with one's own."""
    persons, me = call.store.persons, call.login.subject
    linked = {me.value, persons.get(me.value)}
    linked |= {pesel for pesel, nip in persons.items() if nip == me.value}
    return _owner(call, entry) or entry.subject.value in linked


def _work(call):
    """What is under way for the person who asks goes on by one step."""
    for order in call.store.enrollments.values():
        if order.subject == call.login.subject:
            enrollments.look(call, order)
    for entry in call.store.certificates.values():
        if _owner(call, entry) and entry.blocked and not entry.revoked:
            entry.looks += 1
            over = call.simulator.delay.over(entry.looks, entry.blocked, call.now)
            entry.revoked = over


def _filter(call, filters):
    """Whether an entry is what the body asks for."""
    serial = filters.matching("certificateSerialNumber", SERIAL, required=False)
    kind = filters.choice("type", KINDS, required=False)
    status = filters.choice("status", STATES, required=False)
    name = filters.text("name", required=False) or ""
    after = filters.moment("expiresAfter", required=False)

    def fits(entry):
        return (
            name in entry.name
            and serial in (None, entry.serial)
            and kind in (None, entry.kind)
            and status in (None, state(entry, call.now))
            and (not after or period(entry)[1] > after)
        )

    return fits


def _listed(entry, now):
    start, end = period(entry)
    subject = x509.load_der_x509_certificate(entry.der).subject
    return {
        "certificateSerialNumber": entry.serial,
        "name": entry.name,
        "type": entry.kind,
        "commonName": subjects.read(subject).get("commonName", ""),
        "status": state(entry, now),
        "subjectIdentifier": {"type": entry.subject.type, "value": entry.subject.value},
        "validFrom": stamp(start),
        "validTo": stamp(end),
        "lastUseDate": stamp(entry.last_use),
        "requestDate": stamp(entry.requested),
    }


def _fetched(entry):
    return {
        "certificate": base64.b64encode(entry.der).decode(),
        "certificateName": entry.name,
        "certificateSerialNumber": entry.serial,
        "certificateType": entry.kind,
    }
