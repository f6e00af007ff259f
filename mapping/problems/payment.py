"""How the invoice is to be paid, and which order it belongs to."""

from datetime import date

from ...ksef import fa3
from .. import bank, paid
from ..payment_method import OTHER
from .problem import Problem, too_long

ORDER_DATES = date(1990, 1, 1), date(2050, 1, 1)  # TDataU


def problems(facts):
    if facts.adds:
        yield from _accounts(facts)
        yield from _method(facts)
        yield from _paid(facts)
        yield from _due(facts)
    yield from _discount(facts)
    yield from _terms(facts)


def _accounts(facts):
    for record in bank.own_accounts(facts) | bank.factor_accounts(facts):
        length = len(bank.number(record))
        if not bank.SHORTEST <= length <= bank.LONGEST:
            text = facts.env._(
                "Bank account %(account)s has %(length)s characters, KSeF admits"
                " %(shortest)s to %(longest)s. Correct the account, give its clearing"
                " number (which precedes a short one), or choose another.",
                account=record.acc_number,
                length=length,
                shortest=bank.SHORTEST,
                longest=bank.LONGEST,
            )
            yield Problem(text, record, "acc_number")


def _method(facts):
    env, move = facts.env, facts.move
    if move.ksef_payment_method != OTHER:
        return
    field = "ksef_payment_method_other"
    words = move[field]
    if not fa3.token(words or ""):
        yield Problem(
            env._("Payment method in KSeF: say in words how the invoice is paid."),
            field=field,
        )
    who, what = env._("Invoice"), env._("payment method in words")
    for text in too_long(env, who, what, fa3.Payment, "other_method", words):
        yield Problem(text, field=field)


def _paid(facts):
    move = facts.move
    if not move.ksef_paid_on:
        return
    last = move.invoice_date or paid.LATEST
    if not paid.EARLIEST <= move.ksef_paid_on <= last:
        text = facts.env._(
            "Paid on %s: an invoice can state what was paid by its date. Correct the"
            " date, or leave it empty.",
            move.ksef_paid_on,
        )
        yield Problem(text, field="ksef_paid_on")


def _due(facts):
    for day in set(paid.instalments(facts).mapped("date_maturity")) - {False}:
        if not paid.EARLIEST <= day <= paid.LATEST:
            text = facts.env._(
                "Due date %(day)s: KSeF admits dates from %(first)s to %(last)s."
                " Correct the due date or the payment terms.",
                day=day,
                first=paid.EARLIEST,
                last=paid.LATEST,
            )
            yield Problem(text, field="invoice_date_due")


def _discount(facts):
    """A discount that lowers the tax base at once leaves the lines as they are: P_13
    would say one base, the ledger and JPK_V7 another."""
    move = facts.move
    if facts.items_of("epd"):
        text = facts.env._(
            "Payment terms %s: the early payment discount reduces the VAT at once. That"
            " cannot be stated in KSeF. Choose other payment terms, or reduce the VAT"
            " only on early payment.",
            move.invoice_payment_term_id.name,
        )
        yield Problem(text, move.invoice_payment_term_id, "early_discount")


def _texts(env, move):
    terms = move.invoice_payment_term_id
    texts = (
        (move, "ksef_order_number", fa3.Order, "number"),
        (move, "ksef_contract_number", fa3.Contract, "number"),
        (terms, "ksef_due_event", fa3.Due, "event"),
    )
    for record, field, record_class, name in texts:
        text = record[field]
        if text:
            who = env._("Payment terms %s", record.name) if record == terms else None
            what = _label(env, field)
            who = who or env._("Invoice")
            for told in too_long(env, who, what, record_class, name, text):
                yield Problem(told, record, field)


def _label(env, field):
    return {
        "ksef_order_number": env._("order number"),
        "ksef_contract_number": env._("contract number"),
        "ksef_due_event": env._("event"),
    }[field]


def _terms(facts):
    env, move = facts.env, facts.move
    yield from _texts(env, move)
    for field in ("ksef_order_date", "ksef_contract_date"):
        first, last = ORDER_DATES
        if move[field] and not first <= move[field] <= last:
            text = env._(
                "%(field)s %(day)s: KSeF admits dates from %(first)s to %(last)s.",
                field=move._fields[field]._description_string(env),
                day=move[field],
                first=first,
                last=last,
            )
            yield Problem(text, field=field)
