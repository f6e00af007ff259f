"""Keys and certificates such as people bring, made when a test asks for them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from ksef.credential import Credential
from ksef.messages import PublicKey

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone.utc)
NIP = "5265877635"
PASSWORD = "Hasło-do-klucza-15"

C, CN, SN, SERIAL = "2.5.4.6", "2.5.4.3", "2.5.4.4", "2.5.4.5"
ORG, GN, ORG_ID = "2.5.4.10", "2.5.4.42", "2.5.4.97"

SEAL = ((C, "PL"), (ORG_ID, f"VATPL-{NIP}"), (ORG, "Beta sp. z o.o."), (CN, NIP))
PERSON = (
    (C, "PL"),
    (GN, "Zażółć"),
    (SN, "Gęślą"),
    (SERIAL, "PNOPL-90010112349"),
    (CN, "Zażółć Gęślą"),
)


def key(kind: str = "ec", which: int = 0):
    """A key of its own for every (kind, which), made once."""
    return _made_key(kind, which)


@cache
def _made_key(kind: str, which: int):
    if kind.startswith("rsa"):
        return rsa.generate_private_key(65537, int(kind[3:] or 2048))
    curve = {"ec": ec.SECP256R1, "ec192": ec.SECP192R1, "ec384": ec.SECP384R1}[kind]
    return ec.generate_private_key(curve())


def name(attributes) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(x509.ObjectIdentifier(oid), text)
            for oid, text in attributes
        ]
    )


def certificate(
    subject=SEAL,
    kind: str = "ec",
    *,
    which: int = 0,
    usage: str | None = "authentication",
    valid=(-timedelta(days=10), timedelta(days=720)),
    serial: int = 0x01F20A5D352AE590,
    issuer_kind: str | None = None,
) -> x509.Certificate:
    """A certificate for `key(kind, which)`, signed by itself or by another kind."""
    return _made_certificate(subject, kind, which, usage, valid, serial, issuer_kind)


@cache
def _made_certificate(subject, kind, which, usage, valid, serial, issuer_kind):
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(subject))
        .public_key(key(kind, which).public_key())
        .serial_number(serial)
        .not_valid_before(NOW + valid[0])
        .not_valid_after(NOW + valid[1])
    )
    if usage is not None:
        signs, commits = "authentication" in usage, "offline" in usage
        bits = [signs, commits, usage == "neither"] + 6 * [False]
        builder = builder.add_extension(x509.KeyUsage(*bits), critical=True)
    signer = key(issuer_kind or kind, 99 if issuer_kind else which)
    return builder.sign(signer, hashes.SHA256())


def credential(subject=SEAL, kind: str = "ec", **options) -> Credential:
    made = certificate(subject, kind, **options)
    return Credential(made, key(kind, options.get("which", 0)))


def crt(made: x509.Certificate, encoding: str = "PEM") -> bytes:
    return made.public_bytes(getattr(Encoding, encoding))


def key_file(
    kind: str = "ec",
    password: str | None = None,
    encoding: str = "PEM",
    form: str = "PKCS8",
    which: int = 0,
) -> bytes:
    protection = (
        BestAvailableEncryption(password.encode()) if password else NoEncryption()
    )
    return key(kind, which).private_bytes(
        getattr(Encoding, encoding), getattr(PrivateFormat, form), protection
    )


def public_key(
    usage=("SymmetricKeyEncryption", "KsefTokenEncryption"),
    *,
    kind: str = "rsa",
    which: int = 50,
    valid=(-timedelta(days=10), timedelta(days=720)),
    key_id: str | None = "id-of-the-key",
) -> PublicKey:
    """A key of KSeF as its list shows it; `key("rsa", which)` opens what it closes."""
    made = certificate(kind=kind, which=which)
    der = made.public_bytes(Encoding.DER)
    return PublicKey(der, key_id, NOW + valid[0], NOW + valid[1], tuple(usage))
