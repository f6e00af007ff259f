"""FA(3) document of an ``Invoice``.

The description of a model class is translated once into a list of functions, each of
which appends the text of an element to the document.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from .elements import NAMESPACE, Element, Inner, Spread, elements
from .model import Invoice
from .values import Code, Fixed, Text, Value

_PROLOG = "<?xml version='1.0' encoding='UTF-8'?>\n"

Parts = list[str]
Step = Callable[[Any, Parts], None]  # of a record
Emit = Callable[[Any, Parts], None]  # of a value that is not None


def build(invoice: Invoice) -> bytes:
    """The document, UTF-8 without BOM. Characters that KSeF refuses are left out,
    white space in texts is collapsed, amounts are rounded as the schema wants;
    lengths and closed lists are judged by ``check``, not here."""
    parts = [_PROLOG, f'<Faktura xmlns="{NAMESPACE}">']
    for step in _steps(Invoice):
        step(invoice, parts)
    parts.append("</Faktura>")
    return "".join(parts).encode("utf-8")


@functools.cache
def _steps(record_class: type) -> tuple[Step, ...]:
    """How the elements of ``record_class`` are written, attributes apart."""
    described = elements(record_class).items()
    return tuple(
        _grouped([(name, one, one.path) for name, one in described if not _is_at(one)])
    )


def _is_at(described: Element) -> bool:
    return described.path[0].startswith("@")


def _grouped(fields: list[tuple[str, Element, tuple[str, ...]]]) -> Iterable[Step]:
    """The steps of ``fields``: those inside the same element share it."""
    by_first: dict[str, list[tuple[str, Element, tuple[str, ...]]]] = {}
    for field in fields:
        by_first.setdefault(field[2][0], []).append(field)
    for first, same in by_first.items():
        inside = [(name, one, path[1:]) for name, one, path in same if len(path) > 1]
        if inside:
            yield _group(first, tuple(_grouped(inside)))
        else:
            yield from (_field(name, one) for name, one, _path in same)


def _group(name: str, steps: tuple[Step, ...]) -> Step:
    opening, closing = f"<{name}>", f"</{name}>"

    def step(record: Any, parts: Parts) -> None:
        start = len(parts)
        parts.append(opening)
        for inside in steps:
            inside(record, parts)
        if len(parts) == start + 1:
            parts.pop()
        else:
            parts.append(closing)

    return step


def _field(name: str, described: Element) -> Step:
    if isinstance(described.type, Spread):
        return _spread(name, described.type)
    emit = _emit(described.path[-1], described.type)
    if described.many:
        return _many(name, emit)
    otherwise = _otherwise(described)
    if described.marker or otherwise:
        marker = f"<{described.marker}>1</{described.marker}>"
        return _marked(name, emit, marker if described.marker else "", otherwise)

    def step(record: Any, parts: Parts) -> None:
        value = getattr(record, name)
        if value is not None:
            emit(value, parts)

    return step


def _otherwise(described: Element) -> str:
    """What stands in the document where the field has no value."""
    if not described.otherwise:
        return ""
    flag = f"<{described.otherwise}>1</{described.otherwise}>"
    if not isinstance(described.type, type):
        return flag
    name = described.path[-1]
    return f"<{name}>{flag}</{name}>"


def _many(name: str, emit: Emit) -> Step:
    def step(record: Any, parts: Parts) -> None:
        for value in getattr(record, name):
            emit(value, parts)

    return step


def _marked(name: str, emit: Emit, marker: str, otherwise: str) -> Step:
    def step(record: Any, parts: Parts) -> None:
        value = getattr(record, name)
        start = len(parts)
        if value is not None:
            emit(value, parts)
        if len(parts) > start:
            parts.insert(start, marker)
        else:
            parts.append(otherwise)

    return step


def _spread(name: str, described: Spread) -> Step:
    emits = {part: _emit(part, type_) for part, type_ in described.elements.items()}

    def step(record: Any, parts: Parts) -> None:
        for part, value in described.split(getattr(record, name)):
            emits[part](value, parts)

    return step


def _emit(name: str, type_: Value | Inner | type) -> Emit:
    if isinstance(type_, type):
        return _record(name, type_)
    if isinstance(type_, Inner):
        return _inner(name, type_)
    if isinstance(type_, Fixed):
        said = "".join(f' {key}="{text}"' for key, text in type_.attributes.items())
        return _simple(f"<{name}{said}>", f"</{name}>", type_)
    return _simple(f"<{name}>", f"</{name}>", type_)


def _simple(opening: str, closing: str, type_: Value) -> Emit:
    to_text = type_.to_text

    def emit(value: Any, parts: Parts) -> None:
        text = to_text(value)
        if text is not None:
            parts.append(f"{opening}{text}{closing}")

    def emit_escaped(value: Any, parts: Parts) -> None:
        text = to_text(value)
        if text is not None:
            parts.append(f"{opening}{_escaped(text)}{closing}")

    return emit_escaped if isinstance(type_, (Text, Code)) else emit


def _inner(name: str, described: Inner) -> Emit:
    opening, closing = f"<{name}>", f"</{name}>"
    each = _emit(described.name, described.type)

    def emit(value: Any, parts: Parts) -> None:
        parts.append(opening)
        for one in value if described.many else (value,):
            each(one, parts)
        parts.append(closing)

    return emit


def _record(name: str, record_class: type) -> Emit:
    """A section. Its own steps are made with its first record: sections nest."""
    closing = f"</{name}>"
    attributes = {
        field: (one.path[0].removeprefix("@"), one.type)
        for field, one in elements(record_class).items()
        if _is_at(one)
    }

    def opening(record: Any) -> str:
        said = "".join(
            f' {attribute}="{_escaped(type_.to_text(getattr(record, field)) or "")}"'
            for field, (attribute, type_) in attributes.items()
        )
        return f"<{name}{said}>"

    def emit(record: Any, parts: Parts) -> None:
        parts.append(opening(record) if attributes else f"<{name}>")
        for step in _steps(record_class):
            step(record, parts)
        parts.append(closing)

    return emit


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;")
