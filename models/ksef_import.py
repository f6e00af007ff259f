import logging
import time
from datetime import timedelta

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.errors import KsefError
from ..ksef.reading import moment
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message
from .ksef_certificate import ENVIRONMENTS

_logger = logging.getLogger(__name__)

#: The ministry recommends no synchronisation more often than this.
INTERVAL = timedelta(minutes=15)

RETRY = timedelta(minutes=5)
EXPORT_PAUSE = timedelta(minutes=1)

#: Another process was faster, between our snapshot and our lock.
OVERTAKEN = (SerializationFailure, UniqueViolation)


class KsefImport(models.Model):
    """One export window (from, to] of one company and role.

    The last stored window's end **is** the high water mark. Marks are kept as the
    strings that KSeF gave: a datetime field would round them.
    """

    _name = "ksef.import"
    _description = "KSeF import"
    _order = "id desc"
    _rec_name = "reference_number"

    company_id = fields.Many2one("res.company", required=True, index=True)
    environment = fields.Selection(ENVIRONMENTS, required=True)
    role = fields.Selection([("Subject2", "Buyer")], required=True)
    date_from = fields.Char("From", required=True)
    date_to = fields.Char("To", help="How far this window is complete.")
    # (none)    --[_request]-> requested
    # requested --[_store]---> stored   every file of the window is kept
    # requested --[_fail]----> failed   the mark stays where it was
    state = fields.Selection(
        [
            ("requested", "Ordered"),
            ("stored", "Complete"),
            ("failed", "Failed"),
        ],
        string="Status",
        required=True,
        index=True,
    )
    reference_number = fields.Char("Reference", required=True)
    sealed_key = fields.Binary(
        "Sealed key", attachment=False, readonly=True, groups="."
    )
    requested_at = fields.Datetime("Ordered on", required=True)
    invoice_count = fields.Integer("Invoices")
    more_follows = fields.Boolean(
        "More follows", help="KSeF has more bills than this window holds."
    )
    document_ids = fields.One2many("ksef.document", "import_id", "Documents")
    problem = fields.Text()

    _one_open_window = models.UniqueIndex(
        "(company_id, environment, role) WHERE state = 'requested'",
        "An export of this company is under way already.",
    )

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
        """Fetch for one company; trouble is noted and never stops another company.

        :param seconds: how long to wait for packages that KSeF is still making.
        :param force: ask KSeF even if the last window was stored a moment ago.
        :return: the sentence for the user, or nothing when all went well.
        """
        receiver = company._ksef_receiver()
        if receiver and receiver != company:
            return self.env._(
                "Bills of this NIP are received by %s only.", receiver.sudo().name
            )
        try:
            return self._fetch(company, time.monotonic() + seconds, force)
        except KsefError as error:
            roll_back(self.env)
            _logger.info("KSeF import, company %s: %s", company.id, error)
            return self._note(company, error)
        except OVERTAKEN as error:
            roll_back(self.env)
            _logger.info("KSeF import, company %s: %s", company.id, error)
            self._wake(EXPORT_PAUSE)
            commit(self.env)
            return self._preparing()

    @api.model
    def _note(self, company, error):
        """Note why the fetch stopped, and when it goes on."""
        self._wake(company._ksef_retry_after(error) or RETRY)
        message = user_message(self.env, error)
        self._current(company).problem = message
        commit(self.env)
        return message

    @api.model
    def _preparing(self):
        return self.env._(
            "KSeF is preparing the invoices. They will arrive by themselves in a few"
            " minutes."
        )

    @api.model
    def _fetch(self, company, deadline, force):
        """Walk from the mark to now, window by window.

        :raises KsefError: no or no usable answer; the mark stays where it was.
        """
        client = company._ksef_client(purpose="import")
        while window := self._current(company) or self._next(client, company, force):
            force = False
            if not window._receive(client, deadline):
                return window.problem or self._preparing()
            if not commit(self.env):  # the time of the cron is over
                self._wake()
                return self._preparing()
        return None

    @api.model
    def _current(self, company):
        return self.search(
            self._domain(company) & Domain("state", "=", "requested"), limit=1
        )

    @api.model
    def _domain(self, company):
        return Domain(
            [
                ("company_id", "=", company.id),
                ("environment", "=", company.sudo().ksef_environment),
                ("role", "=", "Subject2"),
            ]
        )

    @api.model
    def _next(self, client, company, force):
        """Order the next window if there is one to order."""
        begin = self._mark(company, force)
        if begin is None or moment(begin) > warsaw.now():
            return self.browse()
        return self._request(client, company, begin)

    @api.model
    def _mark(self, company, force):
        """Return where the next window begins, or None if it is not time for one.

        A start date set before the first window begins the walk anew; what is here
        already is recognised by its number.
        """
        start = warsaw.start_of_day(company.sudo().ksef_import_from or warsaw.today())
        stored = self._domain(company) & Domain("state", "=", "stored")
        last = self.search(stored, limit=1)
        first = self.search(stored, order="date_from, id", limit=1)
        if not last or start < moment(first.date_from):
            return start.isoformat()
        recent = fields.Datetime.now() - INTERVAL
        if last.requested_at > recent and not (last.more_follows or force):
            return None
        return last.date_to

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
