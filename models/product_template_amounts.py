from odoo import api, fields, models


class ProductTemplate(models.Model):
    """Which products are no turnover in the meaning of VAT."""

    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    ksef_outside_vat = fields.Boolean(
        "Outside VAT (deposit, fee, reimbursed cost)",
        help="Lines with this product and without a tax are no part of the VAT invoice:"
        " in KSeF they are charges to settle (Rozliczenie), as a returnable deposit, an"
        " official fee or a cost paid in the name of the customer.",
    )

    @api.onchange("ksef_outside_vat")
    def _onchange_ksef_outside_vat(self):
        """What is outside VAT bears no tax."""
        if self.ksef_outside_vat:
            self.taxes_id = False
