"""Zalacznik: the structured attachment, for batch sessions only."""

from dataclasses import dataclass

from ..elements import Inner, element
from ..values import CELL, TEXT, Code, Text


@dataclass(frozen=True, kw_only=True)
class MetaData:
    """MetaDane."""

    key: str = element("ZKlucz", TEXT)
    value: str = element("ZWartosc", TEXT)


@dataclass(frozen=True, kw_only=True)
class TableData:
    """TMetaDane."""

    key: str = element("TKlucz", TEXT)
    value: str = element("TWartosc", TEXT)


@dataclass(frozen=True, kw_only=True)
class Column:
    """Kol. ``type``: date, datetime, dec, int, time or txt; ``name`` may be empty."""

    type: str = element("@Typ", Code(8))
    name: str = element("NKom", CELL)


@dataclass(frozen=True, kw_only=True)
class Table:
    """Tabela. Cells may be empty, each of ``rows`` has one per column."""

    metadata: tuple[TableData, ...] = element("TMetaDane", TableData, many=True)
    description: str | None = element("Opis", Text(512), default=None)
    columns: tuple[Column, ...] = element("TNaglowek/Kol", Column, many=True)
    rows: tuple[tuple[str, ...], ...] = element(
        "Wiersz", Inner("WKom", CELL, many=True), many=True
    )
    totals: tuple[str, ...] = element("Suma/SKom", CELL, many=True)


@dataclass(frozen=True, kw_only=True)
class AttachmentBlock:
    """BlokDanych. At least one of ``metadata`` is mandatory."""

    heading: str | None = element("ZNaglowek", Text(512), default=None)
    metadata: tuple[MetaData, ...] = element("MetaDane", MetaData, many=True)
    paragraphs: tuple[str, ...] = element("Tekst/Akapit", Text(512), many=True)
    tables: tuple[Table, ...] = element("Tabela", Table, many=True)


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """Zalacznik."""

    blocks: tuple[AttachmentBlock, ...] = element(
        "BlokDanych", AttachmentBlock, many=True
    )
