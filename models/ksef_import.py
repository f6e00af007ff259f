import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.crypto import SessionKey, choose_key
from ..ksef.errors import ApiError, KsefError, RateLimitError
from ..ksef.messages import InvoiceQuery
from ..ksef.package import read_package
from ..ksef.reading import moment
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import export_message, user_message
from .ksef_certificate import ENVIRONMENTS

_logger = logging.getLogger(__name__)

PURPOSE = "ksef.import/key"

#: A query spans at most three months; 89 days fit every calendar.
LONGEST_WINDOW = timedelta(days=89)

#: The ministry recommends no synchronisation more often than this.
INTERVAL = timedelta(minutes=15)

RETRY = timedelta(minutes=5)
EXPORT_PAUSE = timedelta(minutes=1)

#: An export that hangs this long is given up and ordered anew (R55).
EXPORT_PATIENCE = timedelta(hours=6)


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
        required=True,
        index=True,
    )
    reference_number = fields.Char("Reference", required=True)
    sealed_key = fields.Binary(
        attachment=False, readonly=True, groups="."
    )
    requested_at = fields.Datetime(required=True)
    invoice_count = fields.Integer("Invoices")
    more_follows = fields.Boolean(help="The window ended before the present.")
    document_ids = fields.One2many("ksef.document", "import_id", "Documents")
    problem = fields.Text()

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
            self._fetch_or_note(company)
            self.env["ksef.document"]._book_received(company)
            if not commit(self.env, 1):
                self.env.ref("l10n_pl_ksef.cron_import")._trigger()
                return

    @api.model
    def _fetch_or_note(self, company, seconds=0, force=False):
        """Fetch for one company; trouble is noted and never stops another company.

        :param seconds: how long to wait for packages that KSeF is still making.
        :param force: ask KSeF even if the last window was stored a moment ago.
        :return: the sentence for the user, or nothing when all went well.
        """
        try:
            return self._fetch(company, time.monotonic() + seconds, force)
        except KsefError as error:
            roll_back(self.env)
            _logger.info("KSeF import, company %s: %s", company.id, error)
            retry_at = fields.Datetime.now() + RETRY
            if isinstance(error, RateLimitError):
                retry_at = company._ksef_pause(error.retry_after)
            self.env.ref("l10n_pl_ksef.cron_import")._trigger(at=retry_at)
            message = user_message(self.env, error)
            self._current(company).problem = message
            commit(self.env)
            return message

    @api.model
    def _fetch(self, company, deadline, force):
        """Walk from the mark to now, window by window.

        :raises KsefError: no or no usable answer; the mark stays where it was.
        """
        client = company._ksef_client()
        while window := self._current(company) or self._next(client, company, force):
            force = False
            if not window._receive(client, deadline):
                return window.problem or self.env._(
                    "KSeF is preparing the invoices. They will arrive by themselves"
                    " in a few minutes."
                )
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
        stored = Domain("state", "=", "stored")
        last = self.search(self._domain(company) & stored, limit=1)
        recent = fields.Datetime.now() - INTERVAL
        if last and last.requested_at > recent and not (last.more_follows or force):
            return self.browse()
        start = warsaw.start_of_day(company.sudo().ksef_import_from)
        return self._request(client, company, last.date_to or start.isoformat())

    # ------------------------------------------------------------------
    # One window
    # ------------------------------------------------------------------

    @api.model
    def _request(self, client, company, date_from):
        """Order the export of the window that begins at the mark."""
        query = InvoiceQuery(
            subject_type="Subject2",
            date_from=date_from,
            date_to=_window_end(date_from),
        )
        key = SessionKey.generate()
        reference = self._start_export(client, key, query)
        window = self.create(
            {
                "company_id": company.id,
                "environment": company.sudo().ksef_environment,
                "role": "Subject2",
                "date_from": date_from,
                "date_to": query.date_to,
                "state": "requested",
                "reference_number": reference,
                "sealed_key": self.env["ksef.certificate"]._seal(
                    key.key + key.iv, PURPOSE
                ),
                "requested_at": fields.Datetime.now(),
            }
        )
        commit(self.env)
        return window

    @api.model
    def _start_export(self, client, key, query):
        def start():
            public_key = choose_key(
                client.public_keys(), "SymmetricKeyEncryption", warsaw.now()
            )
            return client.start_export(key.wrap(public_key), query)

        try:
            return start()
        except ApiError as error:
            if error.code != 21470:  # the public key was withdrawn meanwhile
                raise
            return start()

    def _receive(self, client, deadline):
        """Store the package once it is ready.

        :return: whether the window is finished (stored or failed).
        """
        while True:
            status = client.export_status(self.reference_number)
            if status.code != 100 or time.monotonic() >= deadline:
                break
            time.sleep(1)
        if status.code == 200:
            self._store(client, status.package)
        elif status.code == 420:  # the window begins beyond the data: nothing new
            self._finish("stored", date_to=self.date_from)
        elif status.code == 100 and not self._overdue():
            at = fields.Datetime.now() + EXPORT_PAUSE
            self.env.ref("l10n_pl_ksef.cron_import")._trigger(at=at)
            commit(self.env)
            return False
        else:
            self._finish("failed", problem=export_message(self.env, status))
            return False
        return True

    def _overdue(self):
        return self.requested_at < fields.Datetime.now() - EXPORT_PATIENCE

    def _store(self, client, package):
        """Keep every file of the package; only then is the window done.

        :raises KsefError: a part is missing or damaged; the window stays open.
        """
        record = self.sudo().with_context(bin_size=False)
        secret = self.env["ksef.certificate"]._unseal(record.sealed_key, PURPOSE)
        key = SessionKey.from_bytes(secret[:32], secret[32:])
        parts = [client.fetch_part(part) for part in package.parts]
        content = read_package(parts, key, package)
        roll_back(self.env)
        self.env["ksef.document"]._store(self, content)
        self._finish(
            "stored",
            date_to=package.next_mark or self.date_to or self.date_from,
            invoice_count=package.invoice_count,
            more_follows=bool(package.is_truncated or self.date_to),
        )

    def _finish(self, state, **values):
        self.write(
            {"state": state, "sealed_key": False, "problem": False, **values}
        )
        commit(self.env)


def _window_end(date_from):
    """Return the explicit end of a window that must not reach the present."""
    begin = moment(date_from)
    if warsaw.now() - begin <= LONGEST_WINDOW:
        return None
    return (begin + LONGEST_WINDOW).isoformat()
