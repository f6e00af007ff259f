"""What a PDF tells of the KSeF invoice that it shows: the link of KOD I, as text or as
a link to be clicked, or the KSeF number. A code that is a picture only is not read."""

import io
import re
import zlib
from struct import error as StructError

from odoo.tools.pdf import DependencyError, PdfReader, PdfReadError, PdfStreamError

from ..ksef.number import is_valid

#: KOD I stands at the beginning or at the end of an invoice.
MOST_PAGES = 20
MOST_BYTES = 20_000_000

_LINK = re.compile(r"/invoice/\d{10}/\d\d-\d\d-\d{4}/([A-Za-z0-9_-]{43})")
_NUMBER = re.compile(r"\d{10}-\d{8}-[0-9A-F]{12}-[0-9A-F]{2}")

#: What the reader raises over files that are no proper PDF.
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    DependencyError,
    LookupError,
    NotImplementedError,
    OSError,
    PdfReadError,
    PdfStreamError,
    RecursionError,
    StructError,
    TypeError,
    ValueError,
    zlib.error,
)


def code(content: bytes) -> str | None:
    """Return the SHA-256 (Base64) of the invoice that a PDF shows, else its KSeF
    number; nothing where it names none or several, as a correction does."""
    if len(content) > MOST_BYTES:
        return None
    try:
        texts = list(_texts(content))
    except UNREADABLE:
        return None
    hashes = {found for text in texts for found in _LINK.findall(text)}
    if hashes:
        return _standard(hashes.pop()) if len(hashes) == 1 else None
    numbers = {found for text in texts for found in _NUMBER.findall(text)}
    valid = [number for number in numbers if is_valid(number)]
    return valid[0] if len(valid) == 1 else None


def _texts(content):
    """Yield the text of the pages without its breaks, and the links on them."""
    for page in PdfReader(io.BytesIO(content), strict=False).pages[:MOST_PAGES]:
        yield re.sub(r"\s+", "", page.extract_text())
        for note in page.get("/Annots", ()):
            action = note.get_object().get("/A", {})
            yield str(action.get("/URI", ""))


def _standard(base64url):
    """Return a hash as documents keep it."""
    return base64url.replace("-", "+").replace("_", "/") + "="
