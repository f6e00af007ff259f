"""Stopka: free texts and registers of the seller."""

from dataclasses import dataclass

from ..elements import Inner, element
from ..values import LINES, TEXT, Code, Text


@dataclass(frozen=True, kw_only=True)
class Register:
    """Rejestry."""

    name: str | None = element("PelnaNazwa", TEXT, default=None)
    krs: str | None = element("KRS", Code(10), default=None)
    regon: str | None = element("REGON", Code(14), default=None)
    bdo: str | None = element("BDO", Text(9), default=None)


@dataclass(frozen=True, kw_only=True)
class Footer:
    """Stopka. Line breaks of ``texts`` are kept."""

    texts: tuple[str, ...] = element(
        "Informacje", Inner("StopkaFaktury", LINES), many=True
    )
    registers: tuple[Register, ...] = element("Rejestry", Register, many=True)
