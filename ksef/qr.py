"""The links inside the QR codes of an invoice, and their images.

Source: official documentation, QR codes; the image after ISO/IEC 18004 with the
quiet zone of four modules.
"""

from __future__ import annotations

import io
from datetime import date

import qrcode
from qrcode.constants import ERROR_CORRECT_M


def invoice_link(
    qr_url: str, seller_nip: str, issue_date: date, sha256_b64: str
) -> str:
    """The link of KOD I: where anybody can check this invoice.

    `issue_date` is P_1, `sha256_b64` the hash of the XML bytes in standard Base64.
    """
    digest = sha256_b64.rstrip("=").replace("+", "-").replace("/", "_")
    return f"{qr_url}/invoice/{seller_nip}/{issue_date:%d-%m-%Y}/{digest}"


def image(link: str, *, box_size: int = 5) -> bytes:
    """A PNG of the link, `box_size` pixels per module."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, box_size=box_size, border=4)
    code.add_data(link)
    code.make(fit=True)
    out = io.BytesIO()
    code.make_image().save(out, "PNG")
    return out.getvalue()
