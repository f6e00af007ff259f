from datetime import date, datetime

from odoo import Command
from odoo.tests import new_test_user, tagged

from .mapping_common import ISSUED, MappingCase

FIRST, SECOND = date(2026, 3, 3), date(2026, 3, 9)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSaleDeliveries(MappingCase):
    """Goods that leave the warehouse are supplied on the Polish day on which they
    leave, and the invoice names their delivery notes: of an order delivered and
    invoiced in parts each invoice those of its own part. The accountant has no rights
    in sales or stock."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.goods = cls.env["product.product"].create(
            {"name": "lodówka", "is_storable": True, "invoice_policy": "delivery"}
        )
        cls.freight = cls.env["product.product"].create(
            {"name": "transport", "type": "service", "invoice_policy": "order"}
        )
        cls.seller = new_test_user(
            cls.env,
            "ksef_seller",
            groups="sales_team.group_sale_manager,stock.group_stock_manager",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        tax = [Command.set(cls.tax("vs_kraj_23").ids)]
        (cls.goods | cls.freight).write({"taxes_id": tax})

    def order(self, *products, quantity=10.0):
        order = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create(
                {
                    "partner_id": self.buyer.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": product.id,
                                "product_uom_qty": quantity,
                                "price_unit": 100.0,
                            }
                        )
                        for product in products
                    ],
                }
            )
        )
        order.action_confirm()
        return order

    def deliver(self, order, quantity, day, hour=10):
        """Ship a part of the order; what is left goes to a backorder."""
        picking = order.picking_ids.filtered(lambda one: one.state != "done")[:1]
        picking.move_ids.quantity = quantity
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True)._action_done()
        moment = datetime.combine(day, datetime.min.time()).replace(hour=hour)
        picking.move_ids.date = moment
        picking.date_done = moment
        return picking

    def invoice(self, order, **values):
        move = order._create_invoices()
        move = move.with_user(self.accountant)
        move.write({"invoice_date": ISSUED, **values})
        move.action_post()
        return self.document(move), move

    def test_f19_each_part_has_its_own_day_and_note(self):
        order = self.order(self.goods)
        first = self.deliver(order, 4, FIRST)
        invoice, _move = self.invoice(order)
        self.assertEqual(invoice.supply_date, FIRST)
        self.assertEqual(invoice.delivery_notes, (first.name,))
        second = self.deliver(order, 6, SECOND)
        invoice, _move = self.invoice(order)
        self.assertEqual(invoice.lines[0].quantity, 6)
        self.assertEqual(invoice.supply_date, SECOND, "not that of the first part")
        self.assertEqual(invoice.delivery_notes, (second.name,))

    def test_f23_one_invoice_of_several_deliveries(self):
        order = self.order(self.goods)
        first = self.deliver(order, 4, FIRST)
        second = self.deliver(order, 6, SECOND)
        invoice, move = self.invoice(order)
        self.assertEqual(invoice.supply_date, SECOND, "then all of it is supplied")
        self.assertEqual(invoice.delivery_notes, (first.name, second.name))
        refund = move._reverse_moves([{"invoice_date": ISSUED}])
        refund.action_post()
        corrected = self.document(refund)
        self.assertEqual(corrected.supply_date, SECOND)
        self.assertEqual(corrected.delivery_notes, ())

    def test_the_day_is_the_polish_one(self):
        order = self.order(self.goods)
        self.deliver(order, 10, FIRST, hour=23)
        invoice, _move = self.invoice(order)
        self.assertEqual(invoice.supply_date, date(2026, 3, 4))

    def test_services_go_with_the_goods_of_their_order(self):
        order = self.order(self.goods, self.freight)
        self.deliver(order, 10, FIRST)
        invoice, move = self.invoice(order)
        self.assertEqual(move.delivery_date, FIRST, "as it is printed")
        self.assertEqual(invoice.supply_date, FIRST)
        self.assertEqual([line.supply_date for line in invoice.lines], [None, None])

    def test_what_a_person_enters_prevails(self):
        order = self.order(self.goods)
        self.deliver(order, 10, FIRST)
        invoice, _move = self.invoice(order, taxable_supply_date=SECOND)
        self.assertEqual(invoice.supply_date, SECOND)

    def test_invoiced_before_delivery(self):
        self.goods.invoice_policy = "order"
        order = self.order(self.goods)
        invoice, _move = self.invoice(order)
        self.assertIsNone(invoice.supply_date)
        self.assertEqual(invoice.delivery_notes, ())
        order = self.order(self.goods)
        first = self.deliver(order, 4, FIRST)
        invoice, _move = self.invoice(order)
        self.assertEqual(invoice.delivery_notes, (first.name,))
        self.assertIsNone(invoice.supply_date, "not all has left")
