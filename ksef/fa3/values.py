"""How the simple types of FA(3) are written and read.

Each type turns a Python value into the text of an element (``None`` leaves the
element out) and back. Reading ignores surrounding white space, which real files
contain, and raises ``ValueError`` where the text is not of the type.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum
from typing import Any, Protocol

from .text import collapsed, permitted, token


class Value(Protocol):
    """A simple type of the schema."""

    def to_text(self, value: Any) -> str | None:
        """The text of the element; ``None``: leave the element out."""

    def from_text(self, text: str) -> Any:
        """The value; raises ``ValueError``."""


@dataclass(frozen=True)
class Text:
    """``xsd:token`` of at most ``limit`` characters (the schema judges length)."""

    limit: int = 256

    def to_text(self, value: str) -> str | None:
        return token(value) or None

    def from_text(self, text: str) -> str | None:
        return token(text) or None


@dataclass(frozen=True)
class Lines(Text):
    """``xsd:string``: line breaks and blanks are kept."""

    def to_text(self, value: str) -> str | None:
        return _unix_lines(permitted(value)) or None

    def from_text(self, text: str) -> str | None:
        return self.to_text(text)


@dataclass(frozen=True)
class Cell(Text):
    """A text that may be empty."""

    def to_text(self, value: str) -> str:
        return token(value)

    def from_text(self, text: str) -> str:
        return token(text)


@dataclass(frozen=True)
class Fixed:
    """An element that has the same text and attributes in every document."""

    attributes: dict[str, str]

    def to_text(self, value: str) -> str:
        return value

    def from_text(self, text: str) -> str:
        return text


@dataclass(frozen=True)
class Code:
    """A number or a code without white space: NIP, account, currency."""

    limit: int

    def to_text(self, value: str) -> str | None:
        return token(value) or None

    def from_text(self, text: str) -> str | None:
        return collapsed(text) or None


_DECIMAL = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})")


@dataclass(frozen=True)
class Number:
    """``xsd:decimal``; rounded half up to ``places`` (art. 106e(11))."""

    places: int
    trimmed: bool = False

    def to_text(self, value: Decimal) -> str:
        unit = Decimal(1).scaleb(-self.places)
        rounded = value.quantize(unit, rounding=ROUND_HALF_UP)
        text = format(rounded + 0, "f")  # +0: "-0.00" is written "0.00"
        if self.trimmed and "." in text:
            text = text.rstrip("0").rstrip(".")
        return text

    def from_text(self, text: str) -> Decimal:
        text = collapsed(text)
        if not _DECIMAL.fullmatch(text):
            raise ValueError(f"{text!r} is not a number")
        return Decimal(text)


class Whole:
    """A whole number."""

    def to_text(self, value: int) -> str:
        return str(value)

    def from_text(self, text: str) -> int:
        text = collapsed(text)
        if not re.fullmatch(r"[+-]?[0-9]{1,14}", text):
            raise ValueError(f"{text!r} is not a whole number")
        return int(text)


class Day:
    """A calendar day, ``YYYY-MM-DD``."""

    def to_text(self, value: date) -> str:
        return value.isoformat()

    def from_text(self, text: str) -> date:
        text = collapsed(text)
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
            raise ValueError(f"{text!r} is not a date")
        return date.fromisoformat(text)


_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|([+-])(\d\d):(\d\d))?",
    re.ASCII,
)


class Moment:
    """A moment in UTC, to the second. Without an offset it is read as UTC: its
    meaning is undefined (ksef-api #712)."""

    def to_text(self, value: datetime) -> str:
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    def from_text(self, text: str) -> datetime:
        match = _MOMENT.fullmatch(collapsed(text))
        if not match:
            raise ValueError(f"{text!r} is not a date with time")
        day, time, sign, hours, minutes = match.groups()
        offset = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
        if sign == "-":
            offset = -offset
        moment = datetime.fromisoformat(f"{day}T{time}")
        return (moment - offset).replace(tzinfo=timezone.utc)


class Flag:
    """``TWybor1``: ``1`` for yes, no element for no."""

    def to_text(self, value: bool) -> str | None:
        return "1" if value else None

    def from_text(self, text: str) -> bool:
        return _choice(text, {"1": True})


class YesNo:
    """``TWybor1_2``: ``1`` for yes, ``2`` for no."""

    def to_text(self, value: bool) -> str:
        return "1" if value else "2"

    def from_text(self, text: str) -> bool:
        return _choice(text, {"1": True, "2": False})


@dataclass(frozen=True)
class OneOf:
    """A closed list, written as the values of ``kinds``."""

    kinds: type[Enum]

    def to_text(self, value: Enum) -> str:
        return str(value.value)

    def from_text(self, text: str) -> Enum:
        return self.kinds(collapsed(text))


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _choice(text: str, meanings: dict[str, bool]) -> bool:
    try:
        return meanings[collapsed(text)]
    except KeyError:
        raise ValueError(f"{text!r} is not one of {', '.join(meanings)}") from None


TEXT = Text()  # TZnakowy
LINES = Lines(3500)  # TTekstowy
CELL = Cell()  # TZnakowy2
AMOUNT = Number(2)  # TKwotowy
PRICE = Number(8, trimmed=True)  # TKwotowy2
QUANTITY = Number(6, trimmed=True)  # TIlosci
RATE = Number(6, trimmed=True)  # TIlosci
PERCENT = Number(6, trimmed=True)  # TProcentowy
DAY = Day()  # TDataT, TData
MOMENT = Moment()  # TDataCzas
WHOLE = Whole()  # TNaturalny
INTEGER = Whole()  # xsd:integer
FLAG = Flag()  # TWybor1
YES_NO = YesNo()  # TWybor1_2
