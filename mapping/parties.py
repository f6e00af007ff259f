"""Seller, buyer and the authorized entity of a document."""

import re

from ..ksef import fa3
from . import third_parties
from .addresses import address, complete_address, contacts, fitting
from .identity import (
    EU_PREFIXES,
    eu_number_is_valid,
    has_eu_number,
    identity,
    internal_id_is_valid,
    is_business,
    nip,
    nip_is_valid,
    split_vat,
)

__all__ = [
    "EU_PREFIXES",
    "account_number",
    "address",
    "authorized",
    "buyer",
    "complete_address",
    "contacts",
    "elements",
    "eu_number_is_valid",
    "fitting",
    "has_eu_number",
    "identity",
    "internal_id_is_valid",
    "is_business",
    "is_eu_trade",
    "nip",
    "nip_is_valid",
    "seller",
    "split_vat",
]

# Sales for which the law wants the EU VAT numbers of both sides (art. 97(10),
# art. 106e(1)(24)): goods and services to EU taxpayers, triangular supplies.
EU_RATES = frozenset({"0 WDT", "np II"})


def elements(facts):
    """Return seller, buyer, third parties and the authorized entity."""
    in_eu_trade = is_eu_trade(facts)
    stated = third_parties.stated(facts)
    return {
        "seller": seller(facts, in_eu_trade=in_eu_trade),
        "buyer": buyer(facts, stated, in_eu_trade=in_eu_trade),
        "third_parties": third_parties.elements(stated, in_eu_trade=in_eu_trade),
        "authorized": authorized(facts),
    }


def is_eu_trade(facts):
    return facts.known.once(_are_of_eu_trade, facts.standing_taxes)


def _are_of_eu_trade(taxes):
    return any(
        tax.ksef_rate in EU_RATES or tax.ksef_procedure == "TT_D" for tax in taxes
    )


def account_number(text):
    """Return a bank account for comparison: a Polish one without its ``PL``."""
    number = re.sub(r"[^0-9A-Z]", "", (text or "").upper())
    return number.removeprefix("PL")


def seller(facts, *, in_eu_trade):
    """Return Podmiot1: the company; in self-billing the supplier."""
    partner, company = facts.seller, facts.company
    status = None if facts.self_billing else facts.known.once(_status, company)
    return fa3.Seller(
        **facts.known.once(_seller_values, partner),
        vat_prefix="PL" if in_eu_trade else None,
        correspondence=_correspondence(facts, partner),
        status=status,
    )


def _status(company):
    return company.ksef_taxpayer_status or None


def _seller_values(partner):
    return {
        "eori": fitting(fa3.Seller, "eori", partner.ksef_eori),
        "nip": nip(partner),
        "name": fa3.token(partner.name or ""),
        "address": address(partner),
        "contacts": contacts(partner),
    }


def buyer(facts, stated, *, in_eu_trade):
    """Return Podmiot2: the customer; in self-billing the company.

    :param stated: the third parties, which say whether a unit is concerned
    """
    partner = facts.buyer
    roles = {party.role for party in stated}
    return fa3.Buyer(
        **facts.known.once(_buyer_values, partner, in_eu_trade),
        address=_buyer_address(facts, partner),
        correspondence=_correspondence(facts, partner),
        local_authority_unit=third_parties.LOCAL_AUTHORITY_UNIT in roles,
        vat_group_member=third_parties.VAT_GROUP_MEMBER in roles,
    )


def _buyer_values(partner, in_eu_trade):
    return {
        **identity(partner, in_eu_trade=in_eu_trade),
        "eori": fitting(fa3.Buyer, "eori", partner.ksef_eori),
        "name": fa3.token(partner.name or "") or None,
        "contacts": contacts(partner),
        "customer_number": fitting(fa3.Buyer, "customer_number", partner.ref),
    }


def is_simplified(facts):
    """A simplified invoice, and its correction, may leave out name and address of the
    buyer (art. 106e(5)(3))."""
    return facts.kind is fa3.Kind.SIMPLIFIED or facts.original.ksef_simplified


def _buyer_address(facts, partner):
    wanted = complete_address if is_simplified(facts) else address
    return facts.known.once(wanted, partner)


def _correspondence(facts, partner):
    """Return the address of the contact that the invoice is for, where it is another
    than that of the firm."""
    contact = facts.move.partner_id
    if contact == partner or contact.commercial_partner_id != partner:
        return None
    found = complete_address(contact)
    return found if found != address(partner) else None


def authorized(facts):
    """Return PodmiotUpowazniony: who issues in place of the taxpayer by law (art. 106c,
    18a-18d), ``None`` for all others."""
    return None if facts.self_billing else facts.known.once(_authorized, facts.company)


def _authorized(company):
    partner = company.ksef_authorized_id
    if not partner:
        return None
    return fa3.Authorized(
        eori=fitting(fa3.Authorized, "eori", partner.ksef_eori),
        nip=nip(partner),
        name=fa3.token(partner.name or ""),
        address=address(partner),
        contacts=contacts(partner, fa3.AuthorizedContact),
        role=company.ksef_authorized_role or "",
    )
