"""Faktura: the invoice as a whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from ..elements import Spread, element, spread
from ..values import (
    AMOUNT,
    DAY,
    FLAG,
    MOMENT,
    RATE,
    TEXT,
    WHOLE,
    Code,
    Fixed,
    OneOf,
)
from .advances import AdvanceInvoice, AdvanceOrder, PartAdvance
from .annotations import Annotations
from .attachment import Attachment
from .corrections import CorrectedInvoice, FormerBuyer, FormerSeller
from .footer import Footer
from .lines import TOTALS, Line, RateTotal, Settlement
from .parties import Authorized, Buyer, Seller, ThirdParty
from .payment import Payment
from .terms import Terms


class Kind(Enum):
    """RodzajFaktury."""

    INVOICE = "VAT"
    CORRECTION = "KOR"
    ADVANCE = "ZAL"
    SETTLEMENT = "ROZ"
    SIMPLIFIED = "UPR"
    ADVANCE_CORRECTION = "KOR_ZAL"
    SETTLEMENT_CORRECTION = "KOR_ROZ"

    @property
    def is_correction(self) -> bool:
        return self.value.startswith("KOR")


@dataclass(frozen=True, kw_only=True)
class Description:
    """DodatkowyOpis: a note on the invoice, or on its line number ``line``."""

    line: int | None = element("NrWiersza", WHOLE, default=None)
    key: str = element("Klucz", TEXT)
    value: str = element("Wartosc", TEXT)


def _header(created: datetime) -> Iterator[tuple[str, Any]]:
    yield "KodFormularza", "FA"
    yield "WariantFormularza", "3"
    yield "DataWytworzeniaFa", created


_HEADER = Spread(
    {
        "KodFormularza": Fixed({"kodSystemowy": "FA (3)", "wersjaSchemy": "1-0E"}),
        "WariantFormularza": TEXT,
        "DataWytworzeniaFa": MOMENT,
    },
    _header,
    lambda found: found.get("DataWytworzeniaFa"),
)


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """Faktura. ``unread`` lists the elements of a received document that the model
    does not carry; an invoice of ours has none.

    ``corrected_number`` is the right number, where that of the corrected invoice was
    wrong; ``total_before`` and ``rate_before`` are what a corrected advance or
    settlement amounted to; ``advance_rate``: PLN for one unit of the currency."""

    created: datetime = spread("Naglowek", _HEADER)  # DataWytworzeniaFa
    system: str | None = element("Naglowek/SystemInfo", TEXT, default=None)
    seller: Seller = element("Podmiot1", Seller)
    buyer: Buyer = element("Podmiot2", Buyer)
    third_parties: tuple[ThirdParty, ...] = element("Podmiot3", ThirdParty, many=True)
    authorized: Authorized | None = element(
        "PodmiotUpowazniony", Authorized, default=None
    )
    currency: str = element("Fa/KodWaluty", Code(3))
    issue_date: date = element("Fa/P_1", DAY)
    issue_place: str | None = element("Fa/P_1M", TEXT, default=None)
    number: str = element("Fa/P_2", TEXT)
    delivery_notes: tuple[str, ...] = element("Fa/WZ", TEXT, many=True)
    supply_date: date | None = element("Fa/P_6", DAY, default=None)
    period_from: date | None = element("Fa/OkresFa/P_6_Od", DAY, default=None)
    period_to: date | None = element("Fa/OkresFa/P_6_Do", DAY, default=None)
    totals: tuple[RateTotal, ...] = spread("Fa", TOTALS, default=())  # P_13_1 to 11
    total: Decimal = element("Fa/P_15", AMOUNT)
    advance_rate: Decimal | None = element("Fa/KursWalutyZ", RATE, default=None)
    annotations: Annotations = element("Fa/Adnotacje", Annotations)
    kind: Kind = element("Fa/RodzajFaktury", OneOf(Kind))
    correction_reason: str | None = element("Fa/PrzyczynaKorekty", TEXT, default=None)
    correction_type: str | None = element("Fa/TypKorekty", Code(1), default=None)
    corrected: tuple[CorrectedInvoice, ...] = element(
        "Fa/DaneFaKorygowanej", CorrectedInvoice, many=True
    )
    corrected_period: str | None = element("Fa/OkresFaKorygowanej", TEXT, default=None)
    corrected_number: str | None = element("Fa/NrFaKorygowany", TEXT, default=None)
    former_seller: FormerSeller | None = element(
        "Fa/Podmiot1K", FormerSeller, default=None
    )
    former_buyers: tuple[FormerBuyer, ...] = element(
        "Fa/Podmiot2K", FormerBuyer, many=True
    )
    total_before: Decimal | None = element("Fa/P_15ZK", AMOUNT, default=None)
    rate_before: Decimal | None = element("Fa/KursWalutyZK", RATE, default=None)
    part_advances: tuple[PartAdvance, ...] = element(
        "Fa/ZaliczkaCzesciowa", PartAdvance, many=True
    )
    receipt: bool = element("Fa/FP", FLAG, default=False)
    related_parties: bool = element("Fa/TP", FLAG, default=False)
    descriptions: tuple[Description, ...] = element(
        "Fa/DodatkowyOpis", Description, many=True
    )
    advances: tuple[AdvanceInvoice, ...] = element(
        "Fa/FakturaZaliczkowa", AdvanceInvoice, many=True
    )
    excise_refund: bool = element("Fa/ZwrotAkcyzy", FLAG, default=False)
    lines: tuple[Line, ...] = element("Fa/FaWiersz", Line, many=True)
    settlement: Settlement | None = element("Fa/Rozliczenie", Settlement, default=None)
    payment: Payment | None = element("Fa/Platnosc", Payment, default=None)
    terms: Terms | None = element("Fa/WarunkiTransakcji", Terms, default=None)
    order: AdvanceOrder | None = element("Fa/Zamowienie", AdvanceOrder, default=None)
    footer: Footer | None = element("Stopka", Footer, default=None)
    attachment: Attachment | None = element("Zalacznik", Attachment, default=None)
    unread: tuple[str, ...] = ()
