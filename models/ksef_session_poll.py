import logging
import time
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..ksef.errors import (
    ApiError,
    AuthenticationError,
    CertificateError,
    KsefError,
    ProtocolError,
    RateLimitError,
)
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

#: KSeF's code for a session that it does not know.
SESSION_UNKNOWN = 21173

#: A session holds 10,000 invoices, a page of its list a thousand. KSeF may give less.
MOST_PAGES = 200

#: After so long people are told that KSeF is slow, and that nothing is lost.
SLOW_HOURS = 2

FINAL_PHASES = (SessionPhase.DONE, SessionPhase.FAILED)

#: Accepted, but not yet visible to the buyer.
UNSTORED = [("state", "=", "accepted"), ("stored_at", "=", False)]

#: Documents of which the listing can still tell something.
UNSETTLED = [
    "|",
    ("state", "=", "pending"),
    "&",
    *UNSTORED,
]

#: Without a reference it was accepted in a session that is not ours to read.
LACKS_UPO = [
    ("state", "=", "accepted"),
    ("invoice_reference", "!=", False),
    ("upo", "=", False),
    ("upo_id", "=", False),
]


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
            return self._note_poll_trouble(error)
        except UniqueViolation as error:
            # One session must not keep those behind it from being looked at.
            roll_back(self.env)
            _logger.warning("KSeF session %s: %s", self.reference_number, error)
            return self._note_poll_trouble(
                ProtocolError("one KSeF number for two invoices")
            )
        return True

    def _note_poll_trouble(self, error):
        """Note why nothing could be learned, and look again later.

        :return: False
        """
        _logger.info("KSeF session %s: %s", self.reference_number, error)
        self.problem = user_message(self.env, error)
        self._note_trace(error)
        owner = self.company_id._ksef_owner()
        pause = owner._ksef_retry_after(error)
        self._schedule_poll(pause and fields.Datetime.now() + pause)
        owner._ksef_note_answer(error)
        self._mine(("state", "=", "pending"))._go_offline_when_due()
        commit(self.env)
        return False

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
        if self._was_interrupted():
            self._abandon()
            return
        client = self._client()
        if self.state in ("open", "closing"):
            self._close(client)
        if self.state == "failed":
            return
        self.company_id._ksef_owner()._ksef_check_pause()
        status = self._ask_status(client)
        if not status:
            return
        phase = session_phase(status.code, batch=self.session_type == "batch")
        if self._is_worth_listing(phase):
            if not self._awaits_proof(client):
                self._apply_listing(client, status, phase)
            self._fetch_upos(client, status)
        self._finish(phase)

    def _ask_status(self, client):
        """Ask how far the session is, and note it.

        :return: None where KSeF does not know the session: what it carried is sent
            again. What KSeF holds all the same, its answer to that proves (440).
        """
        reference = self.reference_number
        commit(self.env)
        try:
            status = client.session_status(reference)
        except ApiError as error:
            if error.code != SESSION_UNKNOWN:
                raise
            self._abandon(error)
            return None
        roll_back(self.env)  # see what other processes did meanwhile
        self.company_id._ksef_owner()._ksef_note_answer()
        self._note_status(status)
        return status

    def _note_status(self, status):
        self.write(
            {
                "status_code": status.code,
                "status_text": ksef_words(status),
                "invoice_count": status.invoice_count,
                "successful_count": status.successful_invoice_count,
                "failed_count": status.failed_invoice_count,
                "problem": self._slow_message(),
            }
        )

    def _slow_message(self):
        """Return what to tell of a session that KSeF does not finish (R06)."""
        hours = int((fields.Datetime.now() - self.opened_at).total_seconds() // 3600)
        if hours < SLOW_HOURS or not self._has(("state", "=", "pending")):
            return False
        return self.env._(
            "KSeF has been working on this session for %s hours. Nothing is lost: do"
            " not send these invoices in another way, KSeF has them. Odoo keeps"
            " asking.",
            hours,
        )

    def _is_worth_listing(self, phase):
        """A batch has no verdicts before its end, and thousands of them then."""
        return self.session_type == "online" or phase in FINAL_PHASES

    def _client(self):
        """Return a client of the subject that opened the session: KSeF shows it to
        nobody else. A certificate that is revoked or has lost its key leaves that to
        another one.

        :raises CertificateError: the company is connected to another environment now,
            which would not know the session.
        """
        owner = self.company_id._ksef_owner()
        if owner.sudo().ksef_environment != self.environment:
            raise CertificateError("other_environment")
        usable = self.certificate_id.filtered(
            lambda c: c.active and c.state != "revoked"
        )
        return owner._ksef_client(usable, "poll")

    def _pages(self, client):
        """Yield what KSeF has for this session, page by page.

        :raises ProtocolError: the list has no end.
        """
        reference, continuation = self.reference_number, None
        for _page in range(MOST_PAGES):
            self._renew_lease()
            page = client.session_invoices(reference, continuation=continuation)
            yield page.invoices
            continuation = page.continuation
            if not continuation:
                return
        raise ProtocolError("the list of a session has no end")

    def _mine(self, *domain):
        """Return the documents that this session carried last."""
        return self.env["ksef.document"].search_fetch(
            [("session_id", "=", self.id), *domain],
            ["state", "sha256", "offline_mode"],
            order="id",
        )

    def _has(self, *domain):
        """Whether this session carried such a document last: none is read."""
        domain = [("session_id", "=", self.id), *domain]
        return bool(self.env["ksef.document"].search_count(domain, limit=1))

    def _apply_listing(self, client, status, phase):
        """Apply verdicts page by page, each committed. An accepted entry outranks a 440
        for the same hash, so what is said to be twice there comes last."""
        listed, hashes, duplicates = 0, set(), {}
        for page in self._pages(client):
            listed += len(page)
            hashes.update(entry.invoice_hash for entry in page)
            duplicates.update(self._apply_page(page))
            commit(self.env)
        self._settle_duplicates(client, duplicates)
        if _is_complete(status, phase, listed):
            self._release_missing(hashes, status, phase)
        commit(self.env)
        if self._has(("state", "=", "accepted")):
            self.env["ksef.document"]._wake_up_corrections()

    def _apply_page(self, page):
        """Apply the verdicts of one page.

        :return: what KSeF calls a duplicate: {document: InvoiceStatus}.
        """
        roll_back(self.env)  # see what other processes did meanwhile
        by_hash = {}
        for entry in page:
            if entry.invoice_hash not in by_hash or _is_accepted(entry):
                by_hash[entry.invoice_hash] = entry
        documents = self._mine(("sha256", "in", list(by_hash)), *UNSETTLED)
        return documents._apply_verdicts(
            self, {document: by_hash[document.sha256] for document in documents}
        )

    def _release_missing(self, hashes, status, phase):
        """KSeF is done with the session and does not have these documents in it."""
        pending = self._mine(("state", "=", "pending"))
        missing = pending.filtered(lambda d: d.sha256 not in hashes)
        if not missing:
            return
        empty = self.session_type == "online" and status.code == NOTHING_SENT
        if phase is SessionPhase.FAILED and not empty:
            told = dict.fromkeys(missing, status)
            missing._release(self, told, session_message(self.env, status))
        else:
            missing._release(self)
            self._wake_up("send")

    def _fetch_upos(self, client, status):
        """Keep the official receipt of each accepted invoice, byte for byte. One that
        is unusable, a page of some gateway perhaps, keeps no other back.

        :raises KsefError: the first trouble, once the others are kept.
        """
        deadline, trouble = time.monotonic() + STEP_SECONDS, None
        for document in self._mine(*LACKS_UPO):
            names = self.reference_number, document.invoice_reference
            self._renew_lease()
            try:
                document._keep_upo(client.invoice_upo(*names))
            except (AuthenticationError, RateLimitError):
                raise
            except (ApiError, ProtocolError) as error:
                trouble = trouble or error
            if time.monotonic() > deadline:
                break
        commit(self.env)
        if trouble:
            raise trouble

    def _finish(self, phase):
        if self._has(("state", "=", "pending")) or self._has(*LACKS_UPO):
            return
        if phase is SessionPhase.FAILED:
            empty = self.session_type == "online" and self.status_code == NOTHING_SENT
            self.state = "done" if empty else "failed"
        elif phase is SessionPhase.DONE and not self._has(*UNSTORED):
            self.state = "done"
        if self.state in ("done", "failed"):
            self.finished_at = fields.Datetime.now()

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
            if not self._has(("state", "=", "pending")):
                return

    def action_poll_now(self):
        """Look at the session now."""
        self.check_access("read")
        self.env["account.move"].check_access("write")
        for session in self.sudo():
            session._poll_or_note()


def _is_accepted(status):
    return verdict(status.code, offline=False) is Verdict.ACCEPT


def _is_complete(status, phase, listed):
    """Whether KSeF is done with a session and has listed every invoice in it."""
    if status.invoice_count is None:
        return phase is SessionPhase.FAILED
    return phase in FINAL_PHASES and listed >= status.invoice_count
