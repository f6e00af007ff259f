import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..ksef.errors import KsefError, RateLimitError
from ..ksef.messages import SessionPhase, Verdict, session_phase, verdict
from ..tools.transaction import commit, roll_back
from ..tools.user_message import ksef_words, session_message, user_message
from .ksef_session import LEASE, STEP_SECONDS

_logger = logging.getLogger(__name__)

#: (age of the session, pause until the next look): cron triggers count minutes.
POLL_PAUSES = (
    (timedelta(minutes=10), timedelta(minutes=1)),
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(days=36500), timedelta(hours=1)),
)

#: KSeF's status of a session that was closed without a single invoice in it.
NOTHING_SENT = 440


class KsefSession(models.Model):
    """What KSeF says of a session and of each invoice in it."""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _cron_poll(self):
        self.env["ksef.certificate"]._poll_enrolments()
        due = Domain("poll_at", "<=", fields.Datetime.now())
        for session in self.search(self._domain_unfinished() & due, order="poll_at"):
            session._poll_or_note()
            if not commit(self.env, 1):
                self._wake_up("poll")
                return

    def _poll_or_note(self):
        """Look at one session; on trouble note it and look again later.

        :return: whether it is worth waiting: False when KSeF gave no answer.
        """
        try:
            if self._lease():
                self._poll()
                self._schedule_poll()
                commit(self.env)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another process was faster; at the latest the end of the lease helps.
            roll_back(self.env)
            self._wake_up("poll", fields.Datetime.now() + LEASE)
            commit(self.env)
        except KsefError as error:
            roll_back(self.env)
            self._note_poll_trouble(error)
            commit(self.env)
            return False
        return True

    def _note_poll_trouble(self, error):
        _logger.info("KSeF session %s: %s", self.reference_number, error)
        self.problem = user_message(self.env, error)
        earliest = None
        if isinstance(error, RateLimitError):
            earliest = self._retry_at(self.company_id, error)
        self._schedule_poll(earliest)
        self.company_id._ksef_owner()._ksef_note_answer(error)
        self._mine()._go_offline_when_due()

    def _lease(self):
        """Claim the session for this process; False while another one has it."""
        roll_back(self.env)
        session = self.try_lock_for_update(allow_referencing=True)
        now = fields.Datetime.now()
        if not session or (session.lease_until and session.lease_until > now):
            return False
        session.lease_until = now + LEASE
        commit(self.env)
        return True

    def _schedule_poll(self, earliest=None):
        """Give the session free for the next look, not before ``earliest``."""
        self.lease_until = False
        if self.state in ("done", "failed"):
            self.poll_at = False
            return
        now = fields.Datetime.now()
        age = now - self.opened_at
        pause = next(pause for limit, pause in POLL_PAUSES if age < limit)
        self.poll_at = max(now + pause, earliest or now)
        self._wake_up("poll", self.poll_at)

    def _poll(self):
        """Apply what KSeF says of this session and of each invoice in it.

        :raises KsefError: no or no usable answer; nothing is lost, look again.
        """
        client = self._client()
        reference = self.reference_number
        if self.state in ("open", "closing"):
            self._close(client)
        status = client.session_status(reference)
        listed = self._list_invoices(client)
        roll_back(self.env)  # see what other processes did meanwhile
        self.company_id._ksef_owner()._ksef_note_answer()
        self.write(
            {
                "status_code": status.code,
                "status_text": ksef_words(status),
                "problem": False,
            }
        )
        self._apply(client, listed)
        if _is_complete(status, listed):
            self._release_missing(listed, status)
        commit(self.env)
        self._mine()._wake_up_corrections()
        self._fetch_upos(client)
        self._finish(session_phase(status.code))

    def _client(self):
        """Return a client of the subject that opened the session: KSeF shows it to
        nobody else. A certificate that is revoked or has lost its key leaves that to
        another one."""
        usable = self.certificate_id.filtered(
            lambda c: c.active and c.state != "revoked"
        )
        return self.company_id._ksef_owner()._ksef_client(usable)

    def _list_invoices(self, client):
        """Return what KSeF has for this session, all pages."""
        reference = self.reference_number
        listed, continuation = [], None
        while True:
            page = client.session_invoices(reference, continuation=continuation)
            listed += page.invoices
            continuation = page.continuation
            if not continuation:
                return listed

    def _mine(self):
        """Return the documents that this session carried last."""
        return self.document_ids.filtered(lambda d: d.session_id == self)

    def _apply(self, client, listed):
        """Apply verdicts. An accepted entry outranks a 440 for the same hash."""
        by_hash = {document.sha256: document for document in self._mine()}
        known = [status for status in listed if status.invoice_hash in by_hash]
        for status in sorted(known, key=_is_accepted, reverse=True):
            self._apply_one(by_hash[status.invoice_hash], status)
        commit(self.env)
        for status in known:
            document = by_hash[status.invoice_hash]
            kind = verdict(status.code, offline=bool(document.offline_mode))
            if kind is Verdict.DUPLICATE and document.state == "pending":
                self._settle_duplicate(client, document, status)
                commit(self.env)

    def _apply_one(self, document, status):
        apply = {
            Verdict.ACCEPT: document._accept,
            Verdict.REJECT: document._reject,
            Verdict.HOLD: document._hold,
            Verdict.RELEASE: document._release,
        }.get(verdict(status.code, offline=bool(document.offline_mode)))
        if apply:
            apply(self, status)

    def _release_missing(self, listed, status):
        """KSeF is done with the session and does not have these documents in it."""
        hashes = {entry.invoice_hash for entry in listed}
        missing = self._mine().filtered(
            lambda d: d.state == "pending" and d.sha256 not in hashes
        )
        if not missing:
            return
        failed = session_phase(status.code) is SessionPhase.FAILED
        if failed and status.code != NOTHING_SENT:
            missing._release(self, status, session_message(self.env, status))
        else:
            missing._release(self)
            self._wake_up("send")

    def _fetch_upos(self, client):
        """Keep the official receipt of each accepted invoice, byte for byte."""
        deadline = time.monotonic() + STEP_SECONDS
        for document in self._mine().filtered(_lacks_upo):
            names = self.reference_number, document.invoice_reference
            self.lease_until = fields.Datetime.now() + LEASE
            commit(self.env)  # no transaction of ours waits for KSeF
            document._keep_upo(client.invoice_upo(*names))
            if time.monotonic() > deadline:
                break
        commit(self.env)

    def _finish(self, phase):
        mine = self._mine()
        accepted = mine.filtered(lambda d: d.state == "accepted")
        if "pending" in mine.mapped("state") or accepted.filtered(_lacks_upo):
            return
        if phase is SessionPhase.FAILED:
            self.state = "done" if self.status_code == NOTHING_SENT else "failed"
        elif phase is SessionPhase.DONE and all(accepted.mapped("stored_at")):
            self.state = "done"

    # ------------------------------------------------------------------
    # While the user waits
    # ------------------------------------------------------------------

    def _wait_for_verdicts(self, seconds):
        """Look at the session until it has spoken, for a few seconds at most."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(1)
            if not self._poll_or_note():
                return
            if "pending" not in self.document_ids.mapped("state"):
                return

    def action_poll_now(self):
        """Look at the session now."""
        self.check_access("read")
        self.env["account.move"].check_access("write")
        for session in self.sudo():
            session._poll_or_note()


def _is_accepted(status):
    return verdict(status.code, offline=False) is Verdict.ACCEPT


def _lacks_upo(document):
    # Without a reference it was accepted in a session that is not ours to read.
    return (
        document.state == "accepted" and document.invoice_reference and not document.upo
    )


def _is_complete(status, listed):
    """Whether KSeF is done with a session and has listed every invoice in it."""
    phase = session_phase(status.code)
    if status.invoice_count is None:
        return phase is SessionPhase.FAILED
    final = phase in (SessionPhase.DONE, SessionPhase.FAILED)
    return final and len(listed) >= status.invoice_count
