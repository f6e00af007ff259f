from odoo import api, fields, models

from ..ksef.fa3 import Kind
from ..mapping import chain
from ..mapping.facts import Facts
from ..mapping.kinds import is_advance
from ..mapping.settled import settled_invoices
from ..mapping.simplified import may_be_simplified

#: Days that an advance may be invoiced before it comes in (art. 106i(7) of the VAT act)
EARLIEST = 60

KIND_FIELDS = (
    "ksef_issues",
    "move_type",
    "ksef_advance_role",
    "ksef_simplified",
    "ksef_settled_ids",
    "ksef_part_advance_ids",
    "invoice_line_ids.ksef_settles_advance",
    "reversed_entry_id",
    "debit_origin_id",
)


class AccountMove(models.Model):
    """Invoices for payments before the supply, and those that settle them."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_kind = fields.Selection(
        [
            (Kind.INVOICE.value, "Invoice (VAT)"),
            (Kind.CORRECTION.value, "Correction (KOR)"),
            (Kind.ADVANCE.value, "Advance invoice (ZAL)"),
            (Kind.SETTLEMENT.value, "Settlement of advances (ROZ)"),
            (Kind.SIMPLIFIED.value, "Simplified invoice (UPR)"),
            (Kind.ADVANCE_CORRECTION.value, "Correction of an advance (KOR_ZAL)"),
            (Kind.SETTLEMENT_CORRECTION.value, "Correction of a settlement (KOR_ROZ)"),
        ],
        "Kind of invoice in KSeF",
        compute="_compute_ksef_kind",
        compute_sudo=True,
    )
    ksef_advance_role = fields.Selection(
        [
            ("advance", "Is an advance invoice"),
            ("settlement", "Settles advance invoices"),
            ("month", "Was paid earlier in the month of supply"),
        ],
        "Advances",
        copy=False,
        tracking=True,
        help="Down payments of sales orders are recognised without it.\n"
        "Is an advance invoice: it documents a payment before the supply (ZAL).\n"
        "Settles advance invoices: it names them and takes them away (ROZ).\n"
        "Was paid earlier in the month of supply: without an advance invoice, art."
        " 106b(1a) of the VAT act (ROZ).",
    )
    ksef_simplified = fields.Boolean(
        "Simplified invoice",
        copy=False,
        tracking=True,
        help="Up to 450 PLN or 100 EUR with VAT, for a buyer with a NIP: name and"
        " address of the buyer may be missing (UPR, art. 106e(5)(3) of the VAT act).",
    )
    ksef_may_be_simplified = fields.Boolean(
        "May be a simplified invoice",
        compute="_compute_ksef_may_be_simplified",
        compute_sudo=True,
    )
    ksef_order_line_ids = fields.One2many(
        "ksef.order.line",
        "move_id",
        "Order behind the advance",
        copy=False,
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Goods and services of the order or contract that is paid in advance."
        " Empty: those of the sales order of the invoice.",
    )
    ksef_settled_ids = fields.One2many(
        "ksef.settled.advance",
        "move_id",
        "Earlier advance invoices",
        copy=False,
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Those of a sales order are found without it.",
    )
    ksef_part_advance_ids = fields.One2many(
        "ksef.part.advance",
        "move_id",
        "Payments received",
        copy=False,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    ksef_total_before = fields.Monetary(
        "Before this correction",
        copy=False,
        help="What was paid (advance) or left to pay (settlement) before this"
        " correction. Needed only if the corrected invoice is not in Odoo.",
    )
    ksef_advance_amount = fields.Monetary(
        "Advance received",
        copy=False,
        help="With VAT; “Divide by VAT rates” makes the lines of the invoice from it."
        " On a credit note: what remains paid after it. On a debit note: what was paid"
        " more.",
    )

    @api.depends(*KIND_FIELDS)
    def _compute_ksef_kind(self):
        for move in self:
            move.ksef_kind = move.ksef_issues and Facts(move).kind.value

    @api.depends(
        "ksef_kind", "amount_total", "currency_id", "partner_id", "invoice_line_ids"
    )
    def _compute_ksef_may_be_simplified(self):
        for move in self:
            plain = move.ksef_kind in (Kind.INVOICE.value, Kind.SIMPLIFIED.value)
            move.ksef_may_be_simplified = plain and may_be_simplified(Facts(move))

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | {
            "ksef_advance_role",
            "ksef_simplified",
            "ksef_total_before",
        }

    def _ksef_carried_fields(self):
        return super()._ksef_carried_fields() | {
            "ksef_advance_role",
            "ksef_settled_ids",
        }

    def _ksef_named_invoices(self):
        return super()._ksef_named_invoices() | settled_invoices(self)

    # ------------------------------------------------------------------
    # Made by hand, without a sales order
    # ------------------------------------------------------------------

    def action_ksef_divide_advance(self):
        """Make the lines of an advance invoice: the payment divided by the VAT rates
        of its order (art. 106f(1)(3) of the VAT act). A credit note keeps the lines
        that take the old advance back, and adds the new one with minus."""
        self.ensure_one()
        takes_back = self.move_type == "out_refund"
        made = self.ksef_order_line_ids._shares(
            self.ksef_advance_amount, takes_back=takes_back
        )
        kept = () if takes_back else (fields.Command.clear(),)
        self.invoice_line_ids = [*kept, *made]

    def action_ksef_copy_order(self):
        """Take the order over that the last advance invoice or correction has typed, to
        be changed by this correction."""
        self.ensure_one()
        for earlier in reversed(chain.moves(self)):
            rows = earlier.ksef_order_line_ids.filtered(lambda row: not row.before)
            if rows:
                copies = rows.copy_data({"move_id": self.id})
                self.env["ksef.order.line"].create(copies)
                return

    def action_ksef_deduct_advances(self):
        """Take the advance invoices that this one names, as their corrections have left
        them, away from its lines, with the VAT that they state; each once."""
        self.ensure_one()
        present = self.invoice_line_ids.filtered("ksef_settles_advance").mapped("name")
        advances = self.ksef_settled_ids.advance_id
        corrected = chain.corrections(advances).filtered(
            lambda move: move.state == "posted"
        )
        missing = (advances | corrected).filtered(
            lambda advance: not any(advance.name in name for name in present)
        )
        self.invoice_line_ids = missing._ksef_deductions()

    def _ksef_deductions(self):
        """Return commands for lines that take these advance invoices away."""
        return [
            fields.Command.create(line._ksef_deduction_values())
            for line in self.invoice_line_ids
            if line.display_type == "product"
        ]

    # ------------------------------------------------------------------
    # What the user sees
    # ------------------------------------------------------------------

    def _get_alerts(self):
        alerts = super()._get_alerts()
        if self.move_type == "out_invoice" and self.ksef_issues and is_advance(self):
            text = self.sudo()._ksef_unpaid_advance_alert()
            if text:
                alerts["ksef_advance"] = {"level": "warning", "message": text}
        return alerts

    def _ksef_unpaid_advance_alert(self):
        """An advance invoice documents a payment that came in, or is to (art. 106i)."""
        if self.state == "cancel" or self.payment_state in ("paid", "in_payment"):
            return False
        received = self.ksef_part_advance_ids.mapped("day") or self.taxable_supply_date
        if received and self.state == "draft":
            return False
        return self.env._(
            "An advance invoice documents a payment that has come in, or that comes in"
            " within %s days. This one is not paid: register the payment; on the draft,"
            " enter the day of payment as the date of taxable supply.",
            EARLIEST,
        )
