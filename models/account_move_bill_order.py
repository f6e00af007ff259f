import time
from itertools import chain

from odoo import models
from odoo.fields import Domain

from ..mapping.order_numbers import order_numbers

#: So long may one bill, and a whole batch of them, look for their purchase orders.
BILL_SECONDS = 2
BATCH_SECONDS = 10

#: As near as Odoo's own matching wants a total.
TOLERANCE = 0.02


class AccountMove(models.Model):
    """Purchase orders of received bills, where the purchase app is installed. Odoo
    finds the lines that belong together; the bill keeps its own, with the amounts of
    the document, and is tied to those of the order. (Odoo's own linking would take
    partner, bank account, currency and prices from the order.)"""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _ksef_match_orders(self, invoices):
        """Tie new bills to the purchase orders that their documents name or whose total
        they have.

        :param invoices: the ``fa3.Invoice`` of each
        """
        if "purchase.order" not in self.env:
            return
        numbers = {
            bill: order_numbers(invoice)
            for bill, invoice in zip(self, invoices, strict=True)
            if bill.move_type == "in_invoice" and bill.partner_id
        }
        end = time.monotonic() + BATCH_SECONDS
        late = {}
        for bill in self._ksef_bills_with_orders(numbers):
            left = min(BILL_SECONDS, end - time.monotonic())
            if left > 0:
                bill._ksef_match_order(numbers[bill], left)
            else:
                late[bill.id] = self.env._(
                    "Its purchase order was not looked for: too many bills came at"
                    " once. Use “Purchase Matching”."
                )
        self.browse(late)._message_log_batch(bodies=late)

    def _ksef_bills_with_orders(self, numbers):
        """Return those bills for which there may be an order; one query for all.

        :param numbers: the order numbers on each bill
        """
        bills = self.filtered(lambda bill: bill in numbers)
        if not bills:
            return bills
        firms = bills.commercial_partner_id
        totals = bills.mapped("amount_total")
        named = list(set(chain.from_iterable(numbers.values())))
        orders = self.env["purchase.order"].search_fetch(
            Domain("company_id", "in", bills.company_id.ids)
            & Domain("state", "=", "purchase")
            & Domain("invoice_status", "in", ("to invoice", "no"))
            & Domain("partner_id", "child_of", firms.ids)
            & (
                Domain("name", "in", named)
                | Domain("partner_ref", "in", named)
                | Domain("amount_total", ">=", min(totals) - TOLERANCE)
                & Domain("amount_total", "<=", max(totals) + TOLERANCE)
            ),
            ["name", "partner_ref", "amount_total", "partner_id"],
        )
        by_firm = orders.grouped(_firm)
        return bills.filtered(
            lambda bill: any(
                _may_be_of(order, bill, numbers[bill])
                for order in by_firm.get(bill.commercial_partner_id, ())
            )
        )

    def _ksef_match_order(self, numbers, seconds):
        """Tie the lines of this bill to those of the order that Odoo finds for it."""
        _how, lines, pairs = self._match_purchase_orders(
            numbers, self.partner_id.id, self.amount_total, False, seconds
        )
        firm = self.commercial_partner_id
        lines = lines.filtered(lambda line: _firm(line) == firm)
        if pairs is None:  # the totals are the same; which lines are?
            _lines, pairs = self._find_matching_po_and_inv_lines(
                [line for line in lines if line.product_qty],
                self.invoice_line_ids,
                seconds,
            )
        pairs = [(line, own) for line, own in pairs if line in lines.ids]
        for line, own in pairs:
            own._ksef_tie_to_order(lines.browse(line))
        if lines and len(pairs) < len(self.invoice_line_ids):
            self._ksef_note_order(lines.order_id)

    def _ksef_note_order(self, orders):
        body = self.env._(
            "It belongs to purchase order %s, but not every line could be tied to it."
            " Use “Purchase Matching”.",
            ", ".join(orders.mapped("name")),
        )
        self._message_log(body=body)

    def _link_bill_origin_to_purchase_orders(self, timeout=10):
        """Bills of KSeF are tied when they are made."""
        others = self.filtered(lambda move: not move.sudo().ksef_document_id)
        super(AccountMove, others)._link_bill_origin_to_purchase_orders(timeout)
        return self


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _ksef_tie_to_order(self, order_line):
        """Say which line of an order this is; an imported line keeps name, price and
        tax when it gets a product."""
        values = {"purchase_line_id": order_line.id}
        if not self.product_id:
            values["product_id"] = order_line.product_id.id
        self.with_context(skip_is_manually_modified=True).write(values)


def _firm(order_or_line):
    return order_or_line.partner_id.commercial_partner_id


def _may_be_of(order, bill, numbers):
    named = order.name in numbers or order.partner_ref in numbers
    return named or abs(order.amount_total - bill.amount_total) <= TOLERANCE
