"""The other party of the document."""

from ...ksef import fa3
from .. import parties as mapping
from .problem import Problem, too_long


def problems(facts):
    env = facts.env
    partner = facts.move.commercial_partner_id
    if not partner:
        yield Problem(
            env._("Customer: choose the customer of the invoice."), field="partner_id"
        )
        return
    digits = mapping.nip(partner)
    if digits and not mapping.nip_is_valid(digits):
        text = env._(
            "Customer %(customer)s: the NIP %(nip)s is not valid. Correct the Tax ID"
            ' of the customer, or enter "/" for a customer without one.',
            customer=partner.name,
            nip=digits,
        )
        yield Problem(text, partner, "vat")
    yield from _identity(env, partner)
    who = env._("Customer %s", partner.name)
    yield from name_and_address(env, partner, who, fa3.Buyer)


def _identity(env, partner):
    prefix, number = mapping.split_vat(partner)
    if prefix == "PL" or not number:
        return
    longest = 12 if prefix in mapping.EU_PREFIXES else fa3.limit(fa3.Buyer, "other_id")
    if len(number) > longest:
        text = env._(
            "Customer %(customer)s: the Tax ID %(vat)s has %(length)s characters, KSeF"
            " admits %(limit)s. Correct the Tax ID.",
            customer=partner.name,
            vat=number,
            length=len(number),
            limit=longest,
        )
        yield Problem(text, partner, "vat")


def name_and_address(env, partner, who, record_class):
    """Name and address of the company or the customer."""
    country = partner.country_id
    if not fa3.token(partner.name or ""):
        yield Problem(env._("%s: enter the name.", who), partner, "name")
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
    if not (partner.street or partner.street2 or partner.zip or partner.city):
        text = env._("%s: enter the address (street, postcode, city).", who)
        yield Problem(text, partner, "street")
    yield from _lengths(env, partner, who, record_class)


def _lengths(env, partner, who, record_class):
    address = mapping.address(partner)
    limited = (
        ("name", env._("name"), record_class, "name", partner.name),
        ("street", env._("street"), fa3.Address, "line1", address.line1),
        ("city", env._("postcode and city"), fa3.Address, "line2", address.line2),
    )
    for field, label, limited_class, name, text in limited:
        for told in too_long(env, who, label, limited_class, name, text):
            yield Problem(told, partner, field)
