"""The document as the rules look at it: sections with children by name.

A section reads its children once and knows its path, so that a rule costs little and
a finding names its element. Nothing here fails: what is missing is empty, what is no
number is none.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property

from lxml import etree

from ...errors import Finding, Severity
from ..text import collapsed

GROSZ = Decimal("0.01")

_NUMBER = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,12})?")

Findings = Iterator[Finding]


class Section:
    """One element; without an element it is empty, but still has a path."""

    def __init__(self, element: etree._Element | None, path: str) -> None:
        self.element = element
        self.path = path

    def __bool__(self) -> bool:
        return self.element is not None

    @cached_property
    def _children(self) -> dict[str, list[etree._Element]]:
        children: dict[str, list[etree._Element]] = {}
        for child in self.element if self.element is not None else ():
            if isinstance(child.tag, str):
                name = child.tag.rpartition("}")[2]
                children.setdefault(name, []).append(child)
        return children

    def has(self, name: str) -> bool:
        return name in self._children

    def names(self) -> tuple[str, ...]:
        return tuple(self._children)

    def text(self, name: str) -> str:
        """The text of the first child ``name``, collapsed; empty: there is none."""
        for child in self._children.get(name, ()):
            return collapsed(child.text or "")
        return ""

    def number(self, name: str) -> Decimal | None:
        return number(self.text(name))

    def sections(self, name: str) -> list["Section"]:
        """The children ``name``, each with its number where there are several."""
        found = self._children.get(name, ())
        if len(found) == 1:
            return [Section(found[0], self.at(name))]
        return [
            Section(child, f"{self.at(name)}[{position}]")
            for position, child in enumerate(found, 1)
        ]

    def section(self, path: str) -> "Section":
        """The first section at ``path``, which may be empty."""
        section = self
        for name in path.split("/"):
            found = section.sections(name)
            section = found[0] if found else Section(None, section.at(name))
        return section

    def at(self, name: str) -> str:
        return f"{self.path}/{name}"


class Row(Section):
    """FaWiersz: what a line states."""

    @cached_property
    def rate(self) -> str:
        return self.text("P_12")

    @cached_property
    def net(self) -> Decimal | None:
        return self.number("P_11")

    @cached_property
    def gross(self) -> Decimal | None:
        return self.number("P_11A")

    @cached_property
    def before(self) -> bool:
        return self.has("StanPrzed")

    @property
    def sign(self) -> int:
        """1 for rows of the state before a correction, which count with minus."""
        return -1 if self.before else 1

    @property
    def is_negative(self) -> bool:
        stated = self.net if self.net is not None else self.gross
        return stated is not None and stated < 0


class Document:
    """Faktura."""

    def __init__(self, root: etree._Element) -> None:
        self.root = Section(root, "Faktura")
        self.seller = self.root.section("Podmiot1")
        self.buyer = self.root.section("Podmiot2")
        self.third_parties = self.root.sections("Podmiot3")
        self.body = self.root.section("Fa")
        self.annotations = self.body.section("Adnotacje")
        self.kind = self.body.text("RodzajFaktury")
        self.currency = self.body.text("KodWaluty")
        rows = self.body.sections("FaWiersz")
        self.rows = [Row(row.element, row.path) for row in rows]

    @property
    def is_correction(self) -> bool:
        return self.kind.startswith("KOR")

    @property
    def total(self) -> Decimal | None:
        return self.body.number("P_15")

    @cached_property
    def order_rows(self) -> list[Section]:
        return self.body.section("Zamowienie").sections("ZamowienieWiersz")

    @cached_property
    def stated_rows(self) -> list[Row]:
        """The rows that tell the state of today: neither those before a correction
        nor the negative half of one that takes back and states anew."""
        rows = [row for row in self.rows if not row.before]
        if not self.is_correction or all(row.is_negative for row in rows):
            return rows
        return [row for row in rows if not row.is_negative]

    @cached_property
    def stated_rates(self) -> frozenset[str]:
        """The rates of what is sold, or ordered where an advance is invoiced."""
        ordered = (
            row.text("P_12Z") for row in self.order_rows if not row.has("StanPrzedZ")
        )
        return frozenset(row.rate for row in self.stated_rows) | frozenset(ordered)


def number(text: str) -> Decimal | None:
    """``text`` as a number; ``None``: it is none of FA(3)."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def error(code: str, path: str, message: str, value: str = "") -> Finding:
    return Finding(code, path, message, Severity.ERROR, value)


def warning(code: str, path: str, message: str, value: str = "") -> Finding:
    return Finding(code, path, message, Severity.WARNING, value)
