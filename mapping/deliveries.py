"""What has left the warehouse for an invoice: WZ, and the days of supply.

Only where ``sale_stock`` is installed. An order may be delivered and invoiced in parts:
the deliveries of a line are those that earlier invoices of the order have not used up.
"""

from ..ksef import fa3
from ..tools import warsaw
from .addresses import fitting

MOST_NOTES = 1000  # WZ


def notes(facts):
    """Return the numbers of the delivery notes of the goods sold."""
    pickings = {
        picking.name: None
        for moves, _complete in facts.deliveries.values()
        for picking in moves.picking_id
    }
    names = [fitting(fa3.Line, "unit", name) for name in sorted(pickings)]
    return tuple(filter(None, names))[:MOST_NOTES]


def days(facts):
    """Return {id of a line: day of its last delivery}. Of goods that have not left in
    full no other day is known than that of the invoice: Odoo's date of delivery is
    that of the first part."""
    return {
        line_id: warsaw.day_of(max(moves.mapped("date")))
        if complete
        else facts.move.invoice_date
        for line_id, (moves, complete) in facts.deliveries.items()
    }


def deliveries(facts):
    """Return {id of a line: (stock moves, whether they are all of it)}."""
    lines = facts.sold
    if "sale_line_ids" not in lines._fields or not facts.adds:
        return {}
    if "move_ids" not in lines.env["sale.order.line"]._fields:
        return {}
    shipped = lines.sudo().filtered("sale_line_ids.move_ids")
    return {line.id: _delivered(line) for line in shipped}


def _delivered(line):
    done = line.sale_line_ids.move_ids.filtered(
        lambda move: move.state == "done" and move.location_dest_id.usage == "customer"
    ).sorted("date")
    if done.product_id != line.product_id:  # of a kit its components leave
        return done, bool(done)
    unit = line.product_id.uom_id
    first = _invoiced_before(line, unit)
    last = first + _quantity(line, unit)
    chosen, reached = done.browse(), 0.0
    for move in done:
        begin = reached
        reached += move.product_uom._compute_quantity(move.quantity, unit, round=False)
        if unit.compare(reached, first) > 0 and unit.compare(begin, last) < 0:
            chosen |= move
    return chosen, bool(chosen) and unit.compare(reached, last) >= 0


def _quantity(line, unit):
    return line.product_uom_id._compute_quantity(line.quantity, unit, round=False)


def _invoiced_before(line, unit):
    """Return how much of the order earlier documents have invoiced."""
    invoiced = 0.0
    for other in line.sale_line_ids.invoice_lines:
        counted = other.parent_state == "posted" or other.move_id == line.move_id
        if counted and other.id < line.id:
            refund = other.move_id.move_type == "out_refund"
            invoiced += _quantity(other, unit) * (-1 if refund else 1)
    return invoiced
