from markupsafe import Markup, escape

from odoo import api, models
from odoo.fields import Domain

from ..mapping import invoice_in


class AccountMove(models.Model):
    """Vendor bills made from FA(3) files."""

    _inherit = "account.move"

    @api.model
    def _ksef_create_bills(self, read):
        """Create draft bills; suppliers are looked up once for all.

        :param read: documents (of one company) with their ``fa3.Invoice``
        """
        company = next(iter(read)).company_id
        bills = self.with_company(company)
        partners = bills._ksef_suppliers(company, [i.seller for i in read.values()])
        made = [
            bills._ksef_bill_values(
                invoice, document=document, partner=partners[invoice.seller.nip]
            )
            for document, invoice in read.items()
        ]
        moves = bills.create([values for values, _notes in made])
        moves._ksef_tell_notes([notes for _values, notes in made])
        return moves

    def _ksef_tell_notes(self, notes):
        """Log on each bill what could not be understood."""
        bodies = {
            move.id: Markup("<br/>").join(map(escape, said))
            for move, said in zip(self, notes, strict=True)
            if said
        }
        self.browse(bodies)._message_log_batch(bodies=bodies)

    @api.model
    def _ksef_bill_values(self, invoice, *, document, partner):
        """Return (values of the draft bill, notes on what could not be understood).

        Integrators extend it with ``super()``.

        :param invoice: the ``fa3.Invoice`` that was received
        """
        company = document.company_id
        taxes = self.env["account.tax"]
        return invoice_in.bill(
            invoice,
            company=company,
            journal=self._ksef_bill_journal(company),
            partner=partner,
            tax_for=lambda rate: taxes._ksef_purchase_tax(company, rate),
        )

    @api.model
    def _ksef_create_empty_bill(self, document):
        """Return a draft bill to be filled in by hand."""
        company = document.company_id
        return self.with_company(company).create(
            {
                "move_type": "in_invoice",
                "company_id": company.id,
                "journal_id": self._ksef_bill_journal(company).id,
                "ref": document.number,
            }
        )

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
    def _ksef_suppliers(self, company, sellers):
        """Return the partner of each NIP; unknown ones are created with address."""
        by_nip = {seller.nip: seller for seller in sellers}
        found = self._ksef_known_suppliers(company, by_nip)
        missing = [nip for nip in by_nip if nip not in found]
        created = self.env["res.partner"].create(
            [invoice_in.partner_values(by_nip[nip], self.env) for nip in missing]
        )
        return found | dict(zip(missing, created, strict=True))

    @api.model
    def _ksef_known_suppliers(self, company, nips):
        """Return known partners by NIP: companies before their contacts, the oldest
        before younger ones."""
        partners = self.env["res.partner"]
        written = [form for nip in nips for form in (nip, f"PL{nip}")]
        candidates = partners.search(
            Domain("vat", "in", written)
            & Domain(partners._check_company_domain(company)),
            order="parent_id DESC, id DESC",
        )
        # Later entries win: no parent, lowest id.
        return {
            partner.vat.removeprefix("PL"): partner.commercial_partner_id
            for partner in candidates.sorted(lambda p: (not p.parent_id, -p.id))
        }
