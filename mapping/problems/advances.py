"""Advances, the invoices that settle them, and simplified invoices."""

from decimal import Decimal

from ...ksef import fa3
from ...ksef.number import is_valid
from .. import amounts, orders, simplified
from ..advances import part_advances
from ..facts import money
from ..settled import named_advances, settled_invoices
from .problem import Problem, shortened, too_long

MOST_PARTS, MOST_ADVANCES = 31, 100  # ZaliczkaCzesciowa, FakturaZaliczkowa
#: They have nothing to do with advances.
PLAIN = (fa3.Kind.INVOICE, fa3.Kind.SIMPLIFIED)
SETTLEMENTS = (fa3.Kind.SETTLEMENT, fa3.Kind.SETTLEMENT_CORRECTION)


def problems(facts):
    if facts.kind is fa3.Kind.ADVANCE:
        yield from _order(facts)
        yield from _goods_to_eu(facts)
        yield from _other_lines(facts)
    if facts.kind is fa3.Kind.ADVANCE_CORRECTION:
        yield from _order(facts)
    if facts.kind is fa3.Kind.SETTLEMENT:
        yield from _settlement(facts)
    if facts.kind is fa3.Kind.SIMPLIFIED:
        yield from _simplified(facts)
    if facts.kind not in PLAIN:
        yield from _parts(facts)
        yield from _advances(facts)


# ----------------------------------------------------------------------
# ZAL
# ----------------------------------------------------------------------


def _order(facts):
    env = facts.env
    typed = facts.move.ksef_order_line_ids
    found = typed or orders.ordered(facts)
    if not found and not orders.rows_before(facts):
        text = env._(
            "Advance invoice: enter what is ordered (tab KSeF, Order behind the"
            " advance), or make the invoice from a sales order."
        )
        yield Problem(text, field="ksef_order_line_ids")
    for row in found:
        name = fa3.token(row.name or row.product_id.name or "")
        who = env._("Order line “%s”", shortened(name))
        place = row if typed else row.order_id.with_env(env)
        what = env._("description")
        for told in too_long(env, who, what, fa3.OrderLine, "name", name):
            yield Problem(told, place)
        if not facts.rate(row):
            text = env._("%s: choose one VAT tax that has a KSeF rate.", who)
            yield Problem(text, place)


def _goods_to_eu(facts):
    """BRO p. 138: an advance on goods for another EU country needs no invoice."""
    if any(facts.rate(line) == "0 WDT" for line in facts.lines):
        text = facts.env._(
            "Advance invoice: a payment for goods sold to another EU country (0% WDT)"
            " is not invoiced in advance. Invoice the supply itself."
        )
        yield Problem(text, field="invoice_line_ids")


def _other_lines(facts):
    """Odoo's down payment is an advance whatever lines are added to it. What they sell
    would stand nowhere: an advance states the order."""
    if facts.move.ksef_advance_role == "advance":
        return
    for line in facts.lines - facts.outside:
        if not line.is_downpayment:
            text = facts.env._(
                "Advance invoice: “%s” is no part of the down payment and would not be"
                " stated. Put it on another invoice.",
                shortened(line.name or ""),
            )
            yield Problem(text, field="invoice_line_ids")


# ----------------------------------------------------------------------
# ROZ
# ----------------------------------------------------------------------


def _settlement(facts):
    env, move = facts.env, facts.move
    named = named_advances(move)
    if not named and not move.ksef_part_advance_ids:
        text = env._(
            "Settlement of advances: name the advance invoices, or the payments that"
            " came in earlier in the month of supply (tab KSeF)."
        )
        yield Problem(text, field="ksef_settled_ids")
    if named and not facts.settling:
        text = env._(
            "Settlement of advances: the advances are not taken away from the lines"
            " yet. Use “Deduct on the lines” (tab KSeF)."
        )
        yield Problem(text, field="ksef_settled_ids")
    if not facts.sold:
        text = env._("Settlement of advances: the lines have to show the full supply.")
        yield Problem(text, field="invoice_line_ids")


def _advances(facts):
    """What is named as an earlier advance must have been issued."""
    env, move = facts.env, facts.move
    for advance in settled_invoices(move):
        text = _refused(env, advance)
        if text:
            yield Problem(text, advance)
    for row in move.ksef_settled_ids:
        text = _unknown(env, row)
        if text:
            yield Problem(text, move, "ksef_settled_ids")
    if len(named_advances(move)) > MOST_ADVANCES:
        text = env._("KSeF admits %s earlier advance invoices at most.", MOST_ADVANCES)
        yield Problem(text, field="ksef_settled_ids")


def _refused(env, advance):
    if advance.state != "posted":
        return env._(
            "Advance invoice %s is not posted. Post it first: this invoice names it.",
            advance.display_name,
        )
    if advance.ksef_state == "rejected" and not advance.ksef_locked:
        return env._(
            "Advance invoice %s was rejected by KSeF. Correct it and send it again:"
            " this invoice has to name its KSeF number.",
            advance.name,
        )
    return None


def _unknown(env, row):
    if row.advance_id:
        return None
    if row.ksef_number and not is_valid(row.ksef_number.strip()):
        return env._("%s is not a KSeF number. Correct it.", row.ksef_number)
    if not row.ksef_number and not fa3.token(row.number or ""):
        return env._("Earlier advance invoice: choose it, or enter its number.")
    return next(
        too_long(
            env,
            env._("Earlier advance invoice"),
            env._("number"),
            fa3.AdvanceInvoice,
            "number",
            row.number,
        ),
        None,
    )


# ----------------------------------------------------------------------
# Several payments on one invoice
# ----------------------------------------------------------------------


def _parts(facts):
    env, parts = facts.env, part_advances(facts)
    if not parts:
        return
    field = "ksef_part_advance_ids"
    if facts.kind not in (fa3.Kind.ADVANCE, fa3.Kind.ADVANCE_CORRECTION, *SETTLEMENTS):
        return
    stated, total = sum(part.amount for part in parts), amounts.total(facts)
    if facts.kind is fa3.Kind.ADVANCE and stated != total:
        text = env._(
            "Payments received: together %(stated)s, but the advance invoice is over"
            " %(total)s. Correct the payments or the lines.",
            stated=stated,
            total=total,
        )
        yield Problem(text, field=field)
    if facts.kind is fa3.Kind.SETTLEMENT and stated > total:
        text = env._(
            "Payments received: %(stated)s exceed the total %(total)s.",
            stated=stated,
            total=total,
        )
        yield Problem(text, field=field)
    if len(parts) > MOST_PARTS:
        text = env._("KSeF admits %s payments on one invoice at most.", MOST_PARTS)
        yield Problem(text, field=field)
    yield from _part_rates(facts, parts, field)


def _part_rates(facts, parts, field):
    """Rates of the payments are those of the VAT in PLN: the books know one rate, so it
    must be the one that gives the same VAT."""
    rated = [part for part in parts if part.rate]
    if not rated:
        return
    env = facts.env
    if len(rated) != len(parts):
        yield Problem(env._("Payments received: enter all rates or none."), field=field)
        return
    paid = sum((part.amount for part in parts), Decimal())
    mean = sum((part.amount * part.rate for part in parts), Decimal()) / (paid or 1)
    if money(float(paid * mean)) != money(float(paid * facts.exchange_rate)):
        text = env._(
            "Payments received: their rates give %(mean)s PLN on average, the invoice"
            " is booked at %(rate)s. Set the rate of the invoice to that average.",
            mean=mean.quantize(Decimal("0.000001")),
            rate=facts.exchange_rate,
        )
        yield Problem(text, field="invoice_currency_rate")


# ----------------------------------------------------------------------
# UPR
# ----------------------------------------------------------------------


def _simplified(facts):
    env = facts.env
    if simplified.exceeds_limit(facts):
        text = env._(
            "Simplified invoice: only up to 450 PLN, or up to 100 EUR if it is in EUR,"
            " with VAT. Untick “Simplified invoice”."
        )
        yield Problem(text, field="ksef_simplified")
    if simplified.lacks_nip(facts):
        text = env._("Simplified invoice: enter the NIP of %s.", facts.buyer.name)
        yield Problem(text, facts.buyer, "vat")
    for line in simplified.foreign_lines(facts):
        text = env._(
            "Simplified invoice: the tax of “%s” is not Polish VAT that you account"
            " for. Untick “Simplified invoice”.",
            shortened(line.name or ""),
        )
        yield Problem(text, field="ksef_simplified")
