"""The company as a party of the document."""

from ...ksef import fa3
from .. import parties as mapping
from .parties import name_and_address
from .problem import Problem


def problems(facts):
    env = facts.env
    partner = facts.company.partner_id
    digits = mapping.nip(partner)
    if not digits:
        text = env._(
            "Company %s: enter the NIP (Tax ID). Without it no invoice can be issued"
            " in KSeF.",
            partner.name,
        )
        yield Problem(text, partner, "vat")
    elif not mapping.nip_is_valid(digits):
        text = env._(
            "Company %(company)s: the NIP %(nip)s is not valid. Correct the Tax ID of"
            " the company.",
            company=partner.name,
            nip=digits,
        )
        yield Problem(text, partner, "vat")
    yield from name_and_address(
        env, partner, env._("Company %s", partner.name), fa3.Seller
    )
