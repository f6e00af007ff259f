import logging
from base64 import b64encode

from psycopg2 import IntegrityError

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..ksef.crypto import sha256_b64
from ..ksef.errors import Fa3Error
from ..ksef.fa3 import parse
from ..tools.transaction import commit
from ..tools.user_message import user_message

_logger = logging.getLogger(__name__)

#: Bills are created so many at a time, each batch committed.
BATCH = 50


class KsefDocument(models.Model):
    """Reception: first every file is stored, then bills are made of what is stored."""

    _inherit = "ksef.document"

    # ------------------------------------------------------------------
    # Phase 1: store
    # ------------------------------------------------------------------

    @api.model
    def _store(self, window, content):
        """Keep every file of a package; known KSeF numbers are passed over.

        :param window: the ksef.import that asked for it
        :param content: the opened package
        """
        metadata = {found.ksef_number: found for found in content.metadata}
        files = {number: xml for number, xml in content.files}
        known = self._known_numbers(window, list(files))
        return self.create(
            [
                self._values_to_store(window, number, xml, metadata.get(number))
                for number, xml in files.items()
                if number not in known
            ]
        )

    @api.model
    def _known_numbers(self, window, numbers):
        found = self.search_fetch(
            Domain(
                [
                    ("company_id", "=", window.company_id.id),
                    ("environment", "=", window.environment),
                    ("direction", "=", "received"),
                    ("ksef_number", "in", numbers),
                ]
            ),
            ["ksef_number"],
        )
        return set(found.mapped("ksef_number"))

    @api.model
    def _values_to_store(self, window, number, xml, metadata):
        values = {
            "company_id": window.company_id.id,
            "environment": window.environment,
            "direction": "received",
            "state": "received",
            "import_id": window.id,
            "ksef_number": number,
            "xml": b64encode(xml),
            "sha256": sha256_b64(xml),
            "size": len(xml),
        }
        if metadata:
            values |= {
                "number": metadata.invoice_number,
                "issue_date": metadata.issue_date,
                "invoice_kind": metadata.invoice_type,
                "seller_nip": metadata.seller_nip,
                "seller_name": metadata.seller_name,
                "amount": float(metadata.gross_amount or 0),
                "currency": metadata.currency,
            }
        return values

    # ------------------------------------------------------------------
    # Phase 2: book
    # ------------------------------------------------------------------

    @api.model
    def _book_received(self, company):
        """Create the draft bills of what is stored, in committed batches."""
        waiting = Domain(
            [
                ("company_id", "=", company.id),
                ("direction", "=", "received"),
                ("state", "=", "received"),
            ]
        )
        while documents := self.search(waiting, order="id", limit=BATCH):
            documents._book()
            if not commit(self.env, len(documents)):
                self.env.ref("l10n_pl_ksef.cron_import")._trigger()
                return

    def _book(self):
        """Book together; a batch that fails is booked one by one, so that a bad one
        stops nobody."""
        try:
            with self.env.cr.savepoint():
                self._create_bills()
        except _BOOKING_ERRORS as error:
            _logger.info("KSeF: booking one by one, since %s", error)
            for document in self:
                document._book_alone()

    def _book_alone(self):
        try:
            with self.env.cr.savepoint():
                self._create_bills()
        except _BOOKING_ERRORS as error:
            self._create_empty_bill(_reason(self.env, error))

    def _create_bills(self):
        """Create one draft bill for each document.

        :raises Fa3Error: a file is no readable FA(3).
        """
        read = {document: parse(document._bytes()) for document in self}
        for document, invoice in read.items():
            document.write(self._values_of_invoice(invoice))
        moves = self.env["account.move"]._ksef_create_bills(read)
        for document, move in zip(self, moves, strict=True):
            document._link_bill(move)

    def _create_empty_bill(self, reason):
        """A file that cannot be read still becomes a bill: with it and the reason."""
        move = self.env["account.move"]._ksef_create_empty_bill(self)
        self._link_bill(move)
        self.problem = reason
        move._message_log_batch(bodies={move.id: reason})

    def _link_bill(self, move):
        self.write({"state": "booked", "move_id": move.id})
        move._ksef_link(self)
        # Odoo would read the file as a bill of its own.
        attachments = self.env["ir.attachment"].with_context(
            disable_attachment_import=True
        )
        attachments.create(
            {
                "name": f"{self.ksef_number}.xml",
                "raw": self._bytes(),
                "mimetype": "application/xml",
                "res_model": "account.move",
                "res_id": move.id,
            }
        )

    def action_book_again(self):
        """Create the bill anew after somebody deleted it."""
        self.check_access("read")
        lost = self.sudo().filtered(
            lambda d: d.direction == "received" and not d.move_id
        )
        lost.state = "received"
        for company, documents in lost.grouped("company_id").items():
            documents.with_company(company)._book()


#: What a single bad document may cause. Lost connections, locks and bugs go on up.
_BOOKING_ERRORS = (Fa3Error, UserError, ValueError, ArithmeticError, IntegrityError)


def _reason(env, error):
    if isinstance(error, Fa3Error):
        return user_message(env, error)
    return env._("The bill could not be filled in from the KSeF file: %s", error)
