"""The structured attachment of an invoice: its blocks and their tables."""

from odoo.tools.translate import LazyTranslate

from .page import Block, Column, Field, Grid, cells, section

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

NUMERIC = ("dec", "int")


def sections(invoice, speech):
    """Yield the attachment."""
    attachment = invoice.attachment
    blocks = attachment.blocks if attachment else ()
    yield from section(
        "attachment",
        speech.label(_lt("Attachment")),
        *(block for one in blocks for block in _blocks(one)),
    )


def _blocks(block):
    """Yield the heading with its data and paragraphs, then each table."""
    heading = (block.heading,) if block.heading else ()
    fields = tuple(Field((one.key,), one.value) for one in block.metadata)
    yield Block(heading, fields, texts=block.paragraphs)
    yield from map(_table, block.tables)


def _table(table):
    title = (table.description,) if table.description else ()
    fields = tuple(Field((one.key,), one.value) for one in table.metadata)
    heads = tuple(Column((one.name,), one.type in NUMERIC) for one in table.columns)
    rows = tuple(cells(*row) for row in table.rows)
    totals = (cells(*table.totals),) if table.totals else ()
    return Block(title, fields, Grid(heads, rows, totals))
