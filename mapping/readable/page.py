"""What a person reads, of any invoice: sections of blocks of fields, texts, tables.

Every text is ready to be shown, and is plain text: whoever shows it escapes it.
"""

import re
from dataclasses import dataclass

#: A piece of a table on paper: as many lines of about so many characters. Two or three
#: pieces fill a page, so that each page begins with the heading of the table.
PIECE_LINES = 18
LINE_LENGTH = 45

#: Longer runs of characters are broken anywhere: a table would outgrow the paper, and
#: its last columns with it.
LONGEST_RUN = 30

#: The same words in each language of the reader, the first one first.
Label = tuple[str, ...]


@dataclass(frozen=True)
class Field:
    """A label and what belongs to it. ``strong``: it must not be overlooked."""

    label: Label
    value: str
    strong: bool = False

    @property
    def is_unbroken(self):
        return is_unbroken(self.value)


@dataclass(frozen=True)
class Column:
    """``group``: the heading that it shares with its neighbours; ``wide``: it takes the
    room that the others leave."""

    label: Label
    numeric: bool = False
    group: Label = ()
    wide: bool = False

    @property
    def is_unbroken(self):
        return is_unbroken(" ".join(self.label))


@dataclass(frozen=True)
class Cell:
    """``details``: what stands in small letters below the text."""

    text: str
    details: tuple[Field, ...] = ()

    @property
    def is_unbroken(self):
        return is_unbroken(self.text) or any(one.is_unbroken for one in self.details)


@dataclass(frozen=True)
class Row:
    """A cell for each column of the table."""

    cells: tuple[Cell, ...]

    @property
    def lines(self):
        """Return about how many lines of text the row takes."""
        return max(1 + len(cell.text) // LINE_LENGTH for cell in self.cells) + any(
            cell.details for cell in self.cells
        )


@dataclass(frozen=True)
class Grid:
    """A table; ``totals`` are its last rows."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Row, ...] = ()

    @property
    def groups(self):
        """Return (label, number of columns) of the headings above the columns; nothing
        where no column has one."""
        spans = []
        for column in self.columns:
            if spans and spans[-1][0] == column.group:
                spans[-1][1] += 1
            else:
                spans.append([column.group, 1])
        return spans if any(label for label, _count in spans) else []

    @property
    def classes(self):
        """Return the class of each column for the style sheet."""
        wide = any(column.wide for column in self.columns)
        return [
            " ".join(
                (
                    "ksef_numeric" if column.numeric else "",
                    "ksef_narrow" if wide and not column.wide else "",
                )
            )
            for column in self.columns
        ]

    @property
    def pieces(self):
        """Return the table in pieces that are not torn apart on paper: wkhtmltopdf as
        Debian builds it does not repeat the heading on each page."""
        pieces, lines = [[]], 0
        for row in self.rows:
            if pieces[-1] and lines + row.lines > PIECE_LINES:
                pieces.append([])
                lines = 0
            pieces[-1].append(row)
            lines += row.lines
        last = len(pieces) - 1
        return [
            Grid(self.columns, tuple(rows), self.totals if place == last else ())
            for place, rows in enumerate(pieces)
        ]


@dataclass(frozen=True)
class Block:
    """What belongs together: fields, then a table, then paragraphs."""

    title: Label = ()
    fields: tuple[Field, ...] = ()
    grid: Grid | None = None
    texts: tuple[str, ...] = ()

    def __bool__(self):
        return bool(self.fields or self.grid or self.texts)

    @property
    def lines(self):
        """Return about how many lines it takes."""
        rows = self.grid.rows if self.grid else ()
        texts = sum(1 + len(text) // (2 * LINE_LENGTH) for text in self.texts)
        return len(self.fields) + sum(row.lines for row in rows) + texts


@dataclass(frozen=True)
class Section:
    """Blocks under a heading, ``across`` of them side by side. ``name`` is the same in
    every language."""

    name: str
    title: Label
    blocks: tuple[Block, ...]
    across: int = 1

    @property
    def bands(self):
        """Return the blocks, so many as stand side by side at a time."""
        step = self.across
        return [self.blocks[i : i + step] for i in range(0, len(self.blocks), step)]

    @property
    def is_short(self):
        """Whether it need not be torn apart on paper."""
        return sum(block.lines for block in self.blocks) <= PIECE_LINES

    @property
    def begins_short(self):
        """Whether the heading stays with what follows it."""
        return sum(block.lines for block in self.bands[0]) <= PIECE_LINES


@dataclass(frozen=True)
class Page:
    """The whole invoice. ``codes``: the caption of each QR code, and the code."""

    title: Label
    number: str
    sections: tuple[Section, ...]
    ksef_number: tuple[Field, ...] = ()
    codes: tuple[tuple[Label, dict], ...] = ()

    @property
    def is_unbroken(self):
        return is_unbroken(self.number)


def is_unbroken(text):
    """Whether a text has a run of characters that is too long for a line of a table."""
    return any(len(run) > LONGEST_RUN for run in re.split(r"[\s-]+", text))


def cells(*texts):
    """Return the row of these texts."""
    return Row(tuple(Cell(text) for text in texts))


def section(name, title, *blocks, across=1):
    """Yield the section of the blocks that say something, if any does."""
    said = tuple(block for block in blocks if block)
    if said:
        yield Section(name, title, said, across)
