"""Days, places and references; what a correction corrects."""

from odoo.tools.translate import LazyTranslate

from .page import Block, Column, Grid, cells, section
from .words import EFFECTS

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

ISSUE_DATE = _lt("Issue date")
NUMBER = _lt("Number")
KSEF_NUMBER = _lt("KSeF number")
OUTSIDE = _lt("issued outside KSeF")


def sections(invoice, speech):
    """Yield what stands at the top of an invoice."""
    yield from section(
        "facts",
        speech.label(_lt("Invoice details")),
        Block(fields=(*_days(invoice, speech),)),
        Block(fields=(*_references(invoice, speech),)),
        across=2,
    )


def corrected_sections(invoice, speech):
    """Yield which invoices are corrected, why, and with which effect."""
    effect = speech.choice(EFFECTS, invoice.correction_type)
    fields = (
        *speech.field(_lt("Reason of the correction"), invoice.correction_reason),
        *speech.field(_lt("Takes effect"), effect),
        *speech.field(_lt("Corrected period"), invoice.corrected_period),
        *speech.field(
            _lt("Right number of the corrected invoice"), invoice.corrected_number
        ),
    )
    yield from section(
        "corrected",
        speech.label(_lt("Corrected invoices")),
        Block(fields=fields),
        Block(grid=_corrected(invoice.corrected, speech)),
    )


def advance_sections(invoice, speech):
    """Yield the advances that are settled, and the payments that this one documents."""
    yield from section(
        "advances",
        speech.label(_lt("Advances")),
        Block(speech.label(SETTLED), grid=_settled(invoice.advances, speech)),
        Block(speech.label(PART_PAYMENTS), grid=_parts(invoice, speech)),
    )


SETTLED = _lt("Earlier advance invoices")
PART_PAYMENTS = _lt("Payments that this invoice documents")


def _days(invoice, speech):
    period = " - ".join(
        filter(None, map(speech.day, (invoice.period_from, invoice.period_to)))
    )
    yield from speech.field(ISSUE_DATE, speech.day(invoice.issue_date), True)
    yield from speech.field(_lt("Place of issue"), invoice.issue_place)
    yield from speech.field(
        _lt("Date of supply or payment"), speech.day(invoice.supply_date)
    )
    yield from speech.field(_lt("Billing period"), period)
    yield from speech.field(_lt("Currency"), invoice.currency)


def _references(invoice, speech):
    yield from speech.field(
        _lt("Delivery notes (WZ)"), ", ".join(invoice.delivery_notes)
    )
    terms = invoice.terms
    if terms:
        yield from speech.field(_lt("Orders"), _listed(terms.orders, speech))
        yield from speech.field(_lt("Contracts"), _listed(terms.contracts, speech))
        yield from speech.field(_lt("Batch numbers of goods"), ", ".join(terms.lots))


def _listed(orders, speech):
    """Return numbers and days of orders or contracts."""
    said = (" ".join(filter(None, (o.number, speech.day(o.day)))) for o in orders)
    return ", ".join(filter(None, said))


def _corrected(corrected, speech):
    if not corrected:
        return None
    heads = [Column(speech.label(w)) for w in (NUMBER, ISSUE_DATE, KSEF_NUMBER)]
    rows = [
        cells(
            one.number,
            speech.day(one.issue_date),
            one.ksef_number or speech.say(OUTSIDE),
        )
        for one in corrected
    ]
    return Grid(tuple(heads), tuple(rows))


def _settled(advances, speech):
    if not advances:
        return None
    heads = [Column(speech.label(word)) for word in (KSEF_NUMBER, NUMBER)]
    rows = [
        cells(one.ksef_number or speech.say(OUTSIDE), one.number or "")
        for one in advances
    ]
    return Grid(tuple(heads), tuple(rows))


def _parts(invoice, speech):
    parts = invoice.part_advances
    if not parts:
        return None
    rated = any(part.rate is not None for part in parts)
    words = [_lt("Amount"), *([_lt("Exchange rate")] if rated else [])]
    heads = [Column(speech.label(_lt("Date of payment")))]
    heads += [Column(speech.label(word), numeric=True) for word in words]
    rows = [
        cells(
            speech.day(part.day),
            speech.money(part.amount, invoice.currency),
            *([speech.quantity(part.rate)] if rated else []),
        )
        for part in parts
    ]
    return Grid(tuple(heads), tuple(rows))
