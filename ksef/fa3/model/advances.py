"""Advances: ZaliczkaCzesciowa, FakturaZaliczkowa, Zamowienie."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..elements import element
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


@dataclass(frozen=True, kw_only=True)
class PartAdvance:
    """ZaliczkaCzesciowa: one of several payments that the invoice documents. ``rate``:
    PLN for one unit of the invoice currency."""

    day: date = element("P_6Z", DAY)
    amount: Decimal = element("P_15Z", AMOUNT)
    rate: Decimal | None = element("KursWalutyZW", RATE, default=None)


@dataclass(frozen=True, kw_only=True)
class AdvanceInvoice:
    """FakturaZaliczkowa: named by its KSeF number or, issued outside KSeF, by its own
    ``number``."""

    number: str | None = element(
        "NrFaZaliczkowej", TEXT, marker="NrKSeFZN", default=None
    )
    ksef_number: str | None = element("NrKSeFFaZaliczkowej", Code(36), default=None)


@dataclass(frozen=True, kw_only=True)
class OrderLine:
    """ZamowienieWiersz. ``before``: state before the correction."""

    number: int = element("NrWierszaZam", WHOLE)
    uid: str | None = element("UU_IDZ", Text(50), default=None)
    name: str | None = element("P_7Z", Text(512), default=None)
    code: str | None = element("IndeksZ", Text(50), default=None)
    gtin: str | None = element("GTINZ", Text(20), default=None)
    pkwiu: str | None = element("PKWiUZ", Text(50), default=None)
    cn: str | None = element("CNZ", Text(50), default=None)
    pkob: str | None = element("PKOBZ", Text(50), default=None)
    unit: str | None = element("P_8AZ", TEXT, default=None)
    quantity: Decimal | None = element("P_8BZ", QUANTITY, default=None)
    net_price: Decimal | None = element("P_9AZ", PRICE, default=None)
    net: Decimal | None = element("P_11NettoZ", AMOUNT, default=None)
    tax: Decimal | None = element("P_11VatZ", AMOUNT, default=None)
    rate: str | None = element("P_12Z", TEXT, default=None)
    oss_rate: Decimal | None = element("P_12Z_XII", PERCENT, default=None)
    annex_15: bool = element("P_12Z_Zal_15", FLAG, default=False)
    gtu: str | None = element("GTUZ", Code(6), default=None)
    procedure: str | None = element("ProceduraZ", TEXT, default=None)
    excise: Decimal | None = element("KwotaAkcyzyZ", AMOUNT, default=None)
    before: bool = element("StanPrzedZ", FLAG, default=False)


@dataclass(frozen=True, kw_only=True)
class AdvanceOrder:
    """Zamowienie: the order or contract behind an advance, ``value`` with VAT."""

    value: Decimal = element("WartoscZamowienia", AMOUNT)
    lines: tuple[OrderLine, ...] = element("ZamowienieWiersz", OrderLine, many=True)
