from odoo import fields, models


class KsefPartAdvance(models.Model):
    """One of several payments before the supply that an invoice documents."""

    _name = "ksef.part.advance"
    _inherit = "ksef.invoice.part"
    _description = "Payment before the supply"
    _order = "day, id"

    day = fields.Date("Received on", required=True)
    amount = fields.Monetary(required=True)
    currency_id = fields.Many2one(related="move_id.currency_id")
    exchange_rate = fields.Float(
        digits=(12, 6),
        help="PLN for one unit of the currency, on the last working day before the"
        " payment. Only on invoices in a foreign currency.",
    )
