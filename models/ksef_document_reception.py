import logging

from psycopg2 import IntegrityError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..ksef.errors import Fa3Error
from ..ksef.fa3 import parse
from ..tools.user_message import user_message

_logger = logging.getLogger(__name__)

#: Bills are created so many at a time, each batch committed.
BATCH = 50

#: What a single bad document may cause. Lost connections, locks and bugs go on up.
BOOKING_ERRORS = (UserError, ValueError, ArithmeticError, IntegrityError)


class KsefDocument(models.Model):
    """The second phase of reception: bills are made of what is stored."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _to_book(self, company, last):
        """Return the next documents without a bill, the oldest first."""
        waiting = Domain(
            [
                ("company_id", "=", company.id),
                ("direction", "=", "received"),
                ("state", "=", "received"),
                ("id", ">", last),
            ]
        )
        return self.search(waiting, order="id", limit=BATCH)

    def _book(self):
        """Create the draft bills of documents of one company. A bad document stops
        nobody: it becomes an empty bill with the file and the reason."""
        hindrance = self.env["account.move"]._ksef_bill_hindrance(self.company_id)
        if hindrance:
            self._note_problem(hindrance)
            return
        readable = self._keep_of_others((self - self._join_files())._read())
        try:
            with self.env.cr.savepoint():
                self._create_bills(readable)
        except BOOKING_ERRORS as error:
            _logger.info("KSeF: booking one by one, since %s", error)
            for document, invoice in readable.items():
                document._book_alone(invoice)

    def _read(self):
        """Return the ``fa3.Invoice`` of each document; those that cannot be read are
        booked empty."""
        readable = {}
        for document in self:
            try:
                readable[document] = parse(document._bytes())
            except Fa3Error as error:
                document._book_empty(user_message(self.env, error))
        return self._with_known_currency(readable)

    def _with_known_currency(self, readable):
        codes = {invoice.currency for invoice in readable.values()}
        currencies = self.env["res.currency"].with_context(active_test=False)
        known = set(currencies.search([("name", "in", list(codes))]).mapped("name"))
        for document, invoice in readable.items():
            if invoice.currency not in known:
                document._book_empty(document._currency_reason(invoice.currency))
        return {d: i for d, i in readable.items() if i.currency in known}

    def _currency_reason(self, code):
        return self.env._(
            "Odoo does not know the currency %s of this invoice. Create it and delete"
            " this bill, then create the bill again from the KSeF document.",
            code,
        )

    def _book_alone(self, invoice):
        try:
            with self.env.cr.savepoint():
                self._create_bills({self: invoice})
        except BOOKING_ERRORS as error:
            _logger.warning("KSeF document %s not booked: %s", self.ksef_number, error)
            self._book_empty(self._booking_reason(error))

    def _booking_reason(self, error):
        """Return the sentence for the user; what no person wrote stays in the log."""
        if isinstance(error, UserError):
            return self.env._(
                "The bill could not be filled in from the KSeF file: %s", error
            )
        return self.env._(
            "The bill could not be filled in from the KSeF file. Enter it by hand; the"
            " server log has the technical details."
        )

    @api.model
    def _create_bills(self, read):
        """Create one draft bill for each document.

        :param read: documents of one company with their ``fa3.Invoice``
        """
        if not read:
            return
        for document, invoice in read.items():
            document.write(self._values_of_invoice(invoice))
        alone = self._join_bills(read)
        if alone:
            self._find_routes(alone)
            moves = self.env["account.move"]._ksef_create_bills(alone)
            self.browse(document.id for document in alone)._link_bills(moves)
        self._check_trust(read)
        booked = self.browse(document.id for document in alone)
        booked._tell_people()
        booked._post_trusted()

    def _book_empty(self, reason):
        """Create a bill to be filled in by hand: with the file, and why it is empty."""
        try:
            with self.env.cr.savepoint():
                move = self.env["account.move"]._ksef_create_empty_bill(self)
                self._link_bills(move)
                self.problem = reason
                move._message_log_batch(bodies={move.id: reason})
        except BOOKING_ERRORS as error:
            _logger.warning("KSeF document %s has no bill: %s", self.ksef_number, error)
            self._note_problem(reason)

    def _link_bills(self, moves):
        """Tie each document to its bill, and attach the file to the bill, once."""
        self.write({"state": "booked", "problem": False})
        for document, move in zip(self, moves, strict=True):
            document.move_id = move
        self._mirror_numbers()
        self.move_id._ksef_link_named()
        self.env["ir.attachment"].create(
            [document._attachment_values() for document in self]
        )

    def _attachment_values(self):
        return {
            "name": f"{self.ksef_number or self.number}.xml",
            "raw": self._bytes(),
            "mimetype": "application/xml",
            "res_model": "account.move",
            "res_id": self.move_id.id,
        }

    def action_book_again(self):
        """Create the bill: anew after somebody deleted it, or of what was only kept."""
        self.check_access("read")
        self.env["account.move"].check_access("create")
        lost = self.sudo().try_lock_for_update(allow_referencing=True)
        lost = lost.filtered(lambda d: d._is_without_bill())
        lost.write({"state": "received", "bill_wanted": True})
        for company, documents in lost.grouped("company_id").items():
            documents.with_company(company)._book()
