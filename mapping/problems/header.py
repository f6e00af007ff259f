"""Number, dates and currency of the invoice."""

from ...ksef import fa3
from ...tools import warsaw
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
    who = env._("Invoice")
    for told in too_long(env, who, env._("number"), fa3.Invoice, "number", move.name):
        yield Problem(told, field="name")
