"""Terms of delivery and transports. Orders, contracts and batches stand above."""

from odoo.tools.translate import LazyTranslate

from .page import Block, section
from .people import address_text, identity
from .words import CARGOES, TRANSPORTS

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)


def sections(invoice, speech):
    """Yield the terms of the transaction."""
    terms = invoice.terms
    if terms is None:
        return
    yield from section(
        "terms",
        speech.label(_lt("Terms of the transaction")),
        Block(fields=(*_terms(terms, speech),)),
    )
    yield from section(
        "transports",
        speech.label(_lt("Transport")),
        *(block for one in terms.transports for block in _transport(one, speech)),
        across=2,
    )


def _terms(terms, speech):
    currency = terms.contract_currency
    rate = f"1 {currency or ''} = {speech.quantity(terms.contract_rate)} PLN"
    rate = currency if terms.contract_rate is None else rate
    yield from speech.field(_lt("Terms of delivery"), terms.delivery)
    yield from speech.field(_lt("Exchange rate of the contract"), rate)
    yield from speech.marks(
        (_lt("Sold by an intermediary in a chain, art. 22(2d)"), terms.intermediary)
    )


def _transport(transport, speech):
    kind = speech.choice(TRANSPORTS, transport.kind) or transport.other_kind
    title = (kind,) if kind else speech.label(_lt("Transport"))
    yield Block(title, (*_way(transport, speech),))
    if transport.carrier:
        fields = identity(transport.carrier, speech)
        yield Block(speech.label(_lt("Carrier")), fields)


def _way(transport, speech):
    cargo = speech.choice(CARGOES, transport.cargo) or transport.other_cargo
    yield from speech.field(_lt("Transport order"), transport.order_number)
    yield from speech.field(_lt("Cargo"), cargo)
    yield from speech.field(_lt("Packaging"), transport.packaging)
    yield from speech.field(_lt("Start"), speech.moment(transport.started))
    yield from speech.field(_lt("End"), speech.moment(transport.ended))
    yield from _place(_lt("Shipped from"), transport.ship_from, speech)
    for address in transport.via:
        yield from _place(_lt("Via"), address, speech)
    yield from _place(_lt("Shipped to"), transport.ship_to, speech)


def _place(word, address, speech):
    if address:
        yield from speech.field(word, address_text(address, speech))
