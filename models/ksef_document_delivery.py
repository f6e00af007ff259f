import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools import warsaw
from ..tools.user_message import ksef_words, status_message

#: After so many refusals by KSeF a document waits for a person.
MOST_ATTEMPTS = 5

#: The pause after a refusal, times the number of refusals so far.
PAUSE = timedelta(minutes=5)


class KsefDocument(models.Model):
    """Delivery: the way of an issued document into KSeF, verdict by verdict."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _domain_to_hand_over(self):
        in_time = Domain("send_after", "=", False) | Domain(
            "send_after", "<=", fields.Datetime.now()
        )
        return in_time & Domain(
            [
                ("direction", "=", "issued"),
                ("state", "=", "ready"),
                ("to_send", "=", True),
                ("waits_for_person", "=", False),
            ]
        )

    def _of_environment(self, environment):
        """Return the documents issued for the environment that the company is connected
        to; tell the others why they wait."""
        strangers = self.filtered(lambda d: d.environment != environment)
        strangers._note_problem(
            self.env._(
                "This invoice was issued for another KSeF environment than the one the"
                " company is connected to now. Switch the environment back, or reset"
                " the invoice to draft and post it again."
            )
        )
        return self - strangers

    def _take(self):
        """Lock what is still ready. Another process may have been faster: use the
        records that are returned."""
        documents = self.try_lock_for_update(allow_referencing=True)
        documents.invalidate_recordset(["state"])
        return documents.filtered(lambda document: document.state == "ready")

    def _hand_over(self, session):
        """Bind documents, just taken, to the session that is about to carry them."""
        self.write(
            {
                "state": "pending",
                "session_id": session.id,
                "session_ids": [(4, session.id)],
                "invoice_reference": False,
                "problem": False,
                "send_after": False,
            }
        )

    def _still_pending(self, session):
        """Compare-and-set: a verdict counts for the session that carried the bytes."""
        return self._of_session(session).filtered(lambda d: d.state == "pending")

    def _of_session(self, session):
        documents = self.try_lock_for_update(allow_referencing=True)
        documents.invalidate_recordset(["state", "session_id"])
        return documents.filtered(lambda d: d.session_id == session)

    def _accept(self, session, status):
        """Note the acceptance, or that the buyer can see an accepted invoice now.

        :param status: the InvoiceStatus that carries the KSeF number.
        """
        stored_at = warsaw.naive(status.permanent_storage_date)
        for document in self._of_session(session):
            if document.state == "pending":
                document._note_acceptance(status)
            if document.state == "accepted" and stored_at and not document.stored_at:
                document.stored_at = stored_at

    def _adopt(self, session, earlier, status):
        """Accept what an earlier session of ours had brought to KSeF already: that one
        has the UPO."""
        for document in self._still_pending(session):
            document._note_acceptance(status)
            document.session_id = earlier
            earlier.write({"state": "closed", "poll_at": fields.Datetime.now()})

    def _note_acceptance(self, status):
        self.write(
            {
                "state": "accepted",
                "ksef_number": status.ksef_number,
                "acquired_at": warsaw.naive(status.acquisition_date),
                "stored_at": warsaw.naive(status.permanent_storage_date),
                "invoicing_mode": status.invoicing_mode,
                "invoice_reference": status.reference_number,
                "accepted_at": fields.Datetime.now(),
                "waits_for_person": False,
                "status_code": status.code,
                "status_text": False,
                "problem": False,
            }
        )
        self._mirror_number()
        self._log(self.env._("KSeF accepted this invoice: %s", self.ksef_number))
        if self.move_id.sending_data:  # its e-mail waited for the number
            self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()

    def _reject(self, session, status, problem=None):
        for document in self._still_pending(session):
            text = problem or status_message(self.env, status)
            document._note_status(status, text, state="rejected")
            document._log(self.env._("KSeF rejected this invoice. %s", text))

    def _hold(self, session, status):
        for document in self._still_pending(session):
            text = status_message(self.env, status, self_billing=document.self_billing)
            document._note_status(
                status, text, state="ready", session_id=False, waits_for_person=True
            )
            document._log(self.env._("KSeF could not take this invoice. %s", text))

    def _release(self, session, status=None, problem=None):
        """Make documents ready again.

        :param status: the verdict of KSeF, which counts as an attempt; none when the
            document never reached it, which never counts.
        """
        documents = self._still_pending(session)
        documents.write({"state": "ready", "session_id": False})
        if status is not None:
            for document in documents:
                document._note_attempt(status, problem)

    def _note_attempt(self, status, problem=None):
        """Count a refusal; wait longer after each, after the last for a person."""
        attempts = self.attempts + 1
        send_after = fields.Datetime.now() + PAUSE * attempts
        text = problem or status_message(self.env, status)
        last = attempts >= MOST_ATTEMPTS
        if last:
            text = self.env._(
                "%s Odoo has tried several times and waits for you now: send it again"
                ' with "Send now" once the cause is gone.',
                text,
            )
            self._log(self.env._("KSeF could not take this invoice. %s", text))
        self._note_status(
            status,
            text,
            attempts=attempts,
            send_after=send_after,
            waits_for_person=last,
        )
        self.env["ksef.session"]._wake_up("send", send_after)

    def _note_status(self, status, problem, **values):
        """Note what KSeF said of this document, beside ``values``."""
        self.write(
            {
                "status_code": status.code,
                "status_text": ksef_words(status),
                "problem": problem,
                **values,
            }
        )

    def _keep_upo(self, content):
        """Keep the official receipt, byte for byte."""
        self.upo = base64.b64encode(content)

    def _note_problem(self, text):
        """Tell on waiting documents why they wait."""
        self.filtered(lambda document: document.problem != text).problem = text

    def _mirror_number(self):
        """Fill Odoo's own KSeF number, which JPK and bank addons read."""
        if "l10n_pl_edi_number" not in self.env["account.move"]._fields:
            return
        self.env.cr.execute(
            SQL(
                "UPDATE account_move SET l10n_pl_edi_number = %s WHERE id = %s",
                self.ksef_number,
                self.move_id.id,
            )
        )
        self.move_id.invalidate_recordset(["l10n_pl_edi_number"], flush=False)

    def _log(self, text):
        for document in self.filtered("move_id"):
            document.move_id._message_log_batch(bodies={document.move_id.id: text})
