from odoo import fields, models


class AccountMoveLine(models.Model):
    """Lines that take an advance away from an invoice."""

    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    ksef_settles_advance = fields.Boolean(
        "Settles an advance",
        help="The line takes an advance invoice away. In KSeF it only lowers the"
        " totals: the lines show the full supply.",
    )

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | {"ksef_settles_advance"}

    def _ksef_deduction_values(self):
        """Return values of a line that takes this line of an advance invoice, or of its
        correction, away, with exactly its net and VAT amounts. What a credit note has
        taken back is added again."""
        returned = self.move_id.move_type == "out_refund"
        extra = self.extra_tax_data if not returned else None
        extra = extra or self._ksef_booked_tax_data()
        if not returned:
            taxes = self.env["account.tax"]
            extra = taxes._reverse_quantity_base_line_extra_tax_data(extra)
        return {
            "name": self.env._("Advance %s", self.move_id.name),
            "quantity": self.quantity if returned else -self.quantity,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [fields.Command.set(self.tax_ids.ids)],
            "account_id": self.account_id.id,
            "extra_tax_data": extra,
            "ksef_settles_advance": True,
        }

    def _ksef_booked_tax_data(self):
        """Return the amounts that Odoo booked for this line, in the form in which the
        tax engine takes them over."""
        taxes = self.env["account.tax"]
        base_lines, _tax_lines = self.move_id._get_rounded_base_and_tax_lines()
        mine = [base for base in base_lines if base["record"] == self]
        taxes._fix_base_lines_tax_details_on_manual_tax_amounts(
            base_lines=mine, company=self.company_id
        )
        return taxes._export_base_line_extra_tax_data(mine[0])
