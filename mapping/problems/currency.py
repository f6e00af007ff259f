"""Currency and exchange rate of the invoice."""

from ...ksef.fa3.currencies import CURRENCIES
from ..amounts import TOTALS
from .problem import Problem

GROSZ_DIGITS = 2


def problems(facts):
    env, currency = facts.env, facts.move.currency_id
    if currency.name not in CURRENCIES:
        text = env._(
            "Currency %s: KSeF does not know it. Choose another currency.",
            currency.name,
        )
        yield Problem(text, field="currency_id")
    elif currency.decimal_places > GROSZ_DIGITS:
        text = env._(
            "Currency %(currency)s has %(digits)s decimals, amounts in KSeF have two."
            " Choose another currency, or set its rounding to 0.01.",
            currency=currency.name,
            digits=currency.decimal_places,
        )
        yield Problem(text, currency, "rounding")
    elif facts.is_foreign and _bears_vat(facts):
        yield from _exchange_rate(facts)


def _bears_vat(facts):
    """Polish VAT is stated in PLN too, nothing else of an invoice is."""
    buckets = (TOTALS.get(facts.rate(line)) for line in facts.lines)
    return any(bucket and bucket.tax_pln for bucket in buckets)


def _exchange_rate(facts):
    """Without a rate in its table Odoo takes 1, silently."""
    if facts.exchange_rate != 1:
        return
    priced = facts.move.currency_id if facts.books_pln else facts.env.ref("base.PLN")
    if not priced.with_company(facts.company).rate_ids:
        text = facts.env._(
            "Currency %s has no exchange rate: the VAT cannot be stated in PLN. Enter"
            " its rate.",
            priced.name,
        )
        yield Problem(text, priced, "rate_ids")
