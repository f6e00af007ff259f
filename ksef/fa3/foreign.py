"""Files of unknown origin: which ones are invoices of KSeF, which ones must not reach a
parser that is less careful than ours."""

import re
from contextlib import suppress

from lxml import etree

# The root stands near the beginning, after a prolog and comments.
_HEAD = 65_536
_ROOT = re.compile(rb"<(?:[\w.-]+:)?Faktura[\s>/]")
_HOME = b"http://crd.gov.pl/wzor/"


class _Doctype:
    """The target of a parser: keeps nothing but whether there is a document type."""

    found = False

    def doctype(self, *_declared: str | None) -> None:
        self.found = True

    def close(self) -> None:
        """The parser wants one."""


def is_ministry_invoice(data: bytes) -> bool:
    """Whether ``data`` is meant as an invoice of KSeF, of whichever structure, readable
    or not."""
    head = data[:_HEAD]
    return _HOME in head and bool(_ROOT.search(head))


def carries_document_type(data: bytes) -> bool:
    """Whether ``data`` is XML with a document type, in whichever encoding: entities may
    read files of the server or fill its memory. Nothing is expanded here."""
    target = _Doctype()
    parser = etree.XMLParser(
        target=target,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
    )
    with suppress(etree.XMLSyntaxError):
        parser.feed(data)
        parser.close()
    return target.found
