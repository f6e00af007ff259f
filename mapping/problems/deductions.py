"""Advances of sales orders that the invoice has to take away (art. 106f(3))."""

from collections import defaultdict

from ...ksef import fa3
from ..facts import CENT, money
from ..kinds import is_advance, settles_advance
from .problem import Problem

SETTLING = (fa3.Kind.INVOICE, fa3.Kind.SIMPLIFIED, fa3.Kind.SETTLEMENT)


def problems(facts):
    """Odoo counts a down payment that was corrected in part as taken back whole: it no
    longer deducts what remains of it (fa3.md 6.3)."""
    if facts.kind not in SETTLING:
        return
    down_payments = _down_payments(facts)
    if not down_payments:
        return
    orders = down_payments.order_id
    complete = all(
        line.qty_invoiced >= line.product_uom_qty
        for line in orders.order_line
        if not line.display_type and not line.is_downpayment
    )
    if not complete and not facts.settling:
        return
    # What Odoo still deducts from a later invoice.
    later = {facts.rate(line) for line in down_payments if line.qty_invoiced > 0}
    for rate, (net, count) in _left(facts, down_payments).items():
        if abs(net) > CENT * count and (complete or rate not in later):
            yield Problem(_text(facts, orders, net), field="invoice_line_ids")


def _down_payments(facts):
    """Return the lines of down payments of the sales orders that are invoiced."""
    if facts.self_billing or "sale_line_ids" not in facts.lines._fields:
        return ()
    orders = facts.lines.sudo().sale_line_ids.order_id
    return orders.order_line.filtered(
        lambda line: line.is_downpayment and not line.display_type
    )


def _left(facts, down_payments):
    """Return {KSeF rate: (net of the advances with their corrections that no invoice
    has taken away, number of lines)}."""
    made = down_payments.order_id.order_line.invoice_lines.move_id
    posted = made.filtered(lambda move: move.state == "posted")
    advances = posted.filtered(is_advance)
    advances |= _corrections(advances)
    others = (posted | facts.move.sudo()) - advances
    lines = others.invoice_line_ids.filtered(settles_advance)
    lines |= advances.invoice_line_ids.filtered(lambda line: line.tax_ids)
    sums = defaultdict(lambda: (0, 0))
    for line in lines:
        net, count = sums[facts.rate(line)]
        sums[facts.rate(line)] = net - money(line.amount_currency), count + 1
    return sums


def _corrections(moves):
    found = moves.reversal_move_ids | moves.debit_note_ids
    return found.filtered(lambda move: move.state == "posted")


def _text(facts, orders, net):
    env, names = facts.env, ", ".join(orders.mapped("name"))
    if net > 0:
        return env._(
            "Order %(order)s: %(net)s net of its advances, with their corrections, is"
            " not taken away yet. Add a line with minus and tick “Settles an advance”"
            " on it, and name the advance invoice (tab KSeF).",
            order=names,
            net=net,
        )
    return env._(
        "Order %(order)s: the lines take %(net)s net more away than its advances come"
        " to with their corrections. Correct the lines with minus.",
        order=names,
        net=-net,
    )
