"""Invoices in a ZIP that somebody drops or mails."""

import io

from ..ksef.errors import ProtocolError
from ..ksef.fa3.foreign import is_ministry_invoice
from ..ksef.package import open_archive

#: Each becomes a bill while the user waits; more come from KSeF itself.
MOST_FILES = 100
LARGEST_WHOLE = 50_000_000

_MAGIC = b"PK\x03\x04"
_MIMETYPES = ("application/zip", "application/x-zip-compressed")


def is_archive(name, mimetype, content):
    """Tell a ZIP from the office documents that are one, too."""
    named = name.lower().endswith(".zip") or mimetype in _MIMETYPES
    return named and content.startswith(_MAGIC)


def invoices_in(archive):
    """Return (name without its ending, bytes) of the invoices in a ZIP.

    :raises ProtocolError: the ZIP is broken, or beyond all limits
    """
    found, size = [], 0
    for name, content in open_archive(io.BytesIO(archive)).files:
        size += len(content)
        if is_ministry_invoice(content):
            found.append((name, content))
        if len(found) > MOST_FILES or size > LARGEST_WHOLE:
            raise ProtocolError("an archive holds too much")
    return found
