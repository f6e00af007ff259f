"""Third parties: each identified, named, and in a role that the invoice may have."""

from ...ksef import fa3
from .. import parties as mapping
from ..third_parties import (
    ADDITIONAL_BUYER,
    EMPLOYEE,
    FACTOR,
    ISSUER,
    LOCAL_AUTHORITY_UNIT,
    OTHER,
    VAT_GROUP_MEMBER,
    identified,
    is_told_apart,
    name,
    stated,
)
from . import parties
from .problem import Problem, too_long

MOST = 100  # Podmiot3
FIELD = "ksef_third_party_ids"


def problems(facts):
    found = stated(facts)
    for party in found:
        if party.row:
            yield from _party(facts, party)
    yield from _units(facts, found)
    yield from _shares(facts, [party.row for party in found if party.row])
    if len(found) > MOST:
        text = facts.env._("KSeF admits %s third parties. Remove some.", MOST)
        yield Problem(text, field=FIELD)


def _party(facts, party):
    env, partner = facts.env, party.partner
    who = env._("Third party %s", name(partner) or partner.display_name)
    if party.role != EMPLOYEE and not partner.ksef_internal_id:
        yield from parties.identified(
            env, partner, who, in_eu_trade=mapping.is_eu_trade(facts)
        )
    if party.role == ADDITIONAL_BUYER:
        yield from parties.name_and_address(env, partner, who, fa3.ThirdParty)
    elif not name(partner):
        yield Problem(env._("%s: enter the name.", who), partner, "name")
    else:
        label = env._("name")
        for told in too_long(env, who, label, fa3.ThirdParty, "name", name(partner)):
            yield Problem(told, partner, "name")
    yield from _role(facts, party, who)


def _role(facts, party, who):
    env, row = facts.env, party.row
    if party.role == OTHER:
        label = env._("role in words")
        if not fa3.token(row.other_role or ""):
            yield Problem(env._("%s: enter the role in words.", who), field=FIELD)
        for told in too_long(
            env, who, label, fa3.ThirdParty, "other_role", row.other_role
        ):
            yield Problem(told, field=FIELD)
    substitute = facts.self_billing or facts.company.ksef_authorized_id
    if party.role == ISSUER and substitute:
        text = env._(
            "%s: in self-billing and for an authorized entity nobody is “Issuer on"
            " behalf of the seller”. Remove the third party.",
            who,
        )
        yield Problem(text, field=FIELD)
    if party.role == FACTOR and "no_id" in identified(party, in_eu_trade=False):
        text = env._("%s: enter the NIP (Tax ID) of the factor.", who)
        yield Problem(text, party.partner, "vat")


def _units(facts, found):
    """JST and GV demand a unit that KSeF can tell from the buyer (FA(3) brochure,
    Podmiot2)."""
    buyer = facts.buyer
    concerned = (
        (LOCAL_AUTHORITY_UNIT, "ksef_local_authority_unit"),
        (VAT_GROUP_MEMBER, "ksef_vat_group_member"),
    )
    for role, flag in concerned:
        named = [party for party in found if party.role == role]
        if buyer[flag] and not named:
            yield Problem(_missing_unit(facts.env, buyer, flag), buyer, flag)
        for party in named:
            if not is_told_apart(party.partner, buyer):
                text = facts.env._(
                    "Third party %s: enter its own NIP (Tax ID) or its KSeF internal"
                    " identifier. Its role demands one of them.",
                    name(party.partner),
                )
                yield Problem(text, party.partner, "ksef_internal_id")


def _missing_unit(env, buyer, flag):
    if flag == "ksef_local_authority_unit":
        return env._(
            "Customer %s is marked “Buys for its units (local authority)”. Add the unit"
            " to the invoice: KSeF > Third parties, role “Local authority unit that"
            " receives”; or remove the mark from the customer.",
            buyer.name,
        )
    return env._(
        "Customer %s is marked “Buys for its members (VAT group)”. Add the member to"
        " the invoice: KSeF > Third parties, role “VAT group member that receives”; or"
        " remove the mark from the customer.",
        buyer.name,
    )


def _shares(facts, rows):
    """The buyer has what the additional buyers leave; without shares all have equal
    ones (FA(3) brochure, Udzial)."""
    env = facts.env
    buyers = [row for row in rows if row.role == ADDITIONAL_BUYER]
    shares = [row.share for row in buyers]
    if any(shares) and not all(shares):
        text = env._("Additional buyers: enter the share of each, or of none.")
        yield Problem(text, field=FIELD)
    elif min(shares, default=0) < 0 or sum(shares) >= 100:
        text = env._(
            "Additional buyers: their shares have to leave a part of 100% for the"
            " customer. Correct them."
        )
        yield Problem(text, field=FIELD)
