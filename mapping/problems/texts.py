"""Free texts and attachments."""

from ...ksef import fa3
from .. import attachment
from ..plain import pairs
from .problem import Problem, shortened, too_long


def problems(facts):
    yield from _descriptions(facts)
    for record in facts.move.ksef_attachment_ids:
        for text in _block(facts.env, record):
            yield Problem(text, field="ksef_attachment_ids")


def _descriptions(facts):
    env = facts.env
    for row in facts.move.ksef_description_ids:
        who = env._("Further information “%s”", shortened(row.key or ""))
        found = [
            *too_long(env, who, env._("name"), fa3.Description, "key", row.key),
            *_empty(env, who, row),
        ]
        for text in found:
            yield Problem(text, field="ksef_description_ids")


def _empty(env, who, row):
    if not fa3.token(row.key or "") or not fa3.token(row.value or ""):
        yield env._("%s: enter a name and a text.", who)


def _block(env, record):
    who = env._("Attachment “%s”", shortened(record.heading or ""))
    heading, block = env._("heading"), fa3.AttachmentBlock
    yield from too_long(env, who, heading, block, "heading", record.heading)
    if not fa3.token(record.details or ""):
        yield env._("%s: enter at least one detail, “name: value”.", who)
    yield from _pairs(env, who, record.details)
    yield from _paragraphs(env, who, record)
    yield from _table(env, who, record)


def _pairs(env, who, text):
    """Names and values of details of the attachment or of its table."""
    for key, value in pairs(text):
        if not key or not value:
            yield env._(
                "%(who)s, detail “%(detail)s”: write “name: value”.",
                who=who,
                detail=shortened(key or value),
            )
        yield from too_long(env, who, env._("name"), fa3.MetaData, "key", key)
        yield from too_long(env, who, env._("value"), fa3.MetaData, "value", value)


def _paragraphs(env, who, record):
    paragraphs = attachment.paragraphs(record)
    if len(paragraphs) > attachment.MOST_PARAGRAPHS:
        yield env._(
            "%(who)s: the text has %(count)s paragraphs, KSeF admits %(limit)s. Add"
            " another part to the attachment.",
            who=who,
            count=len(paragraphs),
            limit=attachment.MOST_PARAGRAPHS,
        )
    what = env._("paragraph")
    for text in paragraphs:
        yield from too_long(env, who, what, fa3.AttachmentBlock, "paragraphs", text)


def _table(env, who, record):
    rows = attachment.cells(record)
    if not rows:
        return
    title, table = env._("title of the table"), fa3.Table
    description = record.table_description
    yield from too_long(env, who, title, table, "description", description)
    yield from _pairs(env, who, record.table_details)
    yield from _shape(env, who, rows, len(rows) - 1 - record.table_has_totals)
    what = env._("cell of the table")
    for cell in (cell for row in rows for cell in row):
        yield from too_long(env, who, what, fa3.Column, "name", cell)


def _shape(env, who, rows, body):
    """Columns and rows of a table, ``body`` of them between header and totals."""
    width = len(rows[0])
    if any(len(row) > width for row in rows):
        yield env._("%s: a row of the table is longer than its first row.", who)
    if width > attachment.MOST_COLUMNS or body > attachment.MOST_ROWS:
        yield env._(
            "%(who)s: the table has %(columns)s columns and %(rows)s rows, KSeF admits"
            " %(most_columns)s and %(most_rows)s. Divide it.",
            who=who,
            columns=width,
            rows=body,
            most_columns=attachment.MOST_COLUMNS,
            most_rows=attachment.MOST_ROWS,
        )
    if body < 1:
        yield env._("%s: the table needs a row below the names of its columns.", who)
