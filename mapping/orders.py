"""Zamowienie: the order or contract behind an advance (art. 106f(1)(4))."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from ..ksef import fa3
from . import chain, lines, positions
from .facts import money

#: P_12 codes; other KSeF rates have no P_12Z.
RATES = frozenset(fa3.RATES)

#: ProceduraZ; I_42 and I_63 exist for supplies only.
PROCEDURES = frozenset(
    {"WSTO_EE", "IED", "TT_D", "B_SPV", "B_SPV_DOSTAWA", "B_MPV_PROWIZJA"}
)


class Amounts(NamedTuple):
    """Of one line of an order: net and VAT in grosze, unit price without VAT."""

    net: Decimal
    tax: Decimal
    price: Decimal


def order(facts):
    """Return Zamowienie of an advance, ``None`` when nobody says what is ordered."""
    now = rows(facts)
    return _order(now, now) if now else None


def corrected_order(facts):
    """Return Zamowienie of KOR_ZAL: the rows before and after, also unchanged ones
    (example 12). Its value is the one after (example 13)."""
    before, now = rows_before(facts), rows(facts)
    now = now or before
    before = before or now
    if not now:
        return None
    return _order(now, positions.listed(_pairs(before, now)))


def _order(now, listed):
    value = sum((row.net + row.tax for row in now), Decimal())
    return fa3.AdvanceOrder(value=value, lines=listed)


def rows(facts):
    """Return the present rows: typed on the invoice, else of its sales orders."""
    typed = facts.move.ksef_order_line_ids.filtered(lambda row: not row.before)
    if typed:
        return _rows(facts, typed, "z")
    return _rows(facts, ordered(facts), "s")


def rows_before(facts):
    """Return the rows before a correction: what the last document left, else what the
    user has typed."""
    for document in reversed(facts.chain or ()):
        if document.order:
            return tuple(row for row in document.order.lines if not row.before)
    typed = facts.move.ksef_order_line_ids.filtered("before")
    if typed:
        return _rows(facts, typed, "z")
    for earlier in reversed(chain.moves(facts.move)):
        stated = earlier.ksef_order_line_ids.filtered(lambda row: not row.before)
        if stated:
            return _rows(facts, stated, "z")
    return ()


def ordered(facts):
    """Return the lines of the sales orders that the invoice belongs to."""
    items = facts.move.invoice_line_ids
    if "sale_line_ids" not in items._fields:
        return ()
    items |= facts.original.invoice_line_ids
    orders = items.sudo().sale_line_ids.order_id
    return orders.order_line.filtered(
        lambda line: not line.display_type
        and not line.is_downpayment
        and line.product_uom_qty
        and line.product_type != "combo"
    )


def _pairs(before, now):
    """Return (rows before, rows after) of every line: the same line, else the line of
    the same name, else the line at the same place."""
    left, pairs = list(now), []
    for row in before:
        found = _partner(row, left)
        left = [one for one in left if one is not found]
        pairs.append(((row,), (replace(found, uid=row.uid),) if found else ()))
    return [*pairs, *(((), (row,)) for row in left)]


def _partner(row, left):
    for name in ("uid", "name"):
        for one in left:
            if getattr(one, name) == getattr(row, name):
                return one
    return None


# ----------------------------------------------------------------------
# Rows
# ----------------------------------------------------------------------


def _rows(facts, records, letter):
    """Return rows of typed lines or of lines of sales orders. What lies outside VAT,
    as a deposit, is no part of the order."""
    inside = [record for record in records if facts.rate(record) != "outside"]
    if not inside:
        return ()
    found = amounts(facts.company, [base_line(record) for record in inside])
    return tuple(
        _row(facts, record, amount, number, f"{facts.database}-{letter}{record.id}")
        for number, (record, amount) in enumerate(zip(inside, found, strict=True), 1)
    )


def _row(facts, record, amount, number, uid):
    rate, procedure = facts.rate(record), facts.taxes(record)._ksef_procedure()
    return fa3.OrderLine(
        number=number,
        uid=uid,
        name=fa3.token(record.name or record.product_id.name or ""),
        unit=lines.unit_name(facts, record.product_uom_id),
        quantity=_quantity(record),
        net_price=amount.price,
        net=amount.net,
        tax=amount.tax,
        rate=rate if rate in RATES else None,
        oss_rate=Decimal(repr(facts.taxes(record).amount)) if rate == "oss" else None,
        procedure=procedure if procedure in PROCEDURES else None,
        **lines.product_values(record.product_id),
    )


def _quantity(record):
    quantity = record["quantity" if "quantity" in record._fields else "product_uom_qty"]
    return Decimal(repr(quantity)).quantize(Decimal("1e-6"), ROUND_HALF_UP)


def base_line(record):
    """Return a line of an order as Odoo's tax engine takes it."""
    if record._name == "ksef.order.line":
        return record._base_line()
    return record._prepare_base_line_for_taxes_computation()


def amounts(company, base_lines):
    """Return the ``Amounts`` of every line; rounded as Odoo rounds the whole order."""
    taxes = company.env["account.tax"]
    taxes._add_tax_details_in_base_lines(base_lines, company)
    taxes._round_base_lines_tax_details(base_lines, company)
    return [_amounts(base_line) for base_line in base_lines]


def _amounts(base_line):
    details = base_line["tax_details"]
    net = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
    tax = sum(data["tax_amount_currency"] for data in details["taxes_data"])
    raw, quantity = details["raw_total_excluded_currency"], base_line["quantity"]
    price = Decimal(repr(raw / quantity if quantity else 0.0))
    return Amounts(
        net=money(net),
        tax=money(tax),
        price=price.quantize(Decimal("1e-8"), ROUND_HALF_UP),
    )
