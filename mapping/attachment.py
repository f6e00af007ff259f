"""Zalacznik: the structured attachment of an invoice."""

import csv
import io
import re

from ..ksef import fa3
from .plain import pairs

MOST_PARAGRAPHS, MOST_COLUMNS, MOST_ROWS = 10, 20, 1000
#: Longer figures are numbers of meters or accounts, which a spreadsheet would round.
LONGEST_NUMBER = 15

_DAY = r"(\d{4}-\d\d-\d\d|\d\d?\.\d\d?\.\d{4})"
_TIME = r"\d\d?:\d\d(:\d\d)?"
_WHOLE = r"-?(0|[1-9]\d*|[1-9]\d{0,2}( \d{3})+)"
#: Kol/@Typ, the narrower one first.
TYPES = (
    ("date", re.compile(_DAY)),
    ("datetime", re.compile(rf"{_DAY}[ T]{_TIME}")),
    ("time", re.compile(_TIME)),
    ("int", re.compile(_WHOLE)),
    ("dec", re.compile(rf"{_WHOLE}([.,]\d+)?")),
)
NOTHING = ("", "-", "–")


def attachment(move):
    """Return the ``Attachment`` of an invoice, ``None`` without one."""
    blocks = tuple(block(record) for record in move.ksef_attachment_ids)
    return fa3.Attachment(blocks=blocks) if blocks else None


def block(record):
    """Return the ``AttachmentBlock`` of a ``ksef.attachment.block``."""
    table = _table(record)
    return fa3.AttachmentBlock(
        heading=fa3.token(record.heading or "") or None,
        metadata=tuple(
            fa3.MetaData(key=key, value=value) for key, value in pairs(record.details)
        ),
        paragraphs=paragraphs(record),
        tables=(table,) if table else (),
    )


def paragraphs(record):
    lines = (fa3.token(line) for line in (record.paragraphs or "").splitlines())
    return tuple(line for line in lines if line)


def cells(record):
    """Return the rows of a table pasted from a spreadsheet (parted by tabs) or typed
    (by semicolons), each with as many cells as the first one, if it has fewer."""
    text = "\n".join((record.table or "").splitlines())
    delimiter = "\t" if "\t" in text else ";"
    try:  # a cell with line breaks is quoted
        read = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error:
        read = [line.split(delimiter) for line in text.splitlines()]
    rows = [[fa3.token(cell) for cell in row] for row in read]
    rows = [row for row in rows if any(row)]
    width = len(rows[0]) if rows else 0
    return [row + [""] * (width - len(row)) for row in rows]


def _table(record):
    rows = cells(record)
    if not rows:
        return None
    header, *body = rows
    totals = body.pop() if record.table_has_totals and body else ()
    return fa3.Table(
        metadata=tuple(
            fa3.TableData(key=key, value=value)
            for key, value in pairs(record.table_details)
        ),
        description=fa3.token(record.table_description or "") or None,
        columns=tuple(
            fa3.Column(name=name, type=column_type(row[number] for row in body))
            for number, name in enumerate(header)
        ),
        rows=tuple(tuple(row) for row in body),
        totals=tuple(totals),
    )


def column_type(values):
    """Return what all values of a column are; cells that say nothing do not count."""
    told = [re.sub(r"[\s ]", " ", v) for v in values if v not in NOTHING]
    for name, pattern in TYPES:
        if told and all(_is(name, pattern, value) for value in told):
            return name
    return "txt"


def _is(name, pattern, value):
    if name in ("int", "dec") and len(re.sub(r"\D", "", value)) > LONGEST_NUMBER:
        return False
    return bool(pattern.fullmatch(value))
