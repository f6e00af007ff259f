from odoo import api, fields, models
from odoo.tools.sql import column_exists, create_column

from ..mapping import annotations
from ..mapping.facts import Facts

#: What no posted invoice computes any more.
COMPUTED_IN_DRAFT = ("ksef_split_payment", "ksef_period_from")
FLAGS = ("ksef_split_payment", "ksef_split_payment_due", "ksef_receipt")


def _orders(move):
    return ("pos_order_ids",) if "pos_order_ids" in move._fields else ()


class AccountMove(models.Model):
    """What the law wants said in words, in the document and on the PDF."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_split_payment = fields.Boolean(
        compute="_compute_ksef_split_payment",
        store=True,
        readonly=False,
        help="The invoice states “mechanizm podzielonej płatności” (P_18A). Odoo sets"
        " it over 15 000 PLN gross with products of annex 15 to the VAT Act sold to a"
        " taxpayer; you may decide otherwise.",
    )
    ksef_split_payment_due = fields.Boolean(
        "Split payment by the rule",
        compute="_compute_ksef_split_payment",
        store=True,
        readonly=False,
        copy=False,
        help="What Odoo has set last: another value was chosen by hand and stays.",
    )
    ksef_receipt = fields.Boolean(
        "Invoice to a fiscal receipt",
        compute="_compute_ksef_receipt",
        store=True,
        readonly=False,
        copy=False,
        help="The sale is recorded with a cash register too (FP, art. 109(3d)).",
    )
    ksef_new_transport_ids = fields.One2many(
        "ksef.new.transport",
        "move_id",
        "New means of transport",
        copy=False,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    ksef_new_transport_duty = fields.Boolean(
        "Document of art. 42(5) due",
        copy=False,
        help="The buyer takes a new means of transport out of Poland by driving it: the"
        " document of art. 42(5) of the VAT Act has to be made (P_42_5).",
    )
    ksef_sells_to_eu = fields.Boolean(
        "Supplies goods within the EU", compute="_compute_ksef_sells_to_eu"
    )

    def _auto_init(self):
        # Odoo would compute them for every journal entry there is.
        for name in FLAGS:
            if not column_exists(self.env.cr, self._table, name):
                create_column(self.env.cr, self._table, name, "boolean")
        return super()._auto_init()

    @api.depends(
        "amount_total",
        "commercial_partner_id",
        "debit_origin_id",
        "invoice_currency_rate",
        "invoice_line_ids.price_total",
        "invoice_line_ids.product_id",
        "invoice_line_ids.tax_ids",
        "reversed_entry_id",
    )
    def _compute_ksef_split_payment(self):
        for move in self:
            due = move.ksef_split_payment_due
            if move.state != "draft" or move.ksef_split_payment != due:
                move.ksef_split_payment = move.ksef_split_payment
                move.ksef_split_payment_due = due
            else:
                rule = move._ksef_split_payment_rule()
                move.ksef_split_payment = move.ksef_split_payment_due = rule

    def _ksef_split_payment_is_stale(self):
        """The rule says something else than Odoo has set, and nobody chose by hand."""
        due = self.ksef_split_payment_due
        return (
            self.ksef_issues
            and self.ksef_split_payment == due
            and self._ksef_split_payment_rule() != due
        )

    def _ksef_split_payment_rule(self):
        return self._ksef_is_ours() and annotations.split_payment_due(Facts(self))

    @api.depends(lambda self: _orders(self))
    def _compute_ksef_receipt(self):
        for move in self:
            orders = any(move[name] for name in _orders(move))
            move.ksef_receipt = move.ksef_receipt or orders

    @api.depends("invoice_line_ids.tax_ids")
    def _compute_ksef_sells_to_eu(self):
        for move in self:
            rates = move.invoice_line_ids.tax_ids.mapped("ksef_rate")
            move.ksef_sells_to_eu = "0 WDT" in rates

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | {
            "ksef_receipt",
            "ksef_new_transport_duty",
        }

    def _ksef_carried_fields(self):
        return super()._ksef_carried_fields() | {
            "ksef_receipt",
            "ksef_new_transport_duty",
            "ksef_new_transport_ids",
        }

    def _post(self, soft=True):
        drafts = self.filtered(lambda move: move.state == "draft")
        for name in COMPUTED_IN_DRAFT:
            drafts.mapped(name)
        # What belongs to annex 15 may have changed since the lines were entered.
        stale = drafts.filtered(lambda move: move._ksef_split_payment_is_stale())
        self.env.add_to_compute(self._fields["ksef_split_payment"], stale)
        return super()._post(soft)

    def _ksef_sentences(self):
        """Return what the law wants printed on this invoice, in Polish. Whoever may
        read the invoice may see it: customers too, without other rights."""
        self.ensure_one()
        move = self.sudo()
        if not move.ksef_used or not move._ksef_is_ours():
            return []
        return annotations.sentences(Facts(move))
