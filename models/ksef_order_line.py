from odoo import api, fields, models

from ..mapping.orders import amounts


class KsefOrderLine(models.Model):
    """What is ordered and paid in advance, typed where no sales order says it."""

    _name = "ksef.order.line"
    _inherit = "ksef.invoice.part"
    _description = "Order line behind an advance"
    _order = "before desc, sequence, id"

    sequence = fields.Integer(default=10)
    before = fields.Boolean(
        "Before correction",
        help="The line as it was before this correction. Needed only if the corrected"
        " invoice was not issued in KSeF from this database.",
    )
    product_id = fields.Many2one("product.product", "Product", check_company=True)
    name = fields.Char(
        "Description",
        required=True,
        compute="_compute_from_product",
        store=True,
        readonly=False,
        precompute=True,
    )
    quantity = fields.Float(default=1.0, digits="Product Unit", required=True)
    product_uom_id = fields.Many2one(
        "uom.uom",
        "Unit",
        compute="_compute_from_product",
        store=True,
        readonly=False,
        precompute=True,
    )
    price_unit = fields.Float("Unit price", digits="Product Price", required=True)
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        compute="_compute_from_product",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('type_tax_use', '=', 'sale'), ('ksef_rate', '!=', False)]",
        check_company=True,
    )
    currency_id = fields.Many2one(related="move_id.currency_id")
    net = fields.Monetary(compute="_compute_amounts")
    vat = fields.Monetary("VAT amount", compute="_compute_amounts")

    @api.depends("product_id")
    def _compute_from_product(self):
        for row in self.filtered("product_id"):
            product = row.product_id
            row.name = product.display_name
            row.product_uom_id = product.uom_id
            row.tax_ids = product.taxes_id._filter_taxes_by_company(row.company_id)

    @api.depends("quantity", "price_unit", "tax_ids", "currency_id")
    def _compute_amounts(self):
        for row in self:
            (amount,) = amounts(row.company_id or self.env.company, [row._base_line()])
            row.net, row.vat = float(amount.net), float(amount.tax)

    def _base_line(self):
        """Return this row as the tax engine takes it."""
        self.ensure_one()
        move = self.move_id
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            self,
            currency_id=self.currency_id or self.env.company.currency_id,
            partner_id=move.commercial_partner_id,
            rate=move.invoice_currency_rate or 1.0,
        )

    def _is_taxed(self):
        """Return whether the row lies inside VAT, unlike a deposit."""
        return "outside" not in self.tax_ids.flatten_taxes_hierarchy().mapped(
            "ksef_rate"
        )

    def _shares(self, paid, *, takes_back=False):
        """Return commands for the lines of an advance invoice: ``paid``, an amount with
        VAT, divided by the rates of these rows; with minus when it ``takes_back``."""
        taxes = self.env["account.tax"]
        rows = self.filtered(lambda row: not row.before and row._is_taxed())
        company = self.move_id.company_id
        base_lines = [row._base_line() for row in rows]
        taxes._add_tax_details_in_base_lines(base_lines, company)
        taxes._round_base_lines_tax_details(base_lines, company)
        shares = taxes._prepare_down_payment_lines(
            base_lines, company, "fixed", paid, f"down_payment,ksef,{self.move_id.id}"
        )
        return [self._share_command(share, takes_back) for share in shares]

    def _share_command(self, share, takes_back):
        taxes, quantity = self.env["account.tax"], share["quantity"]
        extra = taxes._export_base_line_extra_tax_data(share)
        if takes_back:
            extra = taxes._reverse_quantity_base_line_extra_tax_data(extra)
            quantity = -quantity
        return fields.Command.create(
            {
                "name": self.env._("Advance"),
                "quantity": quantity,
                "price_unit": share["price_unit"],
                "tax_ids": [fields.Command.set(share["tax_ids"].ids)],
                "extra_tax_data": extra,
            }
        )
