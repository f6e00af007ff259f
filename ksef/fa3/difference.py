"""What two FA(3) files say otherwise, element by element.

A technical correction must not change the content of an invoice (official
documentation, offline modes): numbers, dates, amounts, identifiers and everything not
named here are protected, descriptive texts are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest

from lxml import etree

from .xml import parse_xml

# Made anew with every file.
_LEFT_OUT = ("Naglowek/DataWytworzeniaFa", "Naglowek/SystemInfo")

# Addresses, contacts, notes: the same sale, told in other words.
_TEXTS = frozenset(
    """
    AdresL1 AdresL2 GLN Email Telefon EmailPU TelefonPU OpisRoli
    Klucz Wartosc PrzyczynaKorekty Powod StopkaFaktury
    OpisPlatnosci NazwaBanku OpisRachunku
    ZNaglowek ZKlucz Akapit TKlucz Opis NKom
    """.split()
)

# Who and what: another spelling or a longer text, never another name.
_NAMES = ("Nazwa", "PelnaNazwa", "P_7", "P_7Z")

# Letters and digits: shorter names need not be cut off anywhere.
_LONG_NAME = 100

# Written with more or fewer decimals it is the same amount, quantity or rate.
_NUMBERS = re.compile(
    r"P_(8B|9|10|11|13|14|15)|P_12Z?_XII|Kurs(Waluty|Umowny)|Kwota|Suma|Wartosc.|Udzial"
    r"|Do(Zaplaty|Rozliczenia)"
)
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class Difference:
    """One element or attribute that differs: the n-th of several in either file is
    named ``FaWiersz[n]``. `old` or `new` is None where the file lacks it."""

    path: str
    old: str | None
    new: str | None
    protected: bool


def differences(old: bytes, new: bytes) -> tuple[Difference, ...]:
    """What `new` says otherwise than `old`, in the order of the files.

    :raises Fa3Error: one of them is not readable
    """
    return tuple(_compare(parse_xml(old), parse_xml(new), ""))


def _compare(
    old: etree._Element | None, new: etree._Element | None, path: str
) -> Iterator[Difference]:
    leaf = not any(len(each) for each in (old, new) if each is not None)
    yield from _told(path, _text(old, leaf), _text(new, leaf))
    attributes = _attributes(old), _attributes(new)
    for name in dict.fromkeys([*attributes[0], *attributes[1]]):
        yield from _told(f"{path}@{name}", *(each.get(name) for each in attributes))
    before, after = _children(old), _children(new)
    for name in dict.fromkeys([*before, *after]):
        pairs = list(zip_longest(before.get(name, ()), after.get(name, ())))
        for number, (one, other) in enumerate(pairs, 1):
            step = f"{name}[{number}]" if len(pairs) > 1 else name
            below = f"{path}/{step}" if path else step
            if below not in _LEFT_OUT:
                yield from _compare(one, other, below)


def _told(path: str, old: str | None, new: str | None) -> Iterator[Difference]:
    if old != new:
        name = re.split(r"[/@]", path)[-1].partition("[")[0]
        yield Difference(path, old, new, _is_protected(name, old or "", new or ""))


def _text(element: etree._Element | None, leaf: bool) -> str | None:
    """The text of an innermost element; FA(3) gives white space no meaning."""
    if element is None or not leaf:
        return None
    return " ".join((element.text or "").split())


def _attributes(element: etree._Element | None) -> dict[str, str]:
    return {} if element is None else {str(k): str(v) for k, v in element.items()}


def _children(element: etree._Element | None) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    for child in () if element is None else element:
        found.setdefault(etree.QName(child).localname, []).append(child)
    return found


def _is_protected(name: str, old: str, new: str) -> bool:
    """Whether this is content; an empty element says as little as none."""
    if name in _TEXTS or old == new:
        return False
    if name in _NAMES:
        return not _is_same_name(_letters(old), _letters(new))
    if _NUMBERS.match(name) and _NUMBER.fullmatch(old) and _NUMBER.fullmatch(new):
        return Decimal(old) != Decimal(new)
    return True


def _is_same_name(*names: str) -> bool:
    """A long one may have been cut off, but not within a number."""
    short, long = sorted(names, key=len)
    if short == long:
        return bool(short)
    cut = short[-1:].isdigit() and long[len(short) :][:1].isdigit()
    return len(short) >= _LONG_NAME and long.startswith(short) and not cut


def _letters(text: str) -> str:
    """Letters and digits alone, in one case."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
