from odoo import api, fields, models

from ..mapping.annotations import COMMON_MARGIN


class AccountTax(models.Model):
    """What a tax means for the invoice beyond its rate."""

    _inherit = "account.tax"  # pylint: disable=consider-merging-classes-inherited

    ksef_procedure = fields.Selection(
        [
            ("WSTO_EE", "WSTO_EE: distance sales and electronic services in the EU"),
            ("IED", "IED: sales facilitated by an electronic interface"),
            ("TT_D", "TT_D: second taxpayer of a triangular transaction"),
            ("I_42", "I_42: EU supply after an import, procedure 42"),
            ("I_63", "I_63: EU supply after an import, procedure 63"),
            ("B_SPV", "B_SPV: transfer of a single-purpose voucher"),
            ("B_SPV_DOSTAWA", "B_SPV_DOSTAWA: supply for a single-purpose voucher"),
            ("B_MPV_PROWIZJA", "B_MPV_PROWIZJA: service on a multi-purpose voucher"),
        ],
        string="KSeF procedure",
        compute="_compute_ksef_procedure",
        store=True,
        readonly=False,
        help="The procedure that lines with this tax state in KSeF.",
    )
    ksef_margin = fields.Selection(
        [
            ("P_PMarzy_2", "Travel agents"),
            ("P_PMarzy_3_1", "Second-hand goods"),
            ("P_PMarzy_3_2", "Works of art"),
            ("P_PMarzy_3_3", "Collectors' items and antiques"),
        ],
        string="KSeF margin scheme",
        compute="_compute_ksef_margin",
        store=True,
        readonly=False,
        help="The margin scheme of art. 119 or 120 of the VAT Act that invoices with"
        " this tax state.",
    )

    @api.depends("country_id", "type_tax_use", "repartition_line_ids.tag_ids")
    def _compute_ksef_procedure(self):
        for tax in self:
            polish_sale = tax.country_id.code == "PL" and tax.type_tax_use == "sale"
            tax.ksef_procedure = polish_sale and tax._ksef_procedure()

    @api.depends("ksef_rate")
    def _compute_ksef_margin(self):
        for tax in self:
            scheme = tax.ksef_margin or COMMON_MARGIN
            tax.ksef_margin = tax.ksef_rate == "margin" and scheme
