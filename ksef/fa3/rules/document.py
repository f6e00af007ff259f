"""The document as the rules look at it: sections with children by name.

The tree is read once, and a section knows its path, so that a rule costs little and a
finding names its element. Nothing here fails: what is missing is empty, what is no
number is none.
"""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from lxml import etree

from ...errors import Finding, Severity
from ..elements import NAMESPACE
from ..text import collapsed
from ..vat import Bucket, rates

GROSZ = Decimal("0.01")

_NUMBER = re.compile(r"-?[0-9]{1,24}(\.[0-9]{1,12})?")
_PREFIX = len(f"{{{NAMESPACE}}}")

Findings = Iterator[Finding]
Children = dict[str, list[Any]]  # texts, and Children of elements with elements


def children_of(node: etree._Element) -> Children:
    """All that stands below ``node``, by names. Walking the tree once costs less than
    asking it for every name."""
    children: Children = {}
    for child in node:
        tag = child.tag
        if tag.__class__ is not str:
            continue  # a comment
        value = children_of(child) if len(child) else child.text or ""
        name = tag[_PREFIX:]
        if name in children:
            children[name].append(value)
        else:
            children[name] = [value]
    return children


class Section:
    """One element with elements; without any it is empty, but still has a path."""

    __slots__ = ("_children", "path")

    def __init__(self, children: Children | None, path: str) -> None:
        self._children = children or {}
        self.path = path

    def __bool__(self) -> bool:
        return bool(self._children)

    def has(self, name: str) -> bool:
        return name in self._children

    def text(self, name: str) -> str:
        """The text of the first child ``name``; empty: there is none."""
        found = self._children.get(name)
        if not found or found[0].__class__ is not str:
            return ""
        return found[0].strip(" \t\r\n")

    def number(self, name: str) -> Decimal | None:
        return number(self.text(name)) if name in self._children else None

    def sections(self, name: str) -> list["Section"]:
        """The children ``name``, each with its number where there are several."""
        found = self._children.get(name, ())
        if len(found) == 1:
            return [Section(_elements(found[0]), self.at(name))]
        return [
            Section(_elements(child), f"{self.at(name)}[{position}]")
            for position, child in enumerate(found, 1)
        ]

    def section(self, name: str) -> "Section":
        """The first child ``name``, which may be empty."""
        found = self._children.get(name)
        if found and len(found) == 1:
            return Section(_elements(found[0]), self.at(name))
        return self.sections(name)[0] if found else Section(None, self.at(name))

    def at(self, name: str) -> str:
        return f"{self.path}/{name}"


def _elements(value: Any) -> Children | None:
    return value if value.__class__ is dict else None


class Row(Section):
    """FaWiersz: what a line states."""

    __slots__ = ("before", "gross", "net", "rate")

    def __init__(self, children: Children | None, path: str) -> None:
        super().__init__(children, path)
        self.rate = collapsed(self.text("P_12"))
        self.net = self.number("P_11")
        self.gross = self.number("P_11A")
        self.before = self.has("StanPrzed")

    @property
    def sign(self) -> int:
        """-1 for rows of the state before a correction, which are taken away."""
        return -1 if self.before else 1

    @property
    def is_negative(self) -> bool:
        stated = self.net if self.net is not None else self.gross
        return stated is not None and stated < 0


class Document:
    """Faktura."""

    def __init__(self, root: etree._Element) -> None:
        self.root = Section(children_of(root), "Faktura")
        self.seller = self.root.section("Podmiot1")
        self.buyer = self.root.section("Podmiot2")
        self.third_parties = self.root.sections("Podmiot3")
        self.body = self.root.section("Fa")
        self.annotations = self.body.section("Adnotacje")
        self.payment = self.body.section("Platnosc")
        self.order_rows = self.body.section("Zamowienie").sections("ZamowienieWiersz")
        self.rows = [
            Row(row._children, row.path) for row in self.body.sections("FaWiersz")
        ]
        self.kind = self.body.text("RodzajFaktury")
        self.is_correction = self.kind.startswith("KOR")
        self.currency = self.body.text("KodWaluty")
        self.total = self.body.number("P_15")
        self.parties = self._all_parties()
        self.stated_rows = self._stated_rows()
        self.stated_rates = self._stated_rates()
        self.named_rates = self.stated_rates | self._ordered_rates()

    def _all_parties(self) -> list[Section]:
        return [
            self.seller,
            self.buyer,
            *self.third_parties,
            *self.root.sections("PodmiotUpowazniony"),
            *self.body.sections("Podmiot1K"),
            *self.body.sections("Podmiot2K"),
        ]

    def _stated_rows(self) -> list[Row]:
        """The rows that tell the state of today: neither those before a correction
        nor the negative half of one that takes back and states anew."""
        rows = [row for row in self.rows if not row.before]
        if not self.is_correction or all(row.is_negative for row in rows):
            return rows
        return [row for row in rows if not row.is_negative]

    def _stated_rates(self) -> frozenset[str]:
        """The rates of what is sold. An advance taxes what its totals say, which may
        be a part of the order; the totals of its correction are differences."""
        stated = {row.rate for row in self.stated_rows}
        if self.kind == "ZAL":
            taxed = (bucket for bucket in Bucket if self.body.number(bucket.net))
            stated.update(rate for bucket in taxed for rate in rates(bucket))
        return frozenset(stated)

    def _ordered_rates(self) -> frozenset[str]:
        return frozenset(
            collapsed(row.text("P_12Z"))
            for row in self.order_rows
            if not row.has("StanPrzedZ")
        )

    @property
    def duty(self) -> Callable[..., Finding]:
        """How it is told that a duty of whoever invoices a sale is not met. Art.
        106j(2) does not repeat these duties for corrections, and a correction to zero
        states once more what was wrong: there it is a warning."""
        return warning if self.is_correction else error


def number(text: str) -> Decimal | None:
    """``text`` as a number; ``None``: it is none of FA(3)."""
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def error(code: str, path: str, message: str, value: str = "") -> Finding:
    return Finding(code, path, message, Severity.ERROR, value)


def warning(code: str, path: str, message: str, value: str = "") -> Finding:
    return Finding(code, path, message, Severity.WARNING, value)
