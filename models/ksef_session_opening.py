from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.crypto import choose_key
from ..ksef.errors import ApiError
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from .ksef_session import LEASE, UPLOAD_LEASE

#: KSeF's code for a public key that was withdrawn meanwhile.
KEY_WITHDRAWN = 21470

#: KSeF's status of a session whose key it could not read.
KEY_UNREADABLE = 415

#: A session opened soon after another may go straight to 415 with a good key (R20).
OPENING_PAUSE = timedelta(minutes=2)

#: Batches that did not arrive are remembered so long.
LOST_LATELY = timedelta(hours=6)


class KsefSession(models.Model):
    """How a session begins: when it may be opened, opened at KSeF, bound to what it is
    to carry."""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    @api.model
    def _may_open(self, company):
        """Whether a session may be opened now; else the send cron is woken then. It is
        the NIP that KSeF makes wait: all companies that share the connection."""
        sharing = company._ksef_connection().company_ids
        failed = Domain("company_id", "child_of", sharing.ids) & Domain(
            "state", "=", "failed"
        )
        lately = Domain("status_code", "=", KEY_UNREADABLE) & Domain(
            "finished_at", ">", fields.Datetime.now() - OPENING_PAUSE
        )
        refused = self.search(failed & lately, order="finished_at desc", limit=1)
        if refused:
            self._wake_up("send", refused.finished_at + OPENING_PAUSE)
        return not refused

    @api.model
    def _lost_batches(self, company):
        """Return how many batches of a company in a row did not arrive whole: a line
        that does not carry so much may carry less."""
        batches = Domain("company_id", "=", company.id) & Domain(
            "session_type", "=", "batch"
        )
        arrived = self.search(
            batches & Domain("closed_at", "!=", False), order="id desc", limit=1
        )
        lost = Domain("state", "=", "failed") & Domain("closed_at", "=", False)
        lately = Domain("opened_at", ">", fields.Datetime.now() - LOST_LATELY)
        return self.search_count(
            batches & lost & lately & Domain("id", ">", arrived.id or 0)
        )

    # ------------------------------------------------------------------
    # Open and bind
    # ------------------------------------------------------------------

    @api.model
    def _open_at_ksef(self, client, key, open_session):
        """Open a session at KSeF, with another public key if one was withdrawn.

        :param open_session: opens it with the wrapped ``key`` that it is given.
        """
        commit(self.env)  # no transaction of ours waits for KSeF
        try:
            return open_session(self._wrapped(client, key))
        except ApiError as error:
            if error.code != KEY_WITHDRAWN:
                raise
            return open_session(self._wrapped(client, key))

    @api.model
    def _wrapped(self, client, key):
        public_key = choose_key(
            client.public_keys(), "SymmetricKeyEncryption", warsaw.now()
        )
        return key.wrap(public_key)

    @api.model
    def _bind(self, company, credential, documents, reference, whole=False, **values):
        """Bind documents to a session: committed before they leave.

        :param whole: all of them or none: they are in one archive.
        :return: the session; none where another process has taken them, the company
            is connected elsewhere now, or midnight has made another mode of theirs:
            what KSeF opened ends by itself.
        """
        roll_back(self.env)  # see what other processes did meanwhile
        owner = company._ksef_owner()
        owner._ksef_note_answer()
        taken = documents._take()
        switched = set(taken.mapped("environment")) != {owner.ksef_environment}
        lost = switched or (whole and taken != documents)
        if lost or taken._are_of_yesterday():
            self._wake_up("send", fields.Datetime.now() + timedelta(minutes=1))
            commit(self.env)
            return self.browse()
        session = self.create(
            self._values_to_bind(UPLOAD_LEASE if whole else LEASE)
            | {
                "company_id": company.id,
                "environment": owner.ksef_environment,
                "certificate_id": credential.id,
                "reference_number": reference,
                **values,
            }
        )
        taken._hand_over(session)
        self._wake_up("poll", session.poll_at)
        commit(self.env)
        return session

    @api.model
    def _values_to_bind(self, lease):
        now = fields.Datetime.now()
        return {
            "state": "open",
            "opened_at": now,
            "lease_until": now + lease,
            "poll_at": now + lease,
        }
