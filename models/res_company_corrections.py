from odoo import fields, models

from .account_move_corrected import METHODS
from .res_company_parties import READERS


class ResCompany(models.Model):
    """How corrections state their lines."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    ksef_correction_method = fields.Selection(
        METHODS,
        string="Lines of corrections in KSeF",
        default="before_after",
        required=True,
        groups=READERS,
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    ksef_correction_method = fields.Selection(
        related="company_id.ksef_correction_method", readonly=False, required=True
    )
