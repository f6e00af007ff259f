"""What the lines of the invoice sell. Their taxes belong to the amounts."""

from ..lines import name_of
from .problem import Problem

MOST_LINES = 10_000  # FaWiersz


def problems(facts):
    env = facts.env
    if not facts.lines and not facts.original:
        text = env._("The invoice has no lines. Add at least one.")
        yield Problem(text, field="invoice_line_ids")
    if len(facts.lines) > MOST_LINES:
        text = env._(
            "The invoice has %(count)s lines, KSeF admits %(limit)s. Divide it.",
            count=len(facts.lines),
            limit=MOST_LINES,
        )
        yield Problem(text, field="invoice_line_ids")
    if not all(name_of(line) for line in facts.lines):
        text = env._("A line without description: enter what is sold.")
        yield Problem(text, field="invoice_line_ids")
