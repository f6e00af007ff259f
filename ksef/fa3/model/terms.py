"""WarunkiTransakcji: contracts, orders, delivery, transport."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from ..elements import element
from ..values import DAY, FLAG, MOMENT, RATE, TEXT, Code, Text
from .parties import Address, identifier, no_identifier, party_name


@dataclass(frozen=True, kw_only=True)
class Contract:
    """Umowy."""

    day: date | None = element("DataUmowy", DAY, default=None)
    number: str | None = element("NrUmowy", TEXT, default=None)


@dataclass(frozen=True, kw_only=True)
class Order:
    """Zamowienia."""

    day: date | None = element("DataZamowienia", DAY, default=None)
    number: str | None = element("NrZamowienia", TEXT, default=None)


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """Przewoznik. Identified like a buyer."""

    nip: str | None = identifier("NIP", 10)
    eu_prefix: str | None = identifier("KodUE", 2)
    eu_number: str | None = identifier("NrVatUE", 12)
    id_country: str | None = identifier("KodKraju", 2)
    other_id: str | None = identifier("NrID", 50)
    no_id: bool = no_identifier()
    name: str | None = party_name()
    address: Address = element("AdresPrzewoznika", Address)


@dataclass(frozen=True, kw_only=True)
class Transport:
    """Transport. ``kind``: 1 sea, 2 rail, 3 road, 4 air, 5 post, 7 fixed installation,
    8 inland water, or a text (``other_kind``); ``cargo``: 1 to 20, or a text."""

    kind: str | None = element("RodzajTransportu", Code(1), default=None)
    other_kind: str | None = element(
        "OpisInnegoTransportu", Text(50), marker="TransportInny", default=None
    )
    carrier: Carrier | None = element("Przewoznik", Carrier, default=None)
    order_number: str | None = element("NrZleceniaTransportu", TEXT, default=None)
    cargo: str | None = element("OpisLadunku", Code(2), default=None)
    other_cargo: str | None = element(
        "OpisInnegoLadunku", Text(50), marker="LadunekInny", default=None
    )
    packaging: str | None = element("JednostkaOpakowania", TEXT, default=None)
    started: datetime | None = element("DataGodzRozpTransportu", MOMENT, default=None)
    ended: datetime | None = element("DataGodzZakTransportu", MOMENT, default=None)
    ship_from: Address | None = element("WysylkaZ", Address, default=None)
    via: tuple[Address, ...] = element("WysylkaPrzez", Address, many=True)
    ship_to: Address | None = element("WysylkaDo", Address, default=None)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """WarunkiTransakcji. ``contract_rate`` and ``contract_currency`` come together and
    are not those of the VAT; ``intermediary``: sold by one in the middle of a chain
    (art. 22(2d))."""

    contracts: tuple[Contract, ...] = element("Umowy", Contract, many=True)
    orders: tuple[Order, ...] = element("Zamowienia", Order, many=True)
    lots: tuple[str, ...] = element("NrPartiiTowaru", TEXT, many=True)
    delivery: str | None = element("WarunkiDostawy", TEXT, default=None)
    contract_rate: Decimal | None = element("KursUmowny", RATE, default=None)
    contract_currency: str | None = element("WalutaUmowna", Code(3), default=None)
    transports: tuple[Transport, ...] = element("Transport", Transport, many=True)
    intermediary: bool = element("PodmiotPosredniczacy", FLAG, default=False)
