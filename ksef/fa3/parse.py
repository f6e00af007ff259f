"""``Invoice`` of an FA(3) document.

The description of a model class is translated once into a table: what to do with each
element of the section. Lenient where accepted documents are odd: prefixes, order,
white space, invalid UTF-8; what the model does not carry and optional elements that
are not of their type are named (``Invoice.unread``), never lost.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from lxml import etree

from ..errors import Fa3Error, Finding
from .elements import NAMESPACE, Element, Inner, Spread, elements, names_of, path_of
from .model import Invoice
from .text import collapsed
from .values import Value
from .xml import parse_xml

Found = dict[str, Any]  # values by field; those of many and spread ones collected


class _Unreadable(Exception):
    """An element that is missing in ``node`` (``missing``: its path there), or whose
    value is not of its type."""

    def __init__(self, node: etree._Element, message: str, missing: str = "") -> None:
        super().__init__(message)
        self.node = node
        self.message = message
        self.missing = missing

    def refusal(self) -> Fa3Error:
        where = path_of(self.node)
        if self.missing:
            return _refusal("missing", f"{where}/{self.missing}", self.message)
        value = collapsed(self.node.text or "")
        return _refusal("wrong-value", where, self.message, value)


class Unread(dict):
    """The names of elements that nobody read, in their order."""

    def add(self, node: etree._Element) -> None:
        for one in node.iter(etree.Element):
            if not len(one) and (one.text or "").strip():
                self[names_of(one)] = None


Take = Callable[[etree._Element, Found, Unread], None]
Read = Callable[[etree._Element, Unread], Any]


def parse(data: bytes) -> Invoice:
    """The invoice in ``data``; raises ``Fa3Error`` where it is not XML, not FA(3),
    or lacks what every invoice has."""
    root = parse_xml(data)
    name = etree.QName(root)
    if name.localname != "Faktura":
        message = "is not an invoice: expected Faktura"
        raise _refusal("not-an-invoice", name.localname, message)
    if name.namespace != NAMESPACE:
        message = f"is not FA(3) but {name.namespace}"
        raise _refusal("other-structure", "Faktura", message, name.namespace or "")
    unread = Unread()
    try:
        invoice = _section(Invoice).record(root, unread)
    except _Unreadable as error:
        raise error.refusal() from None
    return dataclasses.replace(invoice, unread=tuple(unread)) if unread else invoice


@dataclasses.dataclass
class _Section:
    """How one model class is read."""

    record_class: type
    table: dict[str, Take]
    attributes: dict[str, tuple[str, Value]]
    spread: dict[str, Spread]
    many: tuple[str, ...]
    required: dict[str, str]

    def record(self, node: etree._Element, unread: Unread) -> Any:
        """The section ``node``; raises ``_Unreadable``."""
        found: Found = {}
        for field, (attribute, type_) in self.attributes.items():
            found[field] = type_.from_text(node.get(attribute, ""))
        _take(self.table, node, found, unread)
        for field in self.many:
            if field in found:
                found[field] = tuple(found[field])
        for field, described in self.spread.items():
            found[field] = described.join(found.get(field, {}))
        given = {field: value for field, value in found.items() if value is not None}
        for field, path in self.required.items():
            if field not in given:
                raise _Unreadable(node, "is missing", path)
        return self.record_class(**given)


@functools.cache
def _section(record_class: type) -> _Section:
    described = elements(record_class)
    section = _Section(record_class, {}, {}, {}, (), _required(record_class))
    for field, one in described.items():
        if one.path[0].startswith("@"):
            section.attributes[field] = (one.path[0].removeprefix("@"), one.type)
            continue
        if isinstance(one.type, Spread):
            section.spread[field] = one.type
        _enter(section.table, field, one, field not in section.required)
    section.many = tuple(field for field, one in described.items() if one.many)
    return section


def _required(record_class: type) -> dict[str, str]:
    missing = dataclasses.MISSING
    return {
        field.name: "/".join(field.metadata["fa3"].path).strip("/")
        for field in dataclasses.fields(record_class)
        if field.default is missing and field.default_factory is missing
    }


class _Group(dict):
    """The table of an element that only holds fields of the section around it."""

    def __call__(self, node: etree._Element, found: Found, unread: Unread) -> None:
        _take(self, node, found, unread)


def _take(table: dict, node: etree._Element, found: Found, unread: Unread) -> None:
    for child in node:
        take = table.get(child.tag)
        if take is None:
            unread.add(child)
        else:
            take(child, found, unread)


def _enter(table: dict, field: str, described: Element, optional: bool) -> None:
    """Add to ``table`` what is to be done with the elements of ``field``."""
    for name in described.path[:-1]:
        table = table.setdefault(_tag(name), _Group())
    if isinstance(described.type, Spread):
        for name, type_ in described.type.elements.items():
            table[_tag(name)] = _take_part(field, name, _simple(type_))
        return
    read = _leniently(_reader(described)) if optional else _reader(described)
    take = _take_many(field, read) if described.many else _take_one(field, read)
    table[_tag(described.path[-1])] = take
    if described.marker:
        table[_tag(described.marker)] = _ignore
    if described.otherwise and not isinstance(described.type, type):
        table[_tag(described.otherwise)] = _ignore


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _ignore(_node: etree._Element, _found: Found, _unread: Unread) -> None:
    """A marker says nothing that the value beside it does not."""


def _leniently(read: Read) -> Read:
    """What is optional and cannot be read is as if the model did not know it."""

    def read_or_leave(node: etree._Element, unread: Unread) -> Any:
        try:
            return read(node, unread)
        except _Unreadable:
            unread.add(node)
            return None

    return read_or_leave


def _take_one(field: str, read: Read) -> Take:
    def take(node: etree._Element, found: Found, unread: Unread) -> None:
        if field in found:
            unread.add(node)
        else:
            found[field] = read(node, unread)

    return take


def _take_many(field: str, read: Read) -> Take:
    def take(node: etree._Element, found: Found, unread: Unread) -> None:
        value = read(node, unread)
        if value is not None:
            found.setdefault(field, []).append(value)

    return take


def _take_part(field: str, name: str, read: Read) -> Take:
    def take(node: etree._Element, found: Found, unread: Unread) -> None:
        parts = found.setdefault(field, {})
        value = read(node, unread)
        if name in parts:
            unread.add(node)
        elif value is not None:
            parts[name] = value

    return take


def _reader(described: Element) -> Read:
    if isinstance(described.type, Inner):
        return _inner(described.type)
    if not isinstance(described.type, type):
        return _simple(described.type)
    record_class, otherwise = described.type, described.otherwise

    def read(node: etree._Element, unread: Unread) -> Any:
        if otherwise and node.find(_tag(otherwise)) is not None:
            return None
        return _section(record_class).record(node, unread)

    return read


def _simple(type_: Value) -> Read:
    def read(node: etree._Element, unread: Unread) -> Any:
        if len(node):
            for child in node:
                unread.add(child)
        try:
            return type_.from_text(node.text or "")
        except ValueError as error:
            raise _Unreadable(node, str(error)) from None

    return read


def _inner(described: Inner) -> Read:
    tag, each = _tag(described.name), _simple(described.type)

    def read(node: etree._Element, unread: Unread) -> Any:
        values = []
        for child in node:
            if child.tag == tag and (described.many or not values):
                values.append(each(child, unread))
            else:
                unread.add(child)
        if described.many:
            return tuple(values)
        return values[0] if values else None

    return read


def _refusal(code: str, path: str, message: str, value: str = "") -> Fa3Error:
    return Fa3Error((Finding(code, path, message, value=value),))
