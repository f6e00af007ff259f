import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef.crypto import Credential
from ..ksef.errors import CertificateError, KsefError
from ..tools import warsaw
from ..tools.user_message import user_message


class KsefCertificateUpload(models.TransientModel):
    """Takes ``.key`` + ``.crt``, ``.p12`` or a KSeF token.

    Key, password and token are read while the form is saved and sealed at once; their
    fields have no column, so nothing of them is ever written in the clear.
    """

    _name = "ksef.certificate.upload"
    _description = "Upload of a KSeF certificate"

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
    certificate_file = fields.Binary("Certificate (.crt or .p12)", attachment=False)
    certificate_filename = fields.Char()
    key_file = fields.Binary(
        "Private key (.key)", compute="_compute_secrets", inverse="_inverse_secrets"
    )
    key_filename = fields.Char()
    password = fields.Char(compute="_compute_secrets", inverse="_inverse_secrets")
    token = fields.Char(
        "KSeF token", compute="_compute_secrets", inverse="_inverse_secrets"
    )
    sealed_secret = fields.Binary(attachment=False, groups=".")
    has_secret = fields.Boolean()

    def _compute_secrets(self):
        """Nothing that was typed comes back."""
        self.key_file = self.password = self.token = False

    def _inverse_secrets(self):
        for wizard in self:
            secret = wizard._secret_of_form()
            if secret:
                vault = self.env["ksef.certificate"]
                wizard.sudo().sealed_secret = wizard._told(lambda: vault._seal(secret))
                wizard.has_secret = True

    def _secret_of_form(self):
        """Return the clear key or token that the form just brought, if any."""
        if self.type == "token":
            return (self.token or "").strip().encode()
        if not self.certificate_file:
            return b""
        return self._told(self._credential_of_form).private_key_der()

    def _credential_of_form(self):
        credential = Credential.load(
            base64.b64decode(self.certificate_file),
            base64.b64decode(self.key_file) if self.key_file else None,
            self.password or None,
        )
        if credential.purpose is None:
            raise CertificateError("unknown_purpose")
        if credential.purpose != self.type:
            offline = self.type == "offline"
            raise CertificateError(
                "wrong_purpose_offline" if offline else "wrong_purpose"
            )
        credential.check_valid(warsaw.now())
        # From here on only the certificate itself is kept.
        self.certificate_file = base64.b64encode(credential.certificate_der)
        return credential

    def _told(self, action):
        """Run ``action``; what goes wrong is told to the user.

        :raises UserError: the sentence that names the field and what to do.
        """
        try:
            return action()
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None

    def action_save(self):
        """Create the record and try the connection with it."""
        self.ensure_one()
        self.env["ksef.certificate"].check_access("unlink")
        if not self.has_secret:
            raise UserError(self._missing_message())
        certificate = self.env["ksef.certificate"].sudo().create(self._values())
        self.sudo().unlink()
        if certificate.type == "offline":
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        return certificate.sudo(False).action_check_connection()

    def _missing_message(self):
        if self.type == "token":
            return self.env._("KSeF token: enter the token.")
        if not self.certificate_file:
            return self.env._("Certificate: choose the .crt file (or .p12).")
        return user_message(self.env, CertificateError("key_missing"))

    def _values(self):
        record = self.sudo().with_context(bin_size=False)
        values = {
            "company_id": self.company_id.id,
            "environment": self.company_id.sudo().ksef_environment,
            "type": self.type,
            "sealed_secret": record.sealed_secret,
        }
        if self.type == "token":
            return values | {"name": self.name or self.env._("KSeF token")}
        certificate = base64.b64decode(record.certificate_file)
        secret = self.env["ksef.certificate"]._unseal(record.sealed_secret)
        credential = Credential.from_der(certificate, secret)
        return values | {
            "name": self.name or credential.common_name,
            "certificate": record.certificate_file,
            "serial_number": credential.serial_number,
            "owner": credential.owner,
            "subject_identifier_type": credential.identifier_type,
            "subject_identifier": credential.identifier,
            "valid_from": warsaw.naive(credential.valid_from),
            "valid_to": warsaw.naive(credential.valid_to),
        }

    @api.onchange("type")
    def _onchange_type(self):
        self.certificate_file = self.certificate_filename = False
