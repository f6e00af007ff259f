import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

from ..ksef.delivery import next_delivery
from ..ksef.errors import (
    ApiError,
    AuthenticationError,
    KsefError,
    RateLimitError,
    ServerError,
)
from ..ksef.messages import CloseRefusal, close_refusal
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message
from .ksef_certificate import ENVIRONMENTS

_logger = logging.getLogger(__name__)

#: Longer than any request may take: while it runs, nobody else touches the session.
LEASE = timedelta(minutes=3)

#: The same for the parts of a batch, which a slow line takes long to carry.
UPLOAD_LEASE = timedelta(minutes=15)

#: KSeF did not answer: the next try.
RETRY = timedelta(minutes=5)

#: Nothing new is begun after so long: cron workers are killed after two minutes.
STEP_SECONDS = 30


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
    # (none)  --[_bind]------> open     committed with its documents, before they leave
    # open    --[_close]-----> closing  committed before the close request
    # open    --[_abandon]---> failed   a batch that was never closed is never read
    # closing --[_close]-----> closed   KSeF confirmed
    # closing --[_abandon]---> failed   KSeF refused to close a batch
    # closed  --[_poll]------> done     every document has its verdict, UPO and storage
    # any     --[_poll]------> failed   KSeF could not read the session, or forgot it
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
        """Hand over what waits, a session of each company in turn: one's trouble is its
        own, and nobody waits for the thousands of another."""
        self._prepare_to_send()
        companies = self._companies_to_send()
        while companies:
            for company in companies:
                if not self._deliver_next(company):
                    companies -= company
                if not commit(self.env, 1):
                    self._wake_up("send")
                    return
        # Last: what has just left is nobody's worry.
        self.env["ksef.document"]._warn_before_midnight()
        commit(self.env)
        self.env["account.move"]._ksef_issue_waiting_corrections()
        self._look_for_outages()

    @api.model
    def _companies_to_send(self):
        """Return the companies of which something waits, by the earliest deadline."""
        documents = self.env["ksef.document"]
        rows = documents._read_group(
            documents._domain_to_hand_over(),
            ["company_id"],
            order="deadline:min, id:min",
        )
        return self.env["res.company"].union(*(company for (company,) in rows))

    @api.model
    def _prepare_to_send(self):
        """Settle what time has brought: documents that are offline24 since midnight,
        outages that were announced; late in the evening call to what was tried in
        vain, since a KSeF that hangs may take all the time of the cron."""
        documents = self.env["ksef.document"]
        documents._settle_modes()
        documents._warn_before_midnight(("problem", "!=", False))
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
    def _deliver_next(self, company):
        """Open the next session of one company, if anything waits.

        :return: whether there may be more to send now.
        """
        waiting = self._waiting(company)
        if not waiting or not self._may_open(company):
            return False
        delivery = next_delivery(
            waiting, self._sends_left(company), self._lost_batches(company)
        )
        if not delivery:
            self._wake_up("send", fields.Datetime.now() + RETRY)
            return False
        documents = self.env["ksef.document"].browse(delivery.ids)
        return self._send_or_note(company, documents, delivery)

    @api.model
    def _waiting(self, company):
        """Return what waits in one company: legal deadlines first, then by age."""
        documents = self.env["ksef.document"]
        found = documents.search_fetch(
            documents._domain_to_hand_over() & Domain("company_id", "=", company.id),
            ["size", "offline_mode", "needs_batch", "corrects_id", "environment"],
            order="deadline, id",
        )
        environment = company._ksef_owner().ksef_environment
        waiting = [d._as_waiting() for d in found._of_environment(environment)]
        self.env.invalidate_all()
        return waiting

    @api.model
    def _send_now(self, document):
        """Send one document that somebody waits for.

        :return: whether KSeF answered.
        """
        company = document.company_id
        here = document._of_environment(company._ksef_owner().ksef_environment)
        if not here or not self._may_open(company):
            return False
        left = self._sends_left(company)
        delivery = next_delivery([document._as_waiting()], left)
        return bool(delivery) and self._send_or_note(company, document, delivery)

    @api.model
    def _sends_left(self, company):
        """Return how many documents may still be sent online within the hour."""
        owner = company._ksef_owner()
        if owner._ksef_left("onlineSession", "send") < 1:
            return 0
        return max(owner._ksef_left("invoiceSend", "send"), 0)

    @api.model
    def _send_or_note(self, company, documents, delivery):
        """Send documents of one company; on trouble note why they wait, and until when.

        :return: whether to go on with the next ones.
        """
        try:
            if delivery.batch:
                return self._send_batch(company, documents, delivery.offline)
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
        pause = company._ksef_owner()._ksef_retry_after(error)
        return fields.Datetime.now() + (pause or RETRY)

    @api.model
    def _wake_up(self, name, moment=None):
        """Let a cron run, at once or at ``moment``."""
        self.env.ref(f"l10n_pl_ksef.cron_{name}").sudo()._trigger(at=moment)

    def _renew_lease(self):
        """Keep the poll off for the next request, which no transaction waits for."""
        self.lease_until = fields.Datetime.now() + LEASE
        commit(self.env)

    # ------------------------------------------------------------------
    # Close
    # ------------------------------------------------------------------

    def _close(self, client):
        """Close at KSeF. A lost answer leaves `closing`; the poll closes again.

        :return: whether KSeF answered.
        """
        self.state = "closing"
        commit(self.env)
        try:
            self._close_at_ksef(client)
        except ApiError as error:
            if isinstance(error, AuthenticationError | RateLimitError | ServerError):
                return self._note_unclosed(error)
            refusal = close_refusal(error.code)
            if refusal is CloseRefusal.NEVER_PROCESSED:
                return self._abandon(error)
            if refusal is CloseRefusal.RETRY:
                return self._note_unclosed(error)
            # Closed already, cancelled or unknown: its status tells.
            _logger.info("KSeF session %s: %s", self.reference_number, error)
        except KsefError as error:
            return self._note_unclosed(error)
        self.write({"state": "closed", "closed_at": fields.Datetime.now()})
        commit(self.env)
        return True

    def _close_at_ksef(self, client):
        client.close_online_session(self.reference_number)

    def _abandon(self, error=None):
        """Give up a session that KSeF will never read: what it carried leaves anew.

        :return: False
        """
        problem = user_message(self.env, error) if error else self._interrupted()
        retry_at = self._retry_at(self.company_id, error) if error else None
        mine = self._mine(("state", "=", "pending"))
        mine._release(self)
        mine.filtered(lambda d: d.state == "ready")._note_problem(problem)
        if self._mine(("state", "=", "pending")):  # somebody holds its row: once more
            self._schedule_poll()
        else:
            self._mark_failed(problem)
        self._note_trace(error)
        self._wake_up("send", retry_at)
        commit(self.env)
        return False

    def _interrupted(self):
        return self.env._(
            "The server was interrupted before the session was complete. KSeF reads"
            " nothing of it; the invoices are sent once more."
        )

    def _mark_failed(self, problem):
        self.write(
            {
                "state": "failed",
                "problem": problem,
                "poll_at": False,
                "lease_until": False,
                "finished_at": fields.Datetime.now(),
            }
        )

    def _note_unclosed(self, error):
        self._retry_at(self.company_id, error)
        self.problem = user_message(self.env, error)
        self._note_trace(error)
        commit(self.env)
        return False

    def _note_trace(self, error):
        """Keep what the help desk of KSeF asks for (R41)."""
        trace = getattr(error, "trace_id", None)
        if trace:
            self.trace_id = trace
