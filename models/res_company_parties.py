from odoo import fields, models

#: Administrators set them, accountants need them to issue.
READERS = (
    "base.group_system,account.group_account_invoice,account.group_account_readonly"
)


class ResCompany(models.Model):
    """What invoices say of the company itself, in rare cases."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    ksef_taxpayer_status = fields.Selection(
        [
            ("1", "In liquidation"),
            ("2", "In restructuring"),
            ("3", "Bankrupt"),
            ("4", "Business in succession"),
        ],
        string="Status of the company in KSeF",
        groups=READERS,
    )
    ksef_authorized_id = fields.Many2one(
        "res.partner", "Authorized entity in KSeF", groups=READERS
    )
    ksef_authorized_role = fields.Selection(
        [
            ("1", "Enforcement authority"),
            ("2", "Bailiff"),
            ("3", "Tax representative"),
        ],
        string="Role of the authorized entity",
        groups=READERS,
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    ksef_taxpayer_status = fields.Selection(
        related="company_id.ksef_taxpayer_status", readonly=False
    )
    ksef_authorized_id = fields.Many2one(
        related="company_id.ksef_authorized_id", readonly=False
    )
    ksef_authorized_role = fields.Selection(
        related="company_id.ksef_authorized_role", readonly=False
    )
