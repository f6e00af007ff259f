import functools
import re

from markupsafe import Markup, escape

from odoo import api, models
from odoo.fields import Domain

from ..mapping import invoice_in, parties
from .account_move import LINKING


class AccountMove(models.Model):
    """Vendor bills made from FA(3) files."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _ksef_create_bills(self, read):
        """Create draft bills; suppliers, taxes and journal are looked up once for all.

        :param read: documents (of one company) with their ``fa3.Invoice``
        """
        company = next(iter(read)).company_id
        bills = self.with_company(company)
        partners = bills._ksef_suppliers(company, [i.seller for i in read.values()])
        taxes = bills.env["account.tax"]
        common = {
            "company": company,
            "journal": bills._ksef_bill_journal(company),
            "tax_for": functools.cache(
                lambda rate: taxes._ksef_purchase_tax(company, rate)
            ),
        }
        made = [
            bills._ksef_bill_values(i, partner=partners[i.seller.nip], **common)
            for i in read.values()
        ]
        values = [values for values, _notes in made]
        moves = bills._ksef_create_linked(read, values)
        moves._ksef_tell_notes([notes for _values, notes in made])
        return moves

    @api.model
    def _ksef_create_linked(self, documents, values):
        """Create bills that know their documents from the start: a write afterwards
        would cost three queries each and mark them as modified by hand."""
        linking = self.sudo().with_context(ksef_linking=LINKING)
        moves = linking.create(
            [
                bill | {"ksef_document_id": document.id}
                for document, bill in zip(documents, values, strict=True)
            ]
        )
        return moves.with_env(self.env)

    def _ksef_tell_notes(self, notes):
        """Log on each bill what could not be understood."""
        bodies = {
            move.id: Markup("<br/>").join(map(escape, said))
            for move, said in zip(self, notes, strict=True)
            if said
        }
        self.browse(bodies)._message_log_batch(bodies=bodies)

    @api.model
    def _ksef_bill_values(self, invoice, *, company, journal, partner, tax_for):
        """Return (values of the draft bill, notes on what could not be understood).

        Integrators extend it with ``super()``.

        :param invoice: the ``fa3.Invoice`` that was received
        :param tax_for: function from a P_12 code to the purchase tax, empty if none
        """
        return invoice_in.bill(
            invoice, company=company, journal=journal, partner=partner, tax_for=tax_for
        )

    @api.model
    def _ksef_create_empty_bill(self, document):
        """Return a draft bill to be filled in by hand."""
        company = document.company_id
        nip = document.seller_nip
        known = self._ksef_known_suppliers(company, [nip]) if nip else {}
        values = {
            "move_type": "in_invoice",
            "company_id": company.id,
            "journal_id": self._ksef_bill_journal(company).id,
            "partner_id": known[nip].id if nip in known else False,
            "ref": document.number,
            "invoice_date": document.issue_date,
        }
        return self.with_company(company)._ksef_create_linked(document, [values])

    @api.model
    def _ksef_bill_journal(self, company):
        """Return the journal of the settings, or the company's first of purchases."""
        chosen = company.sudo().ksef_import_journal_id
        journals = self.env["account.journal"]
        purchases = Domain("type", "=", "purchase")
        return chosen or journals.search(
            purchases & Domain(journals._check_company_domain(company)), limit=1
        )

    @api.model
    def _ksef_bill_hindrance(self, company):
        """Return why no bill at all can be made for the company, or nothing."""
        journal = self._ksef_bill_journal(company)
        if not journal:
            return self.env._(
                "Company %s has no journal for vendor bills. Create one: the bills"
                " appear in it with the next import.",
                company.name,
            )
        if not journal.default_account_id:
            return self.env._(
                "Journal %s has no default account. Set it: the bills appear with the"
                " next import.",
                journal.name,
            )
        return None

    # ------------------------------------------------------------------
    # Suppliers
    # ------------------------------------------------------------------

    @api.model
    def _ksef_suppliers(self, company, sellers):
        """Return the partner of each NIP; unknown ones are created with address."""
        by_nip = {seller.nip: seller for seller in sellers}
        found = self._ksef_known_suppliers(company, by_nip)
        missing = [nip for nip in by_nip if nip not in found]
        # KSeF has accepted the number, whatever Odoo's check says of it.
        partners = self.env["res.partner"].with_context(no_vat_validation=True)
        created = partners.create(
            [invoice_in.partner_values(by_nip[nip], self.env) for nip in missing]
        )
        return found | dict(zip(missing, created.with_env(self.env), strict=True))

    @api.model
    def _ksef_known_suppliers(self, company, nips):
        """Return known partners by NIP: companies before their contacts, the oldest
        before younger ones."""
        partners = self.env["res.partner"]
        candidates = partners.search(
            Domain("vat", "in", [form for nip in nips for form in _written(nip)])
            & Domain(partners._check_company_domain(company)),
        )
        polish = candidates.filtered(lambda p: parties.split_vat(p)[0] in ("PL", ""))
        # Later entries win: no parent, lowest id.
        return {
            re.sub(r"\D", "", partner.vat): partner
            for partner in polish.sorted(lambda p: (not p.parent_id, -p.id))
        }


def _written(nip):
    """Return the ways in which people write a NIP."""
    plain = (
        nip,
        f"{nip[:3]}-{nip[3:6]}-{nip[6:8]}-{nip[8:]}",
        f"{nip[:3]}-{nip[3:5]}-{nip[5:7]}-{nip[7:]}",
    )
    return [f"{prefix}{form}" for form in plain for prefix in ("", "PL", "PL ")]
