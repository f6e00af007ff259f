import base64
import io
import logging
from functools import lru_cache

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_open, file_path

from ..ksef import qr
from ..ksef.crypto import sha256_b64
from ..ksef.fa3 import build, findings
from ..ksef.fa3.schema import load_schema
from ..mapping import parties
from ..mapping.known import Known
from ..tools.fa3_message import fa3_message
from .ksef_certificate import ENVIRONMENTS

_logger = logging.getLogger(__name__)

#: Odoo brings the official schema of FA(3) here (not a dependency: may be missing).
SCHEMA = "l10n_pl_edi/data/fa3_schema.xsd"


class KsefDocument(models.Model):
    """One FA(3) file handed to KSeF or received from it, byte for byte.

    The SHA-256 of the bytes is the identity of the invoice: QR codes, recovery and
    duplicate checks use it, and nothing renders the bytes again.
    """

    _name = "ksef.document"
    _description = "KSeF document"
    _order = "issue_date desc, id desc"
    _rec_name = "number"

    company_id = fields.Many2one("res.company", required=True, index=True)
    environment = fields.Selection(ENVIRONMENTS, required=True)
    direction = fields.Selection(
        [("issued", "Issued"), ("received", "Received")], required=True
    )
    # (none)   --[_issue]-----> ready      XML built, checked, frozen
    # ready    --[_withdraw]--> (deleted)  never in a session, invoice reset to draft
    # ready or pending --[_go_offline]-> same  same bytes; KOD II and deadline added
    # ready    --[_hand_over]-> pending    committed before the invoice leaves
    # pending  --[_accept]----> accepted   200, or 440 proven to be these very bytes
    # pending  --[_reject]----> rejected   450, 440 of another document, unknown >= 400
    # rejected --[_correct_technically]-> (replaced)  offline: a new document, ready
    # rejected --[_give_way]--> accepted   21166, 21167: KSeF proves to hold these bytes
    # pending  --[_hold]------> ready      410, 415: same bytes once a person has acted
    # pending  --[_release]---> ready      never reached KSeF, or KSeF's own trouble
    # (none)   --[_store]-----> received   a file of an import window
    # received --[_book]------> booked     its draft bill exists, or one was joined
    # received --[_keep]------> kept       an invoice between others, no bill asked for
    # kept     --[_reconsider]-> received  the company is its buyer or seller after all
    # kept     --[action_book_again]-> received  a person wants its bill
    # (none)   --[_keep_file]-> booked     a dropped or mailed file, of its bill
    # booked   --[_take_place_of]-> (replaced) the same file arrives from KSeF
    # received or booked --[_set_aside]-> quarantined  a person: wrong, not ours, fraud
    # quarantined --[_take_back]-> received or booked  a person: it counts after all
    state = fields.Selection(
        [
            ("ready", "Waiting to be sent"),
            ("pending", "Sent, waiting for KSeF"),
            ("accepted", "Accepted by KSeF"),
            ("rejected", "Rejected by KSeF"),
            ("received", "Received"),
            ("booked", "Received, bill created"),
            ("kept", "Received, no bill"),
            ("quarantined", "In quarantine"),
        ],
        string="Status",
        required=True,
        index=True,
    )
    move_id = fields.Many2one(
        "account.move", "Invoice", index="btree_not_null", ondelete="set null"
    )

    # The bytes
    xml = fields.Binary(
        "FA(3) file", attachment=False, help="Empty if KSeF delivered an empty file."
    )
    sha256 = fields.Char("SHA-256", required=True, index=True)
    size = fields.Integer("Size (bytes)", required=True)
    qr_link = fields.Char("Link of the QR code", help="The link in KOD I.")

    # What the bytes say
    number = fields.Char("Invoice number", index=True)
    issue_date = fields.Date("Issue date")
    invoice_kind = fields.Char("Kind", help="RodzajFaktury of FA(3).")
    seller_nip = fields.Char("Seller's NIP", index=True)
    seller_name = fields.Char("Seller")
    buyer_nip = fields.Char("Buyer's NIP")
    buyer_name = fields.Char("Buyer")
    counterparty = fields.Char("Seller or buyer", compute="_compute_counterparty")
    self_billing = fields.Boolean(
        "Self-billing", help="The buyer issued it in the name of the seller (P_17)."
    )
    amount = fields.Float(digits=(16, 2), help="Total amount due (P_15).")
    currency = fields.Char()

    # What KSeF says
    ksef_number = fields.Char("KSeF number", index=True)
    acquired_at = fields.Datetime("Number assigned")
    stored_at = fields.Datetime("Visible to the buyer since")
    invoicing_mode = fields.Char(
        "Invoicing mode", help="Online or Offline, as KSeF classified it."
    )
    accepted_at = fields.Datetime(
        "Accepted on", help="When Odoo learned of the acceptance."
    )
    status_code = fields.Integer("KSeF status code")
    status_text = fields.Text("KSeF's answer")
    upo = fields.Binary("UPO", attachment=False)
    problem = fields.Text(help="What happened, and what to do.")

    # Delivery
    to_send = fields.Boolean("To be sent", help="The next scheduled run sends it.")
    waits_for_person = fields.Boolean("Needs attention")
    attempts = fields.Integer(help="How often KSeF could not take it.")
    send_after = fields.Datetime(
        "Next attempt", help="KSeF could not take it: not sent again before this time."
    )
    session_id = fields.Many2one("ksef.session", "Session", index="btree_not_null")
    session_ids = fields.Many2many("ksef.session", string="All sessions")
    invoice_reference = fields.Char("Reference in the session")

    # Reception
    import_id = fields.Many2one("ksef.import", index="btree_not_null")

    _ksef_number_unique = models.UniqueIndex(
        "(company_id, environment, direction, ksef_number)"
        " WHERE ksef_number IS NOT NULL",
        "The company already has a document with this KSeF number.",
    )
    _live_document_unique = models.UniqueIndex(
        "(move_id) WHERE direction = 'issued' AND state != 'rejected'",
        "This invoice already has a KSeF document.",
    )

    # ------------------------------------------------------------------
    # Issue
    # ------------------------------------------------------------------

    @api.depends("seller_nip", "seller_name", "buyer_name", "company_id")
    def _compute_counterparty(self):
        for document in self:
            own = parties.nip(document.company_id.sudo().partner_id)
            sold = own and document.seller_nip == own
            document.counterparty = (
                document.buyer_name if sold else document.seller_name
            )

    @api.model
    def _issue(self, moves):
        """Freeze the FA(3) bytes of posted invoices. Nothing is sent here.

        :raises UserError: the complete list of what the schema refuses.
        """
        values_list = [self._values_to_issue(move) for move in moves._ksef_at_once()]
        self._check_numbers(values_list)
        documents = self.sudo().create(values_list)
        documents.move_id._ksef_link_issued(documents)
        documents._call_person()
        documents._settle_mode()
        return documents

    @api.model
    def _values_to_issue(self, move):
        invoice = move._ksef_invoice()
        xml = build(invoice)
        self._check_schema(move, xml)
        owner, addresses = Known.of(move.env).once(_connection, move.company_id)
        values = self._values_of_bytes(xml) | self._values_of_invoice(invoice)
        return values | {
            "company_id": move.company_id.id,
            "environment": owner.ksef_environment,
            "direction": "issued",
            "state": "ready",
            "move_id": move.id,
            "to_send": owner.ksef_send_automatically,
            "qr_link": qr.invoice_link(
                addresses.qr_url,
                values["seller_nip"],
                values["issue_date"],
                values["sha256"],
            ),
        }

    @api.model
    def _values_of_bytes(self, xml):
        return {
            "xml": base64.b64encode(xml),
            "sha256": sha256_b64(xml),
            "size": len(xml),
        }

    @api.model
    def _values_of_invoice(self, invoice):
        return {
            "number": invoice.number,
            "issue_date": invoice.issue_date,
            "invoice_kind": invoice.kind.value,
            "seller_nip": invoice.seller.nip,
            "seller_name": invoice.seller.name,
            "buyer_nip": invoice.buyer.nip,
            "buyer_name": invoice.buyer.name,
            "self_billing": invoice.annotations.self_billing,
            "amount": float(invoice.total),
            "currency": invoice.currency,
        }

    @api.model
    def _check_schema(self, move, xml):
        """What KSeF or the law refuses stops the invoice; what is likely a mistake is
        only logged."""
        found = findings(xml, fa3_schema())
        errors = [finding for finding in found if finding.is_error]
        if errors:
            raise UserError(
                self.env._("Invoice %s cannot be issued in KSeF:", move.display_name)
                + "\n"
                + "\n".join(fa3_message(self.env, error) for error in errors)
            )
        for finding in found:
            _logger.info("KSeF: %s: %s: %s", move.id, finding.code, finding.path)

    def _withdraw(self):
        """Delete documents of invoices that go back to draft.

        :raises UserError: KSeF may know one of them, or the buyer may hold it.
        """
        documents = self.try_lock_for_update()
        movable = documents.filtered(lambda document: document._may_be_withdrawn())
        if movable != self:
            raise UserError((self - movable)[:1]._not_withdrawn_message())
        movable.move_id._ksef_link(self.browse())
        movable.unlink()

    def _not_withdrawn_message(self):
        name = self.move_id.display_name
        if self.state == "rejected" and not self.may_be_corrected:
            return self.env._(
                "Invoice %(invoice)s was issued offline: the buyer may hold it, so its"
                " content cannot be changed. %(problem)s",
                invoice=name,
                problem=self.problem or "",
            )
        if self.state == "rejected":
            return self.env._(
                "Invoice %s was issued offline: the buyer may hold it, so its content"
                " cannot be changed. Send it again with a technical correction.",
                name,
            )
        if self._is_final():
            return self.env._(
                "Invoice %s is issued offline: the buyer may hold it, so it cannot be"
                " changed. Issue a credit note or a debit note once it is in KSeF.",
                name,
            )
        return self.env._(
            "Invoice %s has been handed over to KSeF and cannot be changed."
            " Issue a credit note or a debit note instead.",
            name,
        )

    def _may_be_withdrawn(self):
        self.ensure_one()
        given_away = self.move_id.is_move_sent or self.session_ids or self._is_final()
        return self.state == "ready" and not given_away

    def _locks_invoice(self):
        """Whether the invoice has to stay as its document states it."""
        if self.state == "rejected":
            return self._is_final()
        return self.state in ("ready", "pending", "accepted")

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def action_send_now(self):
        """Give documents to the send cron now, whatever made them wait."""
        self.check_access("read")
        self.move_id.check_access("write")
        waiting = self.sudo().filtered(
            lambda d: d.direction == "issued" and d.state == "ready"
        )
        waiting.write(
            {
                "to_send": True,
                "waits_for_person": False,
                "attempts": 0,
                "send_after": False,
            }
        )
        waiting._call_person()
        self.env["ksef.session"]._wake_up("send")

    def action_download_xml(self):
        name = self.ksef_number or (self.number or "").replace("/", "_")
        return self._download("xml", f"{name}.xml")

    def _download(self, field, filename):
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/ksef.document/{self.id}/{field}"
            f"?download=true&filename={filename}",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # The bytes
    # ------------------------------------------------------------------

    def _bytes(self):
        """Return the FA(3) file."""
        self.ensure_one()
        return base64.b64decode(self.with_context(bin_size=False).xml or b"")


def _connection(company):
    """Return the company whose connection holds, and the addresses of KSeF."""
    owner = company._ksef_owner()
    return owner, owner._ksef_environment()


@lru_cache(maxsize=1)
def fa3_schema():
    """Return the compiled FA(3) schema, or None where Odoo does not bring it."""
    try:
        file_path(SCHEMA)
    except FileNotFoundError:
        _logger.warning("%s is missing: FA(3) files are not checked locally", SCHEMA)
        return None
    with file_open(SCHEMA, "rb") as stream:
        return load_schema(io.BytesIO(stream.read()))
