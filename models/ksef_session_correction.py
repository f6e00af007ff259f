from odoo import models

from ..ksef.crypto import sha256_b64
from ..ksef.errors import ApiError
from ..ksef.messages import InvoiceStatus
from ..ksef.reading import moment
from ..tools.transaction import roll_back
from .ksef_document_correction import HELD_BY_KSEF
from .ksef_session_duplicate import nothing_unless_trouble, query_by_number


class KsefSession(models.Model):
    """21166, 21167: KSeF holds another file of the invoice. Which one is it?"""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _send_one(self, client, key, document):
        try:
            return super()._send_one(client, key, document)
        except ApiError as error:
            if error.code not in HELD_BY_KSEF:
                raise
            return self._settle_correction(client, document, error)

    def _settle_correction(self, client, document, error):
        """Take over the file that KSeF holds in place of this correction.

        :raises KsefError: KSeF cannot be asked now; it refuses the next try as well.
        """
        held = self._held_file(client, document)
        known = document._chain().filtered(
            lambda link: held and link.sha256 == held.invoice_hash
        )
        xml = None
        if held and not known:
            xml = client.invoice(held.ksef_number)
        upo = self._upo_of_file(client, known, held) if known else None
        roll_back(self.env)  # see what other processes did meanwhile
        if held:
            document._take_over(self, known, xml, _accepted(held, xml), error)
            if upo:
                known._keep_upo(upo)
        else:
            document._wait_for_file(self, error)

    def _held_file(self, client, document):
        """Return the metadata of the valid file of this invoice, None while KSeF does
        not show it."""
        chain = document._chain()
        query = query_by_number(document, None)
        for found in client.query_metadata(query).invoices:
            named = found.hash_of_corrected_invoice == chain[0].sha256
            if named or found.invoice_hash in chain.mapped("sha256"):
                return found
        return None

    def _upo_of_file(self, client, document, held):
        """Return the receipt from the session that carried the file, if one of ours
        did."""
        for session in document.session_ids:
            try:
                return client.numbered_upo(session.reference_number, held.ksef_number)
            except ApiError as error:
                nothing_unless_trouble(error)
        return None


def _accepted(held, xml):
    """Return metadata as the status that accepts: no reference of ours."""
    return InvoiceStatus(
        ordinal_number=None,
        reference_number="",
        invoice_number=held.invoice_number,
        ksef_number=held.ksef_number,
        invoice_hash=sha256_b64(xml) if xml else held.invoice_hash,
        invoice_file_name=None,
        invoicing_date=held.invoicing_date,
        acquisition_date=held.acquisition_date,
        permanent_storage_date=moment(held.permanent_storage_date),
        invoicing_mode=held.invoicing_mode,
        upo_url=None,
        code=200,
        description="",
        details=(),
        original_session=None,
        original_ksef_number=None,
    )
