from dataclasses import replace
from datetime import timedelta
from itertools import islice

from odoo import fields, models

from ..ksef import number
from ..ksef.crypto import sha256_b64
from ..ksef.errors import ApiError, AuthenticationError, RateLimitError, ServerError
from ..ksef.messages import InvoiceQuery, Verdict, verdict
from ..ksef.reading import moment
from ..tools import warsaw
from ..tools.correction_message import number_taken_message
from ..tools.transaction import commit, roll_back

#: After so long without a sight of the original a person is told.
PATIENCE = timedelta(hours=1)

#: So many duplicates are asked for one by one (20 queries an hour); more are looked up
#: in one metadata-only export.
ONE_BY_ONE = 5


class KsefSession(models.Model):
    """440: KSeF has an invoice of this seller, kind and number. Whose bytes are it?

    Accepted only with proof, by hash, that KSeF holds these very bytes. The cheapest
    proof comes first: our own sessions, metadata of our sales, the file itself.
    """

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _settle_duplicates(self, client, told):
        """Accept what is proven; wait while KSeF cannot show the original yet; else a
        person has to act.

        :param told: {document: the InvoiceStatus with code 440}.
        """
        unproven = self._adopt_proven(client, told)
        if len(unproven) > ONE_BY_ONE:
            unproven = self._prove_by_export(client, unproven)
        for document, status in islice(unproven.items(), ONE_BY_ONE):
            self._settle_duplicate(client, document, status)
            commit(self.env)

    def _adopt_proven(self, client, told):
        """Accept what earlier sessions of ours brought to KSeF already, each listed
        once for all.

        :return: what is still unproven, as ``told``.
        """
        documents = self.env["ksef.document"].union(*told)
        read = (documents.session_ids - self).filtered(
            lambda session: session._may_have_been_read()
        )
        for session in read.sorted("id", reverse=True):
            if not documents:
                break
            accepted = session._accepted_entries(client)
            found = documents.filtered(lambda d, known=accepted: d.sha256 in known)
            found._adopt(self, session, {d: accepted[d.sha256] for d in found})
            commit(self.env)
            documents -= found
        return {document: told[document] for document in documents}

    def _may_have_been_read(self):
        """A batch that was never closed is none: KSeF has nothing of it."""
        return self.session_type == "online" or self.closed_at or self.state != "failed"

    def _accepted_entries(self, client):
        """Return {hash: status} of what KSeF accepted in this session, {} where it does
        not show it."""
        try:
            entries = [entry for page in self._pages(client) for entry in page]
        except ApiError as error:
            nothing_unless_trouble(error)
            entries = []
        roll_back(self.env)  # see what other processes did meanwhile
        return {
            entry.invoice_hash: entry
            for entry in entries
            if verdict(entry.code, offline=False) is Verdict.ACCEPT
        }

    def _settle_duplicate(self, client, document, status):
        """Prove or refute one duplicate by a query of its own."""
        self._renew_lease()
        original = self._original_in_ksef(client, document, status)
        upo = None
        if original and original.invoice_hash == document.sha256:
            upo = self._upo_of_original(client, original)
        roll_back(self.env)  # see what other processes did meanwhile
        if not original:
            self._note_unseen_original(document)
        elif original.invoice_hash == document.sha256:
            document._accept(self, {document: original})
            if upo:
                document._keep_upo(upo)
        else:
            text = self._number_taken(document, original)
            document._reject(self, {document: status}, text)

    def _number_taken(self, document, original):
        if document._is_final():
            return number_taken_message(self.env, document.number, original.ksef_number)
        return self.env._(
            "Another invoice with the number %(number)s is in KSeF already:"
            " %(ksef_number)s. Reset this one to draft and give it another number.",
            number=document.number,
            ksef_number=original.ksef_number,
        )

    def _note_unseen_original(self, documents):
        for document in documents:
            document._note_problem(
                self.env._(
                    "KSeF already has an invoice with the number %s but does not show"
                    " it yet. Odoo keeps asking: if it is this very invoice, it becomes"
                    " accepted by itself.",
                    document.number,
                )
            )
        if self._is_out_of_patience():
            documents.waits_for_person = True
            documents._call_person()

    def _is_out_of_patience(self):
        return fields.Datetime.now() - self.opened_at > PATIENCE

    def _original_in_ksef(self, client, document, status):
        """Return what KSeF holds under this number as a status that accepts it, or
        None while it cannot be seen."""
        query = query_by_number(document, status.original_ksef_number)
        found = [
            candidate
            for candidate in client.query_metadata(query).invoices
            if candidate.invoice_hash == document.sha256
            or may_be_original(candidate, document, status)
        ]
        # Proof first: several may bear the number where KSeF does not say which.
        found.sort(key=lambda candidate: candidate.invoice_hash != document.sha256)
        if found:
            return as_accepted(status, found[0])
        if status.original_ksef_number:
            return self._downloaded(client, status)
        return None

    def _downloaded(self, client, status):
        """Return the same from the file itself (64 downloads per hour: last resort)."""
        try:
            xml = client.invoice(status.original_ksef_number)
        except ApiError as error:
            return nothing_unless_trouble(error)
        return replace(
            status,
            code=200,
            reference_number="",
            ksef_number=status.original_ksef_number,
            invoice_hash=sha256_b64(xml),
            permanent_storage_date=warsaw.now(),  # or it could not be downloaded
        )

    def _upo_of_original(self, client, original):
        """Return the receipt from the session that KSeF names, or None: it may name a
        wrong one, or one of another subject."""
        if not original.original_session:
            return None
        try:
            return client.numbered_upo(original.original_session, original.ksef_number)
        except ApiError as error:
            return nothing_unless_trouble(error)


def nothing_unless_trouble(error):
    """Return None for a refusal that asking again does not change.

    :raises ApiError: pause, login or trouble of KSeF: ask again.
    """
    if isinstance(error, AuthenticationError | RateLimitError | ServerError):
        raise error
    return None


def query_by_number(document, ksef_number):
    """Return the query for the invoices with the number of ``document``, among our
    sales, in self-billing among our purchases.

    A KSeF number tells the day of its acceptance. Without one the issue date is all
    that is known.
    """
    day, date_type = document.issue_date, "Issue"
    if ksef_number and number.is_valid(ksef_number):
        day, date_type = number.parse(ksef_number).accepted_on, "Invoicing"
    start = warsaw.start_of_day(day - timedelta(days=1))
    return InvoiceQuery(
        subject_type=role_of(document),
        date_type=date_type,
        date_from=start.isoformat(),
        date_to=(start + timedelta(days=3)).isoformat(),
        seller_nip=document.seller_nip,
        invoice_number=document.number,
    )


def role_of(document):
    return "Subject2" if document.self_billing else "Subject1"


def may_be_original(candidate, document, status):
    if status.original_ksef_number:
        return candidate.ksef_number == status.original_ksef_number
    kind = (document.invoice_kind or "").replace("_", "").lower()
    return (candidate.invoice_type or "").lower() == kind


def as_accepted(status, original):
    """Return the status of a 440 as that of its original: no reference of ours."""
    return replace(
        status,
        code=200,
        reference_number="",
        ksef_number=original.ksef_number,
        invoice_hash=original.invoice_hash,
        acquisition_date=original.acquisition_date,
        permanent_storage_date=moment(original.permanent_storage_date),
        invoicing_mode=original.invoicing_mode,
    )
