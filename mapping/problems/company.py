"""The company as a party of the document, and who acts in its place."""

from ...ksef import fa3
from .. import parties as mapping
from . import parties
from .problem import Problem


def problems(facts):
    return facts.known.once(_problems, facts.company, facts.self_billing)


def _problems(company, self_billing):
    found = list(_company(company))
    return found if self_billing else [*found, *_authorized(company)]


def _company(company):
    env, partner = company.env, company.partner_id
    who = env._("Company %s", partner.name)
    if not mapping.nip(partner):
        text = env._(
            "Company %s: enter the NIP (Tax ID). Without it no invoice can be issued"
            " in KSeF.",
            partner.name,
        )
        yield Problem(text, partner, "vat")
    yield from parties.identified(env, partner, who)
    yield from parties.name_and_address(env, partner, who, fa3.Seller)


def _authorized(company):
    env, partner = company.env, company.ksef_authorized_id
    if not partner:
        return
    who = env._("Authorized entity %s", partner.name)
    if not mapping.nip(partner):
        yield Problem(env._("%s: enter the NIP (Tax ID).", who), partner, "vat")
    if not company.ksef_authorized_role:
        text = env._("%s: choose its role in the settings of KSeF.", who)
        yield Problem(text, company, "ksef_authorized_role")
    yield from parties.identified(env, partner, who)
    yield from parties.name_and_address(env, partner, who, fa3.Authorized)
