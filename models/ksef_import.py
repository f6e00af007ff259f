import logging
import time
from datetime import timedelta

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.errors import ApiError, KsefError, ProtocolError
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message
from .ksef_certificate import ENVIRONMENTS

_logger = logging.getLogger(__name__)

EXPORT_PAUSE = timedelta(minutes=1)

#: Another process was faster, between our snapshot and our lock.
OVERTAKEN = (SerializationFailure, UniqueViolation)

#: What the company is on an invoice, in KSeF's words.
ROLES = [
    ("Subject1", "Seller"),
    ("Subject2", "Buyer"),
    ("Subject3", "Third party"),
    ("SubjectAuthorized", "Authorized entity"),
]

#: Windows that KSeF still owes us something of.
OPEN = ("planned", "requested", "divided")


class KsefImport(models.Model):
    """One export window (from, to] of one company and role.

    The last complete window's end **is** the high water mark of its role. Marks are
    kept as the strings that KSeF gave: a datetime field would round them. What is
    fetched again, and the parts of a divided window, move no mark.
    """

    _name = "ksef.import"
    _description = "KSeF import"
    _order = "id desc"
    _rec_name = "reference_number"

    company_id = fields.Many2one("res.company", required=True, index=True)
    environment = fields.Selection(ENVIRONMENTS, required=True)
    role = fields.Selection(
        ROLES, required=True, help="What the company is on these invoices."
    )
    date_from = fields.Char("From", required=True)
    date_to = fields.Char("To", help="How far this window is complete.")
    since = fields.Char(compute="_compute_times", help="Polish time.")
    until = fields.Char(compute="_compute_times", help="Polish time.")
    # (none)    --[_plan]----> planned     ordered as soon as KSeF takes it
    # planned   --[_place_order]-> requested  KSeF makes the package, the key is sealed
    # requested --[_store]---> stored      every file of the window is kept
    # requested --[_fail]----> failed      the mark stays; another is planned instead
    # requested --[_divide]--> divided     more at one moment than KSeF hands out
    # divided   --[_close_parent]-> stored  all of its parts are stored
    # requested --[_divide]--> incomplete  no filter divides them further
    # requested --[_store]---> incomplete  it lacks files, however often it is ordered
    state = fields.Selection(
        [
            ("planned", "To be ordered"),
            ("requested", "Ordered"),
            ("divided", "Divided"),
            ("stored", "Complete"),
            ("incomplete", "Incomplete"),
            ("failed", "Failed"),
        ],
        string="Status",
        required=True,
        index=True,
    )
    reference_number = fields.Char("Reference")
    sealed_key = fields.Binary(
        "Sealed key", attachment=False, readonly=True, groups="."
    )
    requested_at = fields.Datetime("Ordered on")
    invoice_count = fields.Integer("Invoices")
    more_follows = fields.Boolean(
        "More follows", help="KSeF has more invoices than this window holds."
    )
    again = fields.Boolean(
        "Fetched again", help="Asked for by a person or by the control of a month."
    )
    parent_id = fields.Many2one(
        "ksef.import", "Part of", index="btree_not_null", ondelete="cascade"
    )
    part_ids = fields.One2many("ksef.import", "parent_id", "Parts")
    narrowed = fields.Json("Further filters", help="By which a part is told apart.")
    document_ids = fields.One2many("ksef.document", "import_id", "Documents")
    problem = fields.Text()
    attempts = fields.Integer("Failed attempts")
    retry_at = fields.Datetime("Next attempt")

    _one_open_window = models.UniqueIndex(
        "(company_id, environment, role) WHERE state = 'requested'",
        "An export of this company is under way already.",
    )
    _one_end_of_ledger = models.UniqueIndex(
        "(company_id, environment, role)"
        " WHERE state IN ('planned', 'requested', 'divided')"
        " AND again IS NOT TRUE AND parent_id IS NULL",
        "The next window of this company is planned already.",
    )

    @api.depends("date_from", "date_to")
    def _compute_times(self):
        for window in self:
            told = window.company_id._ksef_mark_text
            window.since = window.date_from and told(window.date_from)
            window.until = window.date_to and told(window.date_to)

    # ------------------------------------------------------------------
    # Cron and button
    # ------------------------------------------------------------------

    @api.model
    def _cron_import(self):
        """Fetch what is new and book what is stored, company by company."""
        importing = Domain("ksef_import", "=", True) & Domain(
            "ksef_environment", "!=", False
        )
        for company in self.env["res.company"].search(importing):
            language = company.partner_id.lang or self.env.lang
            imports = self.with_company(company).with_context(lang=language)
            imports._fetch_or_note(company)
            imports._book_stored(company)
            imports.env["ksef.period"]._control_due(company)
            if not commit(self.env, 1):
                self._wake()
                return

    @api.model
    def _wake(self, after=None):
        """Let the cron run again: at once, or after some time."""
        at = fields.Datetime.now() + after if after else None
        self.env.ref("l10n_pl_ksef.cron_import").sudo()._trigger(at=at)

    # ------------------------------------------------------------------
    # Phase 1: fetch and store
    # ------------------------------------------------------------------

    @api.model
    def _fetch_or_note(self, company, seconds=0, force=False):
        """Fetch for one company, role by role; trouble is noted and never stops another
        company.

        :param seconds: how long to wait for packages that KSeF is still making.
        :param force: ask KSeF even if the last window was stored a moment ago, or the
            last attempt failed.
        :return: the sentence for the user, or nothing when all went well.
        """
        if elsewhere := self._received_elsewhere(company):
            return elsewhere
        deadline = time.monotonic() + seconds
        told = []
        for role in self._roles_to_fetch(company):
            message, goes_on = self._fetch_role_or_note(company, role, deadline, force)
            told += [message] if message else []
            if not goes_on:
                break
        return told[0] if told else None

    @api.model
    def _received_elsewhere(self, company):
        """Return that another company receives what belongs to this NIP, if one does:
        two would book every bill twice."""
        receiver = company._ksef_receiver()
        if not receiver or receiver == company:
            return None
        return self.env._(
            "Bills of this NIP are received by %s only.", receiver.sudo().name
        )

    @api.model
    def _fetch_role_or_note(self, company, role, deadline, force):
        """Fetch for one role.

        :return: the sentence for the user if there is one, and whether it makes sense
            to ask for another role.
        """
        try:
            message = self._fetch(company, role, deadline, force)
        except KsefError as error:
            roll_back(self.env)
            _logger.info("KSeF import, company %s, %s: %s", company.id, role, error)
            # A refusal of this very query; whatever else it is meets every role.
            alone = type(error) in (ApiError, ProtocolError)
            return self._note(company, role, error), alone
        except OVERTAKEN as error:
            roll_back(self.env)
            _logger.info("KSeF import, company %s, %s: %s", company.id, role, error)
            self._wake(EXPORT_PAUSE)
            commit(self.env)
            return self._preparing(), True
        return message, True

    @api.model
    def _preparing(self):
        return self.env._(
            "KSeF is preparing the invoices. They will arrive by themselves in a few"
            " minutes."
        )

    @api.model
    def _note(self, company, role, error):
        """Note why the fetch stopped, and when it goes on."""
        message = user_message(self.env, error)
        window = self._waiting(company, role, force=True)
        window._postpone(message, company._ksef_retry_after(error))
        commit(self.env)
        return message

    @api.model
    def _fetch(self, company, role, deadline, force):
        """Walk from the mark to now, window by window.

        :raises KsefError: no or no usable answer; the mark stays where it was.
        """
        client = None
        while window := self._waiting(company, role, force) or self._plan_next(
            company, role, force
        ):
            force = False
            client = client or company._ksef_client(purpose="import")
            if window.state == "planned" and not window._place_order(client):
                return self._preparing()  # another process has ordered it
            if not window._receive(client, deadline):
                return window.problem or self._preparing()
            if not commit(self.env):  # the time of the cron is over
                self._wake()
                return self._preparing()
        return None

    # ------------------------------------------------------------------
    # Phase 2: book
    # ------------------------------------------------------------------

    @api.model
    def _book_stored(self, company):
        """Make draft bills of what is stored, in committed batches.

        :return: how many bills were made.
        """
        made, last = 0, 0
        while documents := self._lock_to_book(company, last):
            documents._book()
            made += len(documents.filtered("move_id"))
            last = documents[-1].id
            if not commit(self.env, len(documents)):
                self._wake()
                break
        return made

    @api.model
    def _lock_to_book(self, company, last):
        """Return the next documents to book, locked; none while another process books
        for this company."""
        documents = self.env["ksef.document"]._to_book(company, last)
        try:
            locked = documents.try_lock_for_update(allow_referencing=True)
        except SerializationFailure:
            roll_back(self.env)
            locked = documents.browse()
        if locked != documents:
            self._wake(EXPORT_PAUSE)
            commit(self.env)
            return documents.browse()
        return documents
