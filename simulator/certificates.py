"""Reading the certificate somebody logs in with: whom it names, what is wrong."""

import re

from cryptography import x509
from cryptography.x509.oid import NameOID

from .authority import ORGANIZATION_IDENTIFIER, self_signed, signed_by, validity
from .errors import BadRequest
from .store import Identity

PERSON = (
    ("Pesel", re.compile(r"(?:PNOPL|PESEL).*?(\d{11})")),
    ("Nip", re.compile(r"(?:TINPL|NIP).*?(\d{10})")),
)
SEAL = re.compile(r"VATPL.*?(\d{10})")


def identity(certificate: x509.Certificate) -> Identity:
    """The NIP or PESEL in the subject. Raises BadRequest 21115."""
    _refuse_offline(certificate)
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


def trouble(simulator, certificate: x509.Certificate, now) -> str | None:
    """Why the certificate does not authenticate (status 460), or None."""
    start, end = validity(certificate)
    if not start <= now < end:
        return "Certyfikat jest nieważny."
    if signed_by(certificate, simulator.store.keys["ca"]):
        entry = simulator.store.certificates.get(f"{certificate.serial_number:016X}")
        revoked = entry is None or entry.revoked
        return "Certyfikat został unieważniony." if revoked else None
    if simulator.self_signed and self_signed(certificate):
        return None
    return "Niezaufany łańcuch certyfikatów."


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
