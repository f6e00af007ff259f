"""``Invoice`` of an FA(3) document: a function per section that is not flat.

Lenient where accepted documents are odd: prefixes, white space, elements that the
model does not carry (``Invoice.unread``), invalid UTF-8.
"""

import dataclasses
from datetime import datetime

from lxml import etree

from ..errors import Fa3Error
from .elements import NAMESPACE, Reader
from .model import (
    Annotations,
    Basis,
    CorrectedInvoice,
    Exemption,
    Invoice,
    Margin,
    RateTotal,
)
from .values import AMOUNT, DAY, FLAG, MOMENT, YES_NO
from .vat import Bucket
from .xml import parse_xml


def parse(data: bytes) -> Invoice:
    """The invoice in ``data``; raises ``Fa3Error`` where it is not XML, not FA(3),
    or lacks what every invoice has."""
    root = parse_xml(data)
    name = etree.QName(root)
    if name.localname != "Faktura":
        raise Fa3Error(((name.localname, "is not an invoice: expected Faktura"),))
    if name.namespace != NAMESPACE:
        raise Fa3Error((("Faktura", f"is not FA(3) but {name.namespace}"),))
    reader = Reader()
    invoice = reader.record(root, Invoice, _SECTIONS)
    return dataclasses.replace(invoice, unread=reader.unread(root))


def _header(reader: Reader, header: etree._Element) -> datetime | None:
    reader.text(header, "KodFormularza")
    reader.text(header, "WariantFormularza")
    return reader.text(header, "DataWytworzeniaFa", MOMENT)


def _totals(reader: Reader, body: etree._Element) -> tuple[RateTotal, ...]:
    totals = []
    for bucket in Bucket:
        net, tax, tax_pln = (
            reader.text(body, name, AMOUNT) if name else None for name in bucket.value
        )
        if net is not None:
            totals.append(RateTotal(bucket=bucket, net=net, tax=tax, tax_pln=tax_pln))
    return tuple(totals)


def _annotations(reader: Reader, parent: etree._Element) -> Annotations:
    reader.text(parent, "NoweSrodkiTransportu/P_22N", FLAG)
    return Annotations(
        cash_accounting=bool(reader.text(parent, "P_16", YES_NO)),
        self_billing=bool(reader.text(parent, "P_17", YES_NO)),
        reverse_charge=bool(reader.text(parent, "P_18", YES_NO)),
        split_payment=bool(reader.text(parent, "P_18A", YES_NO)),
        exemption=_exemption(reader, parent),
        triangular=bool(reader.text(parent, "P_23", YES_NO)),
        margin=_margin(reader, parent),
    )


def _exemption(reader: Reader, parent: etree._Element) -> Exemption | None:
    reader.text(parent, "Zwolnienie/P_19", FLAG)
    reader.text(parent, "Zwolnienie/P_19N", FLAG)
    for basis in Basis:
        text = reader.text(parent, f"Zwolnienie/{basis.value}")
        if text:
            return Exemption(basis=basis, text=text)
    return None


def _margin(reader: Reader, parent: etree._Element) -> Margin | None:
    reader.text(parent, "PMarzy/P_PMarzy", FLAG)
    reader.text(parent, "PMarzy/P_PMarzyN", FLAG)
    for margin in Margin:
        if reader.text(parent, f"PMarzy/{margin.value}", FLAG):
            return margin
    return None


def _corrected(reader: Reader, body: etree._Element) -> tuple[CorrectedInvoice, ...]:
    return tuple(
        CorrectedInvoice(
            issue_date=reader.text(parent, "DataWystFaKorygowanej", DAY),
            number=reader.text(parent, "NrFaKorygowanej"),
            ksef_number=_ksef_number(reader, parent),
        )
        for parent in reader.all(body, ("DaneFaKorygowanej",))
    )


def _ksef_number(reader: Reader, parent: etree._Element) -> str | None:
    reader.text(parent, "NrKSeF", FLAG)
    reader.text(parent, "NrKSeFN", FLAG)
    return reader.text(parent, "NrKSeFFaKorygowanej")


_SECTIONS = {
    "created": _header,
    "totals": _totals,
    "annotations": _annotations,
    "corrected": _corrected,
}
