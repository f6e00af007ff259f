from decimal import Decimal

from odoo.tests import tagged

from ..ksef import fa3
from .mapping_common import BillCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBillSums(BillCase):
    """Lines show the prices and discounts of the document where these give its amounts,
    and yet add up to its total: Odoo rounds the sum of the lines, not each of them."""

    #: 99.99 less 10.03% is 89.961: ten of them are a grosz more than ten times 89.96.
    DISCOUNTED = {
        "net": Decimal("89.96"),
        "quantity": Decimal(1),
        "unit_discount": Decimal("10.03"),
    }

    def total(self, net, tax=None, rate="23", **values):
        tax = tax and Decimal(tax)
        bucket = fa3.BUCKETS[rate]
        return fa3.RateTotal(bucket=bucket, net=Decimal(net), tax=tax, **values)

    def booked(self, *lines, totals, **values):
        """The lines of a bill that agrees with its invoice, also when it is posted."""
        invoice = self.invoice(*lines, totals=totals, **values)
        move, _notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        move.action_post()
        self.assertBooked(move, invoice, "posting keeps it")
        return move.invoice_line_ids

    def discounted(self, rate="23", price="net_price"):
        line = {"name": "śruba", "rate": rate, **self.DISCOUNTED}
        return [line | {price: Decimal("99.99")}] * 10

    def test_discounts_that_add_up_to_a_grosz(self):
        lines = self.booked(*self.discounted(), totals=[self.total("899.60", "206.91")])
        self.assertEqual(set(lines.mapped("discount")), {10.03}, "as stated")
        self.assertEqual(set(lines.mapped("price_subtotal")), {89.96})

    def test_without_vat(self):
        totals = [self.total("899.60", rate="zw")]
        lines = self.booked(*self.discounted("zw"), totals=totals)
        self.assertEqual(set(lines.mapped("discount")), {10.03})

    def test_under_reverse_charge(self):
        """Nothing can be forced there: prices have to be exact."""
        self.tax("vz_stal").active = True
        totals = [self.total("899.60", rate="oo")]
        lines = self.booked(*self.discounted("oo"), totals=totals)
        self.assertEqual(set(lines.mapped("price_unit")), {89.96})

    def test_without_a_tax(self):
        totals = [self.total("899.60", "35.98", rate="4")]
        move, _notes = self.bill(
            self.invoice(*self.discounted("4", "gross_price"), totals=totals)
        )
        self.assertEqual(move.amount_total, 935.58)
        row = self.sold("5.13", "4", quantity=Decimal("7654321.12"))
        totals = [self.total("153.90", "6.16", rate="4")]
        move, _notes = self.bill(self.invoice(*[row] * 30, totals=totals))
        self.assertEqual(move.amount_total, 160.06, "no price gives these amounts")

    def test_two_rates_that_are_right_alone(self):
        """Each is less than half a grosz off, both together are more."""
        line = {"name": "a", "quantity": Decimal("0.5")}
        half = line | {"net": Decimal("0.06"), "net_price": Decimal("0.113")}
        rows = [half | {"rate": "23"}, half | {"rate": "8"}]
        totals = [self.total("0.06", "0.01"), self.total("0.06", "0.00", rate="8")]
        lines = self.booked(*rows, totals=totals)
        self.assertEqual(lines.mapped("price_subtotal"), [0.06, 0.06])

    def test_two_rates_of_which_one_makes_up_for_the_other(self):
        """The total is right, and so has to be the base of each tax."""
        less = {  # 19.549005: ten of them are a grosz less
            "net": Decimal("19.55"),
            "net_price": Decimal("19.95"),
            "unit_discount": Decimal("0.40"),
        }
        rows = [*self.discounted(), *(row | less for row in self.discounted("8"))]
        totals = [
            self.total("899.60", "206.91"),
            self.total("195.50", "15.64", rate="8"),
        ]
        lines = self.booked(*rows, totals=totals)
        taxes = lines.move_id.line_ids.filtered("tax_line_id")
        self.assertEqual(sorted(taxes.mapped("tax_base_amount")), [195.5, 899.6])

    def test_the_unit_price_of_the_document(self):
        """Not the one that its amount would give, as 5.28457447."""
        fuel = self.sold(
            "238.44", quantity=Decimal("45.12"), net_price=Decimal("5.2846")
        )
        totals = [self.total("238.44", "54.84")]
        line = self.booked(fuel, totals=totals)
        self.assertEqual((line.quantity, line.price_unit), (45.12, 5.2846))

    def test_a_quantity_that_odoo_does_not_keep_is_told(self):
        fine = self.sold("10.00", quantity=Decimal("0.00125"), net_price=Decimal(8000))
        kept = self.sold("10.00", quantity=Decimal("1.250"), net_price=Decimal(8))
        totals = [self.total("20.00", "4.60")]
        invoice = self.invoice(fine, kept, totals=totals)
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        (told,) = [note for note in notes if "decimals" in note]
        self.assertIn("0.00125", told)
        self.assertNotIn("1.25", told)

    def test_the_unit_price_of_a_reduction(self):
        cases = (
            {"quantity": Decimal(-3), "net_price": Decimal("3.3333")},
            {"quantity": Decimal(3), "net_price": Decimal("-3.3333")},
        )
        for stated in cases:
            with self.subTest(**stated):
                line = self.booked(
                    self.sold("-10.00", **stated),
                    totals=[self.total("-10.00", "-2.30")],
                    kind=fa3.Kind.CORRECTION,
                )
                self.assertEqual((line.quantity, line.price_unit), (3, 3.3333))

    def test_rows_before_and_after(self):
        rows = [
            self.sold("10.00", quantity=Decimal(3), net_price=Decimal("3.3333")),
            self.sold("6.67", quantity=Decimal(2), net_price=Decimal("3.3333")),
        ]
        rows[0]["before"] = True
        lines = self.booked(
            *rows,
            totals=[self.total("-3.33", "-0.77")],
            kind=fa3.Kind.CORRECTION,
        )
        self.assertEqual(lines.mapped("price_unit"), [3.3333, -3.3333])

    def test_something_for_nothing(self):
        line = self.sold(
            "0.00",
            quantity=Decimal(2),
            net_price=Decimal("50.00"),
            unit_discount=Decimal("50.00"),
        )
        totals = [self.total("100.00", "23.00")]
        lines = self.booked(self.sold("100.00"), line, totals=totals)
        self.assertEqual((lines[1].price_unit, lines[1].discount), (50, 100))

    def test_large_quantities(self):
        """No price of eight digits gives these amounts."""
        row = self.sold("5.13", quantity=Decimal("7654321.12"))
        self.booked(*[row] * 30, totals=[self.total("153.90", "35.40")])

    def test_many_lines(self):
        rows = [
            self.sold(Decimal("1.23") * n, quantity=Decimal(n)) for n in range(1, 301)
        ]
        net = Decimal("1.23") * 45150
        vat = (net * 23 / 100).quantize(Decimal("0.01"))
        invoice = self.invoice(*rows, totals=[self.total(net, vat)])
        move, _notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertEqual(len(move.invoice_line_ids), 300)

    # ------------------------------------------------------------------
    # Lines of which it is not clear where they belong
    # ------------------------------------------------------------------

    def test_lines_without_a_rate_under_several_totals(self):
        """Their amounts may belong to either: the totals are booked, and the names of
        the lines stand there."""
        rows = [{"name": "a", "net": Decimal(100)}, {"name": "b", "net": Decimal(50)}]
        totals = [self.total("100", "23"), self.total("50", "4", rate="8")]
        lines = self.booked(*rows, totals=totals)
        self.assertEqual(lines.mapped("price_subtotal"), [100, 50])
        self.assertEqual(set(lines.mapped("name")), {"a; b"})

    def test_a_total_of_nothing_decides_nothing(self):
        row = {"name": "a", "net": Decimal(100), "quantity": Decimal(4)}
        totals = [self.total("100", "23"), self.total("0", "0", rate="8")]
        line = self.booked(row, totals=totals)
        self.assertEqual((line.quantity, line.price_unit), (4, 25))
        self.assertEqual(line.tax_ids, self.tax("vz_kraj_23"))

    def test_a_line_without_a_rate_has_that_of_its_total(self):
        """Its VAT may be deducted; 22% are 22%."""
        old = self.tax("vz_kraj_23").copy(
            {"name": "22%", "amount": 22, "ksef_rate": "22"}
        )
        for vat, tax in (("23.00", self.tax("vz_kraj_23")), ("22.00", old)):
            row = {"name": "a", "gross": Decimal(100) + Decimal(vat)}
            line = self.booked(row, totals=[self.total("100", vat)])
            self.assertEqual((line.tax_ids, line.price_subtotal), (tax, 100))

    def test_a_settlement_that_states_its_rest_alone(self):
        """P_15 is left to pay; the rest of the order was paid in advance."""
        invoice = self.invoice(self.sold("100.00"), kind=fa3.Kind.SETTLEMENT)
        for rest, net in (("0.00", 0), ("61.50", 50)):
            values = {"totals": (), "total": Decimal(rest)}
            move, notes = self.bill(fa3.Invoice(**vars(invoice) | values))
            self.assertEqual(move.amount_total, float(rest))
            self.assertEqual(move.amount_untaxed, net)
            self.assertIn("Advances invoiced before", move.invoice_line_ids[1].name)
            self.assertIn("worked out from", "".join(notes))

    def test_vat_of_several_countries(self):
        """Each line bears that of its own rate (P_12_XII)."""
        rows = [
            {"name": "a", "net": Decimal(100), "oss_rate": Decimal(19)},
            {"name": "b", "net": Decimal(50), "oss_rate": Decimal(20)},
        ]
        bucket = fa3.Bucket.OSS
        oss = fa3.RateTotal(bucket=bucket, net=Decimal(150), tax=Decimal(29))
        move, _notes = self.bill(self.invoice(*rows, totals=[oss]))
        self.assertEqual(move.invoice_line_ids.mapped("price_subtotal"), [119, 60])

    def test_a_correction_of_data_alone_can_be_posted(self):
        """Odoo posts no bill without a line."""
        line = self.booked(
            totals=(),
            total=Decimal(),
            kind=fa3.Kind.CORRECTION,
            correction_reason="zmiana adresu",
        )
        self.assertEqual((line.name, line.price_total), ("zmiana adresu", 0))
        self.assertEqual(line.move_id.move_type, "in_refund", "it takes nothing more")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBillAmounts(BillCase):
    """Amounts that a line does not state follow from what it states; what the lines do
    not explain stands on a line of its own, named by its reason."""

    def total(self, net, tax, rate="23"):
        bucket = fa3.BUCKETS[rate]
        return fa3.RateTotal(bucket=bucket, net=Decimal(net), tax=Decimal(tax))

    def booked(self, *lines, **values):
        invoice = self.invoice(*lines, **values)
        move, _notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        return move.invoice_line_ids

    def test_net_from_gross_and_vat(self):
        """P_11A and P_11Vat: their difference, not what the rate would give."""
        row = {"name": "a", "rate": "23", "gross": Decimal("10.00")}
        rows = [row | {"tax": Decimal("1.86")}, row | {"tax": Decimal("1.88")}]
        lines = self.booked(*rows, totals=[self.total("16.26", "3.74")])
        self.assertEqual(lines.mapped("price_subtotal"), [8.14, 8.12])

    def test_discount_of_lines_without_amounts(self):
        for price, total in (("net_price", 90), ("gross_price", 90 / Decimal("1.23"))):
            row = {
                "name": "a",
                "rate": "23",
                "quantity": Decimal(2),
                "unit_discount": Decimal(5),
                price: Decimal(50),
            }
            net = total.quantize(Decimal("0.01")) if price != "net_price" else total
            vat = (net * Decimal("0.23")).quantize(Decimal("0.01"))
            lines = self.booked(row, totals=[self.total(net, vat)])
            self.assertEqual(len(lines), 1, f"{price}: the line explains its total")

    def test_more_than_rounding_is_a_line_of_its_own(self):
        rows = [self.sold("33.33")] * 3
        lines = self.booked(*rows, totals=[self.total("100.02", "23.00")])
        self.assertEqual(len(lines), 3, "a grosz for each line")
        lines = self.booked(*rows, totals=[self.total("100.03", "23.01")])
        self.assertEqual(lines[3].name, "Amount without a line on the invoice")
        self.assertEqual(lines[3].price_subtotal, 0.04)

    def test_rows_before_and_after_that_state_gross_values_alone(self):
        rows = [
            {"name": "a", "rate": "23", "gross": Decimal("123.00"), "before": True},
            {"name": "a", "rate": "23", "gross": Decimal("61.50")},
        ]
        invoice = self.invoice(self.sold("1.00"), kind=fa3.Kind.CORRECTION)
        lines = tuple(fa3.Line(number=n, **row) for n, row in enumerate(rows, 1))
        changes = {"lines": lines, "totals": (), "total": Decimal("-61.50")}
        move, _notes = self.bill(fa3.Invoice(**vars(invoice) | changes))
        self.assertEqual((move.amount_untaxed, move.amount_tax), (50, 11.5))

    def test_an_order_before_and_after(self):
        """A corrected advance that states its order alone."""
        rows = [
            fa3.OrderLine(
                number=n,
                name="a",
                net=Decimal(net),
                tax=Decimal(tax),
                rate="23",
                before=before,
            )
            for n, (net, tax, before) in enumerate(
                [("100", "23", True), ("50", "11.50", False)], 1
            )
        ]
        order = fa3.AdvanceOrder(value=Decimal("61.50"), lines=tuple(rows))
        invoice = self.invoice(self.sold("1.00"), kind=fa3.Kind.ADVANCE_CORRECTION)
        changes = {
            "lines": (),
            "totals": (),
            "order": order,
            "total": Decimal("-61.50"),
        }
        move, _notes = self.bill(fa3.Invoice(**vars(invoice) | changes))
        self.assertEqual((move.amount_untaxed, move.amount_tax), (50, 11.5))
        self.assertEqual(move.invoice_line_ids.name, "Advance payment")

    def test_margin_beside_another_rate(self):
        """Rows of the margin scheme bear no rate (example 19 of the ministry)."""
        car = {"name": "auto", "gross": Decimal(500), "quantity": Decimal(2)}
        rows = [self.sold("100.00"), car]
        margin = fa3.RateTotal(bucket=fa3.Bucket.MARGIN, net=Decimal(500))
        lines = self.booked(*rows, totals=[self.total("100", "23"), margin])
        self.assertEqual(lines.mapped("price_subtotal"), [100, 500])
        self.assertEqual(lines.mapped("quantity"), [1, 2])

    def test_credit_note_with_the_vat_of_the_supplier(self):
        rows = [self.sold("-0.33")] * 3
        self.booked(
            *rows, totals=[self.total("-0.99", "-0.24")], kind=fa3.Kind.CORRECTION
        )

    def test_a_company_that_rounds_each_line(self):
        self.company.tax_calculation_rounding_method = "round_per_line"
        for vat in ("0.23", "0.24"):
            lines = self.booked(
                *[self.sold("0.33")] * 3, totals=[self.total("0.99", vat)]
            )
            forced = bool(lines[0].extra_tax_data)
            self.assertEqual(forced, vat == "0.23", "three times 0.08 is 0.24")
