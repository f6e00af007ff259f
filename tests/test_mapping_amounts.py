from collections import defaultdict
from decimal import Decimal

from odoo import Command
from odoo.tests import Form, tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .mapping_common import MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingAmounts(MappingCase):
    """FA(3) states what is booked, to the grosz, and its lines add up."""

    def assertLinesClose(self, invoice):
        """Price and quantity give the amount of the line, the lines their total."""
        sums = defaultdict(Decimal)
        for line in invoice.lines:
            price, amount = line.net_price, line.net
            if line.gross is not None:
                price, amount = line.gross_price, line.gross
            product = line.quantity * (price - (line.unit_discount or 0))
            self.assertAlmostEqual(product, amount, delta=Decimal("0.011"))
            sums[line.rate] += amount
        total = sum(sums.values())
        net = sum(total.net for total in invoice.totals)
        gross = all(line.gross is not None for line in invoice.lines)
        self.assertEqual(total, invoice.total if gross else net)

    def included(self, *names):
        for name in names:
            self.tax(name).price_include_override = "tax_included"

    def fixed_tax(self, amount, **values):
        return self.env["account.tax"].create(
            {
                "name": "opłata",
                "amount_type": "fixed",
                "amount": amount,
                "type_tax_use": "sale",
                "sequence": -10,
                **values,
            }
        )

    def taxed(self, price, taxes, **values):
        return self.line(price, tax_ids=[Command.set(taxes.ids)], **values)

    # ------------------------------------------------------------------
    # Prices and discounts
    # ------------------------------------------------------------------

    def test_f10_discount_of_one_unit(self):
        invoice = self.document(self.posted(self.line(33.33, quantity=3, discount=10)))
        line = invoice.lines[0]
        self.assertEqual(line.net_price, Decimal("33.33"))
        self.assertEqual(line.unit_discount, Decimal("3.333"))
        self.assertEqual(line.net, Decimal("89.99"))
        self.assertLinesClose(invoice)

    def test_no_discount_and_a_surcharge(self):
        invoice = self.document(
            self.posted(self.line(100), self.line(100, discount=-5), self.line(0))
        )
        self.assertEqual({line.unit_discount for line in invoice.lines}, {None})
        self.assertEqual([line.net_price for line in invoice.lines], [100, 105, 0])

    def test_everything_for_nothing(self):
        invoice = self.document(self.posted(self.line(80, discount=100), self.line(1)))
        line = invoice.lines[0]
        self.assertEqual((line.net_price, line.unit_discount, line.net), (80, 80, 0))

    def test_f11_price_with_tax_included(self):
        """VAT is told from the gross amounts (art. 106e(7)-(8))."""
        self.included("vs_kraj_23")
        lines = (self.line(123), self.line(10, quantity=3, discount=50))
        invoice = self.document(self.posted(*lines))
        first, second = invoice.lines
        self.assertEqual((first.gross_price, first.gross), (123, 123))
        self.assertEqual((first.net_price, first.net), (None, None))
        self.assertEqual((second.gross_price, second.unit_discount), (10, 5))
        self.assertEqual(second.gross, 15)
        self.assertAmounts(invoice, "138", P_13_1="112.20", P_14_1="25.80")
        self.assertLinesClose(invoice)

    def test_prices_with_and_without_tax_of_one_rate_are_net(self):
        self.included("vs_kraj_23")
        lines = (self.line(123, quantity=2), self.line(100, "vs_kraj_usl_23"))
        invoice = self.document(self.posted(*lines))
        self.assertEqual([line.net_price for line in invoice.lines], [100, 100])
        self.assertEqual([line.net for line in invoice.lines], [200, 100])
        self.assertLinesClose(invoice)

    def test_rates_are_gross_or_net_each_by_itself(self):
        self.included("vs_kraj_23", "vs_kraj_0")
        lines = (self.line(123), self.line(100, "vs_kraj_8"), self.line(5, "vs_kraj_0"))
        first, second, third = self.document(self.posted(*lines)).lines
        self.assertEqual((first.gross, second.net, third.net), (123, 100, 5))

    def test_f12_unit_price_keeps_its_decimals(self):
        self.env.ref("product.decimal_price").digits = 6
        invoice = self.document(self.posted(self.line(0.005123, quantity=1000)))
        self.assertEqual(invoice.lines[0].net_price, Decimal("0.005123"))
        self.assertAmounts(invoice, "6.30", P_13_1="5.12", P_14_1="1.18")

    def test_f12_no_artefacts_of_floats(self):
        self.env.ref("product.decimal_price").digits = 8
        lines = (self.line(0.1 + 0.2), self.line(1.1 * 1.1), self.line(1e-7))
        prices = [line.net_price for line in self.document(self.posted(*lines)).lines]
        expected = [Decimal("0.3"), Decimal("1.21"), Decimal("0.0000001")]
        self.assertEqual(prices, expected)

    def test_lines_of_quantity_zero_or_less(self):
        self.included("vs_kraj_8")
        lines = (
            self.line(10, quantity=0),
            self.line(7, "vs_kraj_8", quantity=0),
            self.line(30, quantity=-2),
            self.line(100),
        )
        invoice = self.document(self.posted(*lines))
        self.assertEqual([line.quantity for line in invoice.lines], [0, 0, -2, 1])
        self.assertEqual(invoice.lines[1].gross, 0)
        self.assertEqual(invoice.lines[2].net, -60)

    def test_rounding_per_line_shows_the_tax_of_lines(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        invoice = self.document(self.posted(*[self.line(0.33) for _i in range(3)]))
        self.assertEqual([line.tax for line in invoice.lines], [Decimal("0.08")] * 3)
        self.assertAmounts(invoice, "1.23", P_13_1="0.99", P_14_1="0.24")

    def test_rounding_per_line_of_gross_prices(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        self.included("vs_kraj_23")
        lines = [self.line(0.33), self.line(0.33), self.line(9, "vs_kraj_0")]
        invoice = self.document(self.posted(*lines))
        self.assertEqual(
            [line.gross for line in invoice.lines[:2]], [Decimal(".33")] * 2
        )
        taxes = [line.tax for line in invoice.lines]
        self.assertEqual(taxes, [Decimal("0.06")] * 2 + [None])
        self.assertEqual(invoice.totals[0].tax, Decimal("0.12"))

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

    def test_cash_rounding_that_changes_tax_is_refused(self):
        method = self.env["account.cash.rounding"].create(
            {
                "name": "do złotego",
                "rounding": 1,
                "rounding_method": "HALF-UP",
                "strategy": "biggest_tax",
            }
        )
        move = self.draft(self.line(100.33), invoice_cash_rounding_id=method.id)
        [told] = problems(move)
        self.assertIn("changes the VAT", told.text)
        self.assertEqual(told.field, "invoice_cash_rounding_id")

    def test_f09_order_and_numbers_are_those_of_the_pdf(self):
        lines = [self.line(n, name=f"{n}", sequence=50 - n) for n in range(1, 4)]
        section = {"display_type": "line_section", "name": "dział", "sequence": 48}
        move = self.posted(*lines, Command.create(section))
        said = [(line.number, line.name) for line in self.document(move).lines]
        self.assertEqual(said, [(1, "3"), (2, "2"), (3, "1")])

    # ------------------------------------------------------------------
    # Other taxes, margin, cash accounting
    # ------------------------------------------------------------------

    def test_a_duty_that_vat_is_charged_on_is_in_the_price(self):
        duty = self.fixed_tax(2, include_base_amount=True)
        taxes = duty + self.tax("vs_kraj_23")
        lines = (self.taxed(10, taxes, quantity=5), self.line(100))
        invoice = self.document(self.posted(*lines))
        line = invoice.lines[0]
        self.assertEqual((line.net_price, line.net, line.rate), (12, 60, "23"))
        self.assertAmounts(invoice, "196.80", P_13_1="160", P_14_1="36.80")
        self.assertLinesClose(invoice)

    def test_a_tax_beside_the_vat_blocks_by_its_name(self):
        move = self.draft(self.taxed(10, self.fixed_tax(2) + self.tax("vs_kraj_23")))
        [told] = problems(move)
        self.assertIn("opłata", told.text)
        self.assertIn("Outside VAT", told.text)

    def test_a_deposit_as_a_tax_beside_the_vat(self):
        deposit = self.fixed_tax(0.5, ksef_rate="outside")
        taxes = deposit + self.tax("vs_kraj_23")
        move = self.posted(self.taxed(10, taxes, quantity=6))
        invoice = self.document(move)
        self.assertAmounts(invoice, "73.80", P_13_1="60", P_14_1="13.80")
        self.assertEqual(invoice.lines[0].net_price, 10)
        self.assertEqual(invoice.settlement.charges_total, 3)
        self.assertEqual(invoice.settlement.charges[0].reason, "opłata")
        self.assertEqual(invoice.settlement.to_pay, Decimal(f"{move.amount_total:.2f}"))

    def test_margin_beside_a_rate(self):
        margin = self.env["account.tax"].create(
            {"name": "marża", "amount": 0, "type_tax_use": "sale"}
        )
        margin.ksef_rate = "margin"
        lines = (self.taxed(15000, margin, discount=10), self.line(100))
        invoice = self.document(self.posted(*lines))
        self.assertAmounts(invoice, "13623", P_13_1="100", P_14_1="23", P_13_11="13500")
        line = invoice.lines[0]
        self.assertEqual((line.gross_price, line.unit_discount), (15000, 1500))
        self.assertEqual((line.gross, line.net, line.rate), (13500, None, None))

    def test_cash_accounting_items_bear_no_tags(self):
        self.company.tax_exigibility = True
        transition = self.copy_account(self.company_data["default_account_tax_sale"])
        transition.reconcile = True
        self.tax("vs_kraj_23").write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
            }
        )
        invoice = self.document(self.posted(self.line(100)))
        self.assertTrue(invoice.annotations.cash_accounting)
        self.assertAmounts(invoice, "123.00", P_13_1="100.00", P_14_1="23.00")

    # ------------------------------------------------------------------
    # Outside VAT
    # ------------------------------------------------------------------

    def deposit(self, price=5.0, **values):
        """A line of a product outside VAT."""
        product = self.env["product.product"].create(
            {"name": "kaucja", "ksef_outside_vat": True, "taxes_id": False}
        )
        values = {"name": "kaucja za butelki", "product_id": product.id, **values}
        return self.line(price, None, **values)

    def test_f08_deposits_are_charges_not_lines(self):
        move = self.posted(self.line(100), self.deposit(), self.deposit(0))
        invoice = self.document(move)
        self.assertEqual([line.net for line in invoice.lines], [100])
        self.assertAmounts(invoice, "123", P_13_1="100", P_14_1="23")
        charge = fa3.Charge(amount=Decimal("5"), reason="kaucja za butelki")
        self.assertEqual(invoice.settlement.charges, (charge,))
        self.assertEqual(invoice.settlement.charges_total, 5)
        self.assertEqual(invoice.settlement.to_pay, 128)
        self.assertEqual(move.amount_total, 128)

    def test_a_product_outside_vat_loses_its_tax(self):
        with Form(self.env["product.template"]) as form:
            form.name = "kaucja"
            self.assertTrue(form.taxes_id[:])
            form.ksef_outside_vat = True
        product = form.record.product_variant_id
        line = Command.create({"product_id": product.id, "price_unit": 5})
        invoice = self.document(self.posted(self.line(100), line))
        self.assertEqual(invoice.settlement.to_pay, 128)

    def test_f08_an_outside_tax_says_the_same(self):
        tax = self.env["account.tax"].create({"name": "poza VAT", "amount": 0})
        tax.ksef_rate = "outside"
        invoice = self.document(
            self.posted(self.line(100), self.taxed(17, tax, name="opłata skarbowa"))
        )
        self.assertEqual(invoice.settlement.charges[0].reason, "opłata skarbowa")
        self.assertEqual((invoice.total, invoice.settlement.to_pay), (123, 140))

    def test_returned_deposits_are_deductions(self):
        lines = (self.line(10), self.deposit(), self.deposit(quantity=-3))
        said = self.document(self.posted(*lines)).settlement
        self.assertEqual((said.charges_total, said.deductions_total), (5, 15))
        self.assertEqual(said.to_pay, Decimal("2.30"))

    def test_more_is_returned_than_sold_for(self):
        lines = (self.line(100), self.line(-98), self.deposit(-2))
        said = self.document(self.posted(*lines)).settlement
        self.assertEqual((said.to_pay, said.overpaid), (Decimal("0.46"), None))

    def test_f08_an_untaxed_line_blocks_and_both_remedies_are_named(self):
        move = self.draft(self.line(100), self.line(7, None, name="dostawa"))
        [told] = problems(move)
        for part in ("dostawa", "choose a tax", "on the product", "KSeF rate"):
            self.assertIn(part, told.text)

    def test_a_taxed_line_of_a_product_outside_vat_blocks(self):
        line = self.deposit(tax_ids=[Command.set(self.tax("vs_kraj_23").ids)])
        [told] = problems(self.draft(line))
        self.assertIn("outside VAT", told.text)
        self.assertEqual(told.field, "ksef_outside_vat")

    def test_an_invoice_of_deposits_alone_is_none(self):
        [told] = problems(self.draft(self.deposit()))
        self.assertEqual(told.field, "ksef_exclude")

    def test_long_reasons_and_many_charges(self):
        long = " ".join(["kaucja za butelki"] * 30)
        move = self.posted(self.line(1), self.deposit(name=long))
        invoice = self.document(move)
        (charge,) = invoice.settlement.charges
        self.assertLessEqual(len(charge.reason), 256)
        rest = [described.value for described in invoice.descriptions]
        self.assertEqual(" ".join([charge.reason, *rest]), long, "nothing is lost")
        self.assertEqual({d.line for d in invoice.descriptions}, {None})
        many = [self.deposit(1) for _n in range(101)]
        [told] = problems(self.draft(self.line(1), *many))
        self.assertIn("101", told.text)
