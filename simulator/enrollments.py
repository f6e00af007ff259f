"""Enrolment: limits, the data of the request, the request, and what becomes of it.

100 --[looked at, or asked for a list]--> 200 | 400 | 500 | 550
"""

import re
from datetime import timedelta

from cryptography import x509

from . import authority, csr, subjects
from .answers import json_answer
from .call import invalid
from .certificates import KINDS, by_signature, state
from .clock import polish_day, stamp
from .errors import BadRequest, Gone, Rejected
from .numbers import reference
from .store import Enrollment

KEPT = timedelta(days=30)
LIFE = timedelta(days=730)
NAME = re.compile(r"[a-zA-Z0-9_\- ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]{5,100}")
STATUS = {
    100: "Wniosek przyjęty do realizacji",
    200: "Wniosek obsłużony (certyfikat wygenerowany)",
    400: "Wniosek odrzucony",
    500: "Nieznany błąd",
    550: "Operacja została anulowana przez system",
}
ENROLLMENTS = {"Nip": 300}
CERTIFICATES = {"Nip": 100}


def limits(call):
    """GET /certificates/limits"""
    by_signature(call)
    enrollment, certificate = _enrollments(call), _certificates(call, call.login)
    answer = {
        "canRequest": bool(enrollment["remaining"] and certificate["remaining"]),
        "enrollment": enrollment,
        "certificate": certificate,
    }
    return json_answer(call, answer)


def limit(simulator, subject) -> tuple[int, int]:
    """How many requests, and how many active certificates, one may have."""
    most, held = simulator.enrollment_limit, simulator.certificate_limit
    return (
        ENROLLMENTS.get(subject.type, 12) if most is None else most,
        CERTIFICATES.get(subject.type, 6) if held is None else held,
    )


def data(call):
    """GET /certificates/enrollments/data"""
    if call.login.token_reference:
        raise BadRequest(25001)
    nothing = dict.fromkeys(subjects.FIELDS)
    return json_answer(call, {**nothing, **_told(call.login)})


def enroll(call):
    """POST /certificates/enrollments"""
    if call.login.token_reference:
        raise BadRequest(25002)
    order = _order(call)
    if not _enrollments(call)["remaining"]:
        raise BadRequest(25006)
    if not _certificates(call, order)["remaining"]:
        raise BadRequest(25007)
    call.store.enrollments[order.reference] = order
    fault = call.simulator.faults.take("enrollment_ends")
    if fault:
        order.end_code, order.details = fault.code, tuple(fault.details)
    order.stuck = bool(call.simulator.faults.take("enrollment_stuck"))
    answer = {"referenceNumber": order.reference, "timestamp": stamp(order.requested)}
    return json_answer(call, answer, 202)


def status(call):
    """GET /certificates/enrollments/{reference}"""
    by_signature(call)
    name = call.args["reference"]
    order = call.store.enrollments.get(name)
    if order is None or order.subject != call.login.subject:
        raise BadRequest(25005, f"Wniosek {name} nie istnieje.")
    if call.now - order.requested > KEPT:
        raise Gone("Status wniosku nie jest już dostępny.")
    look(call, order)
    answer = {
        "requestDate": stamp(order.requested),
        "status": {
            "code": order.code,
            "description": STATUS[order.code],
            "details": list(order.details) if order.code > 200 else None,
        },
        "certificateSerialNumber": order.serial,
    }
    return json_answer(call, answer)


def look(call, order):
    """One more look at a request: it goes on until it is decided."""
    order.looks += 1
    over = call.simulator.delay.over(order.looks, order.requested, call.now)
    if order.code != 100 or order.stuck or not over:
        return
    try:
        _decide(call, order)
    except Rejected as refusal:
        order.code, order.details = refusal.code, refusal.details


def _order(call) -> Enrollment:
    """The request in the body, checked. Raises BadRequest."""
    body = call.body()
    name = body.matching("certificateName", NAME)
    kind = body.choice("certificateType", KINDS)
    valid_from = body.moment("validFrom", required=False)
    if valid_from and valid_from < call.now:
        raise invalid("'validFrom': data z przeszłości.")
    request = csr.read(body.base64("csr"))
    wrong = subjects.differs(request.subject, _told(call.login))
    if wrong:
        raise BadRequest(25003, *wrong)
    return Enrollment(
        reference=reference("EH", polish_day(call.now)),
        subject=call.login.subject,
        told=tuple(_told(call.login).items()),
        public_key=csr.public_key(request),
        name=name,
        kind=kind,
        valid_from=valid_from,
        requested=call.now,
    )


def _decide(call, order):
    """Issue the certificate. Raises Rejected."""
    if order.end_code:
        raise Rejected(order.end_code, *order.details)
    for entry in call.store.certificates.values():
        held = csr.public_key(x509.load_der_x509_certificate(entry.der))
        if held == order.public_key and entry.subject != order.subject:
            raise Rejected(
                400, "Klucz publiczny został już certyfikowany przez inny podmiot."
            )
    if not _certificates(call, order)["remaining"]:
        raise Rejected(400, "Osiągnięto dopuszczalny limit posiadanych certyfikatów.")
    start = order.valid_from or call.now.replace(microsecond=0)
    entry = authority.enter(call.store.keys["ca"], order, start, start + LIFE)
    call.store.certificates[entry.serial] = entry
    order.serial, order.code = entry.serial, 200


def _told(login):
    return dict(login.told)


def _enrollments(call):
    subject = call.login.subject
    most, _held = limit(call.simulator, subject)
    made = sum(order.subject == subject for order in call.store.enrollments.values())
    return {"limit": most, "remaining": max(0, most - made)}


def _certificates(call, holder):
    _made, most = limit(call.simulator, holder.subject)
    held = [e for e in call.store.certificates.values() if e.subject == holder.subject]
    active = sum(state(entry, call.now) == "Active" for entry in held)
    return {"limit": most, "remaining": max(0, most - active)}
