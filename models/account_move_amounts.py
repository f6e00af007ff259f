from odoo import api, fields, models

EXEMPTION_FIELDS = {"ksef_exemption_basis", "ksef_exemption"}


class AccountMove(models.Model):
    """The legal basis of exempt sales, where the taxes do not say it."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_exempt = fields.Boolean(
        "Has exempt sales", compute="_compute_ksef_default_exemption"
    )
    ksef_default_exemption = fields.Char(
        "Provision of the taxes", compute="_compute_ksef_default_exemption"
    )
    ksef_exemption_basis = fields.Selection(
        selection=lambda self: self.env["account.tax"]
        ._fields["ksef_exemption_basis"]
        ._description_selection(self.env),
        string="KSeF exemption",
        help="Where the exemption from VAT comes from (art. 106e(1)(19)), if not from"
        " what the tax says.",
    )
    ksef_exemption = fields.Char(
        "KSeF exemption provision",
        help="The provision, in Polish, as it stands on the invoice. Left empty, the"
        " invoice states that of the tax.",
    )

    @api.depends("invoice_line_ids.tax_ids.ksef_exemption")
    def _compute_ksef_default_exemption(self):
        for move in self:
            taxes = move.invoice_line_ids.tax_ids.flatten_taxes_hierarchy()
            exempt = taxes.filtered(lambda tax: tax.ksef_rate == "zw")
            provisions = exempt.filtered("ksef_exemption").mapped("ksef_exemption")
            move.ksef_exempt = bool(exempt)
            move.ksef_default_exemption = "; ".join(provisions)

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | EXEMPTION_FIELDS
