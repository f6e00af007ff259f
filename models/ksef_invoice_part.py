from odoo import api, fields, models


class KsefInvoicePart(models.AbstractModel):
    """Rows of an invoice that its FA(3) document states: they stay as they are once
    the invoice is issued."""

    _name = "ksef.invoice.part"
    _description = "Part of an invoice for KSeF"
    _check_company_auto = True

    move_id = fields.Many2one(
        "account.move", "Invoice", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="move_id.company_id", store=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.move_id._ksef_check_free()
        return rows

    def write(self, vals):
        self.move_id._ksef_check_free()
        result = super().write(vals)
        self.move_id._ksef_check_free()
        return result

    def unlink(self):
        self.move_id._ksef_check_free()
        return super().unlink()
