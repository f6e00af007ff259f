import time
from datetime import timedelta
from tempfile import TemporaryFile

from odoo import api, fields, models

from ..ksef.crypto import SessionKey, choose_key
from ..ksef.errors import ApiError, ProtocolError, ServerError
from ..ksef.marks import ticks, window_end, within
from ..ksef.messages import InvoiceQuery
from ..ksef.package import read_package
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import export_message, user_message
from ..tools.vault import VaultError
from .ksef_certificate_vault import IMPORT_PURPOSE
from .ksef_import import EXPORT_PAUSE

#: An export that hangs this long is given up and ordered anew (R55).
EXPORT_PATIENCE = timedelta(hours=6)

#: A package that lacks files is ordered so often anew. After that the ledger goes on
#: without them: what one package lacks must not keep all others out.
MOST_LACKING = 6

#: KSeF does not know the export (any more): its reference, or after a week.
UNKNOWN_EXPORT = (400, 404, 410)


class KsefImport(models.Model):
    """One window: ordered, waited for, opened, stored or given up.

    The network is never waited for with a transaction of ours open.
    """

    _inherit = "ksef.import"  # pylint: disable=consider-merging-classes-inherited

    def _place_order(self, client):
        """Order the export of a planned window.

        :return: whether it is ours: another process may have been faster.
        :raises KsefError: it stays planned.
        """
        query = self._query()
        key = SessionKey.generate()
        sealed = self.env["ksef.certificate"]._seal(key.key + key.iv, IMPORT_PURPOSE)
        commit(self.env)
        reference = self._start_export(client, key, query)
        if not self._claim("planned"):
            return False
        self.write(
            {
                "state": "requested",
                "reference_number": reference,
                "date_to": query.date_to,
                "sealed_key": sealed,
                "requested_at": fields.Datetime.now(),
                "problem": False,
                "retry_at": False,
            }
        )
        commit(self.env)
        return True

    def _query(self):
        return InvoiceQuery(
            subject_type=self.role,
            date_from=self.date_from,
            date_to=self.date_to or window_end(self.date_from, warsaw.now()),
            narrowed=self.narrowed or {},
        )

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

        :return: whether the window is done.
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
        with TemporaryFile() as archive:
            content = self._open_package(client, package, sealed, archive)
            if not self._claim("requested"):
                return False
            count = self.env["ksef.document"]._store(self, content)
        if count < package.invoice_count and self.attempts < MOST_LACKING:
            commit(self.env)
            raise ProtocolError(
                f"a package of {package.invoice_count} invoices holds {count}"
            )
        return self._move_on(package, content.metadata, count)

    def _move_on(self, package, metadata, count):
        """The files are here: note how far the window is complete. The control of the
        month fetches, by their numbers, what a package lacks for good.

        :raises ProtocolError: a truncated package that leads no further cannot be
            divided without its metadata.
        """
        asked_to = self.date_to
        mark = package.next_mark or asked_to or self.date_from
        mark = within(mark, self.date_from, asked_to or None)
        moved = ticks(mark) > ticks(self.date_from)
        self.invoice_count = count
        if package.is_truncated and (self.parent_id or not moved):
            if not metadata:
                raise ProtocolError("a package that leads no further lacks metadata")
            return self._divide(metadata)
        if package.is_truncated:
            self._plan_rest(mark)
        more = moved and bool(package.is_truncated or asked_to)
        if count >= package.invoice_count:
            return self._finish("stored", date_to=mark, more_follows=more)
        told = self._lacking_text(package.invoice_count, count)
        self._finish("incomplete", date_to=mark, more_follows=more, problem=told)
        self.env["ksef.period"]._control_soon(self.company_id, self.role)
        commit(self.env)
        return True

    def _lacking_text(self, announced, count):
        return self.env._(
            "KSeF announced %(announced)s invoices and delivered %(count)s, each time."
            " The control of the month fetches those that are missing.",
            announced=announced,
            count=count,
        )

    def _open_package(self, client, package, sealed, archive):
        secret = self.env["ksef.certificate"]._unseal(sealed, IMPORT_PURPOSE)
        commit(self.env)
        key = SessionKey.from_bytes(secret[:32], secret[32:])
        parts = map(client.fetch_part, package.parts)
        return read_package(parts, key, package, archive)

    def _claim(self, state):
        """Return whether the window is still so and ours until the commit."""
        roll_back(self.env)
        return self.try_lock_for_update(allow_referencing=True).state == state

    def _fail(self, problem):
        """Give the export up: another is ordered from the same mark, after a pause."""
        if self._claim("requested"):
            self.write({"state": "failed", "sealed_key": False, "problem": problem})
            self._wake(self._replace())
        commit(self.env)
        return False

    def _give_up_secret(self):
        """The key of the package is lost: the window is ordered anew."""
        problem = self.env._("The key of this package is lost. It is ordered again.")
        self.write({"state": "failed", "sealed_key": False, "problem": problem})
        self._replace()

    def _finish(self, state, **values):
        self.write(
            {
                "state": state,
                "sealed_key": False,
                "problem": False,
                "retry_at": False,
                **values,
            }
        )
        if state != "divided":
            self._close_parent()
        commit(self.env)
        return True
