"""The official FA(3) schema as a list of its elements, documents as lists of theirs."""

import functools
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from ksef.fa3.xml import parse_xml
from ksef.tests.fa3_cases import XSD, official_xsd

_XS = "{http://www.w3.org/2001/XMLSchema}"
_NUMBERS = ("decimal", "integer", "nonNegativeInteger", "byte")


@dataclass(frozen=True)
class Declared:
    """An element of the schema: its path below the root, the built-in type of its text
    (``None``: it holds elements), the facets of that type, whether it is mandatory in
    a sequence that is, the names of its attributes."""

    path: str
    base: str | None
    longest: int | None = None
    codes: tuple[str, ...] = ()
    mandatory: bool = False
    attributes: tuple[str, ...] = ()


class _Types:
    """The named types of the schema (``tns``) and of what it imports (``etd``)."""

    def __init__(self):
        self._named = {}
        for root, prefix in (
            (etree.fromstring(official_xsd()), "tns"),
            *(
                (etree.fromstring(path.read_bytes()), "etd")
                for path in (XSD / "base").glob("*.xsd")
            ),
        ):
            for node in root.findall("*[@name]"):
                self._named[f"{prefix}:{node.get('name')}"] = node

    def section(self, name):
        """The named type, if it holds elements."""
        found = self._named.get(name)
        return found if found is not None and found.tag == f"{_XS}complexType" else None

    def restrictions(self, node):
        """What restricts the text of ``node``, the nearest first; then the name of the
        built-in type."""
        inside = next(node.iter(f"{_XS}restriction", f"{_XS}extension"), None)
        name = node.get("type") or (None if inside is None else inside.get("base"))
        if inside is not None and not node.get("type"):
            yield inside
        if name in self._named:
            yield from self.restrictions(self._named[name])
        else:
            yield name.removeprefix("xsd:") if name else "string"  # a union: REGON

    def text(self, node):
        *restrictions, base = self.restrictions(node)
        fixed = node.get("fixed")
        longest, codes = None, (fixed,) if fixed else ()
        for one in restrictions:
            length = one.find(f"{_XS}maxLength")
            if longest is None and length is not None:
                longest = int(length.get("value"))
            codes = codes or tuple(
                each.get("value") for each in one.findall(f"{_XS}enumeration")
            )
        return {"base": base, "longest": longest, "codes": codes}


@functools.cache
def declared():
    """Every element of the schema by its path, in order."""
    types = _Types()
    (faktura,) = etree.fromstring(official_xsd()).findall(f"{_XS}element")
    found = {}
    for one in _inside(faktura.find(f"{_XS}complexType"), "", types, True):
        found.setdefault(one.path, one)
    return found


def _inside(node, path, types, mandatory):
    for child in node:
        certain = mandatory and child.get("minOccurs") != "0"
        if child.tag == f"{_XS}element":
            where = f"{path}/{child.get('name')}".removeprefix("/")
            yield from _element(child, where, types, certain)
        elif child.tag == f"{_XS}extension":
            base = types.section(child.get("base"))
            yield from () if base is None else _inside(base, path, types, certain)
            yield from _inside(child, path, types, certain)
        else:
            certain = certain and child.tag != f"{_XS}choice"
            yield from _inside(child, path, types, certain)


def _element(node, path, types, mandatory):
    section = node.find(f"{_XS}complexType")
    if section is None:
        section = types.section(node.get("type"))
    if section is None:
        yield Declared(path, mandatory=mandatory, **types.text(node))
        return
    names = tuple(
        one.get("name")
        for one in section.iter(f"{_XS}attribute")
        if next(one.iterancestors(f"{_XS}element"), node) is node
    )
    if section.find(f"{_XS}simpleContent") is not None:
        text = types.text(section)
        yield Declared(path, mandatory=mandatory, attributes=names, **text)
        return
    yield Declared(path, None, mandatory=mandatory, attributes=names)
    yield from _inside(section, path, types, True)


@dataclass(frozen=True)
class Said:
    """One element of a document. ``place`` numbers the children of every parent."""

    place: str
    path: str
    value: object
    attributes: tuple = ()


def said(data):
    """What the document says, element by element, in its order.

    White space counts only in ``xsd:string``, numbers by their value."""
    return tuple(_said(parse_xml(data), "", ""))


def _said(node, place, path):
    for number, child in enumerate(node.iterchildren(etree.Element), 1):
        name = etree.QName(child).localname
        below = f"{path}/{name}".removeprefix("/")
        where = f"{place}/{number} {name}".removeprefix("/")
        value = _value(child.text or "", declared()[below].base)
        yield Said(where, below, value, tuple(sorted(child.items())))
        yield from _said(child, where, below)


def _value(text, base):
    if base is None:
        assert not text.strip(), "text between elements"
        return None
    if base == "string":
        return text
    text = " ".join(text.split())
    return Decimal(text) if base in _NUMBERS else text
