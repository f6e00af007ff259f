import base64
from dataclasses import dataclass

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef import qr
from ..ksef.errors import KsefError
from ..ksef.fa3 import parse
from ..ksef.fa3.difference import Difference, differences
from ..tools.correction_message import (
    offline_refusal_message,
    other_file_message,
    protected_message,
    strange_file_message,
    unseen_file_message,
    unsigned_message,
)

#: KSeF has another invoice with this number: no other file of this one can help.
NUMBER_TAKEN = 440

#: KSeF holds a file of this invoice already: a correction of it, or the refused one.
CORRECTED_ALREADY, ORIGINAL_VALID = 21166, 21167
HELD_BY_KSEF = (CORRECTED_ALREADY, ORIGINAL_VALID)

#: KSeF has not refused the file, but who sent it.
RIGHTS_MISSING = (410, 415)

#: What a correction takes over from the file that it replaces.
OF_REFUSED = ("offline_mode", "offline_reason", "offline_at")


@dataclass(frozen=True)
class Proposal:
    """The document that would replace a refused one, what its file says otherwise, and
    what forbids it, if anything."""

    values: dict | None = None
    differences: tuple[Difference, ...] = ()
    obstacle: str | None = None


class KsefDocument(models.Model):
    """Technical correction: a refused offline invoice reaches KSeF with other bytes.

    The buyer holds the codes of the first refused file. Every correction names the
    hash of that one, so that its codes lead to the invoice that KSeF accepts.
    """

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    correction_ids = fields.One2many(
        "ksef.document", "corrects_id", "Replaced by", readonly=True
    )
    chain_ids = fields.Many2many(
        "ksef.document",
        string="All files of this invoice",
        compute="_compute_chain_ids",
    )
    may_be_corrected = fields.Boolean(compute="_compute_may_be_corrected")

    @api.depends("corrects_id", "correction_ids")
    def _compute_chain_ids(self):
        for document in self:
            chain = document._chain()
            document.chain_ids = chain if len(chain) > 1 else False

    @api.depends("state", "status_code", "offline_mode")
    def _compute_may_be_corrected(self):
        for document in self:
            document.may_be_corrected = not document._correction_obstacle()

    # ------------------------------------------------------------------
    # The chain
    # ------------------------------------------------------------------

    def _corrected_hash(self):
        """Return the hash of the file whose codes the buyer holds, None where this is
        that very file."""
        root = self._chain_root()
        return None if root == self else root.sha256

    def _chain_root(self):
        """Return the first document of a chain of technical corrections."""
        self.ensure_one()
        document = self
        while document.corrects_id:
            document = document.corrects_id
        return document

    def _chain(self):
        """Return all documents of the chain, the first one first."""
        chain = link = self._chain_root()
        while link := link.correction_ids - chain:
            chain |= link
        return chain.sorted("id")

    # ------------------------------------------------------------------
    # What may be corrected
    # ------------------------------------------------------------------

    def _correction_obstacle(self):
        """Return why no other file of this invoice may be sent, None if one may."""
        self.ensure_one()
        if self.direction != "issued" or self.state != "rejected":
            return self._not_refused_message()
        if self.move_id.ksef_document_id != self:
            return self.env._("Another file has taken the place of this one already.")
        if not self._is_final():
            return self.env._(
                "This invoice was issued online, the buyer does not hold it: reset it"
                " to draft, correct it and post it again."
            )
        if self.status_code == NUMBER_TAKEN or self.status_code in HELD_BY_KSEF:
            return self.problem or self.status_text
        if self.environment != self.company_id._ksef_owner().ksef_environment:
            return self.env._(
                "This invoice was issued for another KSeF environment than the one the"
                " company is connected to now. Switch the environment back first."
            )
        return None

    def _not_refused_message(self):
        if self.state == "ready" and self.status_code in RIGHTS_MISSING:
            return self.env._(
                "KSeF has not refused the file but who sent it. Have the right granted"
                ' in KSeF, then use "Send now": the same file is sent again.'
            )
        if self.state == "accepted":
            return self.env._(
                "KSeF has accepted this invoice. What is wrong in it is corrected with"
                " a credit note or a debit note."
            )
        return self.env._("KSeF has not refused this invoice.")

    def _propose_correction(self):
        """Return the ``Proposal`` made of the invoice as it is now."""
        obstacle = self._correction_obstacle()
        if obstacle:
            return Proposal(obstacle=obstacle)
        try:
            self.move_id._ksef_check_problems()
            values = self._values_to_issue(self.move_id)
        except UserError as error:
            return Proposal(obstacle=str(error))
        if values["sha256"] in self._chain().mapped("sha256"):
            # The same second: nothing that KSeF could tell from the refused file.
            return Proposal(obstacle=self.env._("Try again in a second."))
        found = differences(self._bytes(), base64.b64decode(values["xml"]))
        protected = [difference for difference in found if difference.protected]
        obstacle = protected_message(self.env, protected) if protected else None
        return Proposal(values, found, obstacle)

    # ------------------------------------------------------------------
    # Correct
    # ------------------------------------------------------------------

    def action_correct_technically(self):
        """Open the wizard: what may be corrected, with every difference."""
        self.check_access("read")
        self.move_id.check_access("write")
        return self.env["ksef.technical.correction"]._open(self)

    def _lock_to_correct(self):
        """Claim documents for this user.

        :raises UserError: somebody else is correcting one of them.
        """
        moves = self.move_id.sudo().try_lock_for_update(allow_referencing=True)
        if moves != self.move_id:
            raise UserError(
                self.env._(
                    "Somebody else is working on invoice %s right now. Try again in a"
                    " moment.",
                    (self.move_id - moves)[:1].display_name,
                )
            )
        self.invalidate_recordset(["state"])
        moves.invalidate_recordset(["ksef_document_id"])

    def _correct_technically(self, proposal):
        """Replace this refused document by the proposed one, which is sent at once.

        :raises UserError: the proposal has an obstacle.
        """
        self.ensure_one()
        if proposal.obstacle:
            raise UserError(proposal.obstacle)
        refused = self.sudo()
        correction = refused.create(
            {
                **proposal.values,
                **{name: refused[name] for name in OF_REFUSED},
                "corrects_id": refused.id,
                "to_send": True,
            }
        )
        refused.move_id._ksef_link(correction)
        correction._sign_after_correction()
        correction._refresh_deadlines()
        correction._log(correction._correction_note(proposal.differences))
        self.env["ksef.session"]._wake_up("send")
        return correction

    def _sign_after_correction(self):
        """Sign KOD II of the new file. Without it the invoice reaches KSeF as well."""
        try:
            self._sign_certificate_links(self.company_id._ksef_owner())
        except KsefError as error:
            self._note_problem(unsigned_message(self.env, error))

    def _correction_note(self, found):
        text = self.env._(
            "Technical correction: a new file with the same content goes to KSeF in"
            " place of the refused one. The QR codes that the buyer holds lead to it"
            " once KSeF has accepted it."
        )
        rows = Markup().join(
            Markup("<li>{}: {} → {}</li>").format(d.path, d.old or "–", d.new or "–")
            for d in found
        )
        return Markup("<p>{}</p><ul>{}</ul>").format(text, rows) if found else text

    # ------------------------------------------------------------------
    # What KSeF says
    # ------------------------------------------------------------------

    def _refusal_message(self, status):
        """What the buyer may hold cannot be reset to draft: say what can be done."""
        if self._is_final() and status.code != NUMBER_TAKEN:
            return offline_refusal_message(self.env, status)
        return super()._refusal_message(status)

    def _wait_for_file(self, session, error):
        """KSeF holds a file of this invoice but does not show it: ask again later."""
        told = dict.fromkeys(self, error)
        self._release(session, told, unseen_file_message(self.env, error))

    def _take_over(self, session, known, xml, status, error):
        """Make the file that KSeF holds the invoice's document.

        :param known: our document of these bytes, none if Odoo has not sent them
        :param xml: the file, where it is not known
        :param status: the InvoiceStatus that accepts it
        """
        for document in self._still_pending(session):
            if known == document:
                document._note_acceptance({document: status})
                continue
            strange = document._protected_against(xml)
            text = (
                strange_file_message(self.env, status.ksef_number, strange)
                if strange
                else other_file_message(self.env, error, status.ksef_number)
            )
            document._note_status(error, text, state="rejected")
            document._log(text)
            if not strange:
                document._give_way(known or document._store_held(xml), status)

    def _protected_against(self, xml):
        """Return what a file from elsewhere says otherwise in content."""
        if not xml:
            return []
        found = differences(self._bytes(), xml)
        return [difference for difference in found if difference.protected]

    def _give_way(self, held, status):
        """Let the file that KSeF holds be the invoice's document."""
        self.env.flush_all()  # one live document per invoice, at every moment
        held._note_acceptance({held: status})
        self.move_id._ksef_link(held)

    def _store_held(self, xml):
        """Keep the file of this invoice that reached KSeF without Odoo."""
        self.env.flush_all()
        root = self._chain_root()
        qr_url = root.company_id._ksef_owner()._ksef_environment().qr_url
        values = self._values_of_bytes(xml) | self._values_of_invoice(parse(xml))
        return self.create(
            {
                **values,
                **{name: root[name] for name in OF_REFUSED},
                "company_id": root.company_id.id,
                "environment": root.environment,
                "direction": "issued",
                "state": "pending",
                "move_id": root.move_id.id,
                "corrects_id": root.id,
                "qr_link": qr.invoice_link(
                    qr_url, root.seller_nip, root.issue_date, values["sha256"]
                ),
            }
        )
