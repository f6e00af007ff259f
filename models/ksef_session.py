import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..ksef.crypto import SessionKey, choose_key, encrypt_invoice
from ..ksef.errors import (
    ApiError,
    AuthenticationError,
    KsefError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message
from .ksef_certificate import ENVIRONMENTS

_logger = logging.getLogger(__name__)

#: Longer than any request may take: while it runs, nobody else touches the session.
LEASE = timedelta(minutes=3)

#: One session carries no more than KSeF takes within a minute (30 sends).
MOST_DOCUMENTS = 30

#: KSeF did not answer: the next try.
RETRY = timedelta(minutes=5)

#: Nothing new is begun after so long: cron workers are killed after two minutes.
STEP_SECONDS = 30

#: KSeF's code for a session that takes no more invoices.
SESSION_IS_OVER = 21180

#: KSeF's code for a public key that was withdrawn meanwhile.
KEY_WITHDRAWN = 21470


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
        string="Status",
        required=True,
        index=True,
    )
    opened_at = fields.Datetime("Opened on", required=True)
    lease_until = fields.Datetime("Reserved until")
    poll_at = fields.Datetime("Next check", index=True)
    status_code = fields.Integer("KSeF status code")
    status_text = fields.Text("KSeF's answer")
    problem = fields.Text()
    document_ids = fields.Many2many("ksef.document", string="Documents")
    document_count = fields.Integer(
        "Number of documents", compute="_compute_document_count"
    )

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
        self._prepare_to_send()
        documents = self.env["ksef.document"]
        waiting = documents._domain_to_hand_over()
        for (company,) in documents._read_group(waiting, ["company_id"]):
            # Legal deadlines first; what has none, by age.
            mine = Domain("company_id", "=", company.id)
            batch = documents.search(waiting & mine, order="deadline, id")
            if not self._send_batches(company, batch):
                self.env.ref("l10n_pl_ksef.cron_send")._trigger()
                return
        self.env["account.move"]._ksef_issue_waiting_corrections()
        self._look_for_outages()

    @api.model
    def _prepare_to_send(self):
        """Settle what time has brought: documents that are offline24 since midnight,
        outages that were announced."""
        self.env["ksef.document"]._settle_modes()
        commit(self.env)

    @api.model
    def _look_for_outages(self):
        """Ask the status service while KSeF does not answer or an outage lasts."""
        owners = (
            self.env["res.company"].sudo().search([("ksef_environment", "!=", False)])
        )
        outages = self.env["ksef.outage"]
        outages._look(
            owners.filtered(
                lambda owner: owner._ksef_unreachable_since()
                or outages._current(owner.ksef_environment)
            )
        )

    @api.model
    def _send_batches(self, company, documents):
        """Send documents of one company, session by session.

        :return: whether the cron has time for more.
        """
        for start in range(0, len(documents), MOST_DOCUMENTS):
            batch = documents[start : start + MOST_DOCUMENTS]
            going_on = self._send_or_note(company, batch)
            if not commit(self.env, len(batch)):
                return False
            if not going_on:
                break
        return True

    @api.model
    def _send_or_note(self, company, documents):
        """Send documents of one company; on trouble note why they wait, and until when.

        :return: whether to go on with the next ones.
        """
        try:
            return self._send(company, documents)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Another process was faster. What was handed over, the poll finds.
            roll_back(self.env)
            self._wake_up("send", fields.Datetime.now() + timedelta(minutes=1))
        except KsefError as error:
            roll_back(self.env)
            self._note_trouble(company, documents, error)
        commit(self.env)
        return False

    @api.model
    def _note_trouble(self, company, documents, error):
        _logger.info("KSeF, company %s: %s", company.id, error)
        waiting = documents.exists().filtered(lambda d: d.state == "ready")
        waiting._note_problem(user_message(self.env, error))
        self._wake_up("send", self._retry_at(company, error))
        owner = company._ksef_owner()
        owner._ksef_note_answer(error)
        if owner._ksef_unreachable_since():
            documents._waiting_online(owner)._go_offline_when_due()

    @api.model
    def _retry_at(self, company, error):
        """Return when to try again. A pause that KSeF asks for is noted for every
        process."""
        now = fields.Datetime.now()
        if not isinstance(error, RateLimitError):
            return now + RETRY
        owner = company._ksef_owner()
        running = owner.sudo().ksef_paused_until
        if running and running > now:
            return running
        return owner._ksef_pause(error.retry_after)

    @api.model
    def _wake_up(self, name, moment=None):
        """Let a cron run, at once or at ``moment``."""
        self.env.ref(f"l10n_pl_ksef.cron_{name}").sudo()._trigger(at=moment)

    @api.model
    def _send(self, company, documents):
        """Send documents in one online session and leave it closed.

        :raises KsefError: before anything was handed over.
        :return: whether to go on with the next ones.
        """
        owner = company._ksef_owner()
        documents = documents.exists()._of_environment(owner.ksef_environment)
        documents = documents.filtered(lambda document: document.state == "ready")
        if not documents:
            return True
        credential = owner._ksef_login_credential()
        client = owner._ksef_client(credential)
        key = SessionKey.generate()
        session, documents = self._open(client, key, company, credential, documents)
        going_on = session._send_each(client, key, documents)
        if going_on:
            going_on = session._close(client)
        session._schedule_poll()
        commit(self.env)
        return going_on

    @api.model
    def _open(self, client, key, company, credential, documents):
        """Open a session and bind documents to it: committed before they leave."""
        opened = self._open_at_ksef(client, key)
        roll_back(self.env)  # see what other processes did meanwhile
        company._ksef_owner()._ksef_note_answer()
        documents = documents._take()
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
        documents._hand_over(session)
        self._wake_up("poll", session.poll_at)
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
            if error.code != KEY_WITHDRAWN:
                raise
            return open_session()

    def _send_each(self, client, key, documents):
        """Send one after the other; what cannot have left is ready again at once.

        :return: False if the line is bad, or the time is over.
        """
        deadline = time.monotonic() + STEP_SECONDS
        for position, document in enumerate(documents):
            left = documents[position:]
            try:
                self._send_one(client, key, document)
            except (TransportError, ServerError, ProtocolError) as error:
                # It may have arrived: the session's list will tell.
                return self._stop_sending(left - document, error)
            except (AuthenticationError, RateLimitError) as error:
                return self._stop_sending(left, error)
            except ApiError as error:
                if error.code == SESSION_IS_OVER:
                    return self._stop_sending(left, error)
                document._release(self, error)
            except KsefError as error:
                return self._stop_sending(left, error)
            if time.monotonic() > deadline and left - document:
                return self._stop_sending(left - document)
        commit(self.env)
        return True

    def _send_one(self, client, key, document):
        session = self.reference_number
        encrypted = encrypt_invoice(document._bytes(), key)
        how = {
            "offline": bool(document.offline_mode),
            "corrected_hash": document._corrected_hash(),
        }
        self.lease_until = fields.Datetime.now() + LEASE
        commit(self.env)  # no transaction of ours waits for KSeF
        document.invoice_reference = client.send_invoice(session, encrypted, **how)

    def _stop_sending(self, unsent, error=None):
        """Make ready again what KSeF did not take in, and say why.

        :return: False
        """
        unsent._release(self)
        retry_at = fields.Datetime.now()
        if error:
            self.problem = user_message(self.env, error)
            unsent._note_problem(self.problem)
            retry_at = self._retry_at(self.company_id, error)
        self._wake_up("send", retry_at)
        commit(self.env)
        return False

    def _close(self, client):
        """Close at KSeF. A lost answer leaves `closing`; the poll closes again.

        :return: whether KSeF answered.
        """
        reference = self.reference_number
        self.state = "closing"
        commit(self.env)
        try:
            client.close_online_session(reference)
        except ApiError as error:
            if isinstance(error, AuthenticationError | RateLimitError | ServerError):
                return self._note_unclosed(error)
            # Closed already, cancelled or unknown: its status tells.
            _logger.info("KSeF session %s: %s", reference, error)
        except KsefError as error:
            return self._note_unclosed(error)
        self.state = "closed"
        commit(self.env)
        return True

    def _note_unclosed(self, error):
        self._retry_at(self.company_id, error)
        self.problem = user_message(self.env, error)
        commit(self.env)
        return False
