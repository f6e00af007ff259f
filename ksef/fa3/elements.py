"""Dataclass fields that are FA(3) elements.

A model class lists the elements of one section in schema order; each field names its
element and its type. ``build`` and ``parse`` translate these descriptions once per
class into functions and need nothing more.
"""

import dataclasses
import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from lxml import etree

from .values import Value

Record = TypeVar("Record")

NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"


@dataclasses.dataclass(frozen=True)
class Inner:
    """An element whose value stands in elements ``name`` inside it: one, or with
    ``many`` a tuple."""

    name: str
    type: Value
    many: bool = False


@dataclasses.dataclass(frozen=True)
class Spread:
    """Several elements that together say one value in a simpler shape. ``split`` gives
    them with their values, ``join`` takes those that were found."""

    elements: dict[str, Value]
    split: Callable[[Any], Iterable[tuple[str, Any]]]
    join: Callable[[dict[str, Any]], Any]


@dataclasses.dataclass(frozen=True)
class Element:
    """Where a field stands in its section and how its value is written.

    ``marker`` is the element that says "1" before a value. ``otherwise`` says "1"
    where there is none: beside a simple value, inside the element of a section.
    """

    path: tuple[str, ...]
    type: Value | Inner | Spread | type
    many: bool = False
    marker: str | None = None
    otherwise: str | None = None


def element(
    path: str,
    type_: Value | Inner | type,
    *,
    many: bool = False,
    marker: str | None = None,
    otherwise: str | None = None,
    **default: Any,
) -> Any:
    """An element, or one inside another (``Adres/AdresL1``), or an attribute
    (``@Typ``), of a simple type or of a model class; ``many``: a tuple of them.
    Optional ones get ``default=None``."""
    steps = tuple(path.split("/"))
    if many and not default:
        default = {"default": ()}
    described = Element(steps, type_, many, marker, otherwise)
    return dataclasses.field(metadata={"fa3": described}, **default)


def spread(path: str, type_: Spread, **default: Any) -> Any:
    """Elements inside ``path`` that together say one value."""
    described = Element((*path.split("/"), ""), type_)
    return dataclasses.field(metadata={"fa3": described}, **default)


def limit(record_class: type, name: str) -> int:
    """The number of characters that the schema allows in the text ``name``."""
    return elements(record_class)[name].type.limit


@functools.cache
def elements(record_class: type) -> dict[str, Element]:
    """The elements of a model class by the names of its fields, in schema order."""
    fields = dataclasses.fields(record_class)
    return {f.name: f.metadata["fa3"] for f in fields if "fa3" in f.metadata}


def filled(record: Record) -> Record | None:
    """``record``, or ``None`` where it says nothing: an empty section is admitted by
    the schema, but should not be sent."""
    return None if record == type(record)() else record


def names_of(node: etree._Element) -> str:
    """``Fa/FaWiersz/GTU``: where ``node`` stands below the root, unnumbered."""
    names = [_name(node), *(_name(above) for above in node.iterancestors())]
    return "/".join(reversed(names[:-1]))


def path_of(node: etree._Element) -> str:
    """``Faktura/Fa/FaWiersz[2]/P_11``: names without prefixes, repeats numbered."""
    steps = [_step(node), *(_step(above) for above in node.iterancestors())]
    return "/".join(reversed(steps))


def _step(node: etree._Element) -> str:
    before = sum(1 for _same in node.itersiblings(node.tag, preceding=True))
    alone = not before and next(node.itersiblings(node.tag), None) is None
    return _name(node) if alone else f"{_name(node)}[{before + 1}]"


def _name(node: etree._Element) -> str:
    return etree.QName(node).localname
