"""Legal basis of exemptions, cash rounding and sums."""

from ...ksef import fa3
from .. import amounts as mapping
from .problem import Problem, too_long


def problems(facts):
    yield from _rounding(facts)
    yield from _exemption(facts)
    yield from _sums(facts)


def _rounding(facts):
    for line in facts.move.line_ids.filtered("tax_repartition_line_id"):
        if line.display_type == "rounding":
            text = facts.env._(
                "Cash rounding %s changes the VAT. Choose a rounding method with the"
                ' strategy "Add a rounding line".',
                line.name,
            )
            yield Problem(text, field="invoice_cash_rounding_id")


def _exemption(facts):
    env = facts.env
    exempt = facts.all_taxes.filtered(lambda tax: tax.ksef_rate == "zw")
    bare = exempt.filtered(lambda t: not (t.ksef_exemption and t.ksef_exemption_basis))
    for tax in bare:
        text = env._(
            "Tax %s: enter the provision that exempts the sale from VAT (Accounting >"
            " Configuration > Taxes > Advanced Options > KSeF exemption).",
            tax.name,
        )
        yield Problem(text, tax, "ksef_exemption")
    if bare or not exempt:
        return
    if len(set(exempt.mapped("ksef_exemption_basis"))) > 1:
        text = env._(
            "Taxes %s are exempt on different kinds of legal basis, an invoice in KSeF"
            " can name one. Issue separate invoices.",
            ", ".join(exempt.mapped("name")),
        )
        yield Problem(text, exempt[:1], "ksef_exemption_basis")
    who = env._("Tax %s", ", ".join(exempt.mapped("name")))
    field = env._("KSeF exemption provision")
    provision = mapping.exemption(facts).text
    for told in too_long(env, who, field, fa3.Exemption, "text", provision):
        yield Problem(told, exempt[:1], "ksef_exemption")


def _sums(facts):
    """The total must be the sum of net and VAT; other taxes would be lost."""
    stated = sum(rate.net + (rate.tax or 0) for rate in mapping.totals(facts))
    total = mapping.total(facts)
    if stated != total:
        text = facts.env._(
            "The total of the invoice, %(total)s, differs from the sum of net and VAT,"
            " %(sum)s. Remove taxes that are not VAT.",
            total=total,
            sum=stated,
        )
        yield Problem(text, field="invoice_line_ids")
