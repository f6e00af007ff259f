import functools

from markupsafe import Markup, escape

from odoo import api, models
from odoo.fields import Domain

from ..mapping import counterparties, invoice_in
from ..mapping.known import Known
from .account_move import LINKING


class AccountMove(models.Model):
    """Vendor bills made from FA(3) files."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _ksef_create_bills(self, read):
        """Create draft bills.

        :param read: documents (of one company) with their ``fa3.Invoice``
        """
        company = next(iter(read)).company_id
        bills = self.with_company(company)
        journal = bills._ksef_bill_journal(company)
        invoices = list(read.values())
        made = bills._ksef_bills(company, invoices, journal)
        moves = bills._ksef_create_linked(read, [one.values for one in made])
        moves._ksef_tell_notes([one.notes for one in made])
        moves._ksef_match_orders(invoices)
        return moves

    @api.model
    def _ksef_bills(self, company, invoices, journal):
        """Return the ``Bill`` of each invoice; partners, products, earlier bills and
        taxes are looked up once for all."""
        company = company.with_context(**{Known.CONTEXT: Known()})
        found = self._ksef_partners(company, invoices)
        partners = self.env["res.partner"].union(*(one.partner for one in found))
        lines = [line for invoice in invoices for line in invoice.lines]
        memory = self._ksef_line_memory(company, journal.type, partners, lines)
        taxes = self.env["account.tax"]
        sale = journal.type == "sale"
        tax = taxes._ksef_sale_tax if sale else taxes._ksef_purchase_tax
        common = {
            "company": company,
            "journal": journal,
            "tax_for": functools.cache(lambda rate: tax(company, rate)),
        }
        bills = []
        for invoice, one in zip(invoices, found, strict=True):
            known = memory.of(one.partner.id, journal.default_account_id.id)
            values, notes = self._ksef_bill_values(
                invoice, partner=one.partner, known_values=known, **common
            )
            bills.append(invoice_in.Bill(values, [*one.notes, *notes]))
        return bills

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
    def _ksef_bill_values(
        self, invoice, *, company, journal, partner, tax_for, known_values=None
    ):
        """Return (values of the draft bill, notes on what could not be understood).

        Integrators extend it with ``super()``.

        :param invoice: the ``fa3.Invoice`` that was received
        :param tax_for: function from a P_12 code to the purchase tax, empty if none
        :param known_values: function from a ``bill_items.Item`` to values of its line
        """
        return invoice_in.bill(
            invoice,
            company=company,
            journal=journal,
            partner=partner,
            tax_for=tax_for,
            known_values=known_values,
        )

    @api.model
    def _ksef_create_empty_bill(self, document):
        """Return a draft bill to be filled in by hand."""
        company = document.company_id
        seller = counterparties.of_nip(document.seller_nip)
        known = self._ksef_known_suppliers(company, {seller})
        values = {
            "move_type": "in_invoice",
            "company_id": company.id,
            "journal_id": self._ksef_bill_journal(company).id,
            "partner_id": known[seller].id if seller in known else False,
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
