"""Certificates that log in: whom one names, and what is wrong with it."""

import re

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from .authority import fingerprint, self_signed, signed_by, validity
from .errors import BadRequest, Forbidden
from .store import Identity
from .subjects import ORGANIZATION_IDENTIFIER, attribute

PERSON = (
    ("Pesel", re.compile(r"(?:PNOPL|PESEL).*?(\d{11})")),
    ("Nip", re.compile(r"(?:TINPL|NIP).*?(\d{10})")),
)
KINDS = ("Authentication", "Offline")
STATES = ("Active", "Blocked", "Revoked", "Expired")
SEAL = re.compile(r"VATPL.*?(\d{10})")


def identity(store, certificate: x509.Certificate, subject_type: str) -> Identity:
    """The NIP or PESEL in the subject, or the fingerprint. Raises BadRequest 21115.

    A KSeF certificate that somebody known by a fingerprint enrolled stands for that
    fingerprint, not for its own.
    """
    if subject_type == "certificateFingerprint":
        entry = entry_of(store, certificate)
        known = entry and entry.subject.type == "Fingerprint"
        return entry.subject if known else fingerprint(certificate)
    subject = certificate.subject
    given = attribute(subject, NameOID.GIVEN_NAME)
    seal = SEAL.search(attribute(subject, ORGANIZATION_IDENTIFIER))
    if seal and not given and attribute(subject, NameOID.ORGANIZATION_NAME):
        return Identity("Nip", seal[1])
    if given and attribute(subject, NameOID.SURNAME):
        number = attribute(subject, NameOID.SERIAL_NUMBER)
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
    if _for_offline(certificate):
        return "Niepoprawny certyfikat."
    if not start <= now < end:
        return "Certyfikat jest nieważny."
    if signed_by(certificate, store.keys["ca"]):
        return _registered_trouble(entry_of(store, certificate), now)
    if call.simulator.self_signed and not chain and self_signed(certificate):
        return None
    return "Niezaufany łańcuch certyfikatów."


def by_signature(call):
    """Refuse whoever logged in by KSeF token. Raises Forbidden."""
    if call.login.token_reference:
        raise Forbidden(
            "auth-method-not-allowed",
            "Operacja niedostępna dla uwierzytelnienia tokenem.",
            authenticationMethodCategory="Token",
        )


def entry_of(store, certificate):
    """The register's entry for exactly this certificate, or None."""
    entry = store.certificates.get(f"{certificate.serial_number:016X}")
    der = certificate.public_bytes(serialization.Encoding.DER)
    return entry if entry and entry.der == der else None


def period(entry) -> tuple:
    """From and to, with an end that was brought forward."""
    start, end = validity(x509.load_der_x509_certificate(entry.der))
    return start, entry.ended or end


def state(entry, now) -> str:
    """Where the entry stands, in the words of the list."""
    if entry.revoked:
        return "Revoked"
    if entry.blocked:
        return "Blocked"
    return "Active" if now < period(entry)[1] else "Expired"


def _registered_trouble(entry, now):
    found = "Revoked" if entry is None else state(entry, now)
    if found == "Active":
        entry.last_use = now
    return {
        "Active": None,
        "Blocked": "Certyfikat zawieszony.",
        "Expired": "Certyfikat jest nieważny.",
        "Revoked": "Certyfikat został unieważniony.",
    }[found]


def _for_offline(certificate) -> bool:
    """Whether it (nonRepudiation) signs QR codes and nothing else."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return not usage.digital_signature
