from odoo import fields, models

ADMIN = "base.group_system"


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    ksef_import_sale_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of sales issued elsewhere",
        domain="[('type', '=', 'sale'), ('company_id', '=', id)]",
        groups=ADMIN,
    )
