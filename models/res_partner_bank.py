from odoo import api, fields, models
from odoo.fields import Domain

#: What the trust check of a bill asks of an account.
ASKED = {"acc_number", "allow_out_payment", "partner_id", "active"}


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

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create(vals_list)
        accounts.filtered("allow_out_payment")._ksef_check_bills()
        return accounts

    def write(self, vals):
        result = super().write(vals)
        if ASKED & vals.keys():
            self._ksef_check_bills()
        return result

    def _ksef_check_bills(self):
        """An account that a person trusts, or no longer, is odd no more, or again, on
        the bills that are still to be paid."""
        firms = self.partner_id.commercial_partner_id
        documents = self.env["ksef.document"].sudo()
        if firms:
            documents.search(
                Domain("direction", "=", "received")
                & Domain("trust", "in", ("clean", "check"))
                & Domain("move_id.commercial_partner_id", "in", firms.ids)
                & Domain("move_id.payment_state", "=", "not_paid")
                & Domain("move_id.state", "!=", "cancel")
            )._check_again()
