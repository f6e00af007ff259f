from odoo import api, fields, models


class KsefSettledAdvance(models.Model):
    """An advance invoice that an invoice settles or completes, named by hand."""

    _name = "ksef.settled.advance"
    _inherit = "ksef.invoice.part"
    _description = "Advance invoice that is settled"

    advance_id = fields.Many2one(
        "account.move",
        "Advance invoice",
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'),"
        " ('company_id', '=', company_id)]",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    number = fields.Char(
        compute="_compute_number",
        store=True,
        readonly=False,
        precompute=True,
        help="Of an advance invoice that is not in Odoo.",
    )
    ksef_number = fields.Char(
        "KSeF number",
        compute="_compute_number",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        help="Empty: the advance invoice was issued outside KSeF.",
    )

    @api.depends("advance_id")
    def _compute_number(self):
        """Numbers are typed for what is not in Odoo; there they are looked up when the
        invoice is issued. A received invoice states what its supplier wrote."""
        for row in self.filtered("advance_id"):
            if not row.move_id._ksef_is_received():
                row.number, row.ksef_number = row.advance_id.name, False
