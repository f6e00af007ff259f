"""The certificate authority: KSeF certificates as the ministry issues them."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from .clock import UTC
from .keys import load_key
from .store import Certificate, Identity
from .subjects import ORGANIZATION_IDENTIFIER, write

ISSUER = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Ministerstwo Finansów"),
        x509.NameAttribute(
            NameOID.ORGANIZATIONAL_UNIT_NAME, "Krajowa Administracja Skarbowa"
        ),
        x509.NameAttribute(NameOID.COMMON_NAME, "SYMULATOR CCK KSeF"),
    ]
)


@dataclass(frozen=True)
class Order:
    """What to certify, and for what use.

    A company (nip), a person (pesel), or a person with nothing but a `name`, known
    by the fingerprint of the certificate alone. `label` is the holder's own name
    for the certificate.
    """

    kind: str = "Authentication"
    nip: str | None = None
    pesel: str | None = None
    key: str = "EC"
    password: str | None = None
    name: str | None = None
    label: str = "Certyfikat próbny"
    not_before: datetime | None = None
    not_after: datetime | None = None

    @property
    def subject(self) -> x509.Name:
        """The subject in the certificate. Raises ValueError if it names nobody."""
        if not (self.nip or self.pesel or self.name):
            raise ValueError("nip, pesel or name is needed")
        named = self._company() if self.nip else self._person()
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in named])

    def identity(self, certificate: x509.Certificate) -> Identity:
        """What KSeF knows the holder by."""
        if self.nip:
            return Identity("Nip", self.nip)
        if self.pesel:
            return Identity("Pesel", self.pesel)
        return fingerprint(certificate)

    def _company(self):
        return [
            (NameOID.COUNTRY_NAME, "PL"),
            (ORGANIZATION_IDENTIFIER, f"VATPL-{self.nip}"),
            (NameOID.ORGANIZATION_NAME, self.name or "Podmiot Próbny"),
            (NameOID.COMMON_NAME, self.nip),
        ]

    def _person(self):
        given, _blank, surname = (self.name or "Jan Próbny").partition(" ")
        named = [
            (NameOID.COUNTRY_NAME, "PL"),
            (NameOID.GIVEN_NAME, given),
            (NameOID.SURNAME, surname or given),
            (NameOID.COMMON_NAME, f"{given} {surname}".strip()),
        ]
        if self.pesel:
            named.append((NameOID.SERIAL_NUMBER, f"PNOPL-{self.pesel}"))
        return named


def new_ca() -> bytes:
    """The private key of a new authority, PEM."""
    return _pem(ec.generate_private_key(ec.SECP384R1()), None)


def issue(ca: bytes, order: Order, now: datetime):
    """Certify `order`. Returns (register entry, .crt as PEM, .key as PEM)."""
    key = _subject_key(order.key)
    start = order.not_before or now - timedelta(minutes=5)
    end = order.not_after or start + timedelta(days=730)
    certificate = _certify(ca, order.subject, key.public_key(), order.kind, start, end)
    entry = Certificate(
        serial=f"{certificate.serial_number:016X}",
        der=certificate.public_bytes(serialization.Encoding.DER),
        kind=order.kind,
        subject=order.identity(certificate),
        name=order.label,
        requested=now,
    )
    crt = certificate.public_bytes(serialization.Encoding.PEM)
    return entry, crt, _pem(key, order.password)


def enter(ca: bytes, order, start, end) -> Certificate:
    """Certify the key of an enrolment. Returns the register entry."""
    key = serialization.load_der_public_key(order.public_key)
    subject = write(dict(order.told))
    certificate = _certify(ca, subject, key, order.kind, start, end)
    return Certificate(
        serial=f"{certificate.serial_number:016X}",
        der=certificate.public_bytes(serialization.Encoding.DER),
        kind=order.kind,
        subject=order.subject,
        name=order.name,
        requested=order.requested,
    )


def fingerprint(certificate: x509.Certificate) -> Identity:
    """The identity of a certificate that stands for itself alone."""
    digest = certificate.fingerprint(hashes.SHA256()).hex().upper()
    return Identity("Fingerprint", digest)


def signed_by(certificate: x509.Certificate, ca: bytes) -> bool:
    """Whether the authority itself signed `certificate`."""
    return _verified(certificate, load_key(ca).public_key())


def self_signed(certificate: x509.Certificate) -> bool:
    """Whether the certificate's own key signed it."""
    if certificate.issuer != certificate.subject:
        return False
    return _verified(certificate, certificate.public_key())


def validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """From and to, aware, with every version of cryptography."""
    if hasattr(certificate, "not_valid_before_utc"):
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return (
        certificate.not_valid_before.replace(tzinfo=UTC),
        certificate.not_valid_after.replace(tzinfo=UTC),
    )


def _certify(ca, subject, public_key, kind, start, end):
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(ISSUER)
        .public_key(public_key)
        .serial_number(int("01" + secrets.token_hex(7), 16))
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(_key_usage(kind), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    # The ministry signs RSA keys with ECDSA, too: the key type cannot be inferred.
    return builder.sign(load_key(ca), hashes.SHA512())


def _verified(certificate, public_key):
    algorithm = certificate.signature_hash_algorithm
    parts = certificate.signature, certificate.tbs_certificate_bytes
    try:
        if isinstance(public_key, ec.EllipticCurvePublicKey):
            public_key.verify(*parts, ec.ECDSA(algorithm))
        else:
            public_key.verify(*parts, padding.PKCS1v15(), algorithm)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _subject_key(kind):
    if kind == "EC":
        return ec.generate_private_key(ec.SECP256R1())
    if kind == "RSA":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    raise ValueError(f"key: {kind}")


def _key_usage(kind):
    if kind not in ("Authentication", "Offline"):
        raise ValueError(f"kind: {kind}")
    return x509.KeyUsage(
        digital_signature=kind == "Authentication",
        content_commitment=kind == "Offline",
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key, password):
    encryption = serialization.NoEncryption()
    if password:
        encryption = serialization.BestAvailableEncryption(password.encode())
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )
