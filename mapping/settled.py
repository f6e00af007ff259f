"""Which advance invoices an invoice names: those that it settles, and those that it
completes (FakturaZaliczkowa; fa3.md 6.3)."""

from datetime import date

from ..ksef import fa3
from .corrected import originals
from .kinds import is_advance, settles_advance


def named_advances(move):
    """Return FakturaZaliczkowa: advances in Odoo, then those typed by hand."""
    inside = [_named(advance) for advance in settled_invoices(move)]
    outside = [_typed(row) for row in move.ksef_settled_ids if not row.advance_id]
    return (*inside, *outside)


def settled_invoices(move):
    """Return the advance invoices in Odoo that ``move`` names, the oldest first. A
    correction names those of the invoice that it corrects again (example 18)."""
    first, found = originals(move), move.browse()
    for one in (move, *first):
        found |= one.ksef_settled_ids.advance_id
        found |= _completed(one) if is_advance(one) else _deducted(one)
    found -= first | move
    return found.sorted(lambda advance: (advance.invoice_date or date.max, advance.id))


def _deducted(move):
    """Return the down payments of sales orders that the lines take away."""
    settling = move.invoice_line_ids.filtered(settles_advance)
    if not settling or "sale_line_ids" not in settling._fields:
        return move.browse()
    return _invoices(settling.sudo()._get_downpayment_lines(), move)


def _completed(move):
    """Return the earlier advances of the sales orders that this one pays in full: art.
    106f(4). Other advances name none."""
    lines = move.invoice_line_ids
    if "sale_line_ids" not in lines._fields or move.move_type != "out_invoice":
        return move.browse()
    orders = lines.sudo().sale_line_ids.order_id
    down_payments = orders.order_line.filtered("is_downpayment").invoice_lines
    advances = down_payments.move_id.filtered(
        lambda one: one.state == "posted" and one != move and is_advance(one)
    )
    paid = move.amount_total + sum(advances.mapped("amount_total_in_currency_signed"))
    ordered = sum(orders.mapped("amount_total"))
    if not advances or move.currency_id.compare_amounts(paid, ordered) < 0:
        return move.browse()
    return _invoices(down_payments, move) - move


def _invoices(lines, move):
    """Return the invoices of down payments that no credit note has cancelled."""
    moves = lines.move_id.filtered(
        lambda one: one.move_type == "out_invoice"
        and not one.debit_origin_id
        and one.payment_state != "reversed"
        and one.state != "cancel"
    )
    return moves.with_env(move.env)


def _named(advance):
    if advance.ksef_number:
        return fa3.AdvanceInvoice(ksef_number=advance.ksef_number)
    return fa3.AdvanceInvoice(number=fa3.token(advance.name or ""))


def _typed(row):
    if row.ksef_number:
        return fa3.AdvanceInvoice(ksef_number=row.ksef_number.strip())
    return fa3.AdvanceInvoice(number=fa3.token(row.number or ""))
