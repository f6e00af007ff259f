"""The tax of every line: its KSeF rate must be known and right."""

from ...ksef import fa3
from .problem import Problem, shortened

LINES = "invoice_line_ids"


def problems(facts):
    for line in facts.lines:
        yield from _line_tax(facts, line)
    yield from facts.known.once(_percentages, facts.all_taxes, facts.self_billing)
    if facts.lines and all(facts.rate(line) == "outside" for line in facts.lines):
        text = facts.env._(
            "Nothing on the invoice is subject to VAT: such a document is no invoice"
            ' for KSeF. Tick "Do not send to KSeF".'
        )
        yield Problem(text, field="ksef_exclude")


def who(env, line):
    """Return how a sentence names the line."""
    name = fa3.token(line.name or line.product_id.name or "")
    return env._("Line “%s”", shortened(name))


def _line_tax(facts, line):
    rated = facts.taxes(line)
    if not rated and not line.tax_ids:
        if facts.rate(line) != "outside":
            yield _untaxed(facts, line)
    elif not rated:
        yield _undecided(facts, line)
    elif len(rated) > 1:
        text = facts.env._(
            "%(who)s: keep one VAT rate; it has %(taxes)s.",
            who=who(facts.env, line),
            taxes=", ".join(rated.mapped("name")),
        )
        yield Problem(text, field=LINES)
    elif facts.rate(line) != "outside" and line.product_id.ksef_outside_vat:
        yield _contradictory(facts, line, rated)


def _untaxed(facts, line):
    """Without a tax a line may be anything: it is never taken for exempt."""
    text = facts.env._(
        "%s: choose a tax, KSeF wants a VAT rate on every line. For a deposit, a fee or"
        ' a cost paid in the name of the customer tick "Outside VAT" on the product, or'
        ' choose a tax with the KSeF rate "Outside VAT".',
        who(facts.env, line),
    )
    return Problem(text, field=LINES)


def _undecided(facts, line):
    taxes = line.tax_ids.flatten_taxes_hierarchy()
    text = facts.env._(
        "%(who)s: choose the KSeF rate of the tax %(tax)s (Accounting >"
        " Configuration > Taxes > Advanced Options).",
        who=who(facts.env, line),
        tax=", ".join(taxes.mapped("name")),
    )
    return Problem(text, taxes[:1], "ksef_rate")


def _contradictory(facts, line, tax):
    text = facts.env._(
        "%(who)s: the product %(product)s is outside VAT, but the line has the tax"
        " %(tax)s. Remove the tax from the line, or untick “Outside VAT” on the"
        " product.",
        who=who(facts.env, line),
        product=line.product_id.display_name,
        tax=tax.name,
    )
    return Problem(text, line.product_id, "ksef_outside_vat")


def _percentages(taxes, self_billing):
    """A rate chosen by hand must be the one that Odoo computes with. Of purchases a
    reverse charge computes VAT that no bill shows."""
    return (
        [] if self_billing else [found for tax in taxes for found in _percentage(tax)]
    )


def _percentage(tax):
    percent = fa3.PERCENTS.get(tax.ksef_rate)
    if percent is None or percent == tax.amount:
        return
    text = tax.env._(
        "Tax %(tax)s computes %(amount)s%%, but its KSeF rate is %(rate)s. Choose the"
        " KSeF rate that belongs to it (Accounting > Configuration > Taxes > Advanced"
        " Options).",
        tax=tax.name,
        amount=f"{tax.amount:g}",
        rate=tax.ksef_rate,
    )
    yield Problem(text, tax, "ksef_rate")
