"""Platnosc: what has been paid, how, when and where to pay the rest."""

from ..ksef import fa3
from . import paid
from .bank import account, factor_accounts, own_accounts
from .payment_method import OTHER, TRANSFER, method


def elements(facts):
    """A credit note asks for no payment."""
    return {"payment": _payment(facts) if facts.adds else None}


def _payment(facts):
    once = facts.known.once
    accounts = tuple(once(account, bank) for bank in own_accounts(facts))
    of_factors = tuple(once(account, bank) for bank in factor_accounts(facts))
    parts = paid.received(facts)
    received = paid.values(facts, parts)
    settled = paid.is_whole(received)
    payment = fa3.Payment(
        **received,
        due=() if settled else due(facts),
        **_method(facts, parts, bool(accounts or of_factors)),
        accounts=accounts,
        factor_accounts=of_factors,
        discount=None if settled else _discount(facts),
    )
    return fa3.filled(payment)


def due(facts):
    """Return TerminPlatnosci: what the payment terms describe by an event has no date,
    since the day depends on it."""
    terms = facts.move.invoice_payment_term_id
    event = fa3.token(terms.ksef_due_event or "")
    if event:
        return tuple(
            fa3.Due(count=line.nb_days, unit="dni", event=event)
            for line in terms.line_ids.sorted("nb_days")
        )
    if not facts.move.amount_total:
        return ()
    days = set(paid.instalments(facts).mapped("date_maturity")) - {False}
    return tuple(fa3.Due(day=day) for day in sorted(days))


def _method(facts, parts, account_shown):
    """Return ``method`` or ``other_method``: what the user chose, else how it was
    paid, else how the customer usually pays, else a transfer to the account shown."""
    move = facts.move
    if move.ksef_payment_method == OTHER:
        return {"other_method": fa3.token(move.ksef_payment_method_other or "") or None}
    if move.ksef_payment_method:
        return {"method": move.ksef_payment_method}
    usual = move.preferred_payment_method_line_id
    return (
        paid.method_of_all(facts, parts)
        or method(usual, usual.journal_id)
        or ({"method": TRANSFER} if account_shown else {})
    )


def _discount(facts):
    """Return Skonto, in Polish as the document is, whatever the user speaks."""
    terms = facts.move.invoice_payment_term_id
    if not terms.early_discount:
        return None
    days = paid.instalments(facts).filtered("discount_date").mapped("discount_date")
    if not days:
        return None
    base = "netto" if terms.early_pay_discount_computation == "excluded" else "brutto"
    percent = f"{terms.discount_percentage:.2f}".rstrip("0").rstrip(".")
    return fa3.EarlyDiscount(
        terms=f"zapłata do {max(days).isoformat()}",
        size=f"{percent.replace('.', ',')}% kwoty {base}",
    )
