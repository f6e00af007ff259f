from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..mapping import parties
from ..mapping.counterparties import is_own_sale

#: Only this object, which no call from outside can pass, means sales.
SALES = object()


class AccountMove(models.Model):
    """The company's own invoices that KSeF holds and Odoo does not: issued by another
    program, or by the buyer in the company's name. They are sales, and never issued
    again."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _ksef_create_bills(self, read):
        own = {
            document: invoice
            for document, invoice in read.items()
            if _is_own(document.company_id, invoice.seller.nip, invoice.buyer.nip)
        }
        others = {document: read[document] for document in read if document not in own}
        made = {}
        for documents, sales in ((own, SALES), (others, None)):
            if documents:
                moves = self.with_context(ksef_bills_of=sales)
                moves._ksef_check_journal(next(iter(documents)).company_id)
                created = super(AccountMove, moves)._ksef_create_bills(documents)
                made |= dict(zip(documents, created.ids, strict=True))
        return self.browse(made[document] for document in read)

    @api.model
    def _ksef_check_journal(self, company):
        """Refuse what no line could be booked in.

        :raises UserError: what is missing
        """
        hindrance = self._ksef_bill_hindrance(company)
        if hindrance:
            raise UserError(hindrance)

    @api.model
    def _ksef_create_empty_bill(self, document):
        company = document.company_id
        if not _is_own(company, document.seller_nip, document.buyer_nip):
            return super()._ksef_create_empty_bill(document)
        values = {
            "move_type": "out_invoice",
            "company_id": company.id,
            "journal_id": self._ksef_sale_journal(company).id,
            "ref": document.number,
            "invoice_date": document.issue_date,
        }
        return self.with_company(company)._ksef_create_linked(document, [values])

    @api.model
    def _ksef_bill_journal(self, company):
        if self.env.context.get("ksef_bills_of") is SALES:
            return self._ksef_sale_journal(company)
        return super()._ksef_bill_journal(company)

    @api.model
    def _ksef_sale_journal(self, company):
        """Return the journal of the settings, or the company's first of sales."""
        chosen = company.sudo().ksef_import_sale_journal_id
        journals = self.env["account.journal"]
        sales = Domain("type", "=", "sale")
        return chosen or journals.search(
            sales & Domain(journals._check_company_domain(company)), limit=1
        )

    @api.model
    def _ksef_bill_values(self, invoice, *, company, journal, **known):
        """In the journal of such sales an invoice keeps its number; in another one it
        would become the pattern of the numbers that Odoo gives."""
        values, notes = super()._ksef_bill_values(
            invoice, company=company, journal=journal, **known
        )
        if journal.type != "sale":
            return values, notes
        if journal == company.sudo().ksef_import_sale_journal_id:
            return values | {"name": invoice.number}, notes
        note = self.env._(
            "Odoo gives this invoice a number of its own. Choose a journal for sales"
            " issued elsewhere in the settings: there they keep their numbers."
        )
        return values, [*notes, note]


def _is_own(company, seller_nip, buyer_nip):
    return is_own_sale(seller_nip, buyer_nip, parties.nip(company.sudo().partner_id))
