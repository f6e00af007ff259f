import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef.crypto import Credential
from ..ksef.errors import CertificateError, KsefError
from ..tools import warsaw
from ..tools.user_message import user_message

#: What is typed once and never comes back.
SECRETS = ["key_file", "password", "token"]


class KsefCertificateUpload(models.TransientModel):
    """Takes ``.key`` + ``.crt``, ``.p12`` or a KSeF token.

    Files, password and token are read while the form is saved: the key is sealed at
    once, of the file only the certificate is kept. Their fields have no column, so
    nothing of them is ever written in the clear. What cannot be used is refused before
    anything is saved: the form keeps what was entered.
    """

    _name = "ksef.certificate.upload"
    _description = "KSeF certificate upload"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    type = fields.Selection(
        [
            ("authentication", "Connection"),
            ("offline", "Work in offline mode"),
            ("token", "KSeF token"),
        ],
        required=True,
        default="authentication",
    )
    name = fields.Char("Own name")
    certificate_file = fields.Binary(
        "Certificate (.crt or .p12)",
        compute="_compute_certificate_file",
        inverse="_inverse_secrets",
    )
    certificate_der = fields.Binary(
        "Certificate alone", attachment=False, readonly=True
    )
    certificate_filename = fields.Char("Certificate file name")
    key_file = fields.Binary(
        "Private key (.key)", compute="_compute_secrets", inverse="_inverse_secrets"
    )
    key_filename = fields.Char("Key file name")
    password = fields.Char(compute="_compute_secrets", inverse="_inverse_secrets")
    token = fields.Char(
        "KSeF token", compute="_compute_secrets", inverse="_inverse_secrets"
    )
    sealed_secret = fields.Binary("Sealed key or token", attachment=False, groups=".")

    @api.depends("certificate_der")
    def _compute_certificate_file(self):
        for wizard in self:
            wizard.certificate_file = wizard.certificate_der

    def _compute_secrets(self):
        """Nothing that was typed comes back."""
        self.key_file = self.password = self.token = False

    def _inverse_secrets(self):
        for wizard in self:
            try:
                wizard._seal_what_was_typed()
            except KsefError as error:
                raise UserError(user_message(self.env, error)) from None
        self.invalidate_recordset(SECRETS, flush=False)

    def _seal_what_was_typed(self):
        """Seal the key or token that the form just brought, if any.

        :raises KsefError: why it cannot be used.
        """
        secret = self._secret_of_form()
        if secret:
            self._check_company()
            sealed = self.env["ksef.certificate"]._seal(secret)
            self.sudo().sealed_secret = sealed

    def _secret_of_form(self):
        if self.type == "token":
            return (self.token or "").strip().encode()
        if self.certificate_file:
            return self._credential_of_form().private_key_der()
        if self.key_file or self.password:
            raise CertificateError("certificate_missing")
        return b""

    def _credential_of_form(self):
        credential = Credential.load(
            base64.b64decode(self.certificate_file),
            base64.b64decode(self.key_file) if self.key_file else None,
            self.password or None,
        )
        self._check_credential(credential)
        # Only the certificate itself is kept: a .p12 holds the key, too.
        self.sudo().certificate_der = base64.b64encode(credential.certificate_der)
        return credential

    def _give_up_secret(self):
        """A form that nobody has finished."""
        self.unlink()

    def _check_credential(self, credential):
        """Pass if it is of the chosen type and valid now.

        :raises CertificateError: why it is not.
        """
        if credential.purpose is None:
            raise CertificateError("unknown_purpose")
        if credential.purpose != self.type:
            offline = self.type == "offline"
            raise CertificateError(
                "wrong_purpose_offline" if offline else "wrong_purpose"
            )
        credential.check_valid(warsaw.now())

    def _check_company(self):
        """Pass if the company can use what is uploaded.

        :raises CertificateError: what is to be entered elsewhere first.
        """
        if not self.company_id.sudo().ksef_environment:
            raise CertificateError("environment_missing")
        if not self.company_id._ksef_nip():
            raise CertificateError("company_without_nip")

    def action_save(self):
        """Create the record and try the connection with it."""
        self.ensure_one()
        self.env["ksef.certificate"].check_access("unlink")
        try:
            self._check_company()
            values = self._values()
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        certificate = self.env["ksef.certificate"].sudo().create(values)
        self.sudo().unlink()
        if certificate.type == "offline":
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        return certificate.sudo(False).action_check_connection()

    def _values(self):
        """Return the values of the record to create.

        :raises KsefError: something is missing, or does not fit the type.
        """
        record = self.sudo().with_context(bin_size=False)
        if self.type == "token":
            own = self._values_of_token(record)
        else:
            own = self._values_of_certificate(record)
        return own | {
            "company_id": self.company_id.id,
            "environment": self.company_id.sudo().ksef_environment,
            "type": self.type,
            "sealed_secret": record.sealed_secret,
        }

    def _values_of_token(self, record):
        if not record.sealed_secret:
            raise CertificateError("token_missing")
        return {"name": self.name or self.env._("KSeF token")}

    def _values_of_certificate(self, record):
        if not record.certificate_der:
            raise CertificateError("certificate_missing")
        if not record.sealed_secret:
            raise CertificateError("key_missing")
        secret = self.env["ksef.certificate"]._unseal(record.sealed_secret)
        credential = Credential.from_der(
            base64.b64decode(record.certificate_der), secret
        )
        self._check_credential(credential)
        return {
            **self.env["ksef.certificate"]._values_of_credential(credential),
            "name": self.name or credential.common_name,
        }

    @api.onchange("type")
    def _onchange_type(self):
        self.certificate_file = self.certificate_filename = False
        self.key_file = self.key_filename = self.password = self.token = False
