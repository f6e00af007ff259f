from datetime import date

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from .mapping_common import ISSUED, MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSaleTerms(MappingCase):
    """Invoices of sales orders name the orders and the lots that were shipped; the
    accountant needs no rights in sales or stock for that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls.env["product.product"].create(
            {
                "name": "lodówka",
                "is_storable": True,
                "tracking": "lot",
                "invoice_policy": "order",
                "taxes_id": [Command.set(cls.tax("vs_kraj_23").ids)],
            }
        )

    def order(self, day, **values):
        order = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.buyer.id,
                    "order_line": [
                        Command.create({"product_id": self.goods.id, "price_unit": 100})
                    ],
                    **values,
                }
            )
        )
        order.action_confirm()
        order.date_order = day
        return order

    def invoice(self, orders, **values):
        move = orders._create_invoices()
        move.write({"invoice_date": ISSUED, **values})
        move = move.with_user(self.accountant)
        move.action_post()
        return self.document(move)

    def test_orders(self):
        """The number that the buyer gave it, else our own; the Polish day."""
        theirs = self.order("2026-01-26 23:30:00", client_order_ref="4354343")
        ours = self.order("2026-01-28 10:00:00")
        terms = self.invoice(theirs | ours).terms
        self.assertEqual(
            terms.orders,
            (
                fa3.Order(number="4354343", day=date(2026, 1, 27)),
                fa3.Order(number=ours.name, day=date(2026, 1, 28)),
            ),
        )

    def test_order_typed_in_takes_their_place(self):
        order = self.order("2026-01-26 10:00:00", client_order_ref="4354343")
        terms = self.invoice(order, ksef_order_number="7").terms
        self.assertEqual(terms.orders, (fa3.Order(number="7"),))

    def test_f23_lots(self):
        order = self.order("2026-01-26 10:00:00")
        lots = self.env["stock.lot"].sudo()
        lot = lots.create({"name": "2312323/2026", "product_id": self.goods.id})
        move = order.picking_ids.move_ids
        move.move_line_ids = [
            Command.clear(),
            Command.create(
                {
                    "product_id": self.goods.id,
                    "lot_id": lot.id,
                    "quantity": 1,
                    "picking_id": order.picking_ids.id,
                }
            ),
        ]
        move.picked = True
        order.picking_ids._action_done()
        self.assertEqual(self.invoice(order).terms.lots, ("2312323/2026",))
