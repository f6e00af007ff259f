"""Podmiot3: everybody else whom an invoice concerns.

Stated are the rows of the invoice, and addresses that are units of the buyer. Naming a
NIP here lets its owner read the invoice in KSeF: another firm is never named by itself.
"""

from decimal import Decimal
from typing import Any, NamedTuple

from ..ksef import fa3
from .addresses import address, complete_address, contacts, fitting
from .identity import identity, is_business, nip

# Rola
FACTOR = "1"
RECIPIENT = "2"
ADDITIONAL_BUYER = "4"
ISSUER = "5"
LOCAL_AUTHORITY_UNIT = "8"
VAT_GROUP_MEMBER = "10"
EMPLOYEE = "11"
OTHER = "other"  # RolaInna


class Party(NamedTuple):
    """A third party to state; ``row`` is its record on the invoice, if it has one."""

    partner: Any
    role: str
    row: Any = None


def stated(facts):
    """Return the ``Party`` tuples of an invoice, in the order of the document."""
    rows = facts.move.ksef_third_party_ids
    named = tuple(Party(row.partner_id, row.role, row) for row in rows)
    return named + tuple(
        unit for unit in _units(facts) if unit.partner not in rows.partner_id
    )


def factor(facts):
    """Return the partner to whom the receivable belongs, empty without one."""
    return facts.known.once(_factor, facts.move)


def _factor(move):
    rows = move.ksef_third_party_ids
    return rows.filtered(lambda row: row.role == FACTOR)[:1].partner_id


def elements(parties, *, in_eu_trade):
    """Return the ``fa3.ThirdParty`` of each ``Party``."""
    return tuple(_element(party, in_eu_trade) for party in parties)


def _element(party, in_eu_trade):
    partner, row = party.partner, party.row
    return fa3.ThirdParty(
        **identified(party, in_eu_trade=in_eu_trade),
        eori=fitting(fa3.ThirdParty, "eori", partner.ksef_eori),
        name=name(partner),
        address=complete_address(partner),
        contacts=contacts(partner),
        role=party.role if party.role != OTHER else None,
        other_role=fa3.token(row.other_role or "") if party.role == OTHER else None,
        share=share(row),
        customer_number=fitting(
            fa3.ThirdParty, "customer_number", row.customer_number if row else ""
        ),
    )


def name(partner):
    """Return the name; an address without one bears that of its firm."""
    return fa3.token(partner.name or partner.commercial_partner_id.name or "")


def share(row):
    """Return Udzial of an additional buyer, ``None`` where it is not told."""
    if not row or row.role != ADDITIONAL_BUYER or not row.share:
        return None
    return Decimal(repr(row.share)).normalize() + 0


def identified(party, *, in_eu_trade):
    """Return the identifying values. A unit has the identifier that KSeF gave it; an
    employee none, whatever firm the contact belongs to."""
    partner = party.partner
    if party.role == EMPLOYEE:
        return {"no_id": True}
    if partner.ksef_internal_id:
        return {"internal_id": partner.ksef_internal_id}
    return identity(partner, in_eu_trade=in_eu_trade)


def is_told_apart(partner, buyer):
    """Tell whether KSeF can tell ``partner`` from ``buyer``: by the identifier of a
    unit or a NIP of its own."""
    own = nip(partner)
    return bool(partner.ksef_internal_id or (own and own != nip(buyer)))


# ----------------------------------------------------------------------
# Units of the buyer
# ----------------------------------------------------------------------


def _units(facts):
    """Yield the units of the buyer to whom the goods or the invoice go."""
    move, buyer = facts.move, facts.buyer
    others = (move.partner_shipping_id | move.partner_id) - buyer
    if not others or facts.self_billing or not facts.known.once(is_business, buyer):
        return
    for partner in others:
        if _is_unit(partner, buyer) and _is_worth_stating(partner, move, buyer):
            yield Party(partner, _unit_role(partner, buyer))


def _is_unit(partner, buyer):
    """A part of the firm itself: another firm is no unit (FA(3) brochure, Rola 2)."""
    same = nip(partner) and nip(partner) == nip(buyer)
    return bool(partner.commercial_partner_id == buyer or same)


def _is_worth_stating(partner, move, buyer):
    """An identifier of KSeF, or a delivery address that is nowhere else."""
    fits = 0 < len(name(partner)) <= fa3.limit(fa3.ThirdParty, "name")
    if partner.ksef_internal_id or partner == move.partner_id or not fits:
        return fits and bool(partner.ksef_internal_id)
    return complete_address(partner) not in (
        None,
        address(buyer),
        address(move.partner_id),
    )


def _unit_role(partner, buyer):
    if is_told_apart(partner, buyer):
        if buyer.ksef_local_authority_unit:
            return LOCAL_AUTHORITY_UNIT
        if buyer.ksef_vat_group_member:
            return VAT_GROUP_MEMBER
    return RECIPIENT
