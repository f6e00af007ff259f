"""A key of our own and the request (PKCS#10) for a certificate of it.

The names are written octet by octet: newer versions of cryptography refuse some that
KSeF may well give (longer than 64 letters), and KSeF takes no name but its own (25003).

Source: official documentation, KSeF certificates (attributes, key, signature); the
example of a request in the official OpenAPI file (order and types of the names).
"""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from .errors import CertificateError
from .key_files import PrivateKey
from .messages import Subject

# ASN.1 tags.
_INTEGER, _BIT_STRING, _OBJECT = 0x02, 0x03, 0x06
_UTF8, _PRINTABLE, _SEQUENCE, _SET, _ATTRIBUTES = 0x0C, 0x13, 0x30, 0x31, 0xA0

_ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")
_PRINTABLE_TEXT = re.compile(r"[A-Za-z0-9 '()+,\-./:=?]*")

# The last part of the object identifiers 2.5.4.x.
_COMMON_NAME, _SURNAME, _SERIAL_NUMBER, _COUNTRY = 3, 4, 5, 6
_ORGANIZATION, _GIVEN_NAME, _UNIQUE_IDENTIFIER = 10, 42, 45
_ORGANIZATION_IDENTIFIER = 97
_PRINTABLE_NAMES = (_COUNTRY, _SERIAL_NUMBER)


def new_key() -> ec.EllipticCurvePrivateKey:
    """A key as KSeF recommends: elliptic curve P-256. Store it before it is used."""
    return ec.generate_private_key(ec.SECP256R1())


def key_der(key: PrivateKey) -> bytes:
    """The key in clear, PKCS#8 DER: seal it before it is stored anywhere."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def load_key(der: bytes) -> ec.EllipticCurvePrivateKey:
    """From what `key_der` gave.

    :raises CertificateError: unreadable_key, unsupported_key
    """
    try:
        key = load_der_private_key(der, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise CertificateError("unreadable_key") from None
    if isinstance(key, ec.EllipticCurvePrivateKey):
        if isinstance(key.curve, ec.SECP256R1):
            return key
    raise CertificateError("unsupported_key")


def request(subject: Subject, private_key: ec.EllipticCurvePrivateKey) -> bytes:
    """The request for a certificate of this key, in DER."""
    version = _tlv(_INTEGER, b"\x00")
    name = _tlv(_SEQUENCE, *(_name(*each) for each in _attributes(subject)))
    content = _tlv(_SEQUENCE, version, name, _spki(private_key), _tlv(_ATTRIBUTES))
    algorithm = _tlv(_SEQUENCE, _tlv(_OBJECT, _ECDSA_SHA256))
    # Here KSeF wants the DER form, unlike in a login and in a code.
    signature = private_key.sign(content, ec.ECDSA(hashes.SHA256()))
    return _tlv(_SEQUENCE, content, algorithm, _tlv(_BIT_STRING, b"\x00", signature))


def public_key_hash(holder: PrivateKey | x509.Certificate | bytes) -> str:
    """SHA-256 (Base64) of the public key: of a key, a certificate, or one in DER.

    :raises CertificateError: unreadable
    """
    if isinstance(holder, bytes):
        try:
            holder = x509.load_der_x509_certificate(holder)
        except ValueError:
            raise CertificateError("unreadable") from None
    return base64.b64encode(hashlib.sha256(_spki(holder)).digest()).decode()


def _attributes(subject: Subject) -> list[tuple[int, str]]:
    """The names in the order of the official example."""
    named = [
        (_COMMON_NAME, subject.common_name),
        (_SURNAME, subject.surname),
        *((_GIVEN_NAME, each) for each in subject.given_names),
        (_ORGANIZATION, subject.organization),
        (_ORGANIZATION_IDENTIFIER, subject.organization_identifier),
        (_COUNTRY, subject.country),
        (_SERIAL_NUMBER, subject.serial_number),
        (_UNIQUE_IDENTIFIER, subject.unique_identifier),
    ]
    return [(kind, value) for kind, value in named if value]


def _name(kind: int, value: str) -> bytes:
    """One name in a set of its own."""
    printable = kind in _PRINTABLE_NAMES and _PRINTABLE_TEXT.fullmatch(value)
    identifier = _tlv(_OBJECT, bytes((0x55, 0x04, kind)))
    written = _tlv(_PRINTABLE if printable else _UTF8, value.encode())
    return _tlv(_SET, _tlv(_SEQUENCE, identifier, written))


def _spki(holder: x509.Certificate | PrivateKey) -> bytes:
    try:
        return holder.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
    except (ValueError, UnsupportedAlgorithm):
        raise CertificateError("unreadable") from None


def _tlv(tag: int, *content: bytes) -> bytes:
    """Tag, length and value in DER."""
    value = b"".join(content)
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + value
