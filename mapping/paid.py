"""What has been paid by the time of issue."""

from collections import defaultdict
from datetime import date

from ..ksef import fa3
from .facts import money
from .payment_method import method

IN_PART, IN_PARTS = "1", "2"  # ZnacznikZaplatyCzesciowej
EARLIEST, LATEST = date(2016, 7, 1), date(2050, 1, 1)  # TData

#: Whatever else settles an invoice (credit notes, set-offs) is no payment.
OF_MONEY = ("bank", "cash", "credit")


def values(facts, parts):
    """Return ``paid`` and ``paid_on``, or ``partial`` and ``parts`` of ``Payment``.

    :param parts: what was ``received``
    """
    if facts.move.ksef_paid_on:
        return {"paid": True, "paid_on": facts.move.ksef_paid_on}
    if not parts:
        return {}
    whole = _cover(parts, facts)
    if whole and len(parts) == 1:
        return {"paid": True, "paid_on": parts[0].day}
    return {"partial": IN_PARTS if whole else IN_PART, "parts": parts}


def is_whole(payment):
    """Return whether these ``values`` say that nothing is left to pay."""
    return payment.get("paid") or payment.get("partial") == IN_PARTS


def method_of_all(facts, parts):
    """Return how everything was paid; empty while something is left to pay, and where
    several methods were used."""
    methods = {(part.method, part.other_method) for part in parts}
    if len(methods) != 1 or not _cover(parts, facts):
        return {}
    known, other = methods.pop()
    return {"method": known, "other_method": other} if known or other else {}


def _cover(parts, facts):
    return sum(part.amount for part in parts) >= money(facts.move.amount_total)


def instalments(facts):
    """Return the journal items that say when how much is due."""
    return facts.items_of("payment_term")


def received(facts):
    """Return a ``PartPayment`` of every payment made by the date of issue, in the
    currency of the invoice, the earliest first; none where the user says when all of it
    was paid."""
    if facts.move.ksef_paid_on:
        return ()
    last = facts.move.invoice_date or LATEST
    amounts = defaultdict(float)
    for item, amount in _settlements(facts):
        if _is_payment(item) and EARLIEST <= item.date <= last:
            amounts[item.move_id] += amount
    parts = [_part(move, money(amount)) for move, amount in amounts.items()]
    return tuple(sorted(parts, key=lambda part: part.day))


def _settlements(facts):
    """Yield the journal items that settle the invoice, with the amount in its
    currency. A file that replaces a refused one knows what that one knew."""
    items = instalments(facts).sudo()
    partials = items.matched_credit_ids | items.matched_debit_ids
    known = _known_until(facts.move) if partials else None
    for partial in partials:
        if known and partial.create_date > known:
            continue
        if partial.debit_move_id in items:
            yield partial.credit_move_id, partial.debit_amount_currency
        else:
            yield partial.debit_move_id, partial.credit_amount_currency


def _known_until(move):
    """Return when the first file of an issued invoice was made."""
    if not move.ksef_locked:
        return None
    return move.sudo().ksef_document_id._chain_root().create_date


def _is_payment(item):
    return bool(
        item.payment_id or item.statement_line_id or item.journal_id.type in OF_MONEY
    )


def _part(move, amount):
    line = move.origin_payment_id.payment_method_line_id
    return fa3.PartPayment(
        amount=amount, day=move.date, **method(line, move.journal_id)
    )
