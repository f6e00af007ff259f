import time

from odoo import api, fields, models

from ..ksef.crypto import SessionKey, encrypt_invoice
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
from ..tools.transaction import commit
from ..tools.user_message import user_message
from .ksef_session import STEP_SECONDS

#: KSeF's codes for a session that takes no more invoices: over, gone, or (2.8) busy.
SESSION_IS_OVER = (21180, 21173, 21184)


class KsefSession(models.Model):
    """An online session: a few documents, one request each."""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

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
        client = owner._ksef_client(credential, documents._purpose())
        key = SessionKey.generate()
        opened = self._open_at_ksef(client, key, client.open_online_session)
        session = self._bind(company, credential, documents, opened.reference_number)
        if not session:
            return False
        going_on = session._send_each(client, key, documents & session._mine())
        if going_on:
            going_on = session._close(client)
        session._schedule_poll()
        commit(self.env)
        return going_on

    def _send_each(self, client, key, documents):
        """Send one after the other; what cannot have left is ready again at once.

        :return: False if the line is bad, or the time is over.
        """
        deadline, day = time.monotonic() + STEP_SECONDS, warsaw.today()
        for position, document in enumerate(documents):
            left = documents[position:]
            if time.monotonic() > deadline and position or warsaw.today() != day:
                # What is left at midnight is offline24 by law.
                return self._stop_sending(left)
            try:
                self._send_one(client, key, document)
            except (TransportError, ServerError, ProtocolError) as error:
                # It may have arrived: the session's list will tell.
                return self._stop_sending(left - document, error)
            except (AuthenticationError, RateLimitError) as error:
                return self._stop_sending(left, error)
            except ApiError as error:
                if error.code in SESSION_IS_OVER:
                    return self._stop_sending(left, error)
                document._release(self, {document: error})
            except KsefError as error:
                return self._stop_sending(left, error)
        commit(self.env)
        return True

    def _send_one(self, client, key, document):
        session = self.reference_number
        encrypted = encrypt_invoice(document._bytes(), key)
        how = {
            "offline": bool(document.offline_mode),
            "corrected_hash": document._corrected_hash(),
        }
        self._renew_lease()
        document.invoice_reference = client.send_invoice(session, encrypted, **how)

    def _stop_sending(self, unsent, error=None):
        """Make ready again what KSeF did not take in, and say why.

        :return: False
        """
        unsent._release(self)
        retry_at = fields.Datetime.now()
        if error:
            self.problem = user_message(self.env, error)
            self._note_trace(error)
            unsent._note_problem(self.problem)
            retry_at = self._retry_at(self.company_id, error)
        self._wake_up("send", retry_at)
        commit(self.env)
        return False
