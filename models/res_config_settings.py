from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef.errors import CertificateError
from ..tools.user_message import user_message


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ksef_environment = fields.Selection(
        related="company_id.ksef_environment", readonly=False
    )
    ksef_api_url = fields.Char(related="company_id.ksef_api_url", readonly=False)
    ksef_qr_url = fields.Char(related="company_id.ksef_qr_url", readonly=False)
    ksef_login = fields.Selection(related="company_id.ksef_login", readonly=False)
    ksef_status_url = fields.Char(related="company_id.ksef_status_url", readonly=False)
    ksef_offline_when = fields.Selection(
        related="company_id.ksef_offline_when", readonly=False
    )
    ksef_offline_minutes = fields.Integer(
        related="company_id.ksef_offline_minutes", readonly=False
    )
    ksef_send_automatically = fields.Boolean(
        related="company_id.ksef_send_automatically", readonly=False
    )
    ksef_send_consumers = fields.Boolean(
        related="company_id.ksef_send_consumers", readonly=False
    )
    ksef_import = fields.Boolean(related="company_id.ksef_import", readonly=False)
    ksef_import_from = fields.Date(
        related="company_id.ksef_import_from", readonly=False
    )
    ksef_import_journal_id = fields.Many2one(
        related="company_id.ksef_import_journal_id", readonly=False
    )
    ksef_import_partners = fields.Boolean(
        related="company_id.ksef_import_partners", readonly=False
    )
    ksef_credential_id = fields.Many2one(
        "ksef.certificate", "KSeF credential", compute="_compute_ksef_credential"
    )
    ksef_connection = fields.Char("KSeF connection", compute="_compute_ksef_credential")
    ksef_connection_state = fields.Selection(
        related="ksef_credential_id.state", string="Status of the KSeF connection"
    )
    ksef_connection_problem = fields.Text(
        related="ksef_credential_id.check_error",
        string="Problem of the KSeF connection",
    )
    ksef_offline_certificate_ids = fields.Many2many(
        "ksef.certificate",
        string="Offline certificates",
        compute="_compute_ksef_credential",
    )

    ksef_offline_certificates = fields.Text(
        "Offline certificates in words", compute="_compute_ksef_credential"
    )
    ksef_renew_automatically = fields.Boolean(
        related="company_id.ksef_renew_automatically", readonly=False
    )
    ksef_locked_count = fields.Integer(
        "Keys that cannot be opened", compute="_compute_ksef_locked_count"
    )

    @api.depends("company_id")
    def _compute_ksef_locked_count(self):
        self.ksef_locked_count = self.env["ksef.certificate"]._locked_count()

    @api.depends("company_id", "ksef_environment", "ksef_login")
    def _compute_ksef_credential(self):
        for settings in self:
            company = settings.company_id
            credential = company._ksef_login_credential()
            settings.ksef_credential_id = credential
            settings.ksef_connection = (
                credential._connection_text() if credential else False
            )
            offline = company.ksef_certificate_ids.filtered(
                lambda c, company=company: c.type == "offline"
                and c.environment == company.ksef_environment
            )
            settings.ksef_offline_certificate_ids = offline
            settings.ksef_offline_certificates = "\n".join(
                certificate._offline_text() for certificate in offline
            )

    def set_values(self):
        result = super().set_values()
        self._ksef_check_complete()
        return result

    def _ksef_check_complete(self):
        """Refuse settings that KSeF could not work with.

        :raises UserError: the field that is missing.
        """
        if self.ksef_environment == "own" and not (
            self.ksef_api_url and self.ksef_qr_url
        ):
            raise UserError(
                self.env._("KSeF: give the API address and the QR code address.")
            )
        if self.ksef_import and not self.ksef_import_from:
            raise UserError(
                self.env._("Receive bills from KSeF: give the date to begin with.")
            )

    def action_ksef_check_connection(self):
        self.ensure_one()
        if not self.ksef_credential_id:
            raise UserError(
                self.env._("Add a certificate or a KSeF token to log in with first.")
            )
        return self.ksef_credential_id.action_check_connection()

    def action_ksef_add_certificate(self):
        return self._ksef_upload("authentication")

    def action_ksef_add_offline_certificate(self):
        return self._ksef_upload("offline")

    def action_ksef_add_token(self):
        return self._ksef_upload("token")

    def _ksef_upload(self, kind):
        self.ensure_one()
        if not self.company_id.ksef_environment:
            raise UserError(
                self.env._("KSeF environment: choose it and save the settings first.")
            )
        if not self.company_id._ksef_nip():
            error = CertificateError("company_without_nip")
            raise UserError(user_message(self.env, error))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Certificate or token for KSeF"),
            "res_model": "ksef.certificate.upload",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_company_id": self.company_id.id,
                "default_type": kind,
            },
        }
