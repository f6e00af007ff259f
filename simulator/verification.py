"""The verdict on one file: everything KSeF checks after it said 202."""

import re
from dataclasses import dataclass

from lxml import etree

from . import fa3
from .answers import sha256
from .clock import polish_day
from .errors import Rejected
from .keys import aes_decrypt
from .numbers import is_nip
from .rights import may_issue_for

SIZE_LIMIT = 1_000_000
_LAST_OF_PLANES = "".join(
    chr((plane << 16) + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF)
)
DISCOURAGED = re.compile(f"[\x7f-\x84\x86-\x9f\ufdd0-\ufdef{_LAST_OF_PLANES}]")
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)[\"']")


@dataclass(frozen=True)
class Declared:
    """What the sender said about the plain file."""

    hash: str
    size: int


def decrypt(session, ciphertext: bytes) -> bytes:
    """The plain file. Raises Rejected 435."""
    try:
        return aes_decrypt(session.key, session.iv, ciphertext)
    except ValueError as error:
        raise Rejected(435) from error


def check(simulator, context, xml: bytes, declared: Declared, now, *, correction=False):
    """Return the facts of a file that may become an invoice. Raises Rejected."""
    _check_bytes(xml, declared)
    root = _root(xml)
    _check_content(simulator, root)
    facts = fa3.facts(root)
    if facts.issue_date > polish_day(now):
        raise Rejected(450, "Data P_1 jest późniejsza niż data przyjęcia faktury.")
    if facts.attachment and not correction:
        raise Rejected(415, "Załącznik można przesłać tylko w sesji wsadowej.")
    if not may_issue_for(simulator.store, context, facts.seller_nip):
        raise Rejected(410, f"Brak uprawnień do wystawienia za {facts.seller_nip}.")
    _check_duplicate(simulator.store, facts)
    return facts


def number(xml: bytes) -> str | None:
    """P_2, as far as the file can be read at all."""
    try:
        return fa3.facts(fa3.parse(xml)).number[:256] or None
    except etree.XMLSyntaxError:
        return None


def _check_bytes(xml, declared):
    if sha256(xml) != declared.hash:
        raise Rejected(430, "Skrót faktury jest niezgodny z zadeklarowanym.")
    if len(xml) != declared.size:
        raise Rejected(430, "Rozmiar faktury jest niezgodny z zadeklarowanym.")
    if len(xml) > SIZE_LIMIT:
        raise Rejected(430, f"Przekroczono rozmiar {SIZE_LIMIT} bajtów.")
    if xml.startswith(b"\xef\xbb\xbf"):
        raise Rejected(430, "Plik zawiera znacznik BOM.")


def _root(xml):
    """The parsed file, if its characters and its prolog are allowed."""
    encoding = _ENCODING.match(xml)
    if encoding and encoding[1].lower() != b"utf-8":
        raise Rejected(450, "Dozwolone jest wyłącznie kodowanie UTF-8.")
    try:
        root = fa3.parse(xml)
    except etree.XMLSyntaxError as error:
        raise Rejected(450, f"Dokument XML jest niepoprawny: {error}") from error
    content = etree.tostring(root, encoding="unicode")
    if DISCOURAGED.search(content):
        raise Rejected(450, "Dokument zawiera niedozwolone znaki Unicode.")
    return root


def _check_content(simulator, root):
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.xpath("//processing-instruction()"):
        raise Rejected(450, "Instrukcje przetwarzania i DTD są niedozwolone.")
    if simulator.schema is not None and not simulator.schema.validate(root):
        errors = [
            f"{error.message} (wiersz {error.line})"
            for error in simulator.schema.error_log
        ]
        raise Rejected(450, *errors[:10])
    if simulator.check_nips:
        for nip in fa3.nips(root):
            if not is_nip(nip):
                raise Rejected(450, f"Nieprawidłowa suma kontrolna NIP {nip}.")


def _check_duplicate(store, facts):
    for invoice in store.invoices.values():
        if invoice.facts.duplicate_key == facts.duplicate_key:
            raise Rejected(
                440,
                f"Duplikat faktury. Faktura o numerze KSeF: {invoice.ksef_number} "
                "została już prawidłowo przesłana do systemu w sesji: "
                f"{invoice.session_reference}",
                extensions={
                    "originalKsefNumber": invoice.ksef_number,
                    "originalSessionReferenceNumber": invoice.session_reference,
                },
            )
