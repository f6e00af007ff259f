from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..mapping.corrected import originals


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

    def _ksef_check_line(self, *, carried=False):
        """Refuse ``line_id`` of another invoice.

        :param carried: a correction may name a line of an invoice that it corrects: it
            has taken the row over from there
        :raises ValidationError: the line is of an invoice that is not meant
        """
        for row in self.filtered("line_id"):
            sold_on, move = row.line_id.move_id, row.move_id
            corrected = originals(move) & (sold_on | originals(sold_on))
            if sold_on != move and not (carried and corrected):
                raise ValidationError(
                    self.env._(
                        "The line “%(line)s” is not of this invoice but of %(invoice)s."
                        " Choose a line of this invoice.",
                        line=row.line_id.name or row.line_id.display_name,
                        invoice=sold_on.display_name,
                    )
                )
