from odoo import fields, models

#: Rola of FA(3), in its order; another role is told in words (RolaInna).
ROLES = [
    ("1", "Factor"),
    ("2", "Recipient: unit or branch of the buyer"),
    ("3", "Original entity, taken over by the seller"),
    ("4", "Additional buyer"),
    ("5", "Issuer on behalf of the seller"),
    ("6", "Payer"),
    ("7", "Local authority unit that issues"),
    ("8", "Local authority unit that receives"),
    ("9", "VAT group member that issues"),
    ("10", "VAT group member that receives"),
    ("11", "Employee"),
    ("other", "Other role"),
]

#: Roles on the side of the seller, and on that of the buyer.
SELLER_ROLES = ("1", "3", "5", "7", "9")
BUYER_ROLES = ("2", "4", "6", "8", "10", "11")

ACCOUNTANTS = "account.group_account_invoice,account.group_account_readonly"


class KsefPartyRole(models.AbstractModel):
    """Who else an invoice concerns, and as what: Podmiot3 of FA(3)."""

    _name = "ksef.party.role"
    _description = "Role of a third party for KSeF"
    _rec_name = "partner_id"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner",
        "Third party",
        required=True,
        ondelete="restrict",
        help="Whose NIP or KSeF identifier stands here can read the invoice in KSeF.",
    )
    role = fields.Selection(ROLES, required=True)
    other_role = fields.Char("Role in words")
    share = fields.Float(
        "Share (%)",
        digits=(9, 6),
        help="Of an additional buyer; the rest is the buyer's. Empty: equal shares.",
    )
    customer_number = fields.Char("Customer number")

    def _values_to_copy(self):
        """Return the values of an equal row."""
        self.ensure_one()
        return {
            "sequence": self.sequence,
            "partner_id": self.partner_id.id,
            "role": self.role,
            "other_role": self.other_role,
            "share": self.share,
            "customer_number": self.customer_number,
        }


class KsefThirdParty(models.Model):
    """A third party of one invoice."""

    _name = "ksef.third.party"
    _description = "Third party of an invoice in KSeF"
    _inherit = ["ksef.party.role", "ksef.invoice.part"]

    partner_id = fields.Many2one(check_company=True)


class KsefDefaultThirdParty(models.Model):
    """A third party of every new invoice of a customer; on the company's own contact:
    of every invoice that the company issues."""

    _name = "ksef.default.third.party"
    _description = "Default third party in KSeF"
    _inherit = ["ksef.party.role"]

    owner_id = fields.Many2one(
        "res.partner", "Contact", required=True, ondelete="cascade", index=True
    )
