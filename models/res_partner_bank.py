from odoo import fields, models


class ResPartnerBank(models.Model):
    _inherit = "res.partner.bank"

    ksef_own_bank = fields.Selection(
        [
            ("1", "Settlement of claims bought by the bank"),
            ("2", "Collection of claims for its customer (as a factor's)"),
            ("3", "The bank's own business"),
        ],
        string="Account of the bank itself (KSeF)",
        help="Empty for the account of a customer of the bank.",
    )
