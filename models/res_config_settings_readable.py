from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    """In which languages readable invoices are labelled."""

    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    ksef_readable_language = fields.Selection(
        related="company_id.ksef_readable_language", readonly=False
    )
