"""How, when and where to pay, and what has been paid."""

from odoo.tools.translate import LazyTranslate

from .page import Block, Column, Field, Grid, cells, section
from .words import METHODS, OWN_BANK, PARTIAL

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)


def sections(invoice, speech):
    """Yield the payment."""
    payment = invoice.payment
    if payment is None:
        return
    yield from section(
        "payment",
        speech.label(_lt("Payment")),
        Block(fields=(*_terms(payment, speech),)),
        Block(fields=(*_more(payment, speech),)),
        across=2,
    )
    yield from section(
        "part_payments",
        speech.label(_lt("Paid in parts")),
        Block(grid=_parts(payment, invoice.currency, speech)),
    )
    yield from section(
        "accounts",
        speech.label(_lt("Bank accounts")),
        *(_account(ACCOUNT, one, speech) for one in payment.accounts),
        *(_account(FACTOR_ACCOUNT, one, speech) for one in payment.factor_accounts),
        across=2,
    )


ACCOUNT = _lt("Account of the seller")
FACTOR_ACCOUNT = _lt("Account of the factor: pay here")


def _terms(payment, speech):
    method = speech.choice(METHODS, payment.method) or payment.other_method
    yield from speech.field(_lt("Payment method"), method)
    for due in payment.due:
        yield from speech.field(_lt("Due date"), speech.day(due.day), True)
        yield from speech.field(_lt("Payment term"), _term(due))
    yield from speech.marks((_lt("Paid"), payment.paid))
    yield from speech.field(_lt("Date of payment"), speech.day(payment.paid_on))
    yield from speech.field(
        _lt("Part payments"), speech.choice(PARTIAL, payment.partial)
    )


def _term(due):
    """Return a term that is no date: 14 days after the delivery."""
    if due.count is None and not due.event:
        return ""
    count = "" if due.count is None else str(due.count)
    return " ".join(filter(None, (count, due.unit, due.event)))


def _more(payment, speech):
    discount = payment.discount
    if discount:
        yield from speech.field(_lt("Discount for early payment"), discount.size)
        yield from speech.field(_lt("Terms of the discount"), discount.terms)
    yield from speech.field(_lt("Link to pay"), payment.link)
    yield from speech.field(_lt("KSeF payment ID"), payment.ksef_payment_id)


def _parts(payment, currency, speech):
    if not payment.parts:
        return None
    heads = (
        Column(speech.label(_lt("Date of payment"))),
        Column(speech.label(_lt("Payment method"))),
        Column(speech.label(_lt("Amount")), numeric=True),
    )
    rows = [
        cells(
            speech.day(part.day),
            speech.choice(METHODS, part.method) or part.other_method or "",
            speech.money(part.amount, currency),
        )
        for part in payment.parts
    ]
    return Grid(heads, tuple(rows))


def _account(word, account, speech):
    own = speech.choice(OWN_BANK, account.own_bank)
    number = Field(speech.label(_lt("Account number")), _grouped(account.number), True)
    fields = (
        number,
        *speech.field(_lt("SWIFT"), account.swift),
        *speech.field(_lt("Bank"), account.bank),
        *speech.field(_lt("Description"), account.description),
        *speech.field(_lt("Account of the bank itself"), own),
    )
    return Block(speech.label(word), fields)


def _grouped(number):
    """Return an account number as people read it: NRB 2 and six times 4 digits, IBAN in
    fours."""
    first = 2 if number.isdigit() and len(number) == 26 else 4
    rest = number[first:]
    fours = [rest[i : i + 4] for i in range(0, len(rest), 4)]
    return "\N{NO-BREAK SPACE}".join([number[:first], *fours])
