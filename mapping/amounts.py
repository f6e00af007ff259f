"""Amounts of a customer invoice as FA(3) states them: from its journal items.

Signs are those of the document: an invoice adds, a credit note takes away. Nothing
is computed anew, so FA(3), ledger and JPK_V7 agree to the grosz.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from ..ksef import fa3
from ..ksef.fa3 import BUCKETS, RateTotal
from .parties import fitting

CENT = Decimal("0.01")


def money(amount):
    """Return a float amount of the ledger as exact grosze."""
    return Decimal(repr(amount)).quantize(CENT, rounding=ROUND_HALF_UP) + 0


def product_lines(move):
    """Return the lines that sell something, in the order of the printed invoice."""
    lines = move.invoice_line_ids.sorted("sequence")
    return lines.filtered(lambda line: line.display_type == "product")


def rounding_lines(move):
    """Return the cash rounding that is no turnover."""
    return move.line_ids.filtered(
        lambda line: (
            line.display_type == "rounding" and not line.tax_repartition_line_id
        )
    )


def vat_taxes(line):
    """Return the VAT among the taxes of a line; a right line has exactly one."""
    return line.tax_ids.flatten_taxes_hierarchy().filtered("ksef_rate")


def totals(move):
    """Return the ``RateTotal`` of every rate: net from the lines, VAT from the tax
    items. A credit note leaves out a rate that it does not change."""
    net, tax = defaultdict(float), defaultdict(float)
    for line in product_lines(move):
        net[BUCKETS[vat_taxes(line).ksef_rate]] -= line.amount_currency
    for line in move.line_ids.filtered(lambda line: line.tax_line_id.ksef_rate):
        tax[BUCKETS[line.tax_line_id.ksef_rate]] -= line.amount_currency
    return tuple(
        RateTotal(
            bucket=bucket,
            net=money(net[bucket]),
            tax=money(tax[bucket]) if bucket.tax else None,
        )
        for bucket in fa3.Bucket
        if bucket in net and (money(net[bucket]) or money(tax[bucket]) or _adds(move))
    )


def total(move):
    """Return P_15: the total of the invoice without cash rounding."""
    booked = move.amount_total if _adds(move) else -move.amount_total
    rounding = sum(rounding_lines(move).mapped("amount_currency"))
    return money(booked + rounding)


def settlement(move):
    """Return Rozliczenie for cash rounding, ``None`` without it."""
    charges, deductions = [], []
    for line in rounding_lines(move):
        amount = money(-line.amount_currency)
        side = charges if amount > 0 else deductions
        side.append(fa3.Charge(amount=abs(amount), reason=fa3.token(line.name)))
    if not charges and not deductions:
        return None
    charged = sum((charge.amount for charge in charges), Decimal())
    deducted = sum((charge.amount for charge in deductions), Decimal())
    due = total(move) + charged - deducted
    return fa3.Settlement(
        charges=tuple(charges),
        charges_total=charged if charges else None,
        deductions=tuple(deductions),
        deductions_total=deducted if deductions else None,
        to_pay=due if due >= 0 else None,
        overpaid=-due if due < 0 else None,
    )


def lines(move, original):
    """Return the ``fa3.Line`` of every product line, numbered from 1."""
    database = move.env["ir.config_parameter"].sudo().get_param("database.uuid") or ""
    return tuple(
        _line(line, original, number, f"{database[:8]}-{line.id}")
        for number, line in enumerate(product_lines(move), start=1)
    )


def _line(line, original, number, uid):
    tax = vat_taxes(line)
    product = line.product_id
    quantity, price = _quantity_and_price(line, original)
    return fa3.Line(
        number=number,
        uid=uid,
        name=fa3.token(line.name or product.name or ""),
        code=fitting(fa3.Line, "code", product.default_code),
        gtin=fitting(fa3.Line, "gtin", product.barcode),
        unit=fitting(fa3.Line, "unit", _unit(line)),
        quantity=quantity,
        net_price=price,
        net=money(-line.amount_currency),
        tax=_line_tax(line),
        rate=tax.ksef_rate,
        procedure=tax._ksef_procedure(),
    )


def _unit(line):
    """Return the unit of measure in Polish, the language of the document, if the
    database has that language."""
    unit = line.product_uom_id
    polish = line.env["res.lang"]._get_data(code="pl_PL")
    return unit.with_context(lang="pl_PL").name if polish else unit.name


def _line_tax(line):
    """Return the VAT of a line where the company rounds per line: the total may then
    be the sum of line amounts that are shown (art. 106e(10)); else ``None``."""
    if line.company_id.tax_calculation_rounding_method != "round_per_line":
        return None
    tax = money(line.price_total - line.price_subtotal)
    return tax if _adds(line.move_id) else -tax + 0


def _quantity_and_price(line, original):
    """Return P_8B and P_9A, whose product is P_11. A credit note by difference states
    a return as less quantity at the old price, any other reduction as a negative
    price for the quantity concerned (FA(3) brochure p. 86, 101-104)."""
    quantity = Decimal(repr(line.quantity)).quantize(Decimal("1e-6"), ROUND_HALF_UP)
    price = net_price(line)
    if _adds(line.move_id):
        return quantity, price
    if _is_return(line, original):
        return -quantity, price
    return quantity, -price


def _is_return(line, original):
    return any(
        (sold.product_id, sold.price_unit, sold.discount, sold.tax_ids)
        == (line.product_id, line.price_unit, line.discount, line.tax_ids)
        for sold in product_lines(original)
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


def _adds(move):
    return move.move_type != "out_refund"
