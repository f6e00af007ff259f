from odoo import models
from odoo.exceptions import UserError

from ..ksef.errors import KsefError
from ..tools.user_message import user_message


class ResConfigSettings(models.TransientModel):
    """Certificates from inside Odoo: the buttons of the settings page."""

    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    def action_ksef_get_offline_certificate(self):
        self.ensure_one()
        return self.env["ksef.certificate.enrol"]._open(self.company_id, "offline")

    def action_ksef_first_login(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("First login without a KSeF certificate"),
            "res_model": "ksef.first.login",
            "view_mode": "form",
            "target": "new",
            "context": {"default_company_id": self.company_id.id},
        }

    def action_ksef_register(self):
        self.ensure_one()
        return self.env["ksef.certificate.register"]._open(self.company_id)

    def action_ksef_log_out_everywhere(self):
        """End every login of this company to KSeF, wherever it was made."""
        self.ensure_one()
        certificates = self.env["ksef.certificate"]
        certificates.check_access("unlink")
        try:
            ended = certificates.sudo()._log_out_everywhere(self.company_id)
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        text = self.env._(
            "%s logins to KSeF are ended. Odoo logs in again when it needs to.", ended
        )
        return certificates._notification("success", text)

    def action_ksef_give_up_locked(self):
        """Give up the keys whose master key is lost."""
        certificates = self.env["ksef.certificate"]
        certificates.check_access("unlink")
        given_up = certificates.sudo()._give_up_locked()
        text = self.env._(
            "Keys given up: %s. Now upload the certificates again, or order new ones"
            " with “First login without a KSeF certificate”.",
            given_up,
        )
        return certificates._notification("success", text)

    def action_ksef_seal_anew(self):
        """Seal every key in this database with the present master key."""
        certificates = self.env["ksef.certificate"]
        certificates.check_access("unlink")
        try:
            sealed, locked = certificates.sudo()._seal_anew()
        except KsefError as error:
            raise UserError(user_message(self.env, error)) from None
        text = self.env._("%s keys are sealed with the present master key now.", sealed)
        if not locked:
            return certificates._notification("success", text)
        left = self.env._(
            "%s keys cannot be opened on this server: bring back the master key that"
            " sealed them (KSEF_MASTER_KEY_FORMER), or delete their certificates.",
            locked,
        )
        return certificates._notification("danger", f"{text} {left}")
