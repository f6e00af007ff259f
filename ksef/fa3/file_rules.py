"""Rules for the file itself, which no schema can say (weryfikacja-faktury.md)."""

from collections.abc import Iterator
from itertools import chain, islice

from lxml import etree

from ..errors import Finding
from .elements import path_of
from .text import FORBIDDEN

# Bytes that KSeF takes, without and with Zalacznik; lines of an invoice.
MAX_BYTES = 1_000_000
MAX_BYTES_ATTACHMENT = 3_000_000
MAX_LINES = 10_000

_ASCII = bytes(range(0x80))
_CONTROLS = bytes(byte for byte in _ASCII if FORBIDDEN.match(chr(byte)))

#: So many forbidden characters are enough to know.
MOST = 100


def file_findings(data: bytes, root: etree._Element) -> tuple[Finding, ...]:
    """What KSeF refuses in the file ``data``, whose root is ``root``."""
    rules = (_encoding, _size, _characters, _instructions)
    return tuple(chain.from_iterable(rule(data, root) for rule in rules))


def _encoding(data: bytes, root: etree._Element) -> Iterator[Finding]:
    if data.startswith(b"\xef\xbb\xbf"):
        yield Finding("byte-order-mark", "", "begins with a byte order mark")
    declared = root.getroottree().docinfo.encoding or "UTF-8"
    if b"\0" in data:
        declared = "UTF-16"
    if declared.upper() not in ("UTF-8", "UTF8"):
        message = f"is declared as {declared}, not UTF-8"
        yield Finding("encoding", "", message, value=declared)


def _size(data: bytes, root: etree._Element) -> Iterator[Finding]:
    attached = root.find("{*}Zalacznik") is not None
    largest = MAX_BYTES_ATTACHMENT if attached else MAX_BYTES
    if len(data) > largest:
        message = f"has {len(data)} bytes, KSeF takes {largest}"
        yield Finding("too-large-to-send", "", message, value=str(largest))
    elif len(data) > MAX_LINES:
        for path in ("Fa/FaWiersz", "Fa/Zamowienie/ZamowienieWiersz"):
            found = root.findall("{*}" + path.replace("/", "/{*}"))
            if len(found) > MAX_LINES:
                message = f"has {len(found)} lines, KSeF takes {MAX_LINES}"
                where = f"Faktura/{path}"
                yield Finding("too-many-lines", where, message, value=str(MAX_LINES))


def _characters(data: bytes, root: etree._Element) -> Iterator[Finding]:
    if not _may_be_forbidden(data):
        return
    message = "contains a character that KSeF refuses"
    bad = (
        Finding("forbidden-character", path_of(one), message, value=f"U+{code:04X}")
        for one in root.iter(etree.Element)
        for code in _forbidden(one.text)
    )
    yield from islice(bad, MOST)


def _may_be_forbidden(data: bytes) -> bool:
    """Whether the elements have to be searched one by one: what is forbidden stands
    as it is, or as a reference (``&#x92;``)."""
    if b"&#" in data or len(data.translate(None, _CONTROLS)) < len(data):
        return True
    beyond_ascii = data.translate(None, _ASCII).decode(errors="replace")
    return bool(FORBIDDEN.search(beyond_ascii))


def _forbidden(text: str | None) -> tuple[int, ...]:
    found = FORBIDDEN.search(text) if text else None
    return (ord(found.group()),) if found else ()


def _instructions(data: bytes, root: etree._Element) -> Iterator[Finding]:
    if data.count(b"<?") == 1 and data.startswith(b"<?xml "):
        return
    beside = (*root.itersiblings(preceding=True), *root.itersiblings())
    if any(node.tag is etree.PI for node in (*beside, *root.iter(etree.PI))):
        message = "contains a processing instruction"
        yield Finding("processing-instruction", "", message)
