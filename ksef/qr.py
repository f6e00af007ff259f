"""The links inside the QR codes of an invoice, and their images.

Source: official documentation, QR codes; the image after ISO/IEC 18004 with the
quiet zone of four modules. KOD II is signed with SHA-256 once, inside the scheme.
"""

from __future__ import annotations

import io
from datetime import date

import qrcode
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from qrcode.constants import ERROR_CORRECT_M

from .credential import Credential
from .crypto import b64url
from .errors import CertificateError
from .key_files import PrivateKey

CONTEXT_TYPES = ("Nip", "InternalId", "NipVatUe", "PeppolId")
_QUIET_ZONE = 4
_PSS_SALT = 32


def invoice_link(
    qr_url: str, seller_nip: str, issue_date: date, sha256_b64: str
) -> str:
    """The link of KOD I: where anybody can check this invoice.

    `issue_date` is P_1, `sha256_b64` the hash of the XML bytes in standard Base64.
    """
    return f"{qr_url}/invoice/{seller_nip}/{issue_date:%d-%m-%Y}/{_url(sha256_b64)}"


def certificate_link(
    qr_url: str,
    *,
    context_type: str,
    context_value: str,
    seller_nip: str,
    sha256_b64: str,
    credential: Credential,
) -> str:
    """The link of KOD II: that the seller himself issued this offline invoice.

    The context is the one in which the invoice will be sent. ECDSA gives another
    link at every call: make it once and keep it.

    :raises CertificateError: wrong_purpose_offline: only a certificate of type
        Offline may sign here
    :raises ValueError: a context of a kind that KOD II does not know
    """
    if credential.purpose != "offline":
        raise CertificateError("wrong_purpose_offline")
    if context_type not in CONTEXT_TYPES:
        raise ValueError(f"KOD II knows no context {context_type!r}")
    context = f"{context_type}/{context_value}"
    issuer = f"{seller_nip}/{credential.serial_number}"
    link = f"{qr_url}/certificate/{context}/{issuer}/{_url(sha256_b64)}"
    return f"{link}/{link_signature(link, credential.private_key)}"


def link_signature(link: str, key: PrivateKey) -> str:
    """The last part of KOD II: a signature of the link so far, without scheme."""
    signed = link.partition("://")[2].encode()
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), _PSS_SALT)
        return b64url(key.sign(signed, pss, hashes.SHA256()))
    r, s = decode_dss_signature(key.sign(signed, ec.ECDSA(hashes.SHA256())))
    # IEEE P1363, R and S side by side: KSeF takes DER too, but prefers this.
    width = (key.curve.key_size + 7) // 8
    return b64url(r.to_bytes(width, "big") + s.to_bytes(width, "big"))


def image(link: str, *, box_size: int = 5) -> bytes:
    """A PNG of the link, `box_size` pixels per module."""
    out = io.BytesIO()
    _code(link, box_size).make_image().save(out, "PNG")
    return out.getvalue()


def modules(link: str) -> int:
    """How many modules a side of the image has, the quiet zone included."""
    return _code(link).modules_count + 2 * _QUIET_ZONE


def _code(link: str, box_size: int = 1) -> qrcode.QRCode:
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, box_size=box_size, border=_QUIET_ZONE
    )
    code.add_data(link)
    code.make(fit=True)
    return code


def _url(sha256_b64: str) -> str:
    """A hash of the API as links write it."""
    return sha256_b64.rstrip("=").replace("+", "-").replace("/", "_")
