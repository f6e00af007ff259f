"""Platnosc: how, when and where to pay, and what has been paid."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..elements import element
from ..values import AMOUNT, DAY, FLAG, INTEGER, TEXT, Code, Text


@dataclass(frozen=True, kw_only=True)
class PartPayment:
    """ZaplataCzesciowa. ``method`` as in ``Payment``; any other is a text."""

    amount: Decimal = element("KwotaZaplatyCzesciowej", AMOUNT)
    day: date = element("DataZaplatyCzesciowej", DAY)
    method: str | None = element("FormaPlatnosci", Code(1), default=None)
    other_method: str | None = element(
        "OpisPlatnosci", TEXT, marker="PlatnoscInna", default=None
    )


@dataclass(frozen=True, kw_only=True)
class Due:
    """TerminPlatnosci: a day, or a number of units after an event."""

    day: date | None = element("Termin", DAY, default=None)
    count: int | None = element("TerminOpis/Ilosc", INTEGER, default=None)
    unit: str | None = element("TerminOpis/Jednostka", Text(50), default=None)
    event: str | None = element("TerminOpis/ZdarzeniePoczatkowe", TEXT, default=None)


@dataclass(frozen=True, kw_only=True)
class BankAccount:
    """RachunekBankowy, RachunekBankowyFaktora. ``own_bank``: 1, 2 or 3, an account of
    the bank itself."""

    number: str = element("NrRB", Code(34))
    swift: str | None = element("SWIFT", Code(11), default=None)
    own_bank: str | None = element("RachunekWlasnyBanku", Code(1), default=None)
    bank: str | None = element("NazwaBanku", TEXT, default=None)
    description: str | None = element("OpisRachunku", TEXT, default=None)


@dataclass(frozen=True, kw_only=True)
class EarlyDiscount:
    """Skonto."""

    terms: str = element("WarunkiSkonta", TEXT)
    size: str = element("WysokoscSkonta", TEXT)


@dataclass(frozen=True, kw_only=True)
class Payment:
    """Platnosc. ``partial``: "1" paid in part, "2" paid in several parts;
    ``method``: 1 cash, 2 card, 3 voucher, 4 cheque, 5 credit, 6 transfer, 7 mobile,
    any other is a text (``other_method``)."""

    paid: bool = element("Zaplacono", FLAG, default=False)
    paid_on: date | None = element("DataZaplaty", DAY, default=None)
    partial: str | None = element("ZnacznikZaplatyCzesciowej", Code(1), default=None)
    parts: tuple[PartPayment, ...] = element("ZaplataCzesciowa", PartPayment, many=True)
    due: tuple[Due, ...] = element("TerminPlatnosci", Due, many=True)
    method: str | None = element("FormaPlatnosci", Code(1), default=None)
    other_method: str | None = element(
        "OpisPlatnosci", TEXT, marker="PlatnoscInna", default=None
    )
    accounts: tuple[BankAccount, ...] = element(
        "RachunekBankowy", BankAccount, many=True
    )
    factor_accounts: tuple[BankAccount, ...] = element(
        "RachunekBankowyFaktora", BankAccount, many=True
    )
    discount: EarlyDiscount | None = element("Skonto", EarlyDiscount, default=None)
    link: str | None = element("LinkDoPlatnosci", Text(512), default=None)
    ksef_payment_id: str | None = element("IPKSeF", Code(13), default=None)
