import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..ksef.auth import log_in
from ..ksef.client import KsefClient
from ..ksef.environments import ENVIRONMENTS as KNOWN_ENVIRONMENTS
from ..ksef.environments import own
from ..ksef.errors import CertificateError
from ..mapping import parties
from ..tools import tokens, warsaw
from .ksef_certificate import ENVIRONMENTS

#: A login waits this long for KSeF to check the certificate.
LOGIN_SECONDS = 30

#: The longest that KSeF may take for an answer.
REQUEST_SECONDS = 60

# Portal users and every employee read res.company: nothing of KSeF is for them.
ADMIN = "base.group_system"


class ResCompany(models.Model):
    _inherit = "res.company"

    ksef_environment = fields.Selection(
        ENVIRONMENTS,
        string="KSeF environment",
        groups=ADMIN,
        help="Empty: this company does not use KSeF.",
    )
    ksef_api_url = fields.Char("KSeF API address", groups=ADMIN)
    ksef_qr_url = fields.Char("KSeF QR code address", groups=ADMIN)
    ksef_login = fields.Selection(
        [("certificate", "Certificate"), ("token", "KSeF token")],
        string="KSeF login",
        default="certificate",
        required=True,
        groups=ADMIN,
    )
    ksef_send_automatically = fields.Boolean(
        "Send to KSeF after posting", default=True, groups=ADMIN
    )
    ksef_send_consumers = fields.Boolean("Send consumer invoices to KSeF", groups=ADMIN)
    ksef_import = fields.Boolean("Receive bills from KSeF", groups=ADMIN)
    ksef_import_from = fields.Date("Receive bills since", groups=ADMIN)
    ksef_import_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of bills from KSeF",
        domain="[('type', '=', 'purchase'), ('company_id', '=', id)]",
        groups=ADMIN,
    )
    ksef_import_partners = fields.Boolean(
        "Create partners from KSeF", default=True, groups=ADMIN
    )
    ksef_renew_automatically = fields.Boolean(
        "Renew KSeF certificates in time", groups=ADMIN
    )
    ksef_certificate_ids = fields.One2many(
        "ksef.certificate", "company_id", "KSeF certificates", groups=ADMIN
    )

    @api.constrains("ksef_api_url", "ksef_qr_url", "ksef_status_url")
    def _check_ksef_addresses(self):
        """Each address by itself: Settings save field by field."""
        for company in self.sudo():
            addresses = (
                company.ksef_api_url,
                company.ksef_qr_url,
                company.ksef_status_url,
            )
            for url in filter(None, addresses):
                try:
                    own(url, url)
                except ValueError:
                    raise ValidationError(
                        self.env._(
                            "KSeF address %s: it must begin with https:// (http:// is"
                            " accepted on this machine only).",
                            url,
                        )
                    ) from None

    def write(self, vals):
        result = super().write(vals)
        if vals.get("ksef_import"):
            self.env.ref("l10n_pl_ksef.cron_import")._trigger()
        return result

    # ------------------------------------------------------------------
    # Who connects, where, as whom
    # ------------------------------------------------------------------

    def _ksef_owner(self):
        """Return the company whose KSeF settings hold for this one: itself, or for a
        branch the nearest parent with settings of its own; empty when none has."""
        self.ensure_one()
        line = self.sudo().parent_ids.sorted(lambda c: len(c.parent_path), reverse=True)
        return line.filtered("ksef_environment")[:1]

    def _ksef_nip(self):
        """Return the ten digits of the NIP, or an empty string."""
        self.ensure_one()
        digits = parties.nip(self.sudo().partner_id)
        return digits if parties.nip_is_valid(digits) else ""

    def _ksef_environment(self):
        """Return the addresses that this company talks to.

        :raises CertificateError: own addresses are chosen but not given.
        """
        company = self.sudo()
        if company.ksef_environment == "own":
            if not (company.ksef_api_url and company.ksef_qr_url):
                raise CertificateError("addresses_missing")
            return own(
                company.ksef_api_url,
                company.ksef_qr_url,
                company.ksef_status_url or None,
            )
        return KNOWN_ENVIRONMENTS[company.ksef_environment]

    def _ksef_login_credential(self):
        """Return the credential to log in with: of the present environment and login
        method, one that is proven to work, and of these the one valid longest."""
        company = self.sudo()
        kind = "token" if company.ksef_login == "token" else "authentication"
        return company.ksef_certificate_ids.filtered(
            lambda c: c.type == kind and c.environment == company.ksef_environment
        )._preferred()[:1]

    def _ksef_client(self, credential=None, purpose="send"):
        """Return a client that logs in by itself when it needs a token.

        :param purpose: a key of `ksef.limits.SHARES`: how much of the limits of KSeF
            its requests may use up.
        :raises CertificateError: what is missing for a login.
        :raises RateLimitError: KSeF asked for a pause that is not over.
        """
        credential = credential or self._ksef_login_credential()
        self._ksef_check_login(credential)
        self._ksef_check_pause()
        nip = self._ksef_nip()
        budget = self._ksef_connection()._meter()
        transport = self._ksef_transport(budget)
        key = credential._token_key(self._ksef_environment().api_url, nip)
        anonymous = KsefClient(transport)

        def access_token():
            return tokens.access_token(
                key,
                now=warsaw.now(),
                refresh=anonymous.refresh,
                log_in=lambda: _log_in(anonymous, nip, credential),
            )

        def before_call(method, path):
            budget.learn_limits(client.rate_limits)
            budget.spend(purpose, method, path)

        client = KsefClient(
            transport,
            access_token,
            forget_token=lambda: tokens.forget(key),
            before_call=before_call,
        )
        return client

    def _ksef_check_login(self, credential):
        """Pass if this company may log in with ``credential``.

        :raises CertificateError: what is missing, or of another environment.
        """
        environment = self.sudo().ksef_environment
        if not environment:
            raise CertificateError("environment_missing")
        if not credential:
            raise CertificateError("missing")
        if credential.environment != environment:
            raise CertificateError("other_environment")
        if credential.state == "revoked":
            # Tokens of earlier logins would work for days all the same (R24).
            raise CertificateError("revoked")
        if not self._ksef_nip():
            raise CertificateError("company_without_nip")


def _log_in(client, nip, credential):
    return log_in(
        client,
        nip,
        credential._credential(),
        now=warsaw.now,
        sleep=time.sleep,
        deadline=warsaw.now() + timedelta(seconds=LOGIN_SECONDS),
    )
