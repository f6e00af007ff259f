import logging
import time
from dataclasses import replace
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.crypto import SessionKey, choose_key, encrypt_invoice
from ..ksef.errors import (
    ApiError,
    AuthenticationError,
    KsefError,
    RateLimitError,
    ServerError,
    TransportError,
)
from ..ksef.messages import InvoiceQuery, SessionPhase, Verdict, session_phase, verdict
from ..ksef.reading import moment
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import ksef_words, user_message
from .ksef_certificate import ENVIRONMENTS

_logger = logging.getLogger(__name__)

#: Longer than any request may take: while it runs, nobody else touches the session.
LEASE = timedelta(minutes=3)

#: One session carries no more than KSeF takes within a minute (30 sends).
MOST_DOCUMENTS = 30

#: KSeF did not answer: the next try.
RETRY = timedelta(minutes=5)

#: (age of the session, pause until the next look): cron triggers count minutes.
POLL_PAUSES = (
    (timedelta(minutes=10), timedelta(minutes=1)),
    (timedelta(hours=2), timedelta(minutes=10)),
    (timedelta(days=36500), timedelta(hours=1)),
)


class KsefSession(models.Model):
    """One KSeF session: the unit KSeF reports on, the unit we poll.

    No answer is ever needed: what KSeF took is read from the session's own list.
    """

    _name = "ksef.session"
    _description = "KSeF session"
    _order = "id desc"
    _rec_name = "reference_number"

    company_id = fields.Many2one("res.company", required=True, index=True)
    environment = fields.Selection(ENVIRONMENTS, required=True)
    certificate_id = fields.Many2one("ksef.certificate", ondelete="set null")
    reference_number = fields.Char("Reference", required=True, index=True)
    # (none)  --[_open]------> open     committed with its documents, before they leave
    # open    --[_close]-----> closing  committed before the close request
    # closing --[_close]-----> closed   KSeF confirmed
    # closed  --[_poll]------> done     every document has its verdict, UPO and storage
    # any     --[_poll]------> failed   KSeF could not read the session
    state = fields.Selection(
        [
            ("open", "Open"),
            ("closing", "Closing"),
            ("closed", "Closed, waiting for KSeF"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        index=True,
    )
    opened_at = fields.Datetime(required=True)
    lease_until = fields.Datetime()
    poll_at = fields.Datetime("Next look", index=True)
    status_code = fields.Integer("KSeF status")
    status_text = fields.Text("KSeF's answer")
    problem = fields.Text()
    document_ids = fields.Many2many("ksef.document", string="Documents")
    document_count = fields.Integer(compute="_compute_document_count")

    @api.depends("document_ids")
    def _compute_document_count(self):
        for session in self:
            session.document_count = len(session.document_ids)

    @api.model
    def _domain_unfinished(self):
        return Domain("state", "in", ("open", "closing", "closed"))

    # ------------------------------------------------------------------
    # Send
    # ------------------------------------------------------------------

    @api.model
    def _cron_send(self):
        """Hand over what waits, company by company: one's trouble is its own."""
        documents = self.env["ksef.document"]
        waiting = documents._read_group(
            documents._domain_to_hand_over(), ["company_id"], ["id:recordset"]
        )
        for company, records in waiting:
            ready = records.sorted("id")
            for start in range(0, len(ready), MOST_DOCUMENTS):
                batch = ready[start : start + MOST_DOCUMENTS]
                if not self._send_or_note(company, batch):
                    break
                if not commit(self.env, len(batch)):
                    self.env.ref("l10n_pl_ksef.cron_send")._trigger()
                    return

    @api.model
    def _send_or_note(self, company, documents):
        """Send documents of one company; on trouble note why they wait, and until when.

        :return: whether KSeF took them in.
        """
        try:
            self._send(company, documents)
        except KsefError as error:
            roll_back(self.env)
            self._note_trouble(company, documents, error)
            return False
        return True

    @api.model
    def _note_trouble(self, company, documents, error):
        retry_at = fields.Datetime.now() + RETRY
        if isinstance(error, RateLimitError):
            retry_at = company._ksef_owner()._ksef_pause(error.retry_after)
        _logger.info("KSeF, company %s: %s", company.id, error)
        waiting = documents.filtered(lambda document: document.state == "ready")
        waiting._note_problem(user_message(self.env, error))
        self.env.ref("l10n_pl_ksef.cron_send")._trigger(at=retry_at)
        commit(self.env)

    @api.model
    def _send(self, company, documents):
        """Send documents in one online session and leave it closed.

        :raises KsefError: before anything was handed over.
        :return: the session; empty when other processes had taken the documents.
        """
        owner = company._ksef_owner()
        documents = documents.filtered(
            lambda d: d.environment == owner.ksef_environment
        )
        if not documents:
            return self.browse()
        credential = owner._ksef_login_credential()
        client = owner._ksef_client(credential)
        key = SessionKey.generate()
        session, documents = self._open(client, key, company, credential, documents)
        session._send_each(client, key, documents)
        session._close(client)
        session._schedule_poll()
        commit(self.env)
        return session

    @api.model
    def _open(self, client, key, company, credential, documents):
        """Open a session and bind documents to it: committed before they leave."""
        opened = self._open_at_ksef(client, key)
        roll_back(self.env)  # see what other processes did meanwhile
        now = fields.Datetime.now()
        session = self.create(
            {
                "company_id": company.id,
                "environment": company._ksef_owner().ksef_environment,
                "certificate_id": credential.id,
                "reference_number": opened.reference_number,
                "state": "open",
                "opened_at": now,
                "lease_until": now + LEASE,
                "poll_at": now + LEASE,
            }
        )
        documents = documents._hand_over(session)
        self.env.ref("l10n_pl_ksef.cron_poll")._trigger(at=now + LEASE)
        commit(self.env)
        return session, documents

    @api.model
    def _open_at_ksef(self, client, key):
        def open_session():
            public_key = choose_key(
                client.public_keys(), "SymmetricKeyEncryption", warsaw.now()
            )
            return client.open_online_session(key.wrap(public_key))

        try:
            return open_session()
        except ApiError as error:
            if error.code != 21470:  # the public key was withdrawn meanwhile
                raise
            return open_session()

    def _send_each(self, client, key, documents):
        """Send one after the other; what cannot have left is ready again at once."""
        unsent = documents
        for document in documents:
            unsent -= document
            try:
                encrypted = encrypt_invoice(document._bytes(), key)
                reference = client.send_invoice(self.reference_number, encrypted)
            except (TransportError, ServerError) as error:
                # It may have arrived: the session's list will tell.
                self.problem = user_message(self.env, error)
                break
            except ApiError as error:
                unsent |= document
                self._note_refusal(error)
                break
            document.invoice_reference = reference
            self.lease_until = fields.Datetime.now() + LEASE
            commit(self.env)
        unsent._release(self)
        unsent._note_problem(self.problem or "")
        commit(self.env)

    def _note_refusal(self, error):
        """A send was answered with an error: nothing was taken in by KSeF."""
        self.problem = user_message(self.env, error)
        retry_at = fields.Datetime.now() + RETRY
        if isinstance(error, RateLimitError):
            retry_at = self.company_id._ksef_owner()._ksef_pause(error.retry_after)
        self.env.ref("l10n_pl_ksef.cron_send")._trigger(at=retry_at)

    def _close(self, client):
        """Close at KSeF. A lost answer leaves `closing`; the poll closes again."""
        if self.state == "open":
            self.state = "closing"
            commit(self.env)
        try:
            client.close_online_session(self.reference_number)
        except AuthenticationError as error:
            self.problem = user_message(self.env, error)
            return
        except (TransportError, ServerError, RateLimitError) as error:
            self.problem = user_message(self.env, error)
            return
        except ApiError as error:
            # Closed already, cancelled or unknown: its status tells.
            _logger.info("KSeF session %s: %s", self.reference_number, error)
        self.state = "closed"
        commit(self.env)

    # ------------------------------------------------------------------
    # Poll
    # ------------------------------------------------------------------

    @api.model
    def _cron_poll(self):
        due = Domain("poll_at", "<=", fields.Datetime.now())
        for session in self.search(self._domain_unfinished() & due, order="poll_at"):
            session._poll_or_note()
            if not commit(self.env, 1):
                self.env.ref("l10n_pl_ksef.cron_poll")._trigger()
                return

    def _poll_or_note(self):
        """Look at one session; on trouble note it and look again later.

        :return: whether KSeF answered.
        """
        if not self._lease():
            return False
        try:
            self._poll()
        except KsefError as error:
            roll_back(self.env)
            _logger.info("KSeF session %s: %s", self.reference_number, error)
            if isinstance(error, RateLimitError):
                self.company_id._ksef_owner()._ksef_pause(error.retry_after)
            self.problem = user_message(self.env, error)
            self._schedule_poll(error)
            commit(self.env)
            return False
        self._schedule_poll()
        commit(self.env)
        return True

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

    def _schedule_poll(self, error=None):
        self.lease_until = False
        if self.state in ("done", "failed"):
            self.poll_at = False
            return
        now = fields.Datetime.now()
        age = now - self.opened_at
        pause = next(pause for limit, pause in POLL_PAUSES if age < limit)
        if isinstance(error, RateLimitError):
            pause = max(pause, timedelta(seconds=error.retry_after))
        self.poll_at = now + pause
        self.env.ref("l10n_pl_ksef.cron_poll")._trigger(at=self.poll_at)

    def _poll(self):
        """Apply what KSeF says of this session and of each invoice in it.

        :raises KsefError: no or no usable answer; nothing is lost, look again.
        """
        client = self.company_id._ksef_owner()._ksef_client(self.certificate_id)
        if self.state in ("open", "closing"):
            self._close(client)
        status = client.session_status(self.reference_number)
        self.write(
            {
                "status_code": status.code,
                "status_text": ksef_words(status),
                "problem": False,
            }
        )
        phase = session_phase(status.code)
        listed = self._list_invoices(client)
        self._apply(client, listed)
        final = phase in (SessionPhase.DONE, SessionPhase.FAILED)
        if final and len(listed) >= (status.invoice_count or 0):
            self._release_missing(listed, status, phase)
        self._fetch_upos(client)
        self._finish(phase)

    def _list_invoices(self, client):
        """Return what KSeF has for this session, all pages."""
        listed, continuation = [], None
        while True:
            page = client.session_invoices(
                self.reference_number, continuation=continuation
            )
            listed += page.invoices
            continuation = page.continuation
            if not continuation:
                return listed

    def _apply(self, client, listed):
        """Apply verdicts. An accepted entry outranks a 440 for the same hash."""
        by_hash = {document.sha256: document for document in self.document_ids}
        ranked = sorted(listed, key=lambda s: verdict(s.code, offline=False) is not Verdict.ACCEPT)
        for status in ranked:
            document = by_hash.get(status.invoice_hash)
            if document and document.session_id == self:
                self._apply_one(client, document, status)
                commit(self.env)

    def _apply_one(self, client, document, status):
        kind = verdict(status.code, offline=False)
        if kind is Verdict.ACCEPT and document.state == "accepted":
            if not document.stored_at and status.permanent_storage_date:
                document.stored_at = warsaw.naive(status.permanent_storage_date)
        elif kind is Verdict.ACCEPT:
            document._accept(self, status)
        elif kind is Verdict.DUPLICATE and document.state == "pending":
            self._settle_duplicate(client, document, status)
        elif kind is Verdict.REJECT:
            document._reject(self, status)
        elif kind is Verdict.HOLD:
            document._hold(self, status)
        elif kind is Verdict.RELEASE:
            document._release(self, status)
            self.env.ref("l10n_pl_ksef.cron_send")._trigger()

    def _release_missing(self, listed, status, phase):
        """KSeF is done with the session and never had these documents in it."""
        hashes = {entry.invoice_hash for entry in listed}
        missing = self.document_ids.filtered(
            lambda d: d.session_id == self
            and d.state == "pending"
            and d.sha256 not in hashes
        )
        if missing:
            refused = status if phase is SessionPhase.FAILED and listed else None
            missing._release(self, refused)
            self.env.ref("l10n_pl_ksef.cron_send")._trigger()

    def _fetch_upos(self, client):
        """Keep the official receipt of each accepted invoice, byte for byte."""
        for document in self.document_ids.filtered(
            lambda d: d.session_id == self
            and d.state == "accepted"
            and d.invoice_reference
            and not d.upo
        ):
            upo = client.invoice_upo(self.reference_number, document.invoice_reference)
            document._keep_upo(upo)
            commit(self.env)

    def _finish(self, phase):
        mine = self.document_ids.filtered(lambda d: d.session_id == self)
        if "pending" in mine.mapped("state"):
            return
        accepted = mine.filtered(lambda d: d.state == "accepted")
        complete = all(document.upo and document.stored_at for document in accepted)
        if phase is SessionPhase.FAILED:
            self.state = "failed"
        elif phase is SessionPhase.DONE and complete:
            self.state = "done"

    # ------------------------------------------------------------------
    # 440: whose invoice is it?
    # ------------------------------------------------------------------

    def _settle_duplicate(self, client, document, status):
        """Accept a 440 only with proof, by hash, that KSeF holds these very bytes;
        wait while KSeF cannot show them yet; else a person has to act."""
        proof = self._proof_in_own_sessions(client, document, status)
        if proof:
            session, accepted = proof
            document._accept(self, accepted)
            document.session_id = session
            session.write({"state": "closed", "poll_at": fields.Datetime.now()})
            return
        original = self._original_in_ksef(client, document, status)
        if original is None:
            return  # not visible yet: the next poll asks again
        if original.invoice_hash == document.sha256:
            document._accept(self, _as_accepted(status, original))
        else:
            document._reject(
                self,
                status,
                self.env._(
                    "Another invoice with the number %(number)s is in KSeF already:"
                    " %(ksef_number)s. Give this one another number.",
                    number=document.number,
                    ksef_number=original.ksef_number,
                ),
            )

    def _proof_in_own_sessions(self, client, document, status):
        """Return (session, accepted status) from a session of ours, or None."""
        for session in document.session_ids - self:
            for entry in session._list_invoices(client):
                if (
                    entry.invoice_hash == document.sha256
                    and verdict(entry.code, offline=False) is Verdict.ACCEPT
                ):
                    return session, entry
        return None

    def _original_in_ksef(self, client, document, status):
        """Return the metadata of the invoice that KSeF holds under this number."""
        start = warsaw.start_of_day(document.issue_date) - timedelta(days=1)
        query = InvoiceQuery(
            subject_type="Subject1",
            date_type="Issue",
            date_from=start.isoformat(),
            date_to=(start + timedelta(days=3)).isoformat(),
            seller_nip=document.seller_nip,
            invoice_number=document.number,
        )
        page = client.query_metadata(query)
        same_kind = [
            found
            for found in page.invoices
            if found.ksef_number == status.original_ksef_number
            or not status.original_ksef_number
        ]
        return same_kind[0] if same_kind else None

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
        for session in self.sudo():
            session._poll_or_note()


def _as_accepted(status, original):
    """Return the status of a 440 whose original is proven to be these very bytes."""
    return replace(
        status,
        code=200,
        ksef_number=original.ksef_number,
        acquisition_date=original.acquisition_date,
        permanent_storage_date=moment(original.permanent_storage_date),
        invoicing_mode=original.invoicing_mode,
    )
