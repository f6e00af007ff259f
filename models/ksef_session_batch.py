import logging
from tempfile import TemporaryFile

from odoo import api, fields, models

from ..ksef.batches import close_batch_session, open_batch_session, upload_parts
from ..ksef.crypto import SessionKey
from ..ksef.errors import KsefError, ProtocolError
from ..tools.transaction import commit, roll_back
from .ksef_session import UPLOAD_LEASE

_logger = logging.getLogger(__name__)

#: So many parts are on their way at a time: each is in memory once.
WORKERS = 3


class KsefSession(models.Model):
    """A batch session: thousands of documents in one archive.

    Key and parts live in the run that makes them. A batch that has not reached
    `closing` is never read by KSeF: its documents leave anew, in another one.
    """

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _send_batch(self, company, documents, offline):
        """Send documents in one batch session and leave it closed.

        :raises KsefError: before anything was handed over.
        :return: whether to go on with the next ones.
        """
        owner = company._ksef_owner()
        credential = owner._ksef_login_credential()
        client = owner._ksef_client(credential, documents._purpose())
        key = SessionKey.generate()
        with TemporaryFile() as plain, TemporaryFile() as sealed:
            archive = documents._pack(key, plain, sealed)
            opened = self._open_batch(client, key, archive, offline)
            session = self._bind(
                company,
                credential,
                documents,
                opened.reference_number,
                whole=True,
                session_type="batch",
                part_count=len(archive.parts),
            )
            going_on = session and session._upload(client, archive, opened.uploads)
        if going_on:
            going_on = session._close(client)
            session._schedule_poll()
            commit(self.env)
        return bool(going_on)

    @api.model
    def _open_batch(self, client, key, archive, offline):
        def open_session(wrapped):
            return open_batch_session(client, wrapped, archive, offline=offline)

        return self._open_at_ksef(client, key, open_session)

    def _upload(self, client, archive, uploads):
        """Upload the parts, several at a time.

        :return: False where KSeF did not get all of them: the batch is given up.
        """
        try:
            upload_parts(
                client.transport,
                archive,
                uploads,
                workers=WORKERS,
                between=self._renew_upload_lease,
            )
            self._renew_upload_lease()
        except KsefError as error:
            _logger.info("KSeF batch %s: %s", self.reference_number, error)
            return self._abandon(error)
        return True

    def _renew_upload_lease(self):
        """Keep the poll off while parts are on their way.

        :raises ProtocolError: it has given the batch up meanwhile: what was in it
            leaves in another one.
        """
        roll_back(self.env)
        if self.state != "open":
            raise ProtocolError("the upload took too long")
        self.lease_until = fields.Datetime.now() + UPLOAD_LEASE
        commit(self.env)

    def _close_at_ksef(self, client):
        if self.session_type == "batch":
            return close_batch_session(client, self.reference_number)
        return super()._close_at_ksef(client)

    def _was_interrupted(self):
        """Whether the run that held key and parts of this batch has died."""
        return self.session_type == "batch" and self.state == "open"
