"""The lines of the invoice and their taxes."""

from ...ksef import fa3
from .problem import Problem, shortened, too_long


def problems(facts):
    env = facts.env
    if not facts.lines:
        text = env._("The invoice has no lines. Add at least one.")
        yield Problem(text, field="invoice_line_ids")
    for line in facts.lines:
        name = fa3.token(line.name or line.product_id.name or "")
        who = env._("Line “%s”", shortened(name))
        if not name:
            text = env._("A line without description: enter what is sold.")
            yield Problem(text, field="invoice_line_ids")
        for told in too_long(env, who, env._("description"), fa3.Line, "name", name):
            yield Problem(told, field="invoice_line_ids")
        yield from _line_tax(facts, line, who)


def _line_tax(facts, line, who):
    env = facts.env
    rated = facts.taxes(line)
    if not line.tax_ids:
        text = env._("%s: choose a tax. KSeF wants a VAT rate on every line.", who)
        yield Problem(text, field="invoice_line_ids")
    elif not rated:
        taxes = line.tax_ids.flatten_taxes_hierarchy()
        text = env._(
            "%(who)s: choose the KSeF rate of the tax %(tax)s (Accounting >"
            " Configuration > Taxes > Advanced Options).",
            who=who,
            tax=", ".join(taxes.mapped("name")),
        )
        yield Problem(text, taxes[:1], "ksef_rate")
    elif len(rated) > 1:
        text = env._(
            "%(who)s: keep one VAT rate; it has %(taxes)s.",
            who=who,
            taxes=", ".join(rated.mapped("name")),
        )
        yield Problem(text, field="invoice_line_ids")
