"""Adnotacje: what the law wants said about the sale."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from ..elements import Spread, element, spread
from ..values import DAY, FLAG, TEXT, WHOLE, YES_NO


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
class Exemption:
    """Zwolnienie: the provision that exempts the sale, P_19A, P_19B or P_19C."""

    basis: Basis
    text: str = element("P_19A", TEXT)


@dataclass(frozen=True, kw_only=True)
class Vehicle:
    """NowySrodekTransportu: on land (``mileage``), on water (``vessel_hours``) or in
    the air (``aircraft_hours``). ``line`` is the number of its line; of vin,
    body_number, chassis_number and frame_number only one is given."""

    first_used: date = element("P_22A", DAY)
    line: int = element("P_NrWierszaNST", WHOLE)
    make: str | None = element("P_22BMK", TEXT, default=None)
    model: str | None = element("P_22BMD", TEXT, default=None)
    color: str | None = element("P_22BK", TEXT, default=None)
    registration: str | None = element("P_22BNR", TEXT, default=None)
    year: str | None = element("P_22BRP", TEXT, default=None)
    mileage: str | None = element("P_22B", TEXT, default=None)
    vin: str | None = element("P_22B1", TEXT, default=None)
    body_number: str | None = element("P_22B2", TEXT, default=None)
    chassis_number: str | None = element("P_22B3", TEXT, default=None)
    frame_number: str | None = element("P_22B4", TEXT, default=None)
    type: str | None = element("P_22BT", TEXT, default=None)
    vessel_hours: str | None = element("P_22C", TEXT, default=None)
    hull_number: str | None = element("P_22C1", TEXT, default=None)
    aircraft_hours: str | None = element("P_22D", TEXT, default=None)
    factory_number: str | None = element("P_22D1", TEXT, default=None)


@dataclass(frozen=True, kw_only=True)
class NewTransport:
    """NoweSrodkiTransportu: new means of transport sold to another EU country.
    ``obligation``: whether the duty of art. 42(5) exists."""

    obligation: bool = element("P_42_5", YES_NO, marker="P_22")
    vehicles: tuple[Vehicle, ...] = element("NowySrodekTransportu", Vehicle, many=True)


def _split_exemption(exemption: Exemption | None) -> Iterator[tuple[str, Any]]:
    if exemption is None:
        yield "P_19N", True
        return
    yield "P_19", True
    yield exemption.basis.value, exemption.text


def _join_exemption(found: dict[str, Any]) -> Exemption | None:
    for basis in Basis:
        if basis.value in found:
            return Exemption(basis=basis, text=found[basis.value])
    return None


def _split_margin(margin: Margin | None) -> Iterator[tuple[str, Any]]:
    if margin is None:
        yield "P_PMarzyN", True
        return
    yield "P_PMarzy", True
    yield margin.value, True


def _join_margin(found: dict[str, Any]) -> Margin | None:
    return next((margin for margin in Margin if margin.value in found), None)


_EXEMPTION = Spread(
    {"P_19": FLAG, **{basis.value: TEXT for basis in Basis}, "P_19N": FLAG},
    _split_exemption,
    _join_exemption,
)
_MARGIN = Spread(
    {"P_PMarzy": FLAG, **{margin.value: FLAG for margin in Margin}, "P_PMarzyN": FLAG},
    _split_margin,
    _join_margin,
)


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """Adnotacje."""

    cash_accounting: bool = element("P_16", YES_NO, default=False)
    self_billing: bool = element("P_17", YES_NO, default=False)
    reverse_charge: bool = element("P_18", YES_NO, default=False)
    split_payment: bool = element("P_18A", YES_NO, default=False)
    exemption: Exemption | None = spread("Zwolnienie", _EXEMPTION, default=None)
    new_transport: NewTransport | None = element(
        "NoweSrodkiTransportu", NewTransport, otherwise="P_22N", default=None
    )
    triangular: bool = element("P_23", YES_NO, default=False)
    margin: Margin | None = spread("PMarzy", _MARGIN, default=None)
