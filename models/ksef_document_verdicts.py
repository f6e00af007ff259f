from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..ksef.messages import Verdict, verdict
from ..tools import warsaw
from ..tools.user_message import status_message

#: After so many refusals by KSeF a document waits for a person.
MOST_ATTEMPTS = 5

#: The pause after a refusal, times the number of refusals so far.
PAUSE = timedelta(minutes=5)

#: What a verdict that accepts needs to know of a document.
READ = (
    *("state", "session_id", "stored_at", "move_id", "direction"),
    *("waits_for_person", "environment"),
)

#: What applies a verdict. A duplicate has to be proven first.
METHODS = {
    Verdict.ACCEPT: "_accept",
    Verdict.REJECT: "_reject",
    Verdict.HOLD: "_hold",
    Verdict.RELEASE: "_release",
}


class KsefDocument(models.Model):
    """Verdicts: what KSeF said of documents, a thousand at a time.

    ``told`` is always {document: InvoiceStatus}. Every verdict is compare-and-set: it
    counts for a pending document of the session that carried the bytes.
    """

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    def _apply_verdicts(self, session, told):
        """Apply what KSeF said; nothing here asks KSeF.

        :return: what it calls duplicates, which have to be proven.
        """
        groups = self.grouped(lambda d: d._verdict(told[d]))
        for kind, documents in groups.items():
            if kind in METHODS:
                apply = getattr(documents, METHODS[kind])
                apply(session, {document: told[document] for document in documents})
        return {d: told[d] for d in groups.get(Verdict.DUPLICATE, ())}

    def _verdict(self, status):
        """Return what a status means; an acceptance without a KSeF number is none."""
        kind = verdict(status.code, offline=bool(self.offline_mode))
        if kind is Verdict.ACCEPT and not status.ksef_number:
            return Verdict.WAIT
        return kind

    def _still_pending(self, session):
        return self._of_session(session).filtered(lambda d: d.state == "pending")

    def _of_session(self, session):
        documents = self.try_lock_for_update(allow_referencing=True)
        documents.invalidate_recordset(["state", "session_id", "stored_at"])
        documents.fetch(READ)  # else Odoo reads every column of a thousand
        return documents.filtered(lambda d: d.session_id == session)

    # ------------------------------------------------------------------
    # Accepted
    # ------------------------------------------------------------------

    def _accept(self, session, told):
        """Note the acceptance, or that the buyer can see an accepted invoice now."""
        documents = self._of_session(session)
        pending = documents.filtered(lambda d: d.state == "pending")
        pending._note_acceptance(told)
        for document in documents - pending:
            stored_at = warsaw.naive(told[document].permanent_storage_date)
            if document.state == "accepted" and stored_at and not document.stored_at:
                document.stored_at = stored_at

    def _adopt(self, session, earlier, told):
        """Accept what an earlier session of ours had brought to KSeF already: that one
        has the UPO."""
        documents = self._still_pending(session)
        documents._note_acceptance(told)
        documents.write({"session_id": earlier.id})
        if documents:
            earlier.write({"state": "closed", "poll_at": fields.Datetime.now()})

    def _note_acceptance(self, told):
        same = {
            "state": "accepted",
            "accepted_at": fields.Datetime.now(),
            "waits_for_person": False,
            "status_text": False,
            "problem": False,
        }
        for document in self:
            document.write(same | _numbers(told[document]))
        self._mirror_numbers()
        self._log_each(
            lambda document: document.env._(
                "KSeF accepted this invoice: %s", document.ksef_number
            )
        )
        self._call_person()
        self._wake_up_mails()

    def _wake_up_mails(self):
        """E-mails may have waited for the numbers: no invoice is read for that."""
        waiting = [("id", "in", self.move_id.ids), ("sending_data", "!=", False)]
        if self.env["account.move"].search_count(waiting, limit=1):
            self.env.ref("account.ir_cron_account_move_send").sudo()._trigger()

    def _mirror_numbers(self):
        """Fill Odoo's own KSeF number, which JPK and bank addons read, in one go."""
        if "l10n_pl_edi_number" not in self.env["account.move"]._fields:
            return
        self.flush_recordset(["ksef_number", "move_id"])
        self.env.cr.execute(
            SQL(
                "UPDATE account_move SET l10n_pl_edi_number = document.ksef_number"
                " FROM ksef_document AS document"
                " WHERE document.id = ANY(%s) AND account_move.id = document.move_id",
                self.ids,
            )
        )
        self.move_id.invalidate_recordset(["l10n_pl_edi_number"], flush=False)

    # ------------------------------------------------------------------
    # Not accepted
    # ------------------------------------------------------------------

    def _reject(self, session, told, problem=None):
        documents = self._still_pending(session)
        for document in documents:
            text = problem or document._refusal_message(told[document])
            document._note_status(told[document], text, state="rejected")
        documents._log_each(
            lambda d: d.env._("KSeF rejected this invoice. %s", d.problem)
        )
        documents._call_person()

    def _refusal_message(self, status):
        return status_message(self.env, status)

    def _hold(self, session, told):
        documents = self._still_pending(session)
        for document in documents:
            text = status_message(
                self.env, told[document], self_billing=document.self_billing
            )
            document._note_status(
                told[document],
                text,
                state="ready",
                session_id=False,
                waits_for_person=True,
            )
        documents._log_not_taken()
        documents._call_person()

    def _release(self, session, told=None, problem=None):
        """Make documents ready again.

        :param told: the verdicts of KSeF, which count as an attempt; none when the
            documents never reached it, which never counts.
        """
        documents = self._still_pending(session)
        documents.write({"state": "ready", "session_id": False})
        if told and documents:
            documents._note_attempts(told, problem)

    def _note_attempts(self, told, problem=None):
        """Count refusals; wait longer after each, after the last for a person."""
        now = fields.Datetime.now()
        for document in self:
            document._note_attempt(told[document], problem, now)
        held = self.filtered("waits_for_person")
        held._log_not_taken()
        held._call_person()
        self.env["ksef.session"]._wake_up("send", min(self.mapped("send_after")))

    def _note_attempt(self, status, problem, now):
        attempts = self.attempts + 1
        text = problem or status_message(self.env, status)
        if attempts >= MOST_ATTEMPTS:
            text = self.env._(
                "%s Odoo has tried several times and waits for you now: send it again"
                ' with "Send now" once the cause is gone.',
                text,
            )
        self._note_status(
            status,
            text,
            attempts=attempts,
            send_after=now + PAUSE * attempts,
            waits_for_person=attempts >= MOST_ATTEMPTS,
        )

    def _log_not_taken(self):
        self._log_each(
            lambda d: d.env._("KSeF could not take this invoice. %s", d.problem)
        )

    # ------------------------------------------------------------------
    # On the invoice
    # ------------------------------------------------------------------

    def _log(self, text):
        self._log_each(lambda document: text)

    def _log_each(self, words):
        """Log on each invoice what ``words`` says of its document, in one go."""
        bodies = {d.move_id.id: words(d) for d in self if d.move_id}
        self.move_id._message_log_batch(bodies=bodies)


def _numbers(status):
    """Return what an accepted document keeps of its status."""
    return {
        "ksef_number": status.ksef_number,
        "acquired_at": warsaw.naive(status.acquisition_date),
        "stored_at": warsaw.naive(status.permanent_storage_date),
        "invoicing_mode": status.invoicing_mode,
        "invoice_reference": status.reference_number,
        "status_code": status.code,
    }
