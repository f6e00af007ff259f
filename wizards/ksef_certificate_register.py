import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef.errors import KsefError
from ..tools import warsaw
from ..tools.user_message import user_message


class KsefCertificateRegister(models.TransientModel):
    """What the ministry holds for the owners of our login certificates."""

    _name = "ksef.certificate.register"
    _description = "Certificates in KSeF"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    line_ids = fields.One2many(
        "ksef.certificate.register.line", "register_id", "Certificates", readonly=True
    )

    def _compute_display_name(self):
        self.display_name = self.env._("Certificates in KSeF")

    @api.model
    def _open(self, company):
        """Return the action that shows the register as it is now.

        :raises UserError: KSeF cannot be asked.
        """
        register = self.create({"company_id": company.id})
        register._fill()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Certificates in KSeF"),
            "res_model": self._name,
            "res_id": register.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "current",
        }

    def _fill(self):
        certificates = self.env["ksef.certificate"]
        certificates.check_access("unlink")
        try:
            found = certificates.sudo()._register_of(self.company_id)
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        self.line_ids.unlink()
        self.line_ids.create([self._values(login, listed) for login, listed in found])

    def _values(self, login, listed):
        here = self.company_id.sudo().with_context(active_test=False)
        certificate = here.ksef_certificate_ids.filtered(
            lambda c: c.serial_number == listed.serial_number
        )
        return {
            "register_id": self.id,
            "login_id": login.id,
            "is_here": bool(certificate),
            "serial_number": listed.serial_number,
            "name": listed.name,
            "type": listed.kind,
            "common_name": listed.common_name,
            "status": listed.status,
            "valid_from": warsaw.naive(listed.valid_from),
            "valid_to": warsaw.naive(listed.valid_to),
            "last_used": warsaw.naive(listed.last_used),
        }

    def action_refresh(self):
        """Ask KSeF again."""
        self.ensure_one()
        self._fill()


class KsefCertificateRegisterLine(models.TransientModel):
    """One certificate of the ministry's register."""

    _name = "ksef.certificate.register.line"
    _description = "Certificate in KSeF"

    register_id = fields.Many2one(
        "ksef.certificate.register", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="register_id.company_id")
    login_id = fields.Many2one("ksef.certificate", required=True, ondelete="cascade")
    is_here = fields.Boolean("In Odoo")
    serial_number = fields.Char("Serial number", required=True)
    name = fields.Char()
    type = fields.Char()
    common_name = fields.Char("Owner")
    status = fields.Char()
    valid_from = fields.Datetime("Valid from")
    valid_to = fields.Datetime("Valid to")
    last_used = fields.Datetime("Last used")
    content = fields.Binary(attachment=False)

    def action_download(self):
        """Fetch the certificate (never a key: KSeF has none) and download it."""
        self.ensure_one()
        self.login_id.check_access("unlink")
        try:
            der = self.login_id.sudo()._retrieved(self.serial_number)
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        self.content = base64.b64encode(der)
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/content"
            f"?download=true&filename={self.serial_number}.crt",
            "target": "download",
        }

    def action_revoke(self):
        """Ask for the reason first, and say what follows."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke a certificate"),
            "res_model": "ksef.certificate.revoke",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }


class KsefCertificateRevoke(models.TransientModel):
    """The confirmation, which names the consequences."""

    _name = "ksef.certificate.revoke"
    _description = "Revocation of a certificate"

    line_id = fields.Many2one(
        "ksef.certificate.register.line", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="line_id.company_id")
    name = fields.Char(related="line_id.name")
    serial_number = fields.Char(related="line_id.serial_number")
    type = fields.Char(related="line_id.type")
    is_login = fields.Boolean(compute="_compute_is_login")
    reason = fields.Selection(
        [
            ("Unspecified", "No reason given"),
            ("Superseded", "Replaced by another certificate"),
            ("KeyCompromise", "The key fell into wrong hands"),
        ],
        required=True,
        default="Superseded",
    )

    @api.depends("line_id")
    def _compute_is_login(self):
        for wizard in self:
            login = wizard.company_id.sudo()._ksef_login_credential()
            used = login.serial_number
            wizard.is_login = bool(used) and used == wizard.serial_number

    def action_revoke(self):
        """Revoke at KSeF; the list shows it afterwards."""
        self.ensure_one()
        line = self.line_id
        line.login_id.check_access("unlink")
        try:
            line.login_id.sudo()._revoke(line.serial_number, line.type, self.reason)
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        line.status = "Revoked"
        return {"type": "ir.actions.client", "tag": "soft_reload"}
