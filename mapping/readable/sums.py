"""Totals by rate of VAT, the amount due, what else changes what is to be paid."""

from odoo.tools.translate import LazyTranslate

from ...ksef.fa3 import rates
from .goods import shared_rate
from .page import Block, Column, Field, Grid, Row, cells, section
from .rates import code_text
from .words import BUCKETS, CORRECTED_TOTAL, TOTALS

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

TOTAL = _lt("Total")


def sections(invoice, speech):
    """Yield the totals."""
    yield from section(
        "totals",
        speech.label(_lt("Totals")),
        Block(grid=_by_rate(invoice, speech)),
        Block(fields=tuple(_due(invoice, speech))),
    )
    yield from section(
        "settlement", speech.label(_lt("Settlement")), *_settlement(invoice, speech)
    )


def _by_rate(invoice, speech):
    if not invoice.totals:
        return None
    pln = any(total.tax_pln is not None for total in invoice.totals)
    rows = [
        _row(_bucket(total.bucket, invoice, speech), total, pln, speech)
        for total in invoice.totals
    ]
    words = [_lt("Net value"), _lt("VAT"), _lt("Gross value")]
    words += [_lt("VAT in PLN")] if pln else []
    heads = [Column(speech.label(_lt("VAT rate")))]
    heads += [Column(speech.label(word), numeric=True) for word in words]
    totals = (_sum(invoice.totals, pln, speech),) if len(rows) > 1 else ()
    return Grid(tuple(heads), tuple(rows), totals)


def _row(name, total, pln, speech):
    gross = total.net + (total.tax or 0)
    texts = [name, *map(speech.amount, (total.net, total.tax, gross))]
    return cells(*texts, *([speech.amount(total.tax_pln)] if pln else []))


def _sum(totals, pln, speech) -> Row:
    net = sum(total.net for total in totals)
    tax = sum(total.tax or 0 for total in totals)
    texts = [speech.say(TOTAL), *map(speech.amount, (net, tax, net + tax))]
    in_pln = sum(total.tax_pln or 0 for total in totals)
    return cells(*texts, *([speech.amount(in_pln)] if pln else []))


def _bucket(bucket, invoice, speech):
    """Return the rates that the lines name, else the name of the total."""
    possible = [code for code in rates(bucket) if code[0].isdigit() and " " not in code]
    stated = [*invoice.lines, *(invoice.order.lines if invoice.order else ())]
    named = {line.rate for line in stated}
    found = [code_text(code) for code in possible if code in named]
    return ", ".join(found) or speech.say(BUCKETS[bucket])


def _due(invoice, speech):
    correction = invoice.kind.is_correction
    word = CORRECTED_TOTAL if correction else TOTALS[invoice.kind]
    currency = invoice.currency
    yield Field(speech.label(word), speech.money(invoice.total, currency), True)
    before = speech.money(invoice.total_before, currency)
    yield from speech.field(_lt("Before this correction"), before)
    for rate_word, rate in (
        (_lt("Exchange rate"), shared_rate(invoice)),
        (_lt("Exchange rate of the advance"), invoice.advance_rate),
        (_lt("Exchange rate before this correction"), invoice.rate_before),
    ):
        yield from speech.field(rate_word, _rate(rate, currency, speech))


def _rate(rate, currency, speech):
    return f"1 {currency} = {speech.quantity(rate)} PLN" if rate is not None else ""


def _settlement(invoice, speech):
    settlement = invoice.settlement
    if settlement is None:
        return
    currency = invoice.currency
    yield _charges(_lt("Charges"), settlement.charges, settlement.charges_total, speech)
    yield _charges(
        _lt("Deductions"), settlement.deductions, settlement.deductions_total, speech
    )
    to_pay = speech.money(settlement.to_pay, currency)
    overpaid = speech.money(settlement.overpaid, currency)
    yield Block(
        fields=(
            *speech.field(_lt("To pay"), to_pay, strong=True),
            *speech.field(_lt("Overpaid, to be settled"), overpaid, strong=True),
        )
    )


def _charges(word, charges, total, speech):
    if not charges and total is None:
        return Block()
    heads = (
        Column(speech.label(_lt("Reason"))),
        Column(speech.label(_lt("Amount")), numeric=True),
    )
    rows = tuple(cells(x.reason, speech.amount(x.amount)) for x in charges)
    summed = (
        (cells(speech.say(TOTAL), speech.amount(total)),) if total is not None else ()
    )
    return Block(speech.label(word), grid=Grid(heads, rows, summed))
