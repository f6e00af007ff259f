"""The verdict on one file: everything KSeF checks after it said 202."""

import re
import threading
from dataclasses import dataclass

from lxml import etree

from . import fa3
from .answers import sha256
from .clock import polish_day
from .errors import Rejected
from .keys import aes_decrypt
from .numbers import is_nip
from .rights import may_issue_for
from .store import Facts

SIZE_LIMIT = 1_000_000
ATTACHMENT_SIZE_LIMIT = 3_000_000
_LAST_OF_PLANES = "".join(
    chr((plane << 16) + last) for plane in range(1, 17) for last in (0xFFFE, 0xFFFF)
)
DISCOURAGED = re.compile(f"[\x7f-\x84\x86-\x9f\ufdd0-\ufdef{_LAST_OF_PLANES}]")
# A compiled schema keeps the errors of its last use.
_SCHEMA_LOCK = threading.Lock()
_ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']+)[\"']")


@dataclass(frozen=True)
class Declared:
    """What the sender said about the plain file."""

    hash: str
    size: int


@dataclass(frozen=True)
class Document:
    """A file as KSeF reads it; `refusal` if the file alone forbids it."""

    xml: bytes | None
    facts: Facts | None
    refusal: Rejected | None = None

    @property
    def number(self) -> str | None:
        """P_2, as far as the file can be read at all."""
        return (self.facts.number[:256] or None) if self.facts else None


def decrypt(session, ciphertext: bytes) -> bytes:
    """The plain file. Raises Rejected 435."""
    try:
        return aes_decrypt(session.key, session.iv, ciphertext)
    except ValueError as error:
        raise Rejected(435) from error


def read(simulator, xml: bytes, declared: Declared) -> Document:
    """Read a file and judge what the file alone decides. Needs no lock."""
    try:
        root = fa3.parse(xml)
    except etree.XMLSyntaxError as error:
        unreadable = Rejected(450, f"Dokument XML jest niepoprawny: {error}")
        return Document(xml, None, _refusal(_check_bytes, xml, declared) or unreadable)
    facts = fa3.facts(root)
    refusal = (
        _refusal(_check_bytes, xml, declared)
        or _refusal(_check_size, xml, facts)
        or _refusal(_check_text, xml, root)
        or _refusal(_check_content, simulator, root)
    )
    return Document(xml, facts, refusal)


def admit(simulator, session, document: Document, now, *, correction=False):
    """Judge what depends on the sender, the day and what KSeF holds.

    Raises Rejected.
    """
    if document.refusal:
        raise document.refusal
    facts = document.facts
    if facts.issue_date > polish_day(now):
        raise Rejected(450, "Data P_1 jest późniejsza niż data przyjęcia faktury.")
    if facts.attachment:
        _check_attachment(simulator, session, correction)
    if not may_issue_for(simulator.store, session.context, facts.seller_nip):
        raise Rejected(410, f"Brak uprawnień do wystawienia za {facts.seller_nip}.")
    _check_duplicate(simulator.store, facts)


def _refusal(check, *args):
    """What `check` raises, as a value."""
    try:
        check(*args)
    except Rejected as refusal:
        return refusal
    return None


def _check_attachment(simulator, session, correction):
    if not session.batch and not correction:
        raise Rejected(415, "Załącznik można przesłać tylko w sesji wsadowej.")
    if not simulator.attachment_consent:
        raise Rejected(415, "Brak zgody na przesyłanie faktur z załącznikiem.")


def _check_bytes(xml, declared):
    if sha256(xml) != declared.hash:
        raise Rejected(430, "Skrót faktury jest niezgodny z zadeklarowanym.")
    if len(xml) != declared.size:
        raise Rejected(430, "Rozmiar faktury jest niezgodny z zadeklarowanym.")
    if xml.startswith(b"\xef\xbb\xbf"):
        raise Rejected(430, "Plik zawiera znacznik BOM.")


def _check_size(xml, facts):
    limit = ATTACHMENT_SIZE_LIMIT if facts.attachment else SIZE_LIMIT
    if len(xml) > limit:
        raise Rejected(430, f"Przekroczono rozmiar {limit} bajtów.")


def _check_text(xml, root):
    """Whether its characters and its prolog are allowed."""
    encoding = _ENCODING.match(xml)
    if encoding and encoding[1].lower() != b"utf-8":
        raise Rejected(450, "Dozwolone jest wyłącznie kodowanie UTF-8.")
    content = etree.tostring(root, encoding="unicode")
    if DISCOURAGED.search(content):
        raise Rejected(450, "Dokument zawiera niedozwolone znaki Unicode.")


def _check_content(simulator, root):
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.xpath("//processing-instruction()"):
        raise Rejected(450, "Instrukcje przetwarzania i DTD są niedozwolone.")
    if simulator.schema is not None and simulator.check_schema:
        _check_schema(simulator.schema, root)
    if simulator.check_nips:
        for nip in fa3.nips(root):
            if not is_nip(nip):
                raise Rejected(450, f"Nieprawidłowa suma kontrolna NIP {nip}.")


def _check_schema(schema, root):
    with _SCHEMA_LOCK:
        if schema.validate(root):
            return
        errors = [
            f"{error.message} (wiersz {error.line})" for error in schema.error_log
        ]
    raise Rejected(450, *errors[:10])


def _check_duplicate(store, facts):
    held = store.invoices.with_key(facts.duplicate_key)
    if held is not None:
        raise Rejected(
            440,
            f"Duplikat faktury. Faktura o numerze KSeF: {held.ksef_number} "
            "została już prawidłowo przesłana do systemu w sesji: "
            f"{held.session_reference}",
            extensions={
                "originalKsefNumber": held.ksef_number,
                "originalSessionReferenceNumber": held.session_reference,
            },
        )
