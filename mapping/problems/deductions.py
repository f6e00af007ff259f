"""Advances that the invoice has to take away (art. 106f(3))."""

from ...ksef import fa3
from ..deducted import paid_orders, wrong_deductions
from .problem import Problem

SETTLING = (fa3.Kind.INVOICE, fa3.Kind.SIMPLIFIED, fa3.Kind.SETTLEMENT)


def problems(facts):
    """Odoo counts a down payment that was corrected in part as taken back whole: it no
    longer deducts what remains of it (fa3.md 6.3)."""
    if facts.kind in SETTLING:
        for deduction in wrong_deductions(facts):
            net = deduction.left - deduction.taken
            yield Problem(_text(facts, net), field="invoice_line_ids")


def _text(facts, net):
    env, names = facts.env, ", ".join(paid_orders(facts.move).mapped("name"))
    if net > 0:
        return env._(
            "Order %(order)s: %(net)s net of its advances, with their corrections, is"
            " not taken away yet. Add a line with minus and tick “Settles an advance”"
            " on it, and name the advance invoice (tab KSeF).",
            order=names,
            net=net,
        )
    if names:
        return env._(
            "Order %(order)s: the lines take %(net)s net more away than its advances"
            " come to with their corrections. Correct the lines with minus.",
            order=names,
            net=-net,
        )
    return env._(
        "The lines take %(net)s net more away than the named advance invoices come to"
        " with their corrections. Correct the lines with minus.",
        net=-net,
    )
