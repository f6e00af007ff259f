from base64 import b64encode
from datetime import date

from odoo import Command

from ..ksef import fa3
from ..mapping.invoice_out import to_fa3
from .mapping_common import CREATED

KSEF_NUMBER = "9999999999-20230908-8BEF280C8D35-4D"  # the ministry's, in its examples
PAID = date(2026, 2, 15)


class AdvanceMixin:
    """A flat is ordered, paid in advance, corrected and settled: the story that the
    ministry's examples 10 to 14 and 18 tell."""

    def document(self, move):
        move.name = move.name or f"FV/2026/{move.id}"
        return super().document(move)

    def order_line(self, name, price, tax="vs_kraj_23", **values):
        """A command for a typed line of the order."""
        return Command.create(
            {
                "name": name,
                "price_unit": price,
                "tax_ids": self.tax(tax).ids if tax else [],
                "product_uom_id": self.env.ref("uom.product_uom_unit").id,
                **values,
            }
        )

    def flat(self, flat=300000, services=5000, tax="vs_kraj_23"):
        return [
            self.order_line("mieszkanie 50m^2", flat, tax),
            self.order_line("usługi dodatkowe", services),
        ]

    def advance(self, *order, paid=20000, **values):
        """A draft advance invoice made by hand: the order typed, the payment divided by
        its rates."""
        values = {
            "invoice_date": PAID,
            "taxable_supply_date": PAID,
            "ksef_advance_role": "advance",
            "ksef_order_line_ids": list(order or self.flat()),
            "ksef_advance_amount": paid,
            **values,
        }
        move = self.draft(**values)
        move.action_ksef_divide_advance()
        return move

    def issued(self, move, ksef_number=KSEF_NUMBER, state="accepted"):
        """Post ``move``; KSeF holds its document."""
        if move.state == "draft":
            move.action_post()
        invoice = to_fa3(move, created=CREATED, issue_date=move.invoice_date)
        data = fa3.build(invoice)
        documents = self.env["ksef.document"].sudo()
        document = documents.create(
            {
                "company_id": self.company.id,
                "move_id": move.id,
                "environment": "test",
                "direction": "issued",
                "xml": b64encode(data),
                "sha256": str(move.id),
                "size": len(data),
                "state": state,
                "ksef_number": ksef_number if state == "accepted" else False,
            }
        )
        move._ksef_link(document)
        return move

    def settled(self, *advances):
        """Commands that name advance invoices of Odoo."""
        return [Command.create({"advance_id": advance.id}) for advance in advances]

    def settlement(self, *lines, advances, **values):
        """A draft made by hand that takes advances away."""
        values = {
            "ksef_advance_role": "settlement",
            "ksef_settled_ids": self.settled(*advances),
            **values,
        }
        move = self.draft(*lines, **values)
        move.action_ksef_deduct_advances()
        return move
