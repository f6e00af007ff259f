from decimal import Decimal
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from ..models import account_move_bill_order
from .documents import supplier_file, supplier_invoice
from .import_common import ImportCase

NIP = "8130000020"
ACCOUNT = "61109010140000071219812874"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPurchaseOrders(ImportCase):
    """A received bill is tied to the purchase order that it names, or whose total it
    has; nothing that the document states changes by that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create(
            {
                "name": "Znany S.A.",
                "vat": f"PL{NIP}",
                "is_company": True,
                "bank_ids": [
                    Command.create({"acc_number": "27114020040000300201355387"}),
                    Command.create({"acc_number": ACCOUNT}),
                ],
            }
        )
        cls.paper = cls.env["product.product"].create(
            {"name": "Papier A4", "purchase_method": "purchase", "type": "consu"}
        )

    def order(self, quantity=2, price=50.0, partner=None, **values):
        order = self.env["purchase.order"].create(
            {
                "partner_id": (partner or self.supplier).id,
                "company_id": self.company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.paper.id,
                            "product_qty": quantity,
                            "price_unit": price,
                        }
                    )
                ],
            }
            | values
        )
        order.button_confirm()
        return order

    def received(self, number="F/1", orders=(), **values):
        values.setdefault("seller_nip", NIP)
        if orders:
            named = tuple(fa3.Order(number=order) for order in orders)
            values["terms"] = fa3.Terms(orders=named)
        received = self.put(number, **values)
        self.press()
        return self.bill(received)

    def tied(self, bill):
        return bill.sudo().invoice_line_ids.purchase_line_id.order_id

    def test_i14_the_order_that_the_invoice_names(self):
        order, other = self.order(), self.order(quantity=9)
        payment = fa3.Payment(accounts=(fa3.BankAccount(number=ACCOUNT),))
        bill = self.received(orders=[order.name], payment=payment)
        self.assertEqual(self.tied(bill), order)
        self.assertEqual(order.order_line.qty_invoiced, 2)
        self.assertEqual(order.invoice_status, "invoiced")
        self.assertFalse(other.order_line.qty_invoiced)
        line = bill.invoice_line_ids
        self.assertEqual(line.product_id, self.paper)
        self.assertEqual((line.name, line.price_unit), ("Papier ksero", 50.0))
        self.assertEqual(line.tax_ids.amount, 23, "of the document")
        self.assertEqual(bill.amount_total, 123.0, "P_15")
        self.assertEqual(bill.partner_id, self.supplier)
        account = bill.partner_bank_id.sanitized_acc_number
        self.assertIn(ACCOUNT, account, "of the document, not the supplier's first")

    def test_our_number_in_words_or_the_supplier_s_own(self):
        order = self.order(quantity=3)
        said = (
            fa3.Description(key="Numer zamówienia", value=f"nr {order.name} z maja"),
        )
        bill = self.received("F/1", descriptions=said)
        self.assertEqual(self.tied(bill), order, "two of three pieces")
        order = self.order(quantity=4, partner_ref="ZS/77/2026")
        bill = self.received("F/2", delivery_notes=("ZS/77/2026",))
        self.assertEqual(self.tied(bill), order)

    def test_the_only_order_of_that_total(self):
        total = supplier_invoice().total / Decimal("1.23")
        order = self.order(quantity=1, price=float(total))
        tax = self.company_data["default_tax_purchase"]
        order.order_line.tax_ids = tax
        self.assertEqual(order.amount_total, 123.0)
        bill = self.received()
        self.assertIn(order.name, self.notes(bill), "one line of 100, not two of 50")
        self.assertFalse(self.tied(bill))
        self.assertEqual(bill.amount_total, 123.0)
        self.assertEqual(len(bill.invoice_line_ids), 1)

    def test_the_order_of_somebody_else(self):
        stranger = self.supplier.copy({"name": "Inny S.A.", "vat": False})
        order = self.order(partner=stranger)
        bill = self.received(orders=[order.name])
        self.assertFalse(self.tied(bill))
        self.assertNotIn(order.name, self.notes(bill))

    def test_bills_of_no_order_cost_one_query(self):
        bill = self.received()
        seen = {}
        asked = type(bill)._match_purchase_orders

        def matching(move, *args):
            seen[move] = args
            return asked(move, *args)

        with patch.object(type(bill), "_match_purchase_orders", matching):
            self.received("F/2")
            self.assertFalse(seen, "there is no order to look at")
            self.order()
            second = self.received("F/3")
        self.assertEqual([move.id for move in seen], second.ids)

    def test_many_bills_are_not_kept_waiting(self):
        order = self.order()
        with patch.object(account_move_bill_order, "BATCH_SECONDS", -1):
            bill = self.received(orders=[order.name])
        self.assertFalse(self.tied(bill))
        self.assertIn("Purchase Matching", self.notes(bill))

    def test_a_dropped_file(self):
        order = self.order()
        terms = fa3.Terms(orders=(fa3.Order(number=order.name),))
        xml = supplier_file(seller_nip=NIP, terms=terms)
        attachments = self.as_accountant(self.env["ir.attachment"])
        file = attachments.create({"name": "f.xml", "raw": xml})
        journal = self.as_accountant(self.purchases)
        bill = journal._create_document_from_attachment(file.ids)
        self.assertEqual(self.tied(bill), order)
        self.assertEqual(bill.amount_total, 123.0)
        self.assertEqual(len(bill.invoice_line_ids), 1)
        self.assertEqual(bill.invoice_line_ids.name, "Papier ksero")
