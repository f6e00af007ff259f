from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """What the connection to KSeF has told: pause, warnings, and who shares it."""

    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    ksef_pause = fields.Char("KSeF pause", compute="_compute_ksef_told")
    ksef_sharing = fields.Char("KSeF NIP shared", compute="_compute_ksef_told")
    ksef_system_warning = fields.Text("KSeF warning", compute="_compute_ksef_told")
    ksef_clock = fields.Char("Clock of this server", compute="_compute_ksef_told")

    @api.depends("company_id", "ksef_environment")
    def _compute_ksef_told(self):
        for settings in self:
            company = settings.company_id
            settings.ksef_pause = company._ksef_pause_text()
            settings.ksef_sharing = company._ksef_sharing_text()
            settings.ksef_system_warning = company._ksef_warning_text()
            settings.ksef_clock = company._ksef_clock_text()

    def action_ksef_move_to_certificate(self):
        """Open the first login: a KSeF token cannot ask for a certificate. Once one
        works, the company logs in with it."""
        self.ensure_one()
        self.env["ksef.certificate"].check_access("unlink")
        self.company_id.ksef_leaves_token = True
        return self.action_ksef_first_login()
