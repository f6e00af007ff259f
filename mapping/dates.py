"""Dates of supply: P_6, P_6A, OkresFa."""

from ..tools import warsaw
from . import deliveries


def elements(facts):
    """Return the billing period, or the day of supply of the whole invoice. It is left
    out where it is the day of issue, and where the lines bear days of their own."""
    move = facts.move
    if move.ksef_period_from and move.ksef_period_to:
        start, end = move.ksef_period_from, move.ksef_period_to
        return {"supply_date": None, "period_from": start, "period_to": end}
    days = set(facts.supply_days.values())
    day = days.pop() if len(days) == 1 else None
    issued = (facts.original if facts.corrects else move).invoice_date
    return {"supply_date": day if day != issued else None}


def line_day(facts, line):
    """Return P_6A of a line: only where the days of the lines differ."""
    days = facts.supply_days
    return days.get(line.id) if len(set(days.values())) > 1 else None


def supply_days(facts):
    """Return {id of a line: its day of supply}; {0: day} for an invoice whose lines
    are not stated. The invoice itself says it where its lines do not."""
    if facts.corrects:
        common, known = _days_of_original(facts)
    else:
        common, known = _common_day(facts.move), {}
        if not facts.move.taxable_supply_date:
            known = deliveries.days(facts)
    return {
        line.id: line.ksef_supply_date or known.get(line.id) or common
        for line in facts.sold
    } or {0: common}


def _days_of_original(facts):
    """Return the day that the original states, which a correction keeps (example 2 of
    the ministry), and those of its lines. A collective correction has none (example
    6)."""
    if len(facts.originals) != 1:
        return None, {}
    days = type(facts)(facts.original).supply_days
    if len(set(days.values())) == 1:
        return next(iter(days.values())), {}
    return _common_day(facts.original), {
        line.id: days.get(line.ksef_corrected_line_id.id) for line in facts.sold
    }


def _common_day(move):
    return (
        move.taxable_supply_date
        or _receipt_day(move)
        or move.delivery_date
        or move.invoice_date
    )


def _receipt_day(move):
    """Return the day of the receipt that the invoice is made to (fa3.md 6.4)."""
    if not move.ksef_receipt or "pos_order_ids" not in move._fields:
        return None
    moments = [day for day in move.sudo().pos_order_ids.mapped("date_order") if day]
    return warsaw.day_of(max(moments)) if moments else None
