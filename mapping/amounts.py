"""Amounts of a customer invoice as FA(3) states them: from its journal items.

Signs are those of the document: an invoice adds, a credit note takes away. Nothing
is computed anew, so FA(3), ledger and JPK_V7 agree to the grosz.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from ..ksef import fa3
from ..ksef.fa3 import BUCKETS, RateTotal
from .facts import money


def elements(facts):
    return {
        "totals": totals(facts),
        "total": total(facts),
        "settlement": settlement(facts),
    }


def rounding_lines(facts):
    """Return the cash rounding that is no turnover."""
    return facts.move.line_ids.filtered(
        lambda line: (
            line.display_type == "rounding" and not line.tax_repartition_line_id
        )
    )


def totals(facts):
    """Return the ``RateTotal`` of every rate: net from the lines, VAT from the tax
    items. A credit note leaves out a rate that it does not change."""
    net, tax = defaultdict(float), defaultdict(float)
    for line in facts.sold:
        net[BUCKETS[facts.rate(line)]] += line.amount_currency
    for line in facts.move.line_ids.filtered(lambda line: line.tax_line_id.ksef_rate):
        tax[BUCKETS[line.tax_line_id.ksef_rate]] += line.amount_currency
    made = (
        RateTotal(
            bucket=bucket,
            net=facts.stated(net[bucket]),
            tax=facts.stated(tax[bucket]) if bucket.tax else None,
        )
        for bucket in fa3.Bucket
        if bucket in net
    )
    return tuple(one for one in made if one.net or one.tax or facts.adds)


def total(facts):
    """Return P_15: the total of the invoice without cash rounding."""
    booked = money(facts.move.amount_total)
    rounding = sum(rounding_lines(facts).mapped("amount_currency"))
    return (booked if facts.adds else -booked) - facts.stated(rounding)


def settlement(facts):
    """Return Rozliczenie for cash rounding, ``None`` without it."""
    charges, deductions = [], []
    for line in rounding_lines(facts):
        amount = facts.stated(line.amount_currency)
        side = charges if amount > 0 else deductions
        side.append(fa3.Charge(amount=abs(amount), reason=fa3.token(line.name)))
    if not charges and not deductions:
        return None
    charged = sum((charge.amount for charge in charges), Decimal())
    deducted = sum((charge.amount for charge in deductions), Decimal())
    due = total(facts) + charged - deducted
    return fa3.Settlement(
        charges=tuple(charges),
        charges_total=charged if charges else None,
        deductions=tuple(deductions),
        deductions_total=deducted if deductions else None,
        to_pay=due if due >= 0 else None,
        overpaid=-due if due < 0 else None,
    )


def exemption(facts):
    """Return the provision that exempts the exempt lines, ``None`` without such lines.
    Several provisions of one basis are joined."""
    exempt = facts.all_taxes.filtered(lambda tax: tax.ksef_rate == "zw")
    if not exempt:
        return None
    provisions = dict.fromkeys(fa3.token(tax.ksef_exemption) for tax in exempt)
    return fa3.Exemption(
        basis=fa3.Basis(exempt[0].ksef_exemption_basis), text="; ".join(provisions)
    )


def line_values(facts, line):
    """Return quantity, price, amounts and rate of a ``fa3.Line``."""
    quantity, price = _quantity_and_price(facts, line)
    return {
        "quantity": quantity,
        "net_price": price,
        "net": facts.stated(line.amount_currency),
        "tax": _line_tax(facts, line),
        "rate": facts.rate(line),
    }


def _line_tax(facts, line):
    """Return the VAT of a line where the company rounds per line: the total may then
    be the sum of line amounts that are shown (art. 106e(10)); else ``None``."""
    if facts.company.tax_calculation_rounding_method != "round_per_line":
        return None
    tax = money(line.price_total - line.price_subtotal)
    return tax if facts.adds else -tax + 0


def _quantity_and_price(facts, line):
    """Return P_8B and P_9A, whose product is P_11. A credit note by difference states
    a return as less quantity at the old price, any other reduction as a negative
    price for the quantity concerned (FA(3) brochure p. 86, 101-104)."""
    quantity = Decimal(repr(line.quantity)).quantize(Decimal("1e-6"), ROUND_HALF_UP)
    price = net_price(line)
    if facts.adds:
        return quantity, price
    if _is_return(facts, line):
        return -quantity, price
    return quantity, -price


def _is_return(facts, line):
    return any(
        (sold.product_id, sold.price_unit, sold.discount, sold.tax_ids)
        == (line.product_id, line.price_unit, line.discount, line.tax_ids)
        for sold in facts.original.invoice_line_ids
    )


def net_price(line):
    """Return the unit price without VAT, discount deducted, up to 8 decimals."""
    price = Decimal(repr(line.price_unit)) * (100 - Decimal(repr(line.discount))) / 100
    if any(line.tax_ids.flatten_taxes_hierarchy().mapped("price_include")):
        price = _price_without_included_tax(line)
    return price.quantize(Decimal("1e-8"), ROUND_HALF_UP)


def _price_without_included_tax(line):
    base_line = line.move_id._prepare_product_base_line_for_taxes_computation(line)
    line.env["account.tax"]._add_tax_details_in_base_line(
        base_line, line.company_id, rounding_method="round_globally"
    )
    net = base_line["tax_details"]["raw_total_excluded_currency"]
    return Decimal(repr(net / line.quantity if line.quantity else 0.0))
