"""The other party of the document: customer, or supplier in self-billing."""

from ...ksef import fa3
from .. import parties as mapping
from . import third_parties
from .problem import Problem, too_long


def problems(facts):
    env, partner = facts.env, facts.move.commercial_partner_id
    if not partner:
        text = env._("Customer: choose the customer of the invoice.")
        yield Problem(text, field="partner_id")
        return
    if facts.self_billing:
        yield from facts.known.once(_supplier, partner)
    else:
        # New means of transport are sold to anybody (art. 13(2)(5) of the VAT act).
        yield from facts.known.once(
            _customer,
            partner,
            mapping.is_eu_trade(facts),
            bool(facts.move.ksef_new_transport_ids),
            bool(mapping.is_simplified(facts)),
        )
    yield from third_parties.problems(facts)


def _supplier(partner):
    return list(_supplier_problems(partner))


def _supplier_problems(partner):
    env = partner.env
    who = env._("Vendor %s", partner.name)
    if not mapping.nip(partner):
        text = env._("%s: enter the NIP (Tax ID). Self-billing needs it.", who)
        yield Problem(text, partner, "vat")
    yield from identified(env, partner, who)
    yield from name_and_address(env, partner, who, fa3.Seller)


def _customer(*circumstances):
    return list(_customer_problems(*circumstances))


def _customer_problems(partner, in_eu_trade, to_anybody, is_simplified):
    env = partner.env
    who = env._("Customer %s", partner.name)
    yield from identified(env, partner, who, in_eu_trade=in_eu_trade)
    if in_eu_trade and not to_anybody and not mapping.has_eu_number(partner):
        text = env._(
            "%s: enter the EU VAT number (Tax ID with the prefix of its country)."
            " Supplies to other member states have to state it.",
            who,
        )
        yield Problem(text, partner, "vat")
    if not is_simplified:
        yield from name_and_address(env, partner, who, fa3.Buyer)


def identified(env, partner, who, *, in_eu_trade=False):
    """Yield what forbids the tax number of a party."""
    digits = mapping.nip(partner)
    if digits and not mapping.nip_is_valid(digits):
        text = env._(
            "%(who)s: the NIP %(nip)s is not valid. Correct the Tax ID, or enter"
            ' "/" for a partner without one.',
            who=who,
            nip=digits,
        )
        yield Problem(text, partner, "vat")
    identity = mapping.identity(partner, in_eu_trade=in_eu_trade)
    number = identity.get("eu_number")
    if number and not mapping.eu_number_is_valid(number):
        text = env._(
            "%(who)s: the EU VAT number %(vat)s is not valid: KSeF admits up to 12"
            " digits and capital letters. Correct the Tax ID.",
            who=who,
            vat=number,
        )
        yield Problem(text, partner, "vat")
    field, number = env._("Tax ID"), identity.get("other_id")
    for told in too_long(env, who, field, fa3.Buyer, "other_id", number):
        yield Problem(told, partner, "vat")


def name_and_address(env, partner, who, record_class):
    """Name and address of a party that has to state them."""
    if not fa3.token(partner.name or ""):
        yield Problem(env._("%s: enter the name.", who), partner, "name")
    yield from _country(env, partner, who)
    address = mapping.address(partner)
    if not address.line1:
        text = env._("%s: enter the address (street, postcode, city).", who)
        yield Problem(text, partner, "street")
    limited = (
        ("name", env._("name"), record_class, "name", partner.name),
        ("street", env._("street"), fa3.Address, "line1", address.line1),
        ("city", env._("postcode and city"), fa3.Address, "line2", address.line2),
    )
    for field, label, limited_class, name, text in limited:
        for told in too_long(env, who, label, limited_class, name, text):
            yield Problem(told, partner, field)


def _country(env, partner, who):
    country = partner.country_id
    if not country:
        text = env._("%s: choose the country of the address.", who)
        yield Problem(text, partner, "country_id")
    elif country.code not in fa3.COUNTRIES:
        text = env._(
            "%(who)s: KSeF does not know the country %(country)s. Choose another.",
            who=who,
            country=country.name,
        )
        yield Problem(text, partner, "country_id")
