"""Dataclass fields that are FA(3) elements.

A model class lists the elements of one section in schema order; each field names
its element and its type. Writing and reading a flat section needs nothing more:
``write`` and ``Reader.record`` walk the fields. A field without a type is written
and read by a function that ``build`` and ``parse`` give under the field's name.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from lxml import etree

from ..errors import Fa3Error
from .values import TEXT, Value

NAMESPACE = "http://crd.gov.pl/wzor/2025/06/25/13775/"

Record = TypeVar("Record")
Writer = Callable[[etree._Element, Any], None]
ByHand = dict[str, Writer]


@dataclasses.dataclass(frozen=True)
class Element:
    """Where a field stands in its section and how its value is written."""

    path: tuple[str, ...]
    type: Value | type | None
    many: bool


def element(
    path: str, type_: Value | type, *, many: bool = False, **default: Any
) -> Any:
    """An element, or one inside another (``Adres/AdresL1``), of a simple type or of
    a model class; ``many``: a tuple of them. Optional ones get ``default=None``."""
    return _field(Element(tuple(path.split("/")), type_, many), default)


def by_hand(path: str = "", **default: Any) -> Any:
    """Elements inside ``path`` that a function of ``build`` and one of ``parse``
    translate, because the model says the same in a simpler shape."""
    steps = (*path.split("/"), "") if path else ("",)
    return _field(Element(steps, None, False), default)


def _field(described: Element, default: dict[str, Any]) -> Any:
    if described.many and not default:
        default = {"default": ()}
    return dataclasses.field(metadata={"fa3": described}, **default)


def limit(record_class: type, name: str) -> int:
    """The number of characters that the schema allows in the text ``name``."""
    return _elements(record_class)[name].type.limit


@functools.cache
def _elements(record_class: type) -> dict[str, Element]:
    fields = dataclasses.fields(record_class)
    return {f.name: f.metadata["fa3"] for f in fields if "fa3" in f.metadata}


def qualified(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    """A new last child of ``parent``."""
    child = etree.SubElement(parent, qualified(name))
    child.text = text
    return child


def write(parent: etree._Element, record: Any, by_hand: ByHand | None = None) -> None:
    """Append the elements of ``record`` to ``parent``, in the order of its fields."""
    for name, described in _elements(type(record)).items():
        value = getattr(record, name)
        if value is None or value == ():
            continue
        if described.type is None:
            by_hand[name](_inside(parent, described.path), value)
            continue
        for one in value if described.many else (value,):
            _write_one(parent, described, one)


def _write_one(parent: etree._Element, described: Element, value: Any) -> None:
    if isinstance(described.type, type):
        write(add(_inside(parent, described.path), described.path[-1]), value)
        return
    text = described.type.to_text(value)
    if text is not None:
        add(_inside(parent, described.path), described.path[-1], text)


def _inside(parent: etree._Element, path: tuple[str, ...]) -> etree._Element:
    """The element that holds the last step of ``path``: the one written just before,
    if it has the right name."""
    for name in path[:-1]:
        if not len(parent) or parent[-1].tag != qualified(name):
            add(parent, name)
        parent = parent[-1]
    return parent


class Reader:
    """Reads one document and remembers which elements it has looked at."""

    def __init__(self) -> None:
        self._seen: set[etree._Element] = set()

    def all(
        self, parent: etree._Element, path: tuple[str, ...]
    ) -> list[etree._Element]:
        """The elements at ``path`` below ``parent``."""
        found = parent.findall("/".join(qualified(name) for name in path))
        self._seen.update(found)
        return found

    def text(self, parent: etree._Element, path: str, type_: Value = TEXT) -> Any:
        """The value of the first element at ``path``, or ``None``."""
        for found in self.all(parent, tuple(path.split("/"))):
            return self._value(found, type_)
        return None

    def record(
        self,
        parent: etree._Element,
        record_class: type[Record],
        by_hand: dict[str, Callable[["Reader", etree._Element], Any]] | None = None,
    ) -> Record:
        """The section ``parent`` as ``record_class``; raises ``Fa3Error`` where a
        mandatory element is missing or a value is not of its type."""
        values = {}
        for name, described in _elements(record_class).items():
            if described.type is None:
                inside = self._only(parent, described.path[:-1])
                value = None if inside is None else by_hand[name](self, inside)
            else:
                value = self._values(parent, described)
            if value is not None:
                values[name] = value
        return _make(record_class, values, parent)

    def _only(
        self, parent: etree._Element, path: tuple[str, ...]
    ) -> etree._Element | None:
        found = self.all(parent, path) if path else [parent]
        return found[0] if found else None

    def _values(self, parent: etree._Element, described: Element) -> Any:
        found = self.all(parent, described.path)
        read = tuple(self._value(one, described.type) for one in found)
        if described.many:
            return tuple(value for value in read if value is not None)
        return read[0] if read else None

    def _value(self, found: etree._Element, type_: Value | type) -> Any:
        if isinstance(type_, type):
            return self.record(found, type_)
        try:
            return type_.from_text(found.text or "")
        except ValueError as error:
            raise Fa3Error(((path_of(found), str(error)),)) from None

    def unread(self, root: etree._Element) -> tuple[str, ...]:
        """Where there are elements with content that nobody has looked at."""
        missed = (
            _names(one)
            for one in root.iter(etree.Element)
            if not len(one) and (one.text or "").strip() and one not in self._seen
        )
        return tuple(dict.fromkeys(missed))


def _make(record_class: type[Record], values: dict, where: etree._Element) -> Record:
    for field in dataclasses.fields(record_class):
        required = (
            field.default is dataclasses.MISSING
            and field.default_factory is dataclasses.MISSING
        )
        if required and field.name not in values:
            path = "/".join(field.metadata["fa3"].path).strip("/")
            raise Fa3Error(((f"{path_of(where)}/{path}", "is missing"),))
    return record_class(**values)


def _names(node: etree._Element) -> str:
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
