from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.sql import escape_psql

from ..ksef import fa3
from ..mapping import parties
from ..mapping.counterparties import (
    counterparty,
    country_codes,
    other_side,
    partner_values,
)


class Found(NamedTuple):
    """The partner of a bill, possibly none, and what a person should know of it."""

    partner: object
    notes: list


class AccountMove(models.Model):
    """The partners of received invoices: found for all of a batch, or created."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _ksef_partners(self, company, invoices):
        """Return a ``Found`` for each invoice: its partner is known by a number, else
        by the name, else created where the settings want it."""
        own = parties.nip(company.sudo().partner_id)
        sides = [other_side(invoice, own) for invoice in invoices]
        named = [counterparty(party) for party in sides]
        found = self._ksef_known_partners(company, set(named))
        missing = {}
        for one, party, invoice in zip(named, sides, invoices, strict=True):
            if one not in found and (one.number or one.name):
                _party, accounts = missing.setdefault(one, (party, []))
                accounts += _accounts(invoice, party)
        found |= self._ksef_new_partners(company, missing)
        nobody = Found(self.env["res.partner"], [])
        return [found.get(one, nobody) for one in named]

    @api.model
    def _ksef_known_partners(self, company, wanted):
        """Return the ``Found`` of each counterparty that is a partner."""
        known = self._ksef_known_suppliers(company, wanted)
        found = {one: Found(partner, []) for one, partner in known.items()}
        by_name = self._ksef_partners_by_name(company, wanted - known.keys())
        return found | {
            one: Found(partner, self._ksef_name_notes(one, partner))
            for one, partner in by_name.items()
        }

    def _ksef_name_notes(self, one, partner):
        if not one.number:
            return []
        return [
            self.env._(
                "The partner was found by its name alone. If it is the right one, enter"
                " its tax number %(number)s on %(partner)s.",
                number=one.vat,
                partner=partner.display_name,
            )
        ]

    @api.model
    def _ksef_known_suppliers(self, company, wanted):
        """Return known partners by counterparty, as their numbers tell: firms instead
        of their contacts, those of the company before shared ones, older before
        younger."""
        numbered = [one for one in wanted if one.number]
        if not numbered:
            return {}
        partners = self.env["res.partner"]
        candidates = partners.search(
            Domain("vat", "in", [form for one in numbered for form in one.written])
            & Domain(partners._check_company_domain(company)),
        )
        by_number = {
            parties.split_vat(partner): partner for partner in _preferred(candidates)
        }
        found = {
            one: by_number.get((one.prefix, one.number))
            or by_number.get(("", one.number))
            for one in numbered
        }
        return {one: partner for one, partner in found.items() if partner}

    @api.model
    def _ksef_partners_by_name(self, company, wanted):
        """Return the only partner of the name, which must not have a number: it would
        be another one."""
        names = {escape_psql(name) for one in wanted for name in one.names}
        if not names:
            return {}
        partners = self.env["res.partner"]
        candidates = partners.search(
            Domain.OR(Domain("name", "=ilike", name) for name in names)
            & Domain("parent_id", "=", False)
            & Domain("vat", "in", (False, "", "/"))
            & Domain(partners._check_company_domain(company)),
        )
        by_name = candidates.grouped(lambda p: fa3.token(p.name).casefold())
        found = {}
        for one in wanted:
            same = partners.union(*(by_name.get(n, partners) for n in one.names))
            if len(same) == 1:
                found[one] = same
        return found

    @api.model
    def _ksef_new_partners(self, company, missing):
        """Create partners with address, contact and untrusted bank accounts, or say why
        there are none.

        :param missing: party and bank accounts by ``Counterparty``
        """
        if not company.sudo().ksef_import_partners:
            nobody = self.env["res.partner"]
            return {one: Found(nobody, [self._ksef_no_partner(one)]) for one in missing}
        codes = country_codes(party for party, _accounts in missing.values())
        countries = self.env["res.country"].search([("code", "in", list(codes))])
        ids = {country.code: country.id for country in countries}
        # KSeF has accepted the number, whatever Odoo's check says of it.
        partners = self.env["res.partner"].with_context(no_vat_validation=True)
        created = partners.create(
            [
                partner_values(party, ids, accounts)
                for party, accounts in missing.values()
            ]
        ).with_env(self.env)
        return {
            one: Found(partner, [self._ksef_new_partner_note(partner)])
            for one, partner in zip(missing, created, strict=True)
        }

    def _ksef_no_partner(self, one):
        return self.env._(
            "%(name)s, tax number %(number)s, is not among your partners, and the"
            " settings say that none are created. Choose or create the partner.",
            name=one.name or "-",
            number=one.vat or "-",
        )

    def _ksef_new_partner_note(self, partner):
        return self.env._(
            "The partner %s is new: check its data, and its bank account before you"
            " trust it.",
            partner.display_name,
        )


def _accounts(invoice, party):
    """Return the accounts of the supplier; those of a factor are not its own."""
    payment = invoice.payment or fa3.Payment()
    return payment.accounts if party is invoice.seller else ()


def _preferred(candidates):
    """Return the firms of ``candidates``, the best last."""
    firms = candidates.commercial_partner_id.filtered("active")
    return firms.sorted(lambda p: (bool(p.company_id), -p.id))
