from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """What is received from KSeF, and how far reception is."""

    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    ksef_import_bills = fields.Boolean(
        related="company_id.ksef_import_bills", readonly=False
    )
    ksef_import_sales = fields.Boolean(
        related="company_id.ksef_import_sales", readonly=False
    )
    ksef_import_third_party = fields.Boolean(
        related="company_id.ksef_import_third_party", readonly=False
    )
    ksef_import_authorized = fields.Boolean(
        related="company_id.ksef_import_authorized", readonly=False
    )
    ksef_reception = fields.Text("Reception", compute="_compute_ksef_reception")

    @api.depends("company_id", "ksef_import")
    def _compute_ksef_reception(self):
        for settings in self:
            settings.ksef_reception = settings.company_id._ksef_reception_text()
