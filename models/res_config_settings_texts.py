from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Footer, registers and texts of every invoice."""

    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    ksef_footer = fields.Text(related="company_id.ksef_footer", readonly=False)
    ksef_krs = fields.Char(related="company_id.ksef_krs", readonly=False)
    ksef_regon = fields.Char(related="company_id.ksef_regon", readonly=False)
    ksef_bdo = fields.Char(related="company_id.ksef_bdo", readonly=False)
    ksef_descriptions = fields.Text(
        related="company_id.ksef_descriptions", readonly=False
    )
