"""Seller, buyer, third parties, authorised entity; former parties of a correction."""

from odoo.tools.translate import LazyTranslate

from .page import Block, section
from .words import AUTHORIZED_ROLES, ROLES, SELLER_STATES

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

SELLER = _lt("Seller")
BUYER = _lt("Buyer")
NAME = _lt("Name")
NIP = _lt("NIP")
ADDRESS = _lt("Address")
LOCAL_AUTHORITY = _lt("Concerns a unit of a local authority (JST)")
VAT_GROUP = _lt("Concerns a VAT group member (GV)")
BEFORE = _lt("before correction")
AFTER = _lt("after correction")


def sections(invoice, speech):
    """Yield who stands on the invoice."""
    third = [_third_party(party, speech) for party in invoice.third_parties]
    yield from section(
        "parties",
        speech.label(_lt("Parties")),
        Block(speech.label(SELLER), _seller(invoice.seller, speech)),
        Block(speech.label(BUYER), _buyer(invoice.buyer, speech)),
        across=2,
    )
    yield from section(
        "other_parties",
        speech.label(_lt("Other parties")),
        *third,
        _authorized(invoice.authorized, speech),
        across=2,
    )


def former_sections(invoice, speech):
    """Yield the parties that a correction changes, before and after side by side."""
    pairs = []
    if invoice.former_seller:
        pairs.append((invoice.former_seller, invoice.seller))
    for former in invoice.former_buyers:
        pairs.append((former, _present(former, invoice)))
    yield from section(
        "former_parties",
        speech.label(_lt("Corrected data of parties")),
        *(block for pair in pairs for block in _before_and_after(*pair, speech)),
        across=2,
    )


def identity(party, speech):
    """Return the fields that name and identify a party, its address among them."""
    return (
        *speech.field(NAME, party.name, strong=True),
        *_identifiers(party, speech),
        *_address(ADDRESS, party.address, speech),
    )


def address_text(address, speech):
    """Return an address on one line."""
    lines = (address.line1, address.line2, speech.country(address.country))
    return ", ".join(line for line in lines if line)


def _seller(seller, speech):
    return (
        *identity(seller, speech),
        *_ways(seller, speech),
        *speech.field(
            _lt("Status of the taxpayer"),
            speech.choice(SELLER_STATES, seller.status),
            strong=True,
        ),
    )


def _buyer(buyer, speech):
    return (
        *identity(buyer, speech),
        *_ways(buyer, speech),
        *speech.field(_lt("Customer number"), buyer.customer_number),
        *speech.field(_lt("Link ID"), buyer.link_id),
        *speech.marks(
            (LOCAL_AUTHORITY, buyer.local_authority_unit),
            (VAT_GROUP, buyer.vat_group_member),
        ),
    )


def _third_party(party, speech):
    role = speech.choice(ROLES, party.role) or party.other_role
    fields = (
        *identity(party, speech),
        *_ways(party, speech),
        *speech.field(_lt("Share"), speech.percent(party.share)),
        *speech.field(_lt("Customer number"), party.customer_number),
        *speech.field(_lt("Link ID"), party.link_id),
    )
    return Block((role,) if role else speech.label(_lt("Third party")), fields)


def _authorized(party, speech):
    if party is None:
        return Block()
    role = speech.choice(AUTHORIZED_ROLES, party.role)
    return Block((role,), (*identity(party, speech), *_ways(party, speech)))


def _identifiers(party, speech):
    """Yield the numbers that a party has; not every kind of party has each of them."""
    get = _getter(party)
    prefix = get("vat_prefix") or ""
    yield from speech.field(NIP, f"{prefix}{get('nip')}" if get("nip") else None)
    yield from speech.field(_lt("KSeF internal ID"), get("internal_id"))
    if get("eu_number"):
        vat = f"{get('eu_prefix') or ''}{get('eu_number')}"
        yield from speech.field(_lt("EU VAT number"), vat)
    if get("other_id"):
        other = " ".join(filter(None, (get("id_country"), get("other_id"))))
        yield from speech.field(_lt("Other tax number"), other)
    yield from speech.marks((_lt("No tax number"), get("no_id")))
    yield from speech.field(_lt("EORI number"), get("eori"))


def _getter(party):
    return lambda name: getattr(party, name, None)


def _ways(party, speech):
    """Yield the address for letters, e-mail and telephone."""
    yield from _address(_lt("Address for letters"), party.correspondence, speech)
    for contact in party.contacts:
        yield from speech.field(_lt("E-mail"), contact.email)
        yield from speech.field(_lt("Telephone"), contact.phone)


def _address(word, address, speech):
    if address is None:
        return
    yield from speech.field(word, address_text(address, speech))
    yield from speech.field(_lt("GLN"), address.gln)


def _present(former, invoice):
    """Return the buyer that ``former`` was before the correction."""
    parties = (invoice.buyer, *invoice.third_parties)
    linked = (p for p in parties if former.link_id and p.link_id == former.link_id)
    return next(linked, invoice.buyer)


def _before_and_after(former, present, speech):
    role = BUYER if hasattr(former, "link_id") else SELLER
    for word, party in ((BEFORE, former), (AFTER, present)):
        title = tuple(
            f"{who} - {when}"
            for who, when in zip(speech.label(role), speech.label(word), strict=False)
        )
        yield Block(title, identity(party, speech))
