"""Legal basis of exemptions, what is settled outside VAT, and sums."""

from ...ksef import fa3
from .. import amounts as mapping
from .problem import Problem, too_long

LINES = "invoice_line_ids"
MOST_CHARGES = 100  # Obciazenia, and Odliczenia
EXEMPTION = "ksef_exemption"


def problems(facts):
    yield from _rounding(facts)
    yield from _settlement(facts)
    yield from _exemption(facts)


def _rounding(facts):
    for line in facts.items_of("rounding"):
        if line.tax_repartition_line_id:
            text = facts.env._(
                "Cash rounding %s changes the VAT. Choose a rounding method with the"
                ' strategy "Add a rounding line".',
                line.name,
            )
            yield Problem(text, field="invoice_cash_rounding_id")


def _settlement(facts):
    """Every charge outside VAT needs its reason."""
    env = facts.env
    if not facts.ledger.outside:
        return
    for item in facts.ledger.outside:
        if not mapping.reason(item):
            text = env._("A line without description: enter what is charged.")
            yield Problem(text, field=LINES)
    if len(facts.ledger.outside) > MOST_CHARGES:
        text = env._(
            "The invoice has %(count)s lines outside VAT, KSeF admits %(limit)s. Put"
            " some of them together.",
            count=len(facts.ledger.outside),
            limit=MOST_CHARGES,
        )
        yield Problem(text, field=LINES)


def _exemption(facts):
    exempt = mapping.exempt_taxes(facts)
    if not exempt:
        return
    found = list(_missing_provision(facts, exempt))
    yield from found or _exemption_text(facts, exempt)


def _missing_provision(facts, exempt):
    env, move = facts.env, facts.move
    if move.ksef_exemption:
        return
    for tax in exempt.filtered(
        lambda tax: not (tax.ksef_exemption and tax.ksef_exemption_basis)
    ):
        text = env._(
            "Tax %s: enter the provision that exempts the sale from VAT (Accounting >"
            " Configuration > Taxes > Advanced Options > KSeF exemption), or enter it"
            " on the invoice (tab KSeF).",
            tax.name,
        )
        yield Problem(text, tax, EXEMPTION)


def _exemption_text(facts, exempt):
    env, move = facts.env, facts.move
    bases = set(exempt.mapped("ksef_exemption_basis")) - {False}
    if not move.ksef_exemption_basis and len(bases) != 1:
        text = env._(
            "Taxes %s are exempt on different kinds of legal basis, an invoice in KSeF"
            " can name one. Choose one on the invoice (tab KSeF), or issue separate"
            " invoices.",
            ", ".join(exempt.mapped("name")),
        )
        yield Problem(text, field="ksef_exemption_basis")
        return
    who = env._("Tax %s", ", ".join(exempt.mapped("name")))
    name = env._("KSeF exemption provision")
    provision = mapping.exemption(facts).text
    for told in too_long(env, who, name, fa3.Exemption, "text", provision):
        yield Problem(told, move, EXEMPTION)


def sums(facts):
    """The total must be the sum of net and VAT; other taxes would be lost."""
    stated = sum(rate.net + (rate.tax or 0) for rate in mapping.totals(facts))
    total = mapping.total(facts)
    if stated == total:
        return
    other = facts.all_taxes.filtered(
        lambda tax: not tax.ksef_rate and not tax.include_base_amount
    )
    text = facts.env._(
        "The total of the invoice, %(total)s, differs from the sum of net and VAT,"
        " %(sum)s. Remove taxes that are not VAT (%(taxes)s), or give them the KSeF"
        ' rate "Outside VAT".',
        total=total,
        sum=stated,
        taxes=", ".join(other.mapped("name")) or "-",
    )
    yield Problem(text, other[:1] or None, "ksef_rate" if other else LINES)
