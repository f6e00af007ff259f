"""WarunkiTransakcji: contracts, orders, lots, delivery."""

from ..ksef import fa3
from ..tools import warsaw
from .parties import fitting

MOST_ORDERS, MOST_LOTS = 100, 1000


def elements(facts):
    move = facts.move
    terms = fa3.Terms(
        contracts=_contracts(move),
        orders=orders(facts),
        lots=_lots(facts),
        delivery=_delivery(move),
        intermediary=move.ksef_intermediary,
    )
    return {"terms": fa3.filled(terms)}


def _contracts(move):
    number = fa3.token(move.ksef_contract_number or "") or None
    day = move.ksef_contract_date or None
    return (fa3.Contract(number=number, day=day),) if number or day else ()


def orders(facts):
    """Return the orders of the buyer: as typed in on the invoice, else those of the
    sales orders invoiced, else the reference of the customer or the source document.
    The reference of a correction is its reason."""
    move = facts.move
    number = fa3.token(move.ksef_order_number or "")
    if number or move.ksef_order_date:
        return (fa3.Order(number=number or None, day=move.ksef_order_date or None),)
    sold = [_sales_order(order) for order in _sales_orders(facts)]
    if sold or move.ksef_is_correction:
        return tuple(dict.fromkeys(order for order in sold if order))[:MOST_ORDERS]
    number = fitting(fa3.Order, "number", move.ref)
    number = number or fitting(fa3.Order, "number", move.invoice_origin)
    return (fa3.Order(number=number),) if number else ()


def states_reference(facts, issued):
    """Return whether ``issued``, the ``fa3.Invoice`` of the document, names an order
    that nothing but the reference of the customer can have told. The present reference
    tells nothing: it is free where it was not stated."""
    move = facts.move
    typed = fa3.token(move.ksef_order_number or "") or move.ksef_order_date
    if typed or _sales_orders(facts) or not issued.terms:
        return False
    source = fitting(fa3.Order, "number", move.invoice_origin)
    return any(order.number != source for order in issued.terms.orders)


def _sales_orders(facts):
    """Return the sales orders of the lines, the earliest first; none without sale."""
    if "sale_line_ids" not in facts.lines._fields:
        return ()
    return facts.lines.sudo().sale_line_ids.order_id.sorted("date_order")


def _sales_order(order):
    number = fitting(fa3.Order, "number", order.client_order_ref)
    number = number or fitting(fa3.Order, "number", order.name)
    if not number:
        return None
    day = warsaw.day_of(order.date_order) if order.date_order else None
    return fa3.Order(number=number, day=day)


def _lots(facts):
    """Return the lots delivered, which Odoo prints below the invoice where stock and
    sales are installed."""
    products = facts.lines.product_id
    if "tracking" not in products._fields or set(products.mapped("tracking")) <= {
        "none"
    }:
        return ()
    limit = fa3.limit(fa3.Terms, "lots")
    lots = facts.move.sudo()._get_invoiced_lot_values()
    names = dict.fromkeys(fa3.token(lot["lot_name"] or "") for lot in lots)
    return tuple(name for name in names if 0 < len(name) <= limit)[:MOST_LOTS]


def _delivery(move):
    """Return the code of the Incoterm and its place, the code alone where both are too
    long."""
    code = move.invoice_incoterm_id.code or ""
    if not code:
        return None
    whole = fitting(fa3.Terms, "delivery", f"{code} {move.incoterm_location or ''}")
    return whole or fitting(fa3.Terms, "delivery", code)
