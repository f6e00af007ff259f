"""The one parser for XML from outside: no entities, no network, no huge trees."""

import re

from lxml import etree

from ..errors import Fa3Error, Finding

# KSeF takes invoices of at most 3 000 000 bytes (with attachment).
MAX_BYTES = 4 * 1024 * 1024

# Old versions of libxml2 compare every attribute of an element with every other.
MAX_ATTRIBUTES = 200

_ATTRIBUTE = re.compile(rb"=[ \t\r\n]*[\"']")
_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE\b")
_PROLOG_ITEM = re.compile(r"\s*(?:<!--.*?-->|<\?.*?\?>)", re.DOTALL)


def parse_xml(data: bytes) -> etree._Element:
    """The root of ``data``, read as UTF-8 whatever its prolog says; bytes that are
    no UTF-8 become U+FFFD (ksef-api #759). Comments and processing instructions are
    dropped. Raises ``Fa3Error`` for documents that are too large, deep or complex,
    carry a document type, or are not XML."""
    _refuse_large(data)
    _refuse_many_attributes(data)
    text = data.removeprefix(_BOM).decode("utf-8", errors="replace")
    text = _DECLARATION.sub("", text, count=1) if _DECLARATION.match(text) else text
    _refuse_doctype(text)
    return _root(text.encode("utf-8"), remove_comments=True, remove_pis=True)


def parse_strictly(data: bytes) -> etree._Element:
    """The root of ``data`` as it lies, for documents that we are to send: processing
    instructions are kept. Raises ``Fa3Error`` like ``parse_xml``."""
    _refuse_large(data)
    _refuse_many_attributes(data)
    _refuse_doctype(data.decode("utf-8", errors="replace"))
    return _root(data, remove_comments=True)


def _root(data: bytes, **options: bool) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        **options,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        message = f"is not well-formed XML: {error}"
        raise _refusal("not-well-formed", message) from None
    if root.getroottree().docinfo.doctype:
        raise _refusal("document-type", "carries a document type (DTD)")
    return root


def _refuse_large(data: bytes) -> None:
    if len(data) > MAX_BYTES:
        message = f"is larger than {MAX_BYTES} bytes"
        raise _refusal("too-large", message, str(MAX_BYTES))


def _refuse_many_attributes(data: bytes) -> None:
    """No attribute holds ``<``, so those of an element stand between two of them."""
    if data.count(b"=") <= MAX_ATTRIBUTES:
        return
    for piece in data.split(b"<"):
        few = piece.count(b"=") <= MAX_ATTRIBUTES
        if not few and len(_ATTRIBUTE.findall(piece)) > MAX_ATTRIBUTES:
            message = f"has an element with more than {MAX_ATTRIBUTES} attributes"
            raise _refusal("too-complex", message)


def _refuse_doctype(text: str) -> None:
    """Before parsing, so that no entity is ever declared."""
    position = 0
    while item := _PROLOG_ITEM.match(text, position):
        position = item.end()
    if _DOCTYPE.match(text[position:].lstrip()):
        raise _refusal("document-type", "carries a document type (DTD)")


def _refusal(code: str, message: str, value: str = "") -> Fa3Error:
    return Fa3Error((Finding(code, "", message, value=value),))
