from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..mapping import parties
from ..mapping.twins import is_empty, is_same, plain_number

#: A bill entered by hand may bear a date so many days off: it is shown as similar.
DAYS = timedelta(days=31)


class KsefDocument(models.Model):
    """The same invoice twice: a bill entered by hand, mailed or scanned before KSeF
    delivered its file gets that file, instead of a second bill beside it."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    is_joined = fields.Boolean(
        "Joined with an earlier bill", help="The bill was in Odoo before this file."
    )
    stays_alone = fields.Boolean(
        "Never joined", help="A person has separated it from a bill."
    )
    similar_move_ids = fields.Many2many(
        "account.move",
        string="Similar bills",
        help="Same supplier and number, another amount or date.",
    )

    @api.model
    def _join_bills(self, read):
        """Tie documents to the bills that Odoo has of them already.

        :param read: documents of one company with their ``fa3.Invoice``
        :return: those that need a bill of their own.
        """
        joined = {}
        for document, bills in self._bills_like(list(read)).items():
            same = bills.filtered(lambda bill, own=document: is_same(own, bill))
            same -= self.env["account.move"].union(*joined.values())
            if len(same) == 1:
                joined[document] = same
            elif bills:
                document.similar_move_ids = bills
        self._join(joined, read)
        return {d: invoice for d, invoice in read.items() if d not in joined}

    @api.model
    def _join(self, joined, read):
        """Give documents their bills. What people have entered stays as it is; the bill
        of a file alone, as mail or a scanner makes it, is filled in."""
        documents = self.browse(document.id for document in joined)
        if not documents:
            return
        documents.is_joined = True
        bodies = {}
        for document, bill in joined.items():
            bodies[bill.id] = document._joined_words(filled=is_empty(bill))
            if is_empty(bill):
                bill._ksef_fill(read[document], document)
            else:
                bill._ksef_link(document)
        bills = self.env["account.move"].union(*joined.values())
        documents._link_bills(bills)
        bills._message_log_batch(bodies=bodies)

    def _joined_words(self, *, filled):
        said = {
            "number": self.ksef_number,
            "amount": self._amount_text(),
        }
        if filled:
            return self.env._(
                "Joined with the KSeF document %(number)s over %(amount)s, which"
                " has come now. The empty bill was filled in from its file.",
                **said,
            )
        return self.env._(
            "Joined with the KSeF document %(number)s over %(amount)s, which has"
            " come now. Its file is attached; the bill has not been changed.",
            **said,
        )

    @api.model
    def _bills_like(self, documents):
        """Return the bills without KSeF document that may be those of documents: one
        query for all."""
        company = documents[0].company_id
        own = parties.nip(company.partner_id)
        asking = [d for d in documents if d.seller_nip != own and not d.stays_alone]
        if not asking:
            return {}
        keys = {}
        for document in asking:
            for key in document._twin_keys():
                keys.setdefault(key, []).append(document)
        bills = self.env["account.move"]
        found = dict.fromkeys(asking, bills)
        for move_id, *key in self.env.execute_query(self._bills_query(asking)):
            for document in keys.get(tuple(key), ()):
                found[document] |= bills.browse(move_id)
        return found

    def _twin_keys(self):
        """Return what the rows of the query may say of a bill of this document."""
        number = plain_number(self.number)
        yield from (("code", self.sha256), ("code", self.ksef_number))
        if number:
            yield from ((nip, number) for nip in (self.seller_nip, ""))

    @api.model
    def _bills_query(self, documents):
        """Return the query for (bill, "code", code) and (bill, NIP, plain number)."""
        moves = self.env["account.move"]
        moves.flush_model()
        self.env["res.partner"].flush_model(["vat"])
        bills = SQL(
            "account_move AS move WHERE move.company_id IN %(companies)s"
            " AND move.move_type IN ('in_invoice', 'in_refund')"
            " AND move.state != 'cancel' AND move.ksef_document_id IS NULL",
            companies=self._companies_query(documents[0].company_id),
        )
        codes = [code for d in documents for code in (d.sha256, d.ksef_number) if code]
        return SQL(
            "SELECT move.id, 'code', move.ksef_read_code FROM %(bills)s"
            " AND move.ksef_read_code = ANY(%(codes)s) UNION ALL %(numbered)s",
            bills=bills,
            codes=codes,
            numbered=self._numbered_query(documents, bills),
        )

    @api.model
    def _companies_query(self, owner):
        """Return the query for the companies whose bills the owner receives: itself and
        its branches without settings of their own."""
        self.env["res.company"].flush_model(["parent_id", "ksef_environment"])
        return SQL(
            "(SELECT id FROM res_company WHERE id = %(owner)s"
            " OR parent_path LIKE %(below)s AND coalesce(ksef_environment, '') = '')",
            owner=owner.id,
            below=f"{owner.sudo().parent_path}%",
        )

    @api.model
    def _numbered_query(self, documents, bills):
        """Return the query for bills by supplier and number; a bill whose supplier is
        not known yet counts for any."""
        nip = SQL(
            "coalesce((SELECT regexp_replace(partner.vat, '[^0-9]', '', 'g')"
            " FROM res_partner AS partner"
            " WHERE partner.id = move.commercial_partner_id), '')"
        )
        plain = SQL("upper(regexp_replace(move.ref, '[^0-9A-Za-z]', '', 'g'))")
        days = [document.issue_date for document in documents]
        return SQL(
            "SELECT move.id, %(nip)s, %(plain)s FROM %(bills)s"
            " AND (move.invoice_date IS NULL"
            " OR move.invoice_date BETWEEN %(first)s AND %(last)s)"
            " AND %(plain)s = ANY(%(numbers)s)",
            nip=nip,
            plain=plain,
            bills=bills,
            first=min(days) - DAYS,
            last=max(days) + DAYS,
            numbers=[plain_number(document.number) for document in documents],
        )

    def action_separate(self):
        """Undo the joining: the bill stays as it was, the document is without bill."""
        self.check_access("read")
        self.move_id.check_access("write")
        joined = self.sudo().filtered("is_joined")
        joined._separate()
        joined.stays_alone = True

    def _separate(self):
        for document in self:
            document.move_id._ksef_link(self.browse())
        bodies = {
            document.move_id.id: self.env._(
                "Separated from the KSeF document %s.", document.ksef_number
            )
            for document in self
        }
        self.move_id._message_log_batch(bodies=bodies)
        self.write({"move_id": False, "is_joined": False})
