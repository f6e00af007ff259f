"""What two FA(3) files say otherwise, element by element.

A technical correction must not change the content of an invoice (official
documentation, offline modes): numbers, dates, amounts and identifiers are protected,
descriptive texts are not.
"""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from .xml import parse_xml

# Made anew with every file.
_LEFT_OUT = {"Naglowek/DataWytworzeniaFa", "Naglowek/SystemInfo"}

# Descriptive texts: the same sale, told in other words.
_TEXTS = {"AdresL1", "AdresL2", "Email", "Telefon", "GLN", "Indeks", "Wartosc", "Klucz"}

# Names of the parties and of what is sold: only their spelling may change.
_NAMES = {"Nazwa", "P_7"}


@dataclass(frozen=True)
class Difference:
    """One element that differs; `old` or `new` is None where the file lacks it."""

    path: str
    old: str | None
    new: str | None
    protected: bool


def differences(old: bytes, new: bytes) -> tuple[Difference, ...]:
    """What `new` says otherwise than `old`, in the order of the files.

    :raises Fa3Error: one of them is not readable
    """
    before, after = _leaves(old), _leaves(new)
    paths = list(dict.fromkeys([*before, *after]))
    return tuple(
        Difference(path, before.get(path), after.get(path), _is_protected(path, pair))
        for path in paths
        if (pair := (before.get(path), after.get(path)))[0] != pair[1]
    )


def _leaves(xml: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    _collect(parse_xml(xml), "", found)
    return {path: text for path, text in found.items() if path not in _LEFT_OUT}


def _collect(element: etree._Element, path: str, found: dict[str, str]) -> None:
    children = [child for child in element if isinstance(child.tag, str)]
    if not children and path:
        found[path] = (element.text or "").strip()
    names = [etree.QName(child).localname for child in children]
    seen: dict[str, int] = {}
    for child, name in zip(children, names, strict=True):
        seen[name] = seen.get(name, 0) + 1
        step = f"{name}[{seen[name]}]" if names.count(name) > 1 else name
        _collect(child, f"{path}/{step}" if path else step, found)


def _is_protected(path: str, pair: tuple[str | None, str | None]) -> bool:
    name = path.rsplit("/", 1)[-1].partition("[")[0]
    if name in _NAMES:
        old, new = (_letters(text or "") for text in pair)
        return not (old.startswith(new) or new.startswith(old)) or not (old and new)
    return name not in _TEXTS


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
