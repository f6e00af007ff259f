"""Reading an FA(3) file the way KSeF does: what goes into metadata and UPO."""

from contextlib import suppress
from datetime import date
from functools import cache

from lxml import etree

from .store import Facts, Identity

NET = ("1", "2", "3", "4", "5", "6_1", "6_2", "6_3", "7", "8", "9", "10", "11")
VAT = ("1", "2", "3", "4", "5")


def parse(xml: bytes):
    """The root element; no entities, no network. Raises etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    return etree.fromstring(xml, parser)


def facts(root) -> Facts:
    """What the file says. Gaps are filled, as old files of KSeF have some."""
    seller = _find(root, "Podmiot1/DaneIdentyfikacyjne")
    buyer = _find(root, "Podmiot2/DaneIdentyfikacyjne")
    invoice = _find(root, "Fa")
    return Facts(
        seller_nip=_text(seller, "NIP"),
        seller_name=_text(seller, "Nazwa"),
        buyer=_identity(buyer),
        buyer_name=_text(buyer, "Nazwa"),
        number=_text(invoice, "P_2") or "",
        kind=_text(invoice, "RodzajFaktury") or "VAT",
        issue_date=_date(_text(invoice, "P_1")),
        currency=_text(invoice, "KodWaluty") or "PLN",
        net=_sum(invoice, [f"P_13_{bucket}" for bucket in NET]),
        vat=_sum(invoice, _vat_names(invoice)),
        gross=_sum(invoice, ["P_15"]),
        self_billing=_text(invoice, "Adnotacje/P_17") == "1",
        attachment=_find(root, "Zalacznik") is not None,
        thirds=tuple(_third(third) for third in _all(root, "Podmiot3")),
        authorized=_authorized(_find(root, "PodmiotUpowazniony")),
    )


def nips(root) -> list[str]:
    """Every NIP whose check digit KSeF looks at."""
    names = ("Podmiot1", "Podmiot2", "Podmiot3", "PodmiotUpowazniony")
    found = [
        _text(party, "DaneIdentyfikacyjne/NIP")
        for name in names
        for party in _all(root, name)
    ]
    return [nip for nip in found if nip]


def _vat_names(invoice):
    """VAT in PLN: for a foreign currency that is the W element."""
    foreign = _text(invoice, "KodWaluty") not in (None, "PLN")
    return [
        f"P_14_{bucket}" + ("W" if foreign and bucket != "5" else "") for bucket in VAT
    ]


def _identity(party):
    """Buyer or third party: how it is identified."""
    for name, kind in (("NIP", "Nip"), ("IDWew", "InternalId"), ("NrID", "Other")):
        if _text(party, name):
            return Identity(kind, _text(party, name))
    if _text(party, "NrVatUE"):
        country = _text(party, "KodUE") or ""
        return Identity("VatUe", country + _text(party, "NrVatUE"))
    return Identity("None", "")


def _third(third):
    party = _find(third, "DaneIdentyfikacyjne")
    return _identity(party), _text(party, "Nazwa"), int(_text(third, "Rola") or 0)


def _authorized(party):
    if party is None:
        return None
    named = _find(party, "DaneIdentyfikacyjne")
    return _text(named, "NIP"), _text(named, "Nazwa"), int(_text(party, "RolaPU") or 0)


def _sum(invoice, names):
    total = 0.0
    for name in names:
        with suppress(TypeError, ValueError):
            total += float(_text(invoice, name))
    return round(total, 2)


def _date(text):
    try:
        return date.fromisoformat((text or "").strip()[:10])
    except ValueError:
        return date(2026, 2, 1)


@cache
def _path(path):
    return "/".join("{*}" + name for name in path.split("/"))


def _find(element, path):
    return None if element is None else element.find(_path(path))


def _all(element, path):
    return element.findall(_path(path))


def _text(element, path):
    found = _find(element, path)
    return None if found is None or not found.text else found.text.strip()
