import time
from datetime import timedelta

from odoo import api, fields, models

from ..ksef.crypto import SessionKey, choose_key
from ..ksef.errors import ApiError, ProtocolError, ServerError
from ..ksef.messages import InvoiceQuery
from ..ksef.package import read_package
from ..ksef.reading import moment
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import export_message, user_message
from ..tools.vault import VaultError
from .ksef_certificate_vault import IMPORT_PURPOSE
from .ksef_import import EXPORT_PAUSE, RETRY

#: A query spans at most three months; 89 days fit every calendar.
LONGEST_WINDOW = timedelta(days=89)

#: An export that hangs this long is given up and ordered anew (R55).
EXPORT_PATIENCE = timedelta(hours=6)

#: KSeF does not know the export (any more): its reference, or after a week.
UNKNOWN_EXPORT = (400, 404, 410)


class KsefImport(models.Model):
    """One window: ordered, waited for, opened, stored or given up.

    The network is never waited for with a transaction of ours open.
    """

    _inherit = "ksef.import"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _request(self, client, company, date_from):
        """Order the export of the window that begins at the mark."""
        query = InvoiceQuery(
            subject_type="Subject2",
            date_from=date_from,
            date_to=_window_end(date_from),
        )
        key = SessionKey.generate()
        values = self._values_to_request(company, query, key)
        commit(self.env)
        reference = self._start_export(client, key, query)
        roll_back(self.env)
        window = self._current(company)  # another process may have been faster
        if not window:
            window = self.create(values | {"reference_number": reference})
            commit(self.env)
        return window

    @api.model
    def _values_to_request(self, company, query, key):
        return {
            "company_id": company.id,
            "environment": company.sudo().ksef_environment,
            "role": query.subject_type,
            "date_from": query.date_from,
            "date_to": query.date_to,
            "state": "requested",
            "sealed_key": self.env["ksef.certificate"]._seal(
                key.key + key.iv, IMPORT_PURPOSE
            ),
            "requested_at": fields.Datetime.now(),
        }

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

        :return: whether the window is stored.
        :raises KsefError: the window stays open, its package is asked for again.
        """
        try:
            status = self._await_package(client, deadline)
        except ApiError as error:
            if error.status not in UNKNOWN_EXPORT:
                raise
            return self._fail(user_message(self.env, error))
        if status.code == 200:
            return self._store_or_fail(client, status.package)
        if status.code == 420:  # the window begins beyond the data: nothing new
            return self._finish("stored", date_to=self.date_from)
        if status.code == 100 and not self._overdue():
            self._wake(EXPORT_PAUSE)
            commit(self.env)
            return False
        return self._fail(export_message(self.env, status))

    def _await_package(self, client, deadline):
        reference = self.reference_number
        commit(self.env)
        while True:
            status = client.export_status(reference)
            if status.code != 100 or time.monotonic() >= deadline:
                return status
            time.sleep(1)

    def _overdue(self):
        return self.requested_at < fields.Datetime.now() - EXPORT_PATIENCE

    def _store_or_fail(self, client, package):
        """Store a package. A damaged one is given up, so that it is ordered anew."""
        try:
            return self._store(client, package)
        except (ProtocolError, ServerError, VaultError) as error:
            # A 5xx says nothing about the package: it is fetched again.
            if isinstance(error, ServerError) and error.status >= 400:
                raise
            return self._fail(user_message(self.env, error))

    def _store(self, client, package):
        """Keep every file of the package; only then is the window done.

        :raises KsefError: a part is missing or damaged; the mark stays.
        """
        if package is None:
            raise ProtocolError("an export is ready but has no package")
        sealed = self.sudo().with_context(bin_size=False).sealed_key
        if not sealed:  # another process has finished the window
            return False
        content = self._open_package(client, package, sealed)
        if not self._claim():
            return False
        count = self.env["ksef.document"]._store(self, content)
        if count < package.invoice_count:
            commit(self.env)
            raise ProtocolError(
                f"a package of {package.invoice_count} invoices holds {count}"
            )
        mark = package.next_mark or self.date_to or self.date_from
        ends_early = package.is_truncated or self.date_to
        return self._finish(
            "stored",
            date_to=mark,
            invoice_count=count,
            more_follows=bool(ends_early and mark != self.date_from),
        )

    def _open_package(self, client, package, sealed):
        secret = self.env["ksef.certificate"]._unseal(sealed, IMPORT_PURPOSE)
        commit(self.env)
        key = SessionKey.from_bytes(secret[:32], secret[32:])
        parts = [client.fetch_part(part) for part in package.parts]
        return read_package(parts, key, package)

    def _claim(self):
        """Return whether the window is still open and ours until the commit."""
        roll_back(self.env)
        return self.try_lock_for_update(allow_referencing=True).state == "requested"

    def _fail(self, problem):
        """Give the export up: it is ordered anew from the same mark."""
        if self._claim():
            self._finish("failed", problem=problem)
        self._wake(RETRY)
        commit(self.env)
        return False

    def _give_up_secret(self):
        """The key of the package is lost: the window is ordered anew."""
        problem = self.env._("The key of this package is lost. It is ordered again.")
        self.write({"state": "failed", "sealed_key": False, "problem": problem})

    def _finish(self, state, **values):
        self.write({"state": state, "sealed_key": False, "problem": False, **values})
        commit(self.env)
        return True


def _window_end(date_from):
    """Return the explicit end of a window that must not reach the present."""
    begin = moment(date_from)
    if warsaw.now() - begin <= LONGEST_WINDOW:
        return None
    return (begin + LONGEST_WINDOW).isoformat()
