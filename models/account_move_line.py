from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero

#: What an issued document says of a line. Accounts, analytics and reconciliation
#: say nothing to the buyer and stay free.
FROZEN_LINE_FIELDS = frozenset(
    {
        "name",
        "product_id",
        "product_uom_id",
        "quantity",
        "price_unit",
        "price_subtotal",
        "price_total",
        "discount",
        "tax_ids",
        "tax_line_id",
        "extra_tax_data",
        "sequence",
        "display_type",
        "move_id",
        "currency_id",
        "balance",
        "amount_currency",
        "debit",
        "credit",
    }
)


#: Lines that Odoo adds for itself, as the cost of goods sold.
UNSEEN_LINES = ("cogs",)


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._ksef_seen().move_id._ksef_check_free()
        return lines

    def write(self, vals):
        self._ksef_check_frozen(vals)
        return super().write(vals)

    def unlink(self):
        self._ksef_seen().move_id._ksef_check_free()
        return super().unlink()

    def _ksef_seen(self):
        """Return the lines that the buyer sees."""
        return self.filtered(lambda line: line.display_type not in UNSEEN_LINES)

    def _ksef_frozen_fields(self):
        """Return the fields that nobody may change on an issued invoice. A module that
        states another field in the document adds it."""
        return FROZEN_LINE_FIELDS

    def _ksef_check_frozen(self, vals):
        """Refuse to change on an issued invoice what KSeF and the buyer have read.

        :raises UserError: a field of the document would change.
        """
        if "move_id" in vals:
            self.env["account.move"].browse(vals["move_id"])._ksef_check_free()
        names = self._ksef_frozen_fields().intersection(vals)
        for line in self.filtered("move_id.ksef_locked") if names else ():
            changed = [name for name in names if changes(line, name, vals[name])]
            if changed:
                raise UserError(line.move_id._ksef_frozen_message(min(changed), line))


def changes(record, name, value):
    """Return whether writing ``value`` would change the field."""
    field = record._fields[name]
    if field.type in ("one2many", "many2many"):
        return True
    present = field.convert_to_cache(record[name], record, validate=False)
    wanted = field.convert_to_cache(value, record, validate=False)
    if field.type in ("float", "monetary"):
        # Odoo writes rounded amounts again.
        return not float_is_zero((present or 0) - (wanted or 0), precision_digits=6)
    return present != wanted
