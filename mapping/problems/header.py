"""Number, dates and annotations of the invoice."""

from datetime import date

from ...ksef import fa3
from ...tools import warsaw
from .. import vehicles
from ..annotations import margins
from .problem import Problem, shortened, too_long

FIRST, LAST = date(2006, 1, 1), date(2050, 1, 1)  # TDataT


def problems(facts):
    env, move = facts.env, facts.move
    if move.invoice_date and move.invoice_date > warsaw.today():
        text = env._(
            "Invoice date %s lies in the future. KSeF accepts invoices dated today or"
            " earlier: change the date, or post the invoice on that day.",
            move.invoice_date,
        )
        yield Problem(text, field="invoice_date")
    yield from _number(env, move.name or "")
    yield from _period(facts)
    yield from _days(facts)
    yield from _margin(facts)
    yield from _vehicles(facts)


def _number(env, number):
    if len(number) > fa3.limit(fa3.Invoice, "number"):
        who, what = env._("Invoice"), env._("number")
        for told in too_long(env, who, what, fa3.Invoice, "number", number):
            yield Problem(told, field="name")


def _period(facts):
    start, end = facts.move.ksef_period_from, facts.move.ksef_period_to
    if bool(start) != bool(end):
        text = facts.env._(
            "Billing period: enter its first and its last day, or leave both empty."
        )
        yield Problem(text, field="ksef_period_to" if start else "ksef_period_from")
    elif start and start > end:
        text = facts.env._(
            "Billing period: its last day, %(end)s, lies before its first, %(start)s."
            " Correct one of them.",
            end=end,
            start=start,
        )
        yield Problem(text, field="ksef_period_to")


def _days(facts):
    """Days that are stated have to be such as the schema admits: a slip of the hand
    makes 26 or 2062 of a year."""
    env = facts.env
    for record, name, field in _stated_days(facts):
        day = record[name]
        if not day or FIRST <= day <= LAST:
            continue
        label = record._fields[name]._description_string(env)
        if record._name == "account.move.line":
            who = env._("Line “%s”", shortened(record.name or ""))
            label = f"{who}: {label}"
        text = env._(
            "%(field)s %(day)s: KSeF admits dates from %(first)s to %(last)s.",
            field=label,
            day=day,
            first=FIRST,
            last=LAST,
        )
        yield Problem(text, field=field or name)


def _stated_days(facts):
    """Yield record, its field, and the field of the invoice that shows the record."""
    move = facts.move
    if not move.invoice_date or move.invoice_date <= warsaw.today():
        yield move, "invoice_date", None
    yield move, "ksef_period_from", None
    yield move, "ksef_period_to", None
    if not facts.corrects and not move.ksef_period_from:
        known = "taxable_supply_date" if move.taxable_supply_date else "delivery_date"
        yield move, known, None
    for line in facts.sold:
        yield line, "ksef_supply_date", "invoice_line_ids"
    for row in move.ksef_part_advance_ids:
        yield row, "day", "ksef_part_advance_ids"
    for row in move.ksef_new_transport_ids:
        yield row, "first_used", "ksef_new_transport_ids"
    for row in move.sudo().ksef_corrected_ids:
        yield row, "issue_date", "ksef_corrected_ids"


def _margin(facts):
    if len(margins(facts)) > 1:
        taxes = facts.all_taxes.filtered(lambda tax: tax.ksef_rate == "margin")
        text = facts.env._(
            "Taxes %s belong to different margin schemes, an invoice in KSeF can name"
            " one. Issue separate invoices.",
            ", ".join(taxes.mapped("name")),
        )
        yield Problem(text, taxes[:1], "ksef_margin")


def _vehicles(facts):
    for row in facts.move.ksef_new_transport_ids:
        if not vehicles.sold_by(facts, row):
            text = facts.env._(
                "New means of transport %s: choose the invoice line that sells it.",
                row.serial or row.make or row.use,
            )
            yield Problem(text, field="ksef_new_transport_ids")
