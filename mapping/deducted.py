"""How much of the advances an invoice has to take away, and how much it does: art.
106f(3) of the VAT act; fa3.md 6.3."""

from collections import defaultdict
from decimal import Decimal
from typing import NamedTuple

from .chain import corrections
from .facts import CENT
from .kinds import is_advance


class Deduction(NamedTuple):
    """Amounts of one KSeF rate, without VAT."""

    rate: str | None
    #: what the advances come to after their corrections and other settlements
    left: Decimal
    #: what this invoice takes away of it
    taken: Decimal


def wrong_deductions(facts):
    """Return the ``Deduction`` of every rate of which an invoice takes away more than
    the advances leave, or not all though it bills the rest of the order. An invoice for
    a part of an order may leave advances to a later one. Nothing is said where Odoo
    does not hold every document in the currency of the invoice."""
    move, named = facts.move, facts.move.ksef_settled_ids
    orders = paid_orders(move)
    if facts.self_billing or not (orders or named) or not _are_known(named):
        return []
    ended = orders.filtered(lambda order: _ends(move, order))
    left = _left(facts, orders, named.advance_id)
    due = _left(facts, ended, move.browse())
    if left is None or due is None:
        return []
    taken = _sums(facts, facts.settling)
    found = [Deduction(rate, left[rate], -taken[rate]) for rate in {**left, **taken}]
    spare = CENT * max(1, len(facts.settling))
    return [one for one in found if not _is_right(one, due[one.rate], spare)]


def _is_right(deduction, due, spare):
    rest = deduction.left - due
    least, most = due + min(rest, 0), due + max(rest, 0)
    return least - spare <= deduction.taken <= most + spare


def _are_known(rows):
    return all(row.advance_id.state == "posted" for row in rows)


# ----------------------------------------------------------------------
# Orders
# ----------------------------------------------------------------------


def paid_orders(move):
    """Return the sales orders of an invoice that have down payments."""
    lines = move.invoice_line_ids
    if "sale_line_ids" not in lines._fields:
        return move.browse()
    orders = lines.sudo().sale_line_ids.order_id
    return orders.filtered(lambda order: any(order.order_line.mapped("is_downpayment")))


def _ends(move, order):
    """Return whether an invoice bills what the posted ones have left of an order."""
    lines = order.order_line.filtered(
        lambda line: not line.display_type
        and not line.is_downpayment
        and line.product_type != "combo"
    )
    left = [(line, line.product_uom_qty - _billed(line, move)) for line in lines]
    return any(_rounded(line, quantity) > 0 for line, quantity in left) and not any(
        _rounded(line, quantity - _bills(line, move)) > 0 for line, quantity in left
    )


def _rounded(line, quantity):
    return line.product_uom_id.round(quantity)


def _billed(line, move):
    return sum(
        _quantity(item, line)
        for item in line.invoice_lines
        if item.parent_state == "posted" and item.move_id != move._origin
    )


def _bills(line, move):
    items = move.invoice_line_ids
    return sum(
        _quantity(item, line)
        for item in items.sudo()
        if line in item.sale_line_ids._origin
    )


def _quantity(item, line):
    sign = 1 if item.move_id.move_type == "out_invoice" else -1
    unit = item.product_uom_id or line.product_uom_id
    return sign * unit._compute_quantity(item.quantity, line.product_uom_id)


# ----------------------------------------------------------------------
# Amounts
# ----------------------------------------------------------------------


def _left(facts, orders, named):
    """Return {rate: what other posted documents leave of the advances}; ``None`` where
    that cannot be told."""
    items = facts.move.invoice_line_ids.browse()
    if orders:
        items = orders.order_line.filtered("is_downpayment").invoice_lines
        named |= items.move_id.filtered(is_advance).with_env(facts.env)
    named |= corrections(named)
    others = _settlements(named)
    if others.ksef_settled_ids.advance_id - named or not all(
        row.advance_id for row in others.ksef_settled_ids
    ):
        return None
    items = items.with_env(facts.env) | named.invoice_line_ids
    items |= others.invoice_line_ids.filtered("ksef_settles_advance")
    items = items.filtered(
        lambda item: item.parent_state == "posted"
        and item.display_type == "product"
        and item.move_id != facts.move._origin
    )
    if items.currency_id - facts.move.currency_id:
        return None
    return _sums(facts, items)


def _settlements(advances):
    """Return the invoices that name advances by hand, and their corrections."""
    rows = advances.env["ksef.settled.advance"]
    if advances:
        rows = rows.search([("advance_id", "in", advances.ids)])
    found = rows.move_id.filtered(lambda move: not is_advance(move))
    return found | corrections(found)


def _sums(facts, items):
    sums = defaultdict(Decimal)
    for item in items:
        sums[facts.rate(item)] += facts.stated(item.amount_currency)
    return sums
