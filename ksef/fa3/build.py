"""FA(3) document of an ``Invoice``: a function per section that is not flat."""

from datetime import datetime

from lxml import etree

from .elements import NAMESPACE, add, qualified, write
from .model import Annotations, CorrectedInvoice, Exemption, Invoice, Margin, RateTotal
from .values import AMOUNT, DAY, MOMENT, TEXT, YES_NO
from .vat import Bucket

_ORDER = {bucket: position for position, bucket in enumerate(Bucket)}


def build(invoice: Invoice) -> bytes:
    """The document, UTF-8 without BOM. Characters that KSeF refuses are left out,
    white space in texts is collapsed, amounts are rounded as the schema wants;
    lengths and closed lists are judged by ``check``, not here."""
    root = etree.Element(qualified("Faktura"), nsmap={None: NAMESPACE})
    write(root, invoice, _SECTIONS)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _header(header: etree._Element, created: datetime) -> None:
    form = add(header, "KodFormularza", "FA")
    form.set("kodSystemowy", "FA (3)")
    form.set("wersjaSchemy", "1-0E")
    add(header, "WariantFormularza", "3")
    add(header, "DataWytworzeniaFa", MOMENT.to_text(created))


def _totals(body: etree._Element, totals: tuple[RateTotal, ...]) -> None:
    for total in sorted(totals, key=lambda total: _ORDER[total.bucket]):
        amounts = (total.net, total.tax, total.tax_pln)
        for name, amount in zip(total.bucket.value, amounts, strict=True):
            if name and amount is not None:
                add(body, name, AMOUNT.to_text(amount))


def _annotations(parent: etree._Element, annotations: Annotations) -> None:
    add(parent, "P_16", YES_NO.to_text(annotations.cash_accounting))
    add(parent, "P_17", YES_NO.to_text(annotations.self_billing))
    add(parent, "P_18", YES_NO.to_text(annotations.reverse_charge))
    add(parent, "P_18A", YES_NO.to_text(annotations.split_payment))
    _exemption(add(parent, "Zwolnienie"), annotations.exemption)
    add(add(parent, "NoweSrodkiTransportu"), "P_22N", "1")
    add(parent, "P_23", YES_NO.to_text(annotations.triangular))
    _margin(add(parent, "PMarzy"), annotations.margin)


def _exemption(parent: etree._Element, exemption: Exemption | None) -> None:
    if exemption is None:
        add(parent, "P_19N", "1")
        return
    add(parent, "P_19", "1")
    add(parent, exemption.basis.value, TEXT.to_text(exemption.text))


def _margin(parent: etree._Element, margin: Margin | None) -> None:
    if margin is None:
        add(parent, "P_PMarzyN", "1")
        return
    add(parent, "P_PMarzy", "1")
    add(parent, margin.value, "1")


def _corrected(body: etree._Element, corrected: tuple[CorrectedInvoice, ...]) -> None:
    for original in corrected:
        parent = add(body, "DaneFaKorygowanej")
        add(parent, "DataWystFaKorygowanej", DAY.to_text(original.issue_date))
        add(parent, "NrFaKorygowanej", TEXT.to_text(original.number))
        if original.ksef_number:
            add(parent, "NrKSeF", "1")
            add(parent, "NrKSeFFaKorygowanej", original.ksef_number)
        else:
            add(parent, "NrKSeFN", "1")


_SECTIONS = {
    "created": _header,
    "totals": _totals,
    "annotations": _annotations,
    "corrected": _corrected,
}
