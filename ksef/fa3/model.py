"""FA(3) in English: one class per section, one field per element, in schema order.

Each field names its element. Amounts are ``Decimal`` in the currency of the invoice,
with the sign of the document (a correction by difference reduces with minus). The
classes grow with the schema: a further element is a further line here, and ``build``
and ``parse`` follow. Schema: http://crd.gov.pl/wzor/2025/06/25/13775/.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from .elements import by_hand, element
from .values import (
    AMOUNT,
    DAY,
    FLAG,
    PERCENT,
    PRICE,
    QUANTITY,
    TEXT,
    WHOLE,
    YES_NO,
    Code,
    OneOf,
    Text,
)
from .vat import Bucket


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


class Margin(Enum):
    """PMarzy: the margin scheme of art. 119 or 120."""

    TRAVEL_AGENT = "P_PMarzy_2"
    SECOND_HAND = "P_PMarzy_3_1"
    WORKS_OF_ART = "P_PMarzy_3_2"
    ANTIQUES = "P_PMarzy_3_3"


class Basis(Enum):
    """Which provision exempts a sale from VAT (art. 106e(1)(19))."""

    ACT = "P_19A"
    DIRECTIVE = "P_19B"
    OTHER = "P_19C"


@dataclass(frozen=True, kw_only=True)
class Address:
    """Adres, AdresKoresp."""

    country: str = element("KodKraju", Code(2))
    line1: str = element("AdresL1", Text(512))
    line2: str | None = element("AdresL2", Text(512), default=None)
    gln: str | None = element("GLN", Text(13), default=None)


@dataclass(frozen=True, kw_only=True)
class Contact:
    """DaneKontaktowe."""

    email: str | None = element("Email", Text(255), default=None)
    phone: str | None = element("Telefon", Text(16), default=None)


@dataclass(frozen=True, kw_only=True)
class Seller:
    """Podmiot1."""

    vat_prefix: str | None = element("PrefiksPodatnika", Code(2), default=None)
    nip: str = element("DaneIdentyfikacyjne/NIP", Code(10))
    name: str = element("DaneIdentyfikacyjne/Nazwa", Text(512))
    address: Address = element("Adres", Address)
    correspondence: Address | None = element("AdresKoresp", Address, default=None)
    contacts: tuple[Contact, ...] = element("DaneKontaktowe", Contact, many=True)


@dataclass(frozen=True, kw_only=True)
class Buyer:
    """Podmiot2. Exactly one of nip, eu_number, other_id and no_id identifies it."""

    nip: str | None = element("DaneIdentyfikacyjne/NIP", Code(10), default=None)
    eu_prefix: str | None = element("DaneIdentyfikacyjne/KodUE", Code(2), default=None)
    eu_number: str | None = element(
        "DaneIdentyfikacyjne/NrVatUE", Code(12), default=None
    )
    id_country: str | None = element(
        "DaneIdentyfikacyjne/KodKraju", Code(2), default=None
    )
    other_id: str | None = element("DaneIdentyfikacyjne/NrID", Text(50), default=None)
    no_id: bool = element("DaneIdentyfikacyjne/BrakID", FLAG, default=False)
    name: str | None = element("DaneIdentyfikacyjne/Nazwa", Text(512), default=None)
    address: Address | None = element("Adres", Address, default=None)
    correspondence: Address | None = element("AdresKoresp", Address, default=None)
    contacts: tuple[Contact, ...] = element("DaneKontaktowe", Contact, many=True)
    customer_number: str | None = element("NrKlienta", TEXT, default=None)
    local_authority_unit: bool = element("JST", YES_NO, default=False)
    vat_group_member: bool = element("GV", YES_NO, default=False)


@dataclass(frozen=True, kw_only=True)
class RateTotal:
    """P_13_x, P_14_x and P_14_xW of one ``Bucket``."""

    bucket: Bucket
    net: Decimal
    tax: Decimal | None = None
    tax_pln: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Zwolnienie: the provision that exempts the sale, P_19A, P_19B or P_19C."""

    basis: Basis
    text: str = element("P_19A", TEXT)


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """Adnotacje."""

    cash_accounting: bool = False  # P_16
    self_billing: bool = False  # P_17
    reverse_charge: bool = False  # P_18
    split_payment: bool = False  # P_18A
    exemption: Exemption | None = None  # Zwolnienie
    triangular: bool = False  # P_23
    margin: Margin | None = None  # PMarzy


@dataclass(frozen=True, kw_only=True)
class CorrectedInvoice:
    """DaneFaKorygowanej. Without ``ksef_number`` it was issued outside KSeF."""

    issue_date: date
    number: str
    ksef_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """FaWiersz."""

    number: int = element("NrWierszaFa", WHOLE)
    uid: str | None = element("UU_ID", Text(50), default=None)
    supply_date: date | None = element("P_6A", DAY, default=None)
    name: str | None = element("P_7", Text(512), default=None)
    code: str | None = element("Indeks", Text(50), default=None)
    gtin: str | None = element("GTIN", Text(20), default=None)
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
    procedure: str | None = element("Procedura", TEXT, default=None)
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


@dataclass(frozen=True, kw_only=True)
class Due:
    """TerminPlatnosci: a day, or a number of units after an event."""

    day: date | None = element("Termin", DAY, default=None)
    count: int | None = element("TerminOpis/Ilosc", WHOLE, default=None)
    unit: str | None = element("TerminOpis/Jednostka", Text(50), default=None)
    event: str | None = element("TerminOpis/ZdarzeniePoczatkowe", TEXT, default=None)


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """RachunekBankowy, RachunekBankowyFaktora."""

    number: str = element("NrRB", Code(34))
    swift: str | None = element("SWIFT", Code(11), default=None)
    bank: str | None = element("NazwaBanku", TEXT, default=None)
    description: str | None = element("OpisRachunku", TEXT, default=None)


@dataclass(frozen=True, kw_only=True)
class Payment:
    """Platnosc."""

    paid: bool = element("Zaplacono", FLAG, default=False)
    paid_on: date | None = element("DataZaplaty", DAY, default=None)
    due: tuple[Due, ...] = element("TerminPlatnosci", Due, many=True)
    method: str | None = element("FormaPlatnosci", Code(1), default=None)
    accounts: tuple[BankAccount, ...] = element(
        "RachunekBankowy", BankAccount, many=True
    )
    factor_accounts: tuple[BankAccount, ...] = element(
        "RachunekBankowyFaktora", BankAccount, many=True
    )


@dataclass(frozen=True, kw_only=True)
class Invoice:
    """Faktura. ``unread`` lists the elements of a received document that the model
    does not carry; an invoice of ours has none."""

    created: datetime = by_hand("Naglowek")  # DataWytworzeniaFa
    system: str | None = element("Naglowek/SystemInfo", TEXT, default=None)
    seller: Seller = element("Podmiot1", Seller)
    buyer: Buyer = element("Podmiot2", Buyer)
    currency: str = element("Fa/KodWaluty", Code(3))
    issue_date: date = element("Fa/P_1", DAY)
    issue_place: str | None = element("Fa/P_1M", TEXT, default=None)
    number: str = element("Fa/P_2", TEXT)
    supply_date: date | None = element("Fa/P_6", DAY, default=None)
    period_from: date | None = element("Fa/OkresFa/P_6_Od", DAY, default=None)
    period_to: date | None = element("Fa/OkresFa/P_6_Do", DAY, default=None)
    totals: tuple[RateTotal, ...] = by_hand("Fa", default=())  # P_13_1 to P_13_11
    total: Decimal = element("Fa/P_15", AMOUNT)
    annotations: Annotations = by_hand("Fa/Adnotacje")
    kind: Kind = element("Fa/RodzajFaktury", OneOf(Kind))
    correction_reason: str | None = element("Fa/PrzyczynaKorekty", TEXT, default=None)
    correction_type: str | None = element("Fa/TypKorekty", Code(1), default=None)
    corrected: tuple[CorrectedInvoice, ...] = by_hand("Fa", default=())
    lines: tuple[Line, ...] = element("Fa/FaWiersz", Line, many=True)
    settlement: Settlement | None = element("Fa/Rozliczenie", Settlement, default=None)
    payment: Payment | None = element("Fa/Platnosc", Payment, default=None)
    unread: tuple[str, ...] = ()
