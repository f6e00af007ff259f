import logging

from odoo import api, models

from ..ksef.errors import Fa3Error, KsefError
from ..ksef.fa3 import parse
from ..mapping.roles import role_of
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message
from .ksef_document_arrival import Listing

_logger = logging.getLogger(__name__)


class KsefImport(models.Model):
    """What a person asks for beside the ledger: a period once more, a single number."""

    _inherit = "ksef.import"  # pylint: disable=consider-merging-classes-inherited

    def action_fetch(self):
        """Go on now, whatever made this window wait."""
        self.ensure_one()
        self.check_access("read")
        self.env["account.move"].check_access("create")
        journals = self.env["account.journal"].with_company(self.company_id)
        return journals._ksef_fetch_now(self.company_id)

    @api.model
    def _fetch_number_or_note(self, company, number, role):
        """Fetch one invoice by its KSeF number.

        :param role: what the company is on it, where the file does not tell
        :return: the sentence for the user, or nothing when it is here.
        """
        try:
            client = company._ksef_client(purpose="import")
            self._fetch_numbers(client, company, [number], role)
        except KsefError as error:
            roll_back(self.env)
            _logger.info("KSeF import, company %s, %s: %s", company.id, number, error)
            company._ksef_retry_after(error)
            commit(self.env)
            return user_message(self.env, error)
        return None

    @api.model
    def _fetch_numbers(self, client, company, numbers, role):
        """Fetch invoices one by one; each is stored before the next is asked for.

        :raises KsefError: those behind it are not fetched.
        """
        nip, environment = company._ksef_nip(), company.sudo().ksef_environment
        for number in numbers:
            commit(self.env)
            xml = client.invoice(number)
            roll_back(self.env)
            invoice = _read(xml)
            own_role = invoice and role_of(invoice, nip)
            listing = Listing(company, environment, own_role or role)
            documents = self.env["ksef.document"]
            documents._store_files(listing, {number: xml}, {})
            if invoice:  # there are no metadata to tell it
                stored = documents._received(listing, [number])
                stored.write(documents._values_of_invoice(invoice))
            commit(self.env)


def _read(xml):
    """Return the ``fa3.Invoice``, or None where it cannot be read."""
    try:
        return parse(xml)
    except Fa3Error:
        return None
