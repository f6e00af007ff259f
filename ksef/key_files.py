"""Certificate and key files as they come from people.

The taxpayer application gives the key as encrypted PKCS#8 in PEM and leaves the
encoding of the certificate open; other tools give DER, PKCS#12, text around the PEM
blocks, a byte order mark. What a file is instead of what it should be is told.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    pkcs12,
)

from .errors import CertificateError

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

# A chain of certificates with its key has some ten kilobytes.
_FILE_LIMIT = 200_000

_PEM_BEGIN = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----")
_MAGIC = (
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"<", "xml"),
)


def read_files(
    certificate: bytes, key: bytes | None, password: str | None
) -> tuple[tuple[x509.Certificate, ...], object]:
    """The certificates and the private key of one or two files.

    Without `key` the first file must hold both (PKCS#12, or PEM blocks).

    :raises CertificateError: with the reason, and what was found instead
    """
    if _is_pkcs12(certificate):
        certificates, own_key = _read_pkcs12(certificate, password)
        if key is None and own_key is None:
            raise CertificateError("key_missing")
        return certificates, own_key if key is None else read_key(key, password)
    certificates = read_certificates(certificate)
    if key is None and b"PRIVATE KEY-----" not in certificate:
        raise CertificateError("key_missing")
    return certificates, read_key(certificate if key is None else key, password)


def read_certificates(content: bytes) -> tuple[x509.Certificate, ...]:
    """All certificates of a PEM or DER file, in its order.

    :raises CertificateError: unreadable, not_a_certificate
    """
    blocks = [block for label, block in _pem(content) if label.endswith("CERTIFICATE")]
    ders = [_pem_body(block) for block in blocks] or [_der(content)]
    try:
        return tuple(x509.load_der_x509_certificate(der) for der in ders)
    except ValueError:
        if blocks:
            raise CertificateError("unreadable") from None
        found = what_it_is(content)
        reason = "not_a_certificate" if found else "unreadable"
        raise CertificateError(reason, found) from None


def read_key(content: bytes, password: str | None) -> object:
    """The private key of a PEM or DER file.

    :raises CertificateError: unreadable_key, password_missing, wrong_password,
        unsupported_key
    """
    for label, block in _pem(content):
        if label.endswith("PRIVATE KEY"):
            if label == "ENCRYPTED PRIVATE KEY" or label == "PRIVATE KEY":
                return _load_key(_pem_body(block), password, pem=False)
            return _load_key(block, password, pem=True)
    found = what_it_is(content)
    if found != "private_key":
        raise CertificateError("unreadable_key", found)
    return _load_key(_der(content), password, pem=False)


def what_it_is(content: bytes) -> str:
    """The name of a kind of file (see CertificateError.found), or an empty string."""
    begin = content[:100].lstrip(b"\xef\xbb\xbf \r\n\t")
    if not begin and not content.strip(b"\xef\xbb\xbf \r\n\t"):
        return "empty"
    for start, name in _MAGIC:
        if begin.startswith(start):
            return name
    for label, _block in _pem(content):
        return _named(label)
    return _der_kind(_der(content), content)


def _named(label: str) -> str:
    """What a PEM label stands for."""
    if label.endswith("PRIVATE KEY"):
        return "private_key"
    if label.endswith("PUBLIC KEY"):
        return "public_key"
    if label.endswith("CERTIFICATE REQUEST"):
        return "certificate_request"
    if label.endswith("CERTIFICATE"):
        return "certificate"
    return "pkcs7" if label in ("PKCS7", "CMS") else "text"


def _der_kind(der: bytes, content: bytes) -> str:
    """What the ASN.1 of a file holds; the cheap looks first."""
    if _is_pkcs12(content):
        return "pkcs12"
    for name, load in (
        ("certificate", x509.load_der_x509_certificate),
        ("certificate_request", x509.load_der_x509_csr),
        ("public_key", load_der_public_key),
    ):
        try:
            load(der)
            return name
        except (ValueError, UnsupportedAlgorithm):
            continue
    if _is_key(der):
        return "private_key"
    if der[:1] == b"\x30" and b"\x2a\x86\x48\x86\xf7\x0d\x01\x07" in der[:24]:
        return "pkcs7"
    printable = re.fullmatch(rb"[\t\r\n -~\x80-\xff]+", content)
    return "text" if printable and not content.startswith(b"\x30\x82") else ""


def _is_key(der: bytes) -> bool:
    try:
        load_der_private_key(der, None)
    except TypeError:
        return True  # encrypted
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _load_key(content: bytes, password: str | None, *, pem: bool) -> object:
    load = load_pem_private_key if pem else load_der_private_key
    secret = password.encode() if password else None
    try:
        return load(content, None)
    except TypeError:
        encrypted = True
    except (ValueError, UnsupportedAlgorithm) as error:
        encrypted = False
        reason = "unreadable_key"
        if isinstance(error, UnsupportedAlgorithm):
            reason = "unsupported_key"
        raise CertificateError(reason) from None
    if encrypted and secret is None:
        raise CertificateError("password_missing")
    try:
        return load(content, secret)
    except ValueError:
        raise CertificateError("wrong_password") from None
    except UnsupportedAlgorithm:
        raise CertificateError("unsupported_key") from None


def _read_pkcs12(
    content: bytes, password: str | None
) -> tuple[tuple[x509.Certificate, ...], object]:
    attempts = [password.encode()] if password else [None, b""]
    for secret in attempts:
        try:
            key, first, others = pkcs12.load_key_and_certificates(_der(content), secret)
        except UnsupportedAlgorithm:
            raise CertificateError("unsupported_key") from None
        except ValueError:
            continue
        certificates = (first, *others) if first else tuple(others)
        if not certificates:
            raise CertificateError("not_a_certificate", "pkcs12")
        return certificates, key
    raise CertificateError("wrong_password" if password else "password_missing")


def _is_pkcs12(content: bytes) -> bool:
    """A sequence that begins with the version number 3 (RFC 7292)."""
    header, _length = _der_header(_der(content))
    return bool(header) and _der(content)[header : header + 3] == b"\x02\x01\x03"


def _pem(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The labels and whole blocks of a PEM file, whatever stands around them."""
    begin = _PEM_BEGIN.search(content[:_FILE_LIMIT])
    while begin:
        closing = b"-----END " + begin[1] + b"-----"
        end = content.find(closing, begin.end(), _FILE_LIMIT)
        if end < 0:
            return
        end += len(closing)
        yield begin[1].decode(), content[begin.start() : end]
        begin = _PEM_BEGIN.search(content, end, _FILE_LIMIT)


def _pem_body(block: bytes) -> bytes:
    lines = block.replace(b"\r", b"\n").split(b"\n")
    try:
        return base64.b64decode(b"".join(lines[1:-1]))
    except binascii.Error:
        return b""


def _der(content: bytes) -> bytes:
    """The first ASN.1 value of a file, without what follows it; Base64 undone."""
    if content[:1] != b"\x30" and len(content) <= _FILE_LIMIT:
        written = content.lstrip(b"\xef\xbb\xbf")
        try:
            content = base64.b64decode(b"".join(written.split()), validate=True)
        except binascii.Error:
            return content
    header, length = _der_header(content)
    return content[: header + length] if header else content


def _der_header(content: bytes) -> tuple[int, int]:
    """Size of the tag and length octets, and the length they tell; zero if none."""
    if len(content) < 2 or content[0] != 0x30:
        return 0, 0
    first = content[1]
    if first < 0x80:
        return 2, first
    octets = first & 0x7F
    if not 1 <= octets <= 4:
        return 0, 0
    return 2 + octets, int.from_bytes(content[2 : 2 + octets], "big")
