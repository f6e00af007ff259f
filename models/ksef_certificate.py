import base64
from datetime import timedelta
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import config

from ..ksef.crypto import Credential
from ..ksef.errors import CertificateError, KsefError
from ..tools import tokens, warsaw
from ..tools.reminder import remind
from ..tools.user_message import user_message
from ..tools.vault import Vault

#: The renewal of a certificate takes a person some days.
EXPIRY_NOTICE = timedelta(days=30)

#: What a sealed secret is bound to: it opens as nothing else.
PURPOSE = "ksef.certificate/secret"

ENVIRONMENTS = [
    ("test", "Test"),
    ("demo", "Demo"),
    ("production", "Production"),
    ("own", "Own addresses"),
]


class KsefCertificate(models.Model):
    """One credential of one company: authentication certificate, offline certificate
    or KSeF token. Its secret is sealed; records are made by the upload wizard only."""

    _name = "ksef.certificate"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "KSeF certificate"
    _order = "type, valid_to desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    environment = fields.Selection(ENVIRONMENTS, required=True, readonly=True)
    type = fields.Selection(
        [
            ("authentication", "Authentication"),
            ("offline", "Offline"),
            ("token", "KSeF token"),
        ],
        required=True,
        readonly=True,
    )
    certificate = fields.Binary(attachment=False, readonly=True)
    sealed_secret = fields.Binary(
        "Sealed key or token", attachment=False, readonly=True, groups="."
    )
    serial_number = fields.Char("Serial number", readonly=True)
    owner = fields.Char(readonly=True, help="Name in the certificate.")
    subject_identifier_type = fields.Selection(
        [("Nip", "NIP"), ("Pesel", "PESEL"), ("Fingerprint", "Fingerprint")],
        string="Identifier type",
        readonly=True,
    )
    subject_identifier = fields.Char("Subject identifier", readonly=True)
    valid_from = fields.Datetime("Valid from", readonly=True)
    valid_to = fields.Datetime("Valid to", readonly=True)
    checked_at = fields.Datetime("Last check", readonly=True)
    check_error = fields.Text("Result of the last check", readonly=True)
    rights = fields.Char("Rights in KSeF", readonly=True)
    state = fields.Selection(
        [
            ("unchecked", "Not checked yet"),
            ("active", "Active connection"),
            ("failed", "Connection failed"),
            ("not_yet_valid", "Not yet valid"),
            ("expired", "Expired"),
            ("stored", "Ready for offline work"),
        ],
        string="Status",
        compute="_compute_state",
    )

    @api.depends("type", "valid_from", "valid_to", "checked_at", "check_error")
    def _compute_state(self):
        now = fields.Datetime.now()
        for certificate in self:
            if certificate.valid_to and certificate.valid_to <= now:
                certificate.state = "expired"
            elif certificate.valid_from and certificate.valid_from > now:
                certificate.state = "not_yet_valid"
            elif certificate.type == "offline":
                certificate.state = "stored"
            elif not certificate.checked_at:
                certificate.state = "unchecked"
            else:
                certificate.state = "failed" if certificate.check_error else "active"

    @api.depends("name", "type")
    def _compute_display_name(self):
        labels = dict(self._fields["type"]._description_selection(self.env))
        for certificate in self:
            kind = labels.get(certificate.type)
            certificate.display_name = f"{certificate.name} ({kind})"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used_by_open_session(self):
        # KSeF shows a session only to the subject that opened it.
        sessions = self.env["ksef.session"].sudo()
        unfinished = sessions.search_count(
            Domain("certificate_id", "in", self.ids) & sessions._domain_unfinished(),
            limit=1,
        )
        if unfinished:
            raise UserError(
                self.env._(
                    "KSeF has not confirmed every invoice sent with this certificate"
                    " yet. Delete it once the sessions under KSeF > Sessions are done."
                )
            )

    def unlink(self):
        for certificate in self.sudo():
            tokens.forget_all(certificate._token_key())
        return super().unlink()

    # ------------------------------------------------------------------
    # Secret
    # ------------------------------------------------------------------

    @api.model
    def _vault(self):
        secret = config.get("ksef_master_key") or None
        return Vault.of_this_host(secret, Path(config["data_dir"]))

    @api.model
    def _seal(self, secret, purpose=PURPOSE):
        """Return the base64 of ``secret`` sealed, as a Binary field takes it.

        :raises VaultError: no usable master key.
        """
        holds_blobs = (
            self.sudo()
            .with_context(active_test=False)
            .search_count([("sealed_secret", "!=", False)], limit=1)
        )
        sealed = self._vault().seal(secret, purpose, may_create_key=not holds_blobs)
        return base64.b64encode(sealed)

    @api.model
    def _unseal(self, sealed, purpose=PURPOSE):
        return self._vault().unseal(base64.b64decode(sealed), purpose)

    def _secret(self):
        """Return the clear key or token.

        :raises KsefError: sealed with another key, or taken away (neutralized).
        """
        self.ensure_one()
        record = self.sudo().with_context(bin_size=False)
        if not record.sealed_secret:
            raise CertificateError("secret_missing")
        return self._unseal(record.sealed_secret)

    def _credential(self):
        """Return what logs in: a Credential, or a KSeF token as a string.

        :raises KsefError: sealed with another key, or out of its validity.
        """
        self.ensure_one()
        if self.type == "token":
            return self._secret().decode()
        record = self.sudo().with_context(bin_size=False)
        der = base64.b64decode(record.certificate)
        credential = Credential.from_der(der, self._secret())
        credential.check_valid(warsaw.now())
        return credential

    # ------------------------------------------------------------------
    # Connection
    # ------------------------------------------------------------------

    def _token_key(self, *context):
        """Return what tokens are kept under: this credential, then address and NIP."""
        self.ensure_one()
        return (self.env.cr.dbname, self.id, self.serial_number, *context)

    def action_check_connection(self):
        """Log in, note who may do what, and tell the user."""
        self.ensure_one()
        self.check_access("read")
        record = self.sudo()
        try:
            rights = record._check_connection()
        except KsefError as error:
            message = user_message(self.env, error)
            record.write({"checked_at": fields.Datetime.now(), "check_error": message})
            return self._notification("danger", message)
        record.write(
            {
                "checked_at": fields.Datetime.now(),
                "check_error": False,
                "rights": ", ".join(rights),
            }
        )
        return self._notification("success", record._connection_text())

    def _check_connection(self):
        """Return the rights that KSeF reports for a fresh login.

        :raises KsefError: why the login failed.
        """
        tokens.forget_all(self._token_key())
        client = self.company_id._ksef_client(self)
        granted = {grant.permission for grant in client.personal_grants()}
        self._learn_name(client)
        # Rights of an owner are never listed; the token's payload hints at them.
        return sorted(granted | set(client.rights()))

    def _learn_name(self, client):
        """Take over the name that KSeF knows, unless one was typed. Whoever may not ask
        for it (a token, say) has a connection all the same."""
        if self.type == "token" or self.name != self._credential().common_name:
            return
        try:
            known = client.certificate_name(self.serial_number)
        except KsefError:
            return
        self.name = known or self.name

    def _connection_text(self):
        """Return the line of the settings page: state, kind, validity."""
        self.ensure_one()
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("state", "type")
        }
        parts = [labels["state"][self.state], labels["type"][self.type]]
        if self.valid_to:
            day = fields.Date.to_string(warsaw.day_of(self.valid_to))
            parts.append(self.env._("valid to %s", day))
        if self.rights:
            parts.append(self.env._("rights: %s", self.rights))
        return " · ".join(parts)

    def _notification(self, kind, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "sticky": kind == "danger",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_download(self):
        """Download the certificate (never the key)."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/ksef.certificate/{self.id}/certificate"
            f"?download=true&filename={self.serial_number}.crt",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Watch
    # ------------------------------------------------------------------

    @api.model
    def _cron_watch(self):
        """Remind people of what waits for them: expiring certificates, invoices that
        KSeF rejected or that were never handed over."""
        self._warn_of_expiry()
        self.env["ksef.document"]._warn_of_what_waits()

    @api.model
    def _warn_of_expiry(self):
        soon = fields.Datetime.now() + EXPIRY_NOTICE
        for certificate in self.search([("valid_to", "<=", soon)]):
            if not certificate._successor(soon):
                remind(
                    certificate,
                    certificate.create_uid,
                    lambda env, name=certificate.name: env._(
                        "KSeF: the certificate %s expires", name
                    ),
                    deadline=warsaw.day_of(certificate.valid_to),
                )

    def _successor(self, soon):
        """Return a certificate that has taken over from an expiring one."""
        return self.company_id.ksef_certificate_ids.filtered(
            lambda c: c.type == self.type
            and c.environment == self.environment
            and c.valid_to
            and c.valid_to > soon
        )
