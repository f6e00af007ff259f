"""A certificate with its key: who it is, what it may be used for, how long.

Source: official documentation, KSeF certificates and authentication (identifier
patterns); the two kinds of KSeF certificates differ by keyUsage.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timezone

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from .errors import CertificateError
from .key_files import PrivateKey, read_files

_COMMON_NAME = x509.ObjectIdentifier("2.5.4.3")
_SURNAME = x509.ObjectIdentifier("2.5.4.4")
_SERIAL_NUMBER = x509.ObjectIdentifier("2.5.4.5")
_ORGANIZATION = x509.ObjectIdentifier("2.5.4.10")
_GIVEN_NAME = x509.ObjectIdentifier("2.5.4.42")
_ORGANIZATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")

# An extension that is missing, given twice, or unreadable: ours or another one.
_NO_USAGE = (
    x509.ExtensionNotFound,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    ValueError,
)

# What XML 1.0 can carry: the issuer's name goes into the signature.
_XML_TEXT = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")

_PERSON_PESEL = re.compile(r"(?:PNOPL|PESEL).*?(\d{11})", re.ASCII)
_PERSON_NIP = re.compile(r"(?:TINPL|NIP).*?(\d{10})", re.ASCII)
_SEAL_NIP = re.compile(r"VATPL.*?(\d{10})", re.ASCII)


@dataclass(frozen=True)
class Credential:
    """What we sign with. Its text form shows the certificate, never the key."""

    certificate: x509.Certificate
    private_key: PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        _check_names(self.certificate)
        _check_key(self.private_key)
        if _spki(self.certificate) != _spki(self.private_key):
            raise CertificateError("key_mismatch")

    @classmethod
    def load(
        cls, certificate: bytes, key: bytes | None = None, password: str | None = None
    ) -> Credential:
        """From files as people have them: .crt and .key, or .p12 alone.

        PEM or DER, with or without trailing data; `password` opens the key.

        :raises CertificateError: with the reason
        """
        candidates, found = read_files(certificate, key, password)
        private_key = _check_key(found)
        wanted = _spki(private_key)
        for each in candidates:
            if _spki(each) == wanted:
                return cls(each, private_key)
        raise CertificateError("key_mismatch")

    @classmethod
    def from_der(cls, certificate_der: bytes, private_key_der: bytes) -> Credential:
        """From what `certificate_der` and `private_key_der()` gave.

        :raises CertificateError: with the reason
        """
        try:
            certificate = x509.load_der_x509_certificate(certificate_der)
        except ValueError:
            raise CertificateError("unreadable") from None
        try:
            key = load_der_private_key(private_key_der, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise CertificateError("unreadable_key") from None
        return cls(certificate, _check_key(key))

    def private_key_der(self) -> bytes:
        """The key in clear, PKCS#8 DER: seal it before it is stored anywhere."""
        return self.private_key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )

    @property
    def certificate_der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def serial_number(self) -> str:
        """At least 16 upper-case hexadecimal digits, as KSeF writes it."""
        return f"{self.certificate.serial_number:016X}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, 64 upper-case hexadecimal digits."""
        return self.certificate.fingerprint(hashes.SHA256()).hex().upper()

    @property
    def purpose(self) -> str | None:
        """``authentication``, ``offline``, or None where the file does not say."""
        try:
            usage = self.certificate.extensions.get_extension_for_class(
                x509.KeyUsage
            ).value
        except _NO_USAGE:
            return None
        if usage.digital_signature:
            return "authentication"
        return "offline" if usage.content_commitment else None

    @property
    def common_name(self) -> str:
        return self._attribute(_COMMON_NAME)

    @property
    def owner(self) -> str:
        """The organisation, or the person's names, or else the common name."""
        person = (self._attribute(_GIVEN_NAME), self._attribute(_SURNAME))
        return (
            self._attribute(_ORGANIZATION)
            or " ".join(filter(None, person))
            or self.common_name
        )

    @property
    def identifier_type(self) -> str:
        """``Nip``, ``Pesel`` or ``Fingerprint``."""
        return self._identity()[0]

    @property
    def identifier(self) -> str:
        """By which KSeF knows the holder."""
        return self._identity()[1]

    @property
    def valid_from(self) -> datetime:
        return _utc(self.certificate, "not_valid_before")

    @property
    def valid_to(self) -> datetime:
        return _utc(self.certificate, "not_valid_after")

    def check_valid(self, now: datetime) -> None:
        """Pass while the certificate is valid.

        :raises CertificateError: expired, not_yet_valid
        """
        if now < self.valid_from:
            raise CertificateError("not_yet_valid")
        if now > self.valid_to:
            raise CertificateError("expired")

    def _identity(self) -> tuple[str, str]:
        person = self._attribute(_GIVEN_NAME) or self._attribute(_SURNAME)
        number = self._attribute(_SERIAL_NUMBER)
        if person and (found := _PERSON_PESEL.search(number)):
            return "Pesel", found[1]
        if person and (found := _PERSON_NIP.search(number)):
            return "Nip", found[1]
        seal = self._attribute(_ORGANIZATION_IDENTIFIER)
        if not person and (found := _SEAL_NIP.search(seal)):
            return "Nip", found[1]
        return "Fingerprint", self.fingerprint

    def _attribute(self, oid: x509.ObjectIdentifier) -> str:
        found = self.certificate.subject.get_attributes_for_oid(oid)
        return " ".join(str(each.value) for each in found)


def _check_names(certificate: x509.Certificate) -> None:
    """Names are read only when asked for; better now than in the middle of a login.

    :raises CertificateError: unreadable
    """
    try:
        certificate.subject.rfc4514_string()
        issuer = certificate.issuer.rfc4514_string()
    except ValueError:
        raise CertificateError("unreadable") from None
    if not _XML_TEXT.fullmatch(issuer):
        raise CertificateError("unreadable")


def _check_key(key: object) -> PrivateKey:
    """KSeF takes RSA from 2048 bits and elliptic curves from 256.

    :raises CertificateError: unsupported_key
    """
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.key_size >= 256:
        return key
    raise CertificateError("unsupported_key")


def _spki(holder: x509.Certificate | PrivateKey) -> bytes:
    """The public key of a certificate or private key as bytes to compare."""
    try:
        return holder.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, UnsupportedAlgorithm):
        return b""


def _utc(certificate: x509.Certificate, name: str) -> datetime:
    # cryptography has the aware form since 42, and no other in future.
    if hasattr(certificate, f"{name}_utc"):
        return getattr(certificate, f"{name}_utc")  # type: ignore[no-any-return]
    naive: datetime = getattr(certificate, name)
    return naive.replace(tzinfo=timezone.utc)
