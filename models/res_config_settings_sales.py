from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """Own sales that arrive from KSeF."""

    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    ksef_import_sale_journal_id = fields.Many2one(
        related="company_id.ksef_import_sale_journal_id", readonly=False
    )
