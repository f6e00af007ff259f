from odoo import models
from odoo.exceptions import UserError

#: What an issued document says of a line. Accounts, analytics and reconciliation
#: say nothing to the buyer and stay free.
FROZEN_LINE_FIELDS = frozenset(
    {
        "name",
        "product_id",
        "product_uom_id",
        "quantity",
        "price_unit",
        "discount",
        "tax_ids",
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


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        self._ksef_check_frozen(vals)
        return super().write(vals)

    def unlink(self):
        self.move_id._ksef_check_free()
        return super().unlink()

    def _ksef_check_frozen(self, vals):
        """Refuse to change on an issued invoice what KSeF and the buyer have read.

        :raises UserError: a field of the document would change.
        """
        names = FROZEN_LINE_FIELDS.intersection(vals)
        if not names:
            return
        for line in self.filtered("move_id.ksef_locked"):
            changed = [name for name in names if changes(line, name, vals[name])]
            if changed:
                raise UserError(line.move_id._ksef_frozen_message(changed[0], line))


def changes(record, name, value):
    """Return whether writing ``value`` would change the field."""
    field = record._fields[name]
    if field.type in ("one2many", "many2many"):
        return True
    present = field.convert_to_cache(record[name], record, validate=False)
    return present != field.convert_to_cache(value, record, validate=False)
