"""Certificates: whom one names, what is wrong with it, which ones one has."""

import re

from cryptography import x509
from cryptography.x509.oid import NameOID

from .answers import json_answer
from .authority import (
    ORGANIZATION_IDENTIFIER,
    fingerprint,
    self_signed,
    signed_by,
    validity,
)
from .clock import stamp
from .errors import BadRequest, Forbidden
from .store import Identity

PERSON = (
    ("Pesel", re.compile(r"(?:PNOPL|PESEL).*?(\d{11})")),
    ("Nip", re.compile(r"(?:TINPL|NIP).*?(\d{10})")),
)
KINDS = ("Authentication", "Offline")
STATES = ("Active", "Blocked", "Revoked", "Expired")
SEAL = re.compile(r"VATPL.*?(\d{10})")


def identity(certificate: x509.Certificate, subject_type: str) -> Identity:
    """The NIP or PESEL in the subject, or the fingerprint. Raises BadRequest 21115."""
    _refuse_offline(certificate)
    if subject_type == "certificateFingerprint":
        return fingerprint(certificate)
    given = _attribute(certificate, NameOID.GIVEN_NAME)
    seal = SEAL.search(_attribute(certificate, ORGANIZATION_IDENTIFIER))
    if seal and not given and _attribute(certificate, NameOID.ORGANIZATION_NAME):
        return Identity("Nip", seal[1])
    if given and _attribute(certificate, NameOID.SURNAME):
        number = _attribute(certificate, NameOID.SERIAL_NUMBER)
        for kind, pattern in PERSON:
            match = pattern.search(number)
            if match:
                return Identity(kind, match[1])
    raise BadRequest(21115, "Certyfikat nie zawiera identyfikatora NIP ani PESEL.")


def trouble(call, certificate: x509.Certificate) -> str | None:
    """Why the certificate does not authenticate (status 460), or None."""
    now, store = call.now, call.store
    chain = call.request.args.get("verifyCertificateChain") == "true"
    start, end = validity(certificate)
    if not start <= now < end:
        return "Certyfikat jest nieważny."
    if signed_by(certificate, store.keys["ca"]):
        entry = store.certificates.get(f"{certificate.serial_number:016X}")
        if entry is None or entry.revoked:
            return "Certyfikat został unieważniony."
        entry.last_use = now
        return None
    if call.simulator.self_signed and not chain and self_signed(certificate):
        return None
    return "Niezaufany łańcuch certyfikatów."


def query(call):
    """POST /certificates/query: those of the person who asks, newest first."""
    if call.login.token_reference:
        raise Forbidden(
            "auth-method-not-allowed",
            "Operacja niedostępna dla uwierzytelnienia tokenem.",
            authenticationMethodCategory="Token",
        )
    filters = call.body(optional=True)
    wanted = {
        "certificateSerialNumber": filters.text(
            "certificateSerialNumber", required=False
        ),
        "type": filters.choice("type", KINDS, required=False),
        "status": filters.choice("status", STATES, required=False),
    }
    name = filters.text("name", required=False) or ""
    after = filters.moment("expiresAfter", required=False)
    found = [
        listed
        for entry in reversed(call.store.certificates.values())
        if entry.subject == call.login.subject and name in entry.name
        if not after or validity(_certificate(entry))[1] > after
        if _fits(listed := _listed(entry, call.now), wanted)
    ]
    offset, size = call.page(10, 50)
    rows = found[offset * size : (offset + 1) * size]
    more = len(found) > (offset + 1) * size
    return json_answer(call, {"certificates": rows, "hasMore": more})


def _fits(listed, wanted):
    return all(value in (None, listed[field]) for field, value in wanted.items())


def _listed(entry, now):
    certificate = _certificate(entry)
    start, end = validity(certificate)
    state = "Revoked" if entry.revoked else "Active" if now < end else "Expired"
    return {
        "certificateSerialNumber": entry.serial,
        "name": entry.name,
        "type": entry.kind,
        "commonName": _attribute(certificate, NameOID.COMMON_NAME),
        "status": state,
        "subjectIdentifier": {"type": entry.subject.type, "value": entry.subject.value},
        "validFrom": stamp(start),
        "validTo": stamp(end),
        "lastUseDate": stamp(entry.last_use),
        "requestDate": stamp(entry.requested),
    }


def _certificate(entry):
    return x509.load_der_x509_certificate(entry.der)


def _refuse_offline(certificate):
    """An Offline certificate (nonRepudiation) signs QR codes and nothing else."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not usage.digital_signature:
        raise BadRequest(21115, "Certyfikat nie służy do uwierzytelniania.")


def _attribute(certificate, oid):
    found = certificate.subject.get_attributes_for_oid(oid)
    return found[0].value if found else ""
