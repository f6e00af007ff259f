from odoo import fields, models

from ..ksef import fa3
from ..mapping import terms
from ..mapping.facts import Facts

#: What the document states of payment and terms.
STATED = frozenset(
    {
        "ksef_payment_method",
        "ksef_payment_method_other",
        "ksef_paid_on",
        "ksef_bank_ids",
        "ksef_order_number",
        "ksef_order_date",
        "ksef_contract_number",
        "ksef_contract_date",
        "ksef_intermediary",
        "preferred_payment_method_line_id",
        "invoice_incoterm_id",
        "incoterm_location",
        "invoice_origin",
    }
)

#: What holds for a correction as for the invoice that it corrects.
OF_THE_SALE = frozenset(
    {
        "ksef_order_number",
        "ksef_order_date",
        "ksef_contract_number",
        "ksef_contract_date",
        "ksef_intermediary",
    }
)


class AccountMove(models.Model):
    """How an invoice is paid, and which order and contract it belongs to."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_payment_method = fields.Selection(
        [
            ("1", "Cash"),
            ("2", "Card"),
            ("3", "Voucher"),
            ("4", "Cheque"),
            ("5", "Credit"),
            ("6", "Bank transfer"),
            ("7", "Mobile payment"),
            ("other", "Other, in words"),
        ],
        string="Payment method in KSeF",
        copy=False,
        help="Empty: as it was paid, else the customer's payment method, else a bank"
        " transfer when the invoice shows an account.",
    )
    ksef_payment_method_other = fields.Char("Payment method in words", copy=False)
    ksef_paid_on = fields.Date(
        "Paid on",
        copy=False,
        help="The invoice states that all of it was paid on this day, as in a cash"
        " sale. Payments registered on the draft are stated by themselves.",
    )
    ksef_bank_ids = fields.Many2many(
        "res.partner.bank",
        "account_move_ksef_bank_rel",
        string="Further bank accounts",
        copy=False,
        help="Shown in KSeF besides the recipient bank of the invoice.",
    )
    ksef_order_number = fields.Char(
        "Order number",
        copy=False,
        help="The customer's order. Empty: that of the sales orders, else the"
        " customer reference, else the source document.",
    )
    ksef_order_date = fields.Date("Order date", copy=False)
    ksef_contract_number = fields.Char("Contract number", copy=False)
    ksef_contract_date = fields.Date("Contract date", copy=False)
    ksef_intermediary = fields.Boolean(
        "Intermediary in a chain",
        copy=False,
        help="Goods pass from the first to the last in a chain of sales, and this"
        " company, in the middle, arranges the transport (art. 22(2d) of the VAT act).",
    )

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | STATED

    def _ksef_states_reference(self):
        """Return whether the issued document states the customer reference: as the
        reason of a correction, or as the order."""
        if self.ksef_is_correction:
            return True
        issued = fa3.parse(self.sudo().ksef_document_id._bytes())
        return terms.states_reference(Facts(self), issued)

    def _ksef_carried_fields(self):
        return super()._ksef_carried_fields() | OF_THE_SALE
