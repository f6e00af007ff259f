import random
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from .mapping_common import MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingAmounts(MappingCase):
    """FA(3) states what is booked, to the grosz, and its lines add up."""

    def assertLinesClose(self, invoice):
        by_bucket = {}
        for line in invoice.lines:
            by_bucket.setdefault(line.rate, Decimal())
            by_bucket[line.rate] += line.net
            product = line.quantity * line.net_price
            self.assertAlmostEqual(product, line.net, delta=Decimal("0.011"))
        self.assertEqual(
            sum(by_bucket.values()), sum(total.net for total in invoice.totals)
        )

    def test_discount_is_in_the_unit_price(self):
        invoice = self.document(self.posted(self.line(33.33, quantity=3, discount=10)))
        line = invoice.lines[0]
        self.assertEqual(line.net_price, Decimal("29.997"))
        self.assertEqual(line.net, Decimal("89.99"))
        self.assertLinesClose(invoice)

    def test_unit_price_keeps_its_decimals(self):
        self.env.ref("product.decimal_price").digits = 6
        invoice = self.document(self.posted(self.line(0.005123, quantity=1000)))
        self.assertEqual(invoice.lines[0].net_price, Decimal("0.005123"))
        self.assertAmounts(invoice, "6.30", P_13_1="5.12", P_14_1="1.18")

    def test_price_with_tax_included(self):
        tax = self.tax("vs_kraj_23")
        tax.price_include_override = "tax_included"
        invoice = self.document(
            self.posted(self.line(123), self.line(10, quantity=3, discount=50))
        )
        self.assertEqual(invoice.lines[0].net_price, 100)
        self.assertEqual(invoice.lines[1].net_price, Decimal("4.06504065"))
        self.assertEqual(invoice.total, 138)
        self.assertLinesClose(invoice)

    def test_rounding_per_line_shows_the_tax_of_lines(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        invoice = self.document(self.posted(*[self.line(0.33) for _i in range(3)]))
        self.assertEqual([line.tax for line in invoice.lines], [Decimal("0.08")] * 3)
        self.assertAmounts(invoice, "1.23", P_13_1="0.99", P_14_1="0.24")

    def test_rounding_of_the_whole_invoice_shows_no_tax_of_lines(self):
        invoice = self.document(self.posted(*[self.line(0.33) for _i in range(3)]))
        self.assertEqual({line.tax for line in invoice.lines}, {None})
        self.assertAmounts(invoice, "1.22", P_13_1="0.99", P_14_1="0.23")

    def test_sections_and_notes_are_no_lines(self):
        section = {"display_type": "line_section", "name": "Sprzęt"}
        note = {"display_type": "line_note", "name": "uwaga"}
        invoice = self.document(
            self.posted(
                Command.create({**section, "sequence": 1}),
                self.line(1, name="druga", sequence=30),
                Command.create({**note, "sequence": 25}),
                self.line(2, name="pierwsza", sequence=20),
            )
        )
        self.assertEqual(
            [(line.number, line.name) for line in invoice.lines],
            [(1, "pierwsza"), (2, "druga")],
        )

    def test_cash_rounding_is_no_turnover(self):
        method = self.env["account.cash.rounding"].create(
            {
                "name": "do złotego",
                "rounding": 1,
                "rounding_method": "HALF-UP",
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        for price, due in ((100.33, 123), (100.57, 124)):
            move = self.posted(self.line(price), invoice_cash_rounding_id=method.id)
            invoice = self.document(move)
            self.assertEqual(invoice.settlement.to_pay, due)
            self.assertEqual(move.amount_total, due)
            self.assertNotEqual(invoice.total, due)

    def test_line_without_value(self):
        invoice = self.document(self.posted(self.line(0), self.line(10)))
        self.assertEqual(invoice.lines[0].net, 0)

    def test_random_baskets_close(self):
        taxes = ("vs_kraj_23", "vs_kraj_8", "vs_kraj_5", "vs_kraj_0")
        chance = random.Random(2026)
        for _basket in range(15):
            included = chance.choice((False, "tax_included"))
            for name in taxes:
                self.tax(name).price_include_override = included
            method = chance.choice(("round_per_line", "round_globally"))
            self.company.tax_calculation_rounding_method = method
            lines = [
                self.line(
                    round(chance.uniform(0.01, 5000), 2),
                    chance.choice(taxes),
                    quantity=round(chance.uniform(0.1, 40), 2),
                    discount=chance.choice((0, 0, 5, 12.5, 33.33)),
                )
                for _line in range(chance.randint(1, 8))
            ]
            move = self.posted(*lines)
            invoice = self.document(move)
            self.assertEqual(invoice.total, Decimal(f"{move.amount_total:.2f}"))
            self.assertEqual(
                sum(t.tax or 0 for t in invoice.totals),
                Decimal(f"{move.amount_tax:.2f}"),
            )
            self.assertEqual(
                sum(line.net for line in invoice.lines),
                sum(t.net for t in invoice.totals),
            )
