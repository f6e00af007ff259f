"""Traits of lines: a column, or a detail below the name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .page import Cell, Column, Field, Grid, Row


@dataclass(frozen=True, eq=False)
class Trait:
    """``text(line, speech)`` is what a line has, empty where it has none; ``amount``
    names the amount that may be subtracted from another; ``shared`` stands once, also
    where it differs between the states of a line. ``wide`` as of a ``Column``."""

    word: Any
    text: Callable
    numeric: bool = False
    amount: str | None = None
    shared: bool = False
    wide: bool = False


def listed(lines, columns, details, speech):
    """Return the table of lines as they are."""
    used = [trait for trait in columns if any(trait.text(x, speech) for x in lines)]
    rows = [_row(line, used, details, speech) for line in lines]
    return Grid(tuple(column(trait, speech) for trait in used), tuple(rows))


def column(trait, speech, group=()):
    return Column(speech.label(trait.word), trait.numeric, group, trait.wide)


def with_details(cells, position, fields):
    """Return ``cells`` with what stands below the one at ``position``."""
    cells = list(cells)
    cells[position] = Cell(cells[position].text, tuple(fields))
    return Row(tuple(cells))


def name_position(traits):
    """Return where the name stands; without one, the number has the details."""
    return 1 if len(traits) > 1 and not traits[1].numeric else 0


def _row(line, used, details, speech):
    cells = [Cell(trait.text(line, speech)) for trait in used]
    return with_details(cells, name_position(used), _fields(line, details, speech))


def _fields(line, details, speech):
    for trait in details:
        text = trait.text(line, speech)
        if text:
            yield Field(speech.label(trait.word), text)
