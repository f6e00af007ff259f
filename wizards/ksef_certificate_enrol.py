from odoo import api, fields, models
from odoo.exceptions import UserError

from ..ksef.errors import KsefError
from ..tools.transaction import commit
from ..tools.user_message import user_message


class KsefCertificateEnrol(models.TransientModel):
    """Asks whether to request a certificate from KSeF, and under which name."""

    _name = "ksef.certificate.enrol"
    _description = "Certificate from KSeF"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    type = fields.Selection(
        [("authentication", "Connection"), ("offline", "Work in offline mode")],
        required=True,
        readonly=True,
    )
    renews_id = fields.Many2one("ksef.certificate", "Renews", readonly=True)
    login_id = fields.Many2one("ksef.certificate", "Requested with", readonly=True)
    owner = fields.Char(related="login_id.owner")
    name = fields.Char(
        required=True,
        help="The name in KSeF. Odoo adds an ending that makes it unique.",
    )
    enrolments_left = fields.Integer("Requests left", readonly=True)
    certificates_left = fields.Integer("Certificates left", readonly=True)
    certificate_id = fields.Many2one(
        "ksef.certificate", "Requested", readonly=True, ondelete="set null"
    )
    loses_rights = fields.Boolean(compute="_compute_loses_rights")

    @api.depends("login_id")
    def _compute_loses_rights(self):
        for wizard in self:
            kind = wizard.login_id.subject_identifier_type
            wizard.loses_rights = (
                kind == "Fingerprint" and wizard.type == "authentication"
            )

    @api.model
    def _open(self, company, kind, renews=None):
        """Return the action that shows what is going to happen, limits included; or go
        on with the same request if it is under way.

        :raises UserError: why KSeF would not issue it.
        """
        certificates = self.env["ksef.certificate"]
        certificates.check_access("unlink")
        try:
            begun = certificates.sudo()._begun_for(company, kind, renews)
            if begun:
                return begun.sudo(False).action_look_again()
            login, limits = certificates.sudo()._limits_to_enrol(company, renews)
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        wizard = self.create(
            {
                "company_id": company.id,
                "type": kind,
                "renews_id": renews.id if renews else False,
                "login_id": login.id,
                "name": certificates._proposed_name(company, kind),
                "enrolments_left": limits.enrolments_left or 0,
                "certificates_left": limits.certificates_left or 0,
            }
        )
        return wizard._shown()

    def _shown(self):
        renewal = self.env._("Renew this certificate")
        titles = {
            "offline": self.env._("Get an Offline certificate"),
            "authentication": self.env._("Get a certificate for the connection"),
        }
        return {
            "type": "ir.actions.act_window",
            "name": renewal if self.renews_id else titles[self.type],
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_request(self):
        """Ask KSeF, once however often it is pressed, and wait some seconds for the
        certificate."""
        self.ensure_one()
        if not self.certificate_id:
            self.certificate_id = self._requested()
            commit(self.env)
        return self.certificate_id.action_look_again()

    def _requested(self):
        certificates = self.env["ksef.certificate"]
        certificates.check_access("unlink")
        self.renews_id.check_access("unlink")
        try:
            return certificates.sudo()._enrol(
                self.company_id, self.type, self.name, renews=self.renews_id.sudo()
            )
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
