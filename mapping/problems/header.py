"""Number, dates and annotations of the invoice."""

from ...ksef import fa3
from ...tools import warsaw
from .. import vehicles
from ..annotations import margins
from .problem import Problem, too_long


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
