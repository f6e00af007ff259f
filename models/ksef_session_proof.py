import time
from collections import defaultdict
from datetime import timedelta

from odoo import fields, models

from ..ksef import number
from ..ksef.crypto import SessionKey
from ..ksef.errors import ApiError, ProtocolError
from ..ksef.messages import InvoiceQuery
from ..ksef.package import read_package
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.vault import VaultError
from .ksef_certificate_vault import PROOF_PURPOSE
from .ksef_session_duplicate import as_accepted, may_be_original, role_of

#: KSeF's status of an export that it is still making.
EXPORT_WORKING = 100

#: KSeF does not know the export (any more).
UNKNOWN_EXPORT = (400, 404, 410)

#: Who has just ordered the list looks again after so many seconds; if it is still not
#: there, the next poll goes on with it.
PROOF_PAUSES = (1, 2, 4)


class KsefSession(models.Model):
    """Thousands of duplicates: one list of our sales of that day, without their files,
    proves them all.

    The export outlives the run that ordered it: its key is kept sealed until then.
    """

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    proof_reference = fields.Char("Reference of the list of sales")
    proof_day = fields.Date("Day of the list of sales")
    proof_key = fields.Binary("Sealed key", attachment=False, readonly=True, groups=".")

    def _prove_by_export(self, client, told):
        """Prove or refute what the list of one day shows.

        :return: what is still unproven although the list is complete only in part.
        """
        if self.proof_reference:
            status = self._ask_proof(client)
        else:
            self._order_proof(client, told)
            status = self._await_proof(client)
        if status.code == EXPORT_WORKING:
            self._note_unseen_original(self.env["ksef.document"].union(*told))
            return {}
        listed = self._open_proof(client, status)
        roll_back(self.env)  # see what other processes did meanwhile
        self._give_up_secret()
        unproven = self._apply_proof(told, listed)
        commit(self.env)
        if status.package and status.package.is_truncated:
            return unproven
        self._note_unseen_original(self.env["ksef.document"].union(*unproven))
        return {}

    def _order_proof(self, client, told):
        """Order the list: committed, since nothing but this key opens it."""
        role, date_type, self.proof_day = next_day(told, self.proof_day)
        query = query_of_day(role, date_type, self.proof_day)
        key = SessionKey.generate()
        sealed = self.env["ksef.certificate"]._seal(key.key + key.iv, PROOF_PURPOSE)
        self._renew_lease()
        self.proof_reference = self._open_at_ksef(
            client,
            key,
            lambda wrapped: client.start_export(wrapped, query, only_metadata=True),
        )
        self.sudo().proof_key = sealed
        commit(self.env)

    def _awaits_proof(self, client):
        """Whether the list of sales is still being made: until then the list of this
        session, ten pages of it, tells nothing new of duplicates. People are told of
        what takes too long."""
        if not self.proof_reference or self._is_out_of_patience():
            return False
        return self._ask_proof(client).code == EXPORT_WORKING

    def _await_proof(self, client):
        for pause in PROOF_PAUSES:
            status = self._ask_proof(client)
            if status.code != EXPORT_WORKING:
                return status
            time.sleep(pause)
        return self._ask_proof(client)

    def _ask_proof(self, client):
        reference = self.proof_reference
        self._renew_lease()
        try:
            return client.export_status(reference)
        except ApiError as error:
            if error.status in UNKNOWN_EXPORT:
                self._give_up_secret()  # another is ordered
                commit(self.env)
            raise

    def _open_proof(self, client, status):
        """Return the metadata of the list; () where it is damaged: ordered anew."""
        if status.code != 200 or not status.package:
            return ()
        sealed = self.sudo().with_context(bin_size=False).proof_key
        try:
            secret = self.env["ksef.certificate"]._unseal(sealed, PROOF_PURPOSE)
            key = SessionKey.from_bytes(secret[:32], secret[32:])
            self._renew_lease()
            parts = [client.fetch_part(part) for part in status.package.parts]
            return read_package(parts, key, status.package).metadata
        except (ProtocolError, VaultError):
            return ()

    def _apply_proof(self, told, listed):
        """Accept the documents whose bytes the list names, refuse those whose number
        is another's.

        :return: the others, as ``told``.
        """
        by_hash = {entry.invoice_hash: entry for entry in listed}
        by_number = defaultdict(list)
        for entry in listed:
            by_number[entry.seller_nip, entry.invoice_number].append(entry)
        proven, unproven = {}, {}
        for document, status in told.items():
            original = by_hash.get(document.sha256)
            others = by_number[document.seller_nip, document.number]
            others = [o for o in others if may_be_original(o, document, status)]
            if original:
                proven[document] = as_accepted(status, original)
            elif others:
                text = self._number_taken(document, others[0])
                document._reject(self, {document: status}, text)
            else:
                unproven[document] = status
        self.env["ksef.document"].union(*proven)._accept(self, proven)
        return unproven

    def _give_up_secret(self):
        """Forget the list that was ordered: if still needed, another is."""
        self.sudo().write({"proof_reference": False, "proof_key": False})


def next_day(told, last):
    """Return role, kind of date and day of the next list to order: each day has its
    turn, so that originals never shown keep no others from their proof.

    :param last: the day of the list before, if there was one.
    """
    days = {
        (role_of(document), *_day(document, status))
        for document, status in told.items()
    }
    in_turn = sorted(days, key=lambda each: each[2])
    later = [each for each in in_turn if last and each[2] > last]
    return (later or in_turn)[0]


def query_of_day(role, date_type, day):
    """Return the query for all of our invoices of a day, on which KSeF accepted them
    or, where it does not tell, on which they were issued."""
    start = warsaw.start_of_day(day - timedelta(days=1))
    return InvoiceQuery(
        subject_type=role,
        date_type=date_type,
        date_from=start.isoformat(),
        date_to=(start + timedelta(days=3)).isoformat(),
    )


def _day(document, status):
    known = status.original_ksef_number
    if known and number.is_valid(known):
        return "Invoicing", number.parse(known).accepted_on
    return "Issue", document.issue_date
