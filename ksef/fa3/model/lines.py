"""What is sold and what it costs: P_13 to P_14, FaWiersz, Rozliczenie."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..elements import Spread, element
from ..values import (
    AMOUNT,
    DAY,
    FLAG,
    PERCENT,
    PRICE,
    QUANTITY,
    RATE,
    TEXT,
    WHOLE,
    Code,
    Text,
)
from ..vat import Bucket


@dataclass(frozen=True, kw_only=True)
class RateTotal:
    """P_13_x, P_14_x and P_14_xW of one ``Bucket``."""

    bucket: Bucket
    net: Decimal
    tax: Decimal | None = None
    tax_pln: Decimal | None = None


_ORDER = {bucket: position for position, bucket in enumerate(Bucket)}


def _split_totals(totals: tuple[RateTotal, ...]) -> Iterator[tuple[str, Any]]:
    for total in sorted(totals, key=lambda total: _ORDER[total.bucket]):
        amounts = (total.net, total.tax, total.tax_pln)
        for name, amount in zip(total.bucket.value, amounts, strict=True):
            if name and amount is not None:
                yield name, amount


def _join_totals(found: dict[str, Decimal]) -> tuple[RateTotal, ...]:
    totals = []
    for bucket in Bucket:
        net, tax, tax_pln = (found.get(name) for name in bucket.value)
        if (net, tax, tax_pln) != (None, None, None):
            net = net or Decimal()  # VAT alone is not lost
            totals.append(RateTotal(bucket=bucket, net=net, tax=tax, tax_pln=tax_pln))
    return tuple(totals)


TOTALS = Spread(
    {name: AMOUNT for bucket in Bucket for name in bucket.value if name},
    _split_totals,
    _join_totals,
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """FaWiersz. ``exchange_rate``: PLN for one unit of the invoice currency;
    ``excise``: excise duty in the price; ``before``: state before the correction."""

    number: int = element("NrWierszaFa", WHOLE)
    uid: str | None = element("UU_ID", Text(50), default=None)
    supply_date: date | None = element("P_6A", DAY, default=None)
    name: str | None = element("P_7", Text(512), default=None)
    code: str | None = element("Indeks", Text(50), default=None)
    gtin: str | None = element("GTIN", Text(20), default=None)
    pkwiu: str | None = element("PKWiU", Text(50), default=None)
    cn: str | None = element("CN", Text(50), default=None)
    pkob: str | None = element("PKOB", Text(50), default=None)
    unit: str | None = element("P_8A", TEXT, default=None)
    quantity: Decimal | None = element("P_8B", QUANTITY, default=None)
    net_price: Decimal | None = element("P_9A", PRICE, default=None)
    gross_price: Decimal | None = element("P_9B", PRICE, default=None)
    unit_discount: Decimal | None = element("P_10", PRICE, default=None)
    net: Decimal | None = element("P_11", AMOUNT, default=None)
    gross: Decimal | None = element("P_11A", AMOUNT, default=None)
    tax: Decimal | None = element("P_11Vat", AMOUNT, default=None)
    rate: str | None = element("P_12", TEXT, default=None)
    oss_rate: Decimal | None = element("P_12_XII", PERCENT, default=None)
    annex_15: bool = element("P_12_Zal_15", FLAG, default=False)
    excise: Decimal | None = element("KwotaAkcyzy", AMOUNT, default=None)
    gtu: str | None = element("GTU", Code(6), default=None)
    procedure: str | None = element("Procedura", TEXT, default=None)
    exchange_rate: Decimal | None = element("KursWaluty", RATE, default=None)
    before: bool = element("StanPrzed", FLAG, default=False)


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Obciazenia, Odliczenia."""

    amount: Decimal = element("Kwota", AMOUNT)
    reason: str = element("Powod", TEXT)


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """Rozliczenie: what changes the amount to pay, but not the VAT base."""

    charges: tuple[Charge, ...] = element("Obciazenia", Charge, many=True)
    charges_total: Decimal | None = element("SumaObciazen", AMOUNT, default=None)
    deductions: tuple[Charge, ...] = element("Odliczenia", Charge, many=True)
    deductions_total: Decimal | None = element("SumaOdliczen", AMOUNT, default=None)
    to_pay: Decimal | None = element("DoZaplaty", AMOUNT, default=None)
    overpaid: Decimal | None = element("DoRozliczenia", AMOUNT, default=None)
