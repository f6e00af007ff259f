"""UPO: what an official receipt confirms.

Source: official documentation, UPO v4-3. The ministry's signature fails its own
schema, so a receipt is read, not validated; its bytes are kept as they came.
"""

from __future__ import annotations

from lxml import etree

from .errors import ProtocolError

_ROOT = "Potwierdzenie"


def receipts(content: bytes) -> dict[str, str]:
    """The KSeF numbers that a receipt names, each with the hash (Base64) of its file.

    Later versions of the namespace are read alike.

    :raises ProtocolError: it is no receipt: a page of some gateway, or cut
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise ProtocolError("a receipt (UPO) is not readable") from None
    if etree.QName(root).localname != _ROOT:
        raise ProtocolError("a receipt (UPO) is none")
    return {
        _text(each, "NumerKSeFDokumentu"): _text(each, "SkrotDokumentu")
        for each in root.iterfind("{*}Dokument")
    }


def _text(document: etree._Element, name: str) -> str:
    return (document.findtext(f"{{*}}{name}") or "").strip()
