import time
from datetime import timedelta

from odoo import api, models

from ..ksef.auth import log_in_signed, new_request
from ..ksef.client import KsefClient
from ..ksef.errors import CertificateError
from ..ksef.xades import check_signed
from ..tools import warsaw
from ..tools.transaction import commit
from .ksef_certificate_enrolment import PATIENCE, UNFINISHED

#: KSeF asks the issuer of a qualified certificate whether it is still good.
SIGNED_LOGIN_SECONDS = 60


class KsefCertificate(models.Model):
    """The first certificate of a company: by a login that is signed outside Odoo."""

    _inherit = "ksef.certificate"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _login_request(self, company):
        """Return the XML to be signed outside; KSeF takes it for ten minutes.

        :raises KsefError: no challenge, or the company is not complete.
        """
        client, nip = self._anonymous_client(company)
        commit(self.env)
        return new_request(client, nip)

    @api.model
    def _enrol_by_signed_request(self, company, request, signed, name):
        """Log in with a signed request and enrol the certificate for the connection,
        or go on with the one that was begun so.

        :param request: what `_login_request` gave.
        :raises KsefError: nothing was asked for.
        :return: the record, taken as far as it goes now.
        """
        check_signed(signed, request)
        begun = self._first_request(company)
        if not begun:
            self._check_name(name)
        client = self._logged_in_by_request(company, signed)
        record = begun or self._prepare(
            client, company, "authentication", self._unique_name(name)
        )
        record._go_on(client=client, seconds=PATIENCE)
        return record

    @api.model
    def _first_request(self, company):
        """Return the request that only such a login can go on with."""
        return self._of_company(company).filtered(
            lambda c: c.type == "authentication"
            and c.enrolment_state in UNFINISHED
            and not c.enrolled_with_id
        )[:1]

    @api.model
    def _logged_in_by_request(self, company, signed):
        anonymous, _nip = self._anonymous_client(company)
        commit(self.env)
        tokens = log_in_signed(
            anonymous,
            signed,
            now=warsaw.now,
            sleep=time.sleep,
            deadline=warsaw.now() + timedelta(seconds=SIGNED_LOGIN_SECONDS),
        )
        return KsefClient(anonymous.transport, lambda: tokens.access.token)

    @api.model
    def _anonymous_client(self, company):
        """Return a client without a login, and the NIP to log in for.

        :raises CertificateError: what is missing in the settings.
        """
        if not company.sudo().ksef_environment:
            raise CertificateError("environment_missing")
        nip = company._ksef_nip()
        if not nip:
            raise CertificateError("company_without_nip")
        company._ksef_check_pause()
        heard = company._ksef_connection()._meter()
        return KsefClient(company._ksef_transport(heard)), nip
