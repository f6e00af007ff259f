from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

#: Enterprise: from when to when the income of a line is deferred.
DEFERRED = ("deferred_start_date", "deferred_end_date")


def _deferred(model):
    lines = model.env["account.move.line"]
    return DEFERRED if all(name in lines._fields for name in DEFERRED) else ()


class AccountMove(models.Model):
    """When it was supplied: the billing period of an invoice."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_period_from = fields.Date(
        "Billing period from",
        compute="_compute_ksef_period",
        store=True,
        readonly=False,
        copy=False,
        help="First day of the period of continuous supplies: media, telecommunication,"
        " rent, subscriptions (OkresFa). The invoice then states no date of supply.",
    )
    ksef_period_to = fields.Date(
        "Billing period to",
        compute="_compute_ksef_period",
        store=True,
        readonly=False,
        copy=False,
        help="Last day of the period, the day on which the supply counts as made.",
    )

    def _auto_init(self):
        # Odoo would compute them for every journal entry there is.
        for name in ("ksef_period_from", "ksef_period_to"):
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, "date")
        return super()._auto_init()

    @api.depends(
        lambda self: tuple(f"invoice_line_ids.{name}" for name in _deferred(self))
    )
    def _compute_ksef_period(self):
        """The period that all lines have in common; any other is typed in."""
        names = _deferred(self)
        for move in self:
            periods = {
                tuple(line[name] for name in names)
                for line in move.invoice_line_ids
                if names and line.display_type == "product"
            }
            common = periods.pop() if len(periods) == 1 else (False, False)
            known = move.state == "draft" and all(common)
            move.ksef_period_from = common[0] if known else move.ksef_period_from
            move.ksef_period_to = common[1] if known else move.ksef_period_to

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | {"ksef_period_from", "ksef_period_to"}

    def _ksef_carried_fields(self):
        return super()._ksef_carried_fields() | {"ksef_period_from", "ksef_period_to"}


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    ksef_supply_date = fields.Date(
        "Supply date",
        copy=False,
        help="Day of supply of this line, where the lines of the invoice differ (P_6A)."
        " Left empty, it is that of the invoice.",
    )

    def _copy_data_extend_business_fields(self, values):
        # A correction names the day of supply of the invoice that it corrects.
        result = super()._copy_data_extend_business_fields(values)
        values["ksef_supply_date"] = self.ksef_supply_date
        return result

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | {"ksef_supply_date"}
