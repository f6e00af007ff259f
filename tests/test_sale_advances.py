from datetime import date
from decimal import Decimal

from lxml import etree

from odoo import Command
from odoo.tests import new_test_user, tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .advance_common import KSEF_NUMBER, PAID, AdvanceMixin
from .mapping_common import MappingCase

OTHER = "9999999999-20230908-76B2B580D4DC-80"
THIRD = "5265877635-20250826-0100001AF629-AF"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSaleAdvances(AdvanceMixin, MappingCase):
    """Down payments of sales orders: the accountant posts what the salesman makes, and
    nothing has to be typed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        products = cls.env["product.product"]
        values = {"type": "service", "invoice_policy": "order"}
        cls.flat_product = products.create({"name": "mieszkanie 50m^2", **values})
        cls.services = products.create({"name": "usługi dodatkowe", **values})
        cls.salesman = new_test_user(
            cls.env,
            "ksef_salesman",
            groups="sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def order(self, flat=341666.67, services=5000, tax="vs_kraj_8", **values):
        orders = self.env["sale.order"].with_user(self.salesman)
        order = orders.create(
            {
                "partner_id": self.buyer.id,
                "order_line": [
                    Command.create({"display_type": "line_section", "name": "Osiedle"}),
                    self.ordered(self.flat_product, flat, tax),
                    self.ordered(self.services, services, "vs_kraj_23"),
                ],
                **values,
            }
        )
        order.action_confirm()
        return order

    def ordered(self, product, price, tax):
        return Command.create(
            {
                "product_id": product.id,
                "name": product.name,
                "price_unit": price,
                "tax_ids": [Command.set(self.tax(tax).ids)],
            }
        )

    def down_payment(self, order, amount, **values):
        """A draft advance invoice as Odoo's wizard makes it."""
        wizards = self.env["sale.advance.payment.inv"].with_user(self.salesman)
        wizard = wizards.create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": amount,
            }
        )
        return self.taken(wizard._create_invoices(order), **values)

    def final(self, order, **values):
        return self.taken(order._create_invoices(final=True), **values)

    def taken(self, move, **values):
        """The invoice in the hands of the accountant."""
        move = move.with_user(self.accountant)
        move.write({"invoice_date": PAID, "taxable_supply_date": PAID, **values})
        return move

    def test_salesman_opens_what_he_made(self):
        """He sees no data of KSeF, yet the invoices of his customers."""
        order = self.order()
        advance = self.issued(self.down_payment(order, 20000))
        self.company.sudo().ksef_environment = "test"
        final = self.final(order)
        final.sudo().ksef_settled_ids = self.settled(advance)
        refund = advance._reverse_moves([{"invoice_date": PAID}])
        refund.invoice_user_id = self.salesman
        for move in (advance, final, refund):
            self.env.invalidate_all()
            opened = move.with_user(self.salesman)
            tree = etree.fromstring(opened.get_view(view_type="form")["arch"])
            fields = tree.xpath("//field[not(ancestor::field)]")
            shown = {field.get("name") for field in fields}
            opened.read([name for name in shown if name.startswith("ksef_")])
            self.assertNotIn("ksef_corrected_ids", shown)
            alerts = opened.alerts or {}
            self.assertFalse([key for key in alerts if "ksef_draft" in key])
            opened._ksef_sentences()

    def test_advance(self):
        """The figures of the ministry, the full order behind them."""
        move = self.down_payment(self.order(), 20000)
        invoice = self.document(move)
        self.assertIs(invoice.kind, fa3.Kind.ADVANCE)
        self.assertAmounts(
            invoice,
            "20000",
            P_13_2="18214.94",
            P_14_2="1457.19",
            P_13_1="266.56",
            P_14_1="61.31",
        )
        self.assertEqual(invoice.lines, ())
        self.assertEqual(invoice.order.value, Decimal("375150.00"))
        self.assertEqual(
            [(row.number, row.name, row.net, row.tax) for row in invoice.order.lines],
            [
                (1, "mieszkanie 50m^2", Decimal("341666.67"), Decimal("27333.33")),
                (2, "usługi dodatkowe", 5000, 1150),
            ],
        )
        self.assertEqual((invoice.supply_date, invoice.payment.paid_on), (PAID, PAID))
        self.assertEqual(invoice.advances, ())

    def test_f18_settlement_of_two_down_payments(self):
        """The lines of the order once, what is left as totals, both advances by their
        KSeF numbers, no section of down payments."""
        order = self.order()
        self.issued(self.down_payment(order, 20000))
        self.issued(self.down_payment(order, 10000), OTHER)
        invoice = self.document(self.final(order))
        self.assertIs(invoice.kind, fa3.Kind.SETTLEMENT)
        self.assertEqual(
            invoice.advances,
            (
                fa3.AdvanceInvoice(ksef_number=KSEF_NUMBER),
                fa3.AdvanceInvoice(ksef_number=OTHER),
            ),
        )
        self.assertEqual(
            [(line.number, line.net) for line in invoice.lines],
            [(1, Decimal("341666.67")), (2, 5000)],
        )
        self.assertAmounts(
            invoice,
            "345150",
            P_13_2="314344.26",
            P_14_2="25147.54",
            P_13_1="4600.16",
            P_14_1="1058.04",
        )

    def test_settlement_waits_for_its_down_payment(self):
        order = self.order()
        first = self.issued(self.down_payment(order, 20000), state="pending")
        move = self.final(order)
        self.assertEqual(move._ksef_awaited_original(), first)
        first.sudo().ksef_document_id.write(
            {"state": "accepted", "ksef_number": KSEF_NUMBER}
        )
        self.assertFalse(move._ksef_awaited_original())

    def test_down_payment_rejected_by_ksef(self):
        order = self.order()
        first = self.issued(self.down_payment(order, 20000), state="rejected")
        (told,) = problems(self.final(order))
        self.assertIn("rejected by KSeF", told.text)
        self.assertEqual(told.record, first)

    def test_only_the_last_down_payment_names_the_others(self):
        """Art. 106f(4): the whole order is paid, so no settlement is needed."""
        order = self.order()
        self.issued(self.down_payment(order, 20000))
        second = self.issued(self.down_payment(order, 10000), OTHER)
        self.assertEqual(self.document(second).advances, ())
        last = self.document(self.down_payment(order, 345150))
        self.assertEqual(
            last.advances,
            (
                fa3.AdvanceInvoice(ksef_number=KSEF_NUMBER),
                fa3.AdvanceInvoice(ksef_number=OTHER),
            ),
        )

    def test_paid_in_full_then_settled_with_nothing_left(self):
        order = self.order()
        self.issued(self.down_payment(order, 375150))
        invoice = self.document(self.final(order))
        self.assertEqual(invoice.total, 0)
        self.assertEqual({total.net for total in invoice.totals}, {0})
        self.assertEqual(len(invoice.lines), 2)

    def test_correction_of_a_down_payment(self):
        """Art. 106j: the order before and after, the payment before."""
        order = self.order()
        first = self.issued(self.down_payment(order, 20000))
        order.order_line.filtered(
            lambda line: line.product_id == self.services
        ).price_unit = 4500
        refund = first._reverse_moves([{"invoice_date": date(2026, 3, 17)}])
        invoice = self.document(refund)
        self.assertIs(invoice.kind, fa3.Kind.ADVANCE_CORRECTION)
        self.assertEqual((invoice.total_before, invoice.total), (20000, -20000))
        self.assertAmounts(
            invoice,
            "-20000",
            P_13_2="-18214.94",
            P_14_2="-1457.19",
            P_13_1="-266.56",
            P_14_1="-61.31",
        )
        self.assertEqual(
            [(row.number, row.before, row.net) for row in invoice.order.lines],
            [
                (1, True, Decimal("341666.67")),
                (1, False, Decimal("341666.67")),
                (2, True, 5000),
                (2, False, 4500),
            ],
        )
        self.assertEqual(invoice.order.value, Decimal("374535.00"))

    def test_cancelled_down_payment_is_not_settled(self):
        order = self.order()
        cancelled = self.issued(self.down_payment(order, 20000))
        refund = cancelled._reverse_moves([{"invoice_date": PAID}], cancel=True)
        self.issued(refund, THIRD)
        self.issued(self.down_payment(order, 10000), OTHER)
        invoice = self.document(self.final(order))
        self.assertEqual(invoice.advances, (fa3.AdvanceInvoice(ksef_number=OTHER),))
        self.assertEqual(invoice.total, 365150)

    def test_correction_of_a_settlement(self):
        """The lines change by what was returned, the advances are named again."""
        order = self.order()
        self.issued(self.down_payment(order, 20000))
        final = self.issued(self.final(order), OTHER)
        refund = final._reverse_moves([{"invoice_date": date(2026, 3, 17)}])
        invoice = self.document(refund)
        self.assertIs(invoice.kind, fa3.Kind.SETTLEMENT_CORRECTION)
        self.assertEqual((invoice.total_before, invoice.total), (355150, -355150))
        self.assertEqual(
            invoice.advances, (fa3.AdvanceInvoice(ksef_number=KSEF_NUMBER),)
        )
        self.assertEqual(
            {line.name for line in invoice.lines},
            {"mieszkanie 50m^2", "usługi dodatkowe"},
        )

    def corrected_in_part(self, advance, **values):
        """Less was paid than an advance says: its first line is lowered."""
        refund = advance._reverse_moves([{"invoice_date": PAID}])
        line, *others = refund.invoice_line_ids.filtered("tax_ids")
        refund.invoice_line_ids = [
            Command.update(line.id, {"price_unit": 100}),
            *(Command.delete(other.id) for other in others),
        ]
        return self.issued(refund, THIRD)

    def test_down_payment_corrected_in_part(self):
        """Odoo deducts nothing of it any more: the order would be taxed twice."""
        order = self.order(1000, 1000, "vs_kraj_23")
        advance = self.issued(self.down_payment(order, 615))
        self.corrected_in_part(advance)
        final = self.final(order)
        (told,) = problems(final)
        self.assertIn(order.name, told.text)
        self.assertIn("400.00", told.text)
        self.assertEqual(told.field, "invoice_line_ids")
        final.write(
            {
                "ksef_advance_role": "settlement",
                "ksef_settled_ids": self.settled(advance),
                "invoice_line_ids": [
                    self.line(-400, name="zaliczka", ksef_settles_advance=True)
                ],
            }
        )
        invoice = self.document(final)
        self.assertIs(invoice.kind, fa3.Kind.SETTLEMENT)
        self.assertAmounts(invoice, "1968.00", P_13_1="1600.00", P_14_1="368.00")

    def test_down_payment_corrected_at_one_of_its_rates(self):
        order = self.order()
        self.corrected_in_part(self.issued(self.down_payment(order, 20000)))
        (told,) = problems(self.final(order))
        self.assertIn("18114.94", told.text)

    def test_part_of_an_order_deducts_nothing_yet(self):
        """What Odoo deducts from a later invoice is left alone."""
        order = self.order(1000, 1000, "vs_kraj_23")
        self.issued(self.down_payment(order, 615))
        first = self.final(order)
        first.invoice_line_ids = [
            Command.delete(line.id)
            for line in first.invoice_line_ids
            if line.product_id != self.services
        ]
        self.assertIs(self.document(first).kind, fa3.Kind.INVOICE)

    def test_other_lines_on_a_down_payment(self):
        """An advance states its order: what is added would stand nowhere."""
        move = self.down_payment(self.order(), 20000)
        move.invoice_line_ids = [self.line(50, name="opłata")]
        (told,) = problems(move)
        self.assertIn("opłata", told.text)

    def test_correction_at_one_rate_of_an_order_with_exempt_services(self):
        """What is exempt was not changed: no legal basis is asked for."""
        tax = self.tax("vs_kraj_zw")
        tax.sudo().ksef_exemption = "art. 43 ust. 1 pkt 19"
        order = self.order(1000, 500, "vs_kraj_zw")
        refund = self.issued(self.down_payment(order, 300))._reverse_moves(
            [{"invoice_date": PAID}]
        )
        refund.invoice_line_ids.filtered(lambda line: tax in line.tax_ids).unlink()
        invoice = self.document(refund)
        self.assertIs(invoice.kind, fa3.Kind.ADVANCE_CORRECTION)

    def test_down_payment_for_a_deposit(self):
        """Odoo divides the payment by the taxes of the order, also by none."""
        order = self.order(1000, 1000, "vs_kraj_23")
        values = {"name": "kaucja", "type": "service", "taxes_id": False}
        deposit = self.services.create({**values, "ksef_outside_vat": True})
        line = self.ordered(deposit, 540, "vs_kraj_23")
        line[2]["tax_ids"] = False
        order.order_line = [line]
        invoice = self.document(self.down_payment(order, 300))
        self.assertEqual(invoice.total, Decimal("246"))
        (charge,) = invoice.settlement.charges
        self.assertEqual(charge.amount, Decimal("54"))

    def test_whole_order_without_its_deduction(self):
        order = self.order(1000, 1000, "vs_kraj_23")
        self.issued(self.down_payment(order, 615))
        final = self.taken(order._create_invoices(final=False))
        (told,) = problems(final)
        self.assertIn("500.00", told.text)

    def test_deduction_of_a_corrected_down_payment(self):
        """The button takes away what corrections have left; an issued settlement does
        not count itself."""
        order = self.order(1000, 1000, "vs_kraj_23")
        advance = self.issued(self.down_payment(order, 615))
        self.corrected_in_part(advance)
        move = self.final(order, ksef_settled_ids=self.settled(advance))
        move.action_ksef_deduct_advances()
        self.assertEqual(problems(move), [])
        self.assertAmounts(self.document(move), "1968", P_13_1="1600", P_14_1="368")
        self.issued(move, OTHER)
        self.assertEqual(problems(move), [])

    def test_fee_beside_a_down_payment(self):
        move = self.down_payment(self.order(), 20000)
        self.assertEqual(problems(move), [])
        move.invoice_line_ids = [self.line(50, name="opłata")]
        (told,) = problems(move)
        self.assertIn("“opłata” is no part", told.text)

    def test_order_invoiced_in_parts(self):
        """An advance may be left to a later invoice, yet not to none, nor be taken away
        twice."""
        self.flat_product.invoice_policy = "delivery"
        order = self.order(1000, 1000, "vs_kraj_23")
        advance = self.issued(self.down_payment(order, 615))
        part = self.taken(order._create_invoices())
        order.order_line[1].qty_delivered = 1
        rest = self.taken(order._create_invoices())
        self.assertEqual([problems(part), problems(rest)], [[], []], "both drafts")
        self.issued(part, OTHER)
        (told,) = problems(rest)
        self.assertIn("500.00", told.text)
        rest.ksef_settled_ids = self.settled(advance)
        rest.action_ksef_deduct_advances()
        self.assertEqual(problems(rest), [])
        rest.invoice_line_ids.filtered("ksef_settles_advance").quantity = -2
        (told,) = problems(rest)
        self.assertIn("500.00 net more", told.text)

    def test_supply_beyond_a_settled_order(self):
        order = self.order(1000, 1000, "vs_kraj_23")
        self.issued(self.down_payment(order, 615))
        self.issued(self.final(order), OTHER)
        order.order_line[2].product_uom_qty = 2
        self.assertEqual(problems(self.final(order)), [])

    def test_foreign_currency(self):
        """Each advance at the rate of its payment; what is left at the rate of the
        supply, without converting the advance again (fa3.md 7.10)."""
        euro = self.setup_other_currency(
            "EUR", rates=[("2026-01-01", 0.25), ("2026-03-01", 0.2)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": euro.id}
        )
        order = self.order(1000, 1000, "vs_kraj_23", pricelist_id=pricelist.id)
        first = self.issued(self.down_payment(order, 246))
        invoice = self.document(first)
        self.assertEqual((invoice.currency, invoice.advance_rate), ("EUR", 4))
        self.assertEqual(
            [(t.net, t.tax, t.tax_pln) for t in invoice.totals], [(200, 46, 184)]
        )
        day = date(2026, 3, 16)
        final = self.final(order, invoice_date=day, taxable_supply_date=day)
        invoice = self.document(final)
        self.assertEqual(
            [(t.net, t.tax, t.tax_pln) for t in invoice.totals], [(1800, 414, 2070)]
        )
        self.assertIsNone(invoice.advance_rate)
        self.assertEqual({line.exchange_rate for line in invoice.lines}, {5})

    def test_ordinary_invoice_of_an_order(self):
        invoice = self.document(self.final(self.order()))
        self.assertIs(invoice.kind, fa3.Kind.INVOICE)
        self.assertEqual(len(invoice.lines), 2)
