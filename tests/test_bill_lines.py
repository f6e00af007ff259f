from decimal import Decimal

from odoo.tests import tagged

from ..ksef import fa3
from .mapping_common import BillCase


def total(net, tax, bucket=fa3.Bucket.STANDARD):
    return fa3.RateTotal(bucket=bucket, net=Decimal(net), tax=Decimal(tax))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBillLines(BillCase):
    """The lines of a bill say what the invoice says: in its order, with its units, its
    prices and its discounts, where Odoo can hold them exactly; the amounts always."""

    def line_of(self, **line):
        """The bill line of one line at 23%."""
        net = Decimal(line.pop("total", None) or line["net"])
        vat = (net * 23 / 100).quantize(Decimal("0.01"))
        line = {"name": "śruba", "rate": "23", **line}
        move, _notes = self.bill(self.invoice(line, totals=(total(net, vat),)))
        self.assertEqual(Decimal(f"{move.amount_total:.2f}"), net + vat)
        return move.invoice_line_ids

    # ------------------------------------------------------------------
    # Units
    # ------------------------------------------------------------------

    def unit(self, text):
        return self.line_of(net=Decimal(10), unit=text).product_uom_id

    def test_i14_units_as_polish_invoices_abbreviate_them(self):
        for text, xmlid in (
            ("szt.", "product_uom_unit"),
            ("SZT", "product_uom_unit"),
            ("godz.", "product_uom_hour"),
            ("kg", "product_uom_kgm"),
            ("m2", "product_uom_square_meter"),
            ("mb.", "product_uom_meter"),
            ("kWh", "product_uom_kwh"),
        ):
            self.assertEqual(self.unit(text), self.env.ref(f"uom.{xmlid}"), text)

    def test_unit_of_the_very_name(self):
        own = self.env["uom.uom"].create({"name": "Paleta"})
        self.assertEqual(self.unit(" paleta "), own)

    def test_a_name_given_twice_names_no_unit(self):
        self.env["uom.uom"].create([{"name": "szt."}, {"name": "szt."}])
        self.assertFalse(self.unit("szt."))

    def test_unknown_units_are_left_out(self):
        for text in ("kpl.", "%", "usługa", None):
            self.assertFalse(self.unit(text), text)

    # ------------------------------------------------------------------
    # Prices
    # ------------------------------------------------------------------

    def test_discount_of_a_percentage(self):
        line = self.line_of(
            quantity=Decimal(3),
            net_price=Decimal("200.00"),
            unit_discount=Decimal("20.00"),
            net=Decimal("540.00"),
        )
        self.assertEqual(
            (line.quantity, line.price_unit, line.discount), (3, 200, 10), "10%"
        )

    def test_discount_of_the_whole_line(self):
        """Some suppliers write in P_10 what all pieces together are cheaper."""
        line = self.line_of(
            quantity=Decimal(4),
            net_price=Decimal("100.00"),
            unit_discount=Decimal("100.00"),
            net=Decimal("300.00"),
        )
        self.assertEqual((line.price_unit, line.discount), (100, 25))

    def test_discount_that_is_no_percentage_reduces_the_price(self):
        line = self.line_of(
            quantity=Decimal(1000),
            net_price=Decimal("3.33"),
            unit_discount=Decimal("0.01"),
            net=Decimal("3320.00"),
        )
        self.assertEqual((line.price_unit, line.discount), (3.32, 0))

    def test_discount_and_forced_vat(self):
        line = {
            "name": "śruba",
            "rate": "23",
            "quantity": Decimal(2),
            "net_price": Decimal("100.00"),
            "unit_discount": Decimal("5.00"),
            "net": Decimal("190.00"),
        }
        invoice = self.invoice(line, totals=(total("190.00", "43.69"),))
        move, _notes = self.bill(invoice)
        self.assertBooked(move, invoice, "a grosz less than 23%")
        self.assertEqual(move.invoice_line_ids.discount, 5)

    def test_gross_prices_on_a_cost_line(self):
        """Without a tax for its rate the line bears its VAT."""
        totals = (total("100.00", "4.00", fa3.Bucket.TAXI),)
        line = {"name": "taxi", "rate": "4", "net": Decimal("100.00")}
        move, notes = self.bill(self.invoice(line, totals=totals))
        self.assertEqual(move.invoice_line_ids.price_unit, 104)
        self.assertIn("No tax has the KSeF rate 4", notes[0])

    # ------------------------------------------------------------------
    # Order, totals that are not stated
    # ------------------------------------------------------------------

    def test_lines_keep_the_order_of_the_document(self):
        rates = ("23", "8", "23", "8")
        rows = [self.sold("10.00", rate, name=f"{n}") for n, rate in enumerate(rates)]
        totals = (total("20", "4.60"), total("20", "1.60", fa3.Bucket.REDUCED))
        invoice = self.invoice(*rows, totals=totals)
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertEqual(move.invoice_line_ids.mapped("name"), ["0", "1", "2", "3"])
        self.assertEqual(notes, [])

    def simplified(self, *rows, **values):
        lines = tuple(fa3.Line(number=n, **row) for n, row in enumerate(rows, 1))
        invoice = self.invoice(self.sold("1.00"), kind=fa3.Kind.SIMPLIFIED)
        changes = {"lines": lines, "totals": (), **values}
        return self.bill(fa3.Invoice(**vars(invoice) | changes))

    def test_totals_of_gross_lines(self):
        """A simplified invoice of two rates states the gross value of each line."""
        move, notes = self.simplified(
            {"name": "a", "rate": "23", "gross": Decimal("123.00")},
            {"name": "b", "rate": "8", "gross": Decimal("10.80")},
            total=Decimal("133.80"),
        )
        self.assertEqual((move.amount_untaxed, move.amount_tax), (110, 23.8))
        self.assertIn("worked out from", notes[0])

    def test_totals_of_one_rate(self):
        move, _notes = self.simplified(
            {"name": "a", "rate": "23"}, total=Decimal("450.00")
        )
        self.assertEqual((move.amount_untaxed, move.amount_tax), (365.85, 84.15))

    def test_lines_that_the_totals_leave_out_are_told(self):
        move, notes = self.simplified(
            {"name": "a", "rate": "23", "net": Decimal(100)}, total=Decimal(100)
        )
        self.assertEqual(move.amount_total, 100)
        self.assertIn("do not contain its lines of the rate 23", notes[0])

    def test_an_order_paid_as_a_whole(self):
        row = fa3.OrderLine(
            number=1, name="a", net=Decimal(100), tax=Decimal(23), rate="23"
        )
        order = fa3.AdvanceOrder(value=Decimal(123), lines=(row,))
        move, _notes = self.simplified(
            kind=fa3.Kind.ADVANCE, order=order, total=Decimal(123)
        )
        self.assertEqual((move.amount_untaxed, move.amount_tax), (100, 23))

    # ------------------------------------------------------------------
    # Field reports
    # ------------------------------------------------------------------

    def test_i08_r59_neither_net_nor_gross_price(self):
        line = self.line_of(quantity=Decimal(4), net=Decimal("10.00"))
        self.assertEqual((line.quantity, line.price_unit), (4, 2.5))

    def test_r59_gross_prices_only(self):
        line = self.line_of(
            quantity=Decimal(2), gross_price=Decimal("61.50"), total="100.00"
        )
        self.assertEqual((line.quantity, line.price_unit), (2, 50))

    def test_r59_two_rates_in_one_total(self):
        """22% and 23% share P_13_1: each line bears its own VAT."""
        old = self.tax("vz_kraj_23").copy(
            {"name": "22%", "amount": 22, "ksef_rate": "22"}
        )
        rows = [self.sold("100.00", "22"), self.sold("100.00", "23")]
        invoice = self.invoice(*rows, totals=(total("200.00", "45.00"),))
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        first, second = move.invoice_line_ids
        self.assertEqual((first.tax_ids, first.price_total), (old, 122))
        self.assertEqual((second.price_total, notes), (123, []))

    def test_r56_no_lines_at_all(self):
        invoice = self.invoice(totals=(total("100.00", "23.00"),))
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertIn("without a line", move.invoice_line_ids.name)
        self.assertEqual(notes, [])

    def test_sale_taxed_in_another_country(self):
        """OSS: the VAT is foreign, nothing of it may be deducted in Poland."""
        line = {"name": "książka", "net": Decimal(100), "oss_rate": Decimal(19)}
        totals = (total("100.00", "19.00", fa3.Bucket.OSS),)
        move, notes = self.bill(self.invoice(line, totals=totals))
        self.assertEqual((move.amount_total, move.amount_tax), (119, 0))
        self.assertIn("OSS", notes[0])

    # ------------------------------------------------------------------
    # Sign
    # ------------------------------------------------------------------

    def test_a_correction_upwards_is_a_bill(self):
        invoice = self.invoice(self.sold("10.00"), kind=fa3.Kind.CORRECTION)
        self.assertEqual(self.bill(invoice)[0].move_type, "in_invoice")

    def test_a_negative_settlement_is_a_credit_note(self):
        """The advances were more than the goods: Odoo posts no negative bill."""
        invoice = self.invoice(self.sold("-10.00"), kind=fa3.Kind.SETTLEMENT)
        move, _notes = self.bill(invoice)
        self.assertEqual(move.move_type, "in_refund")
        self.assertBooked(move, invoice)
        move.action_post()

    def test_margin_without_a_tax_is_told(self):
        line = {"name": "auto", "gross": Decimal(500)}
        totals = (fa3.RateTotal(bucket=fa3.Bucket.MARGIN, net=Decimal(500)),)
        move, notes = self.bill(self.invoice(line, totals=totals))
        self.assertEqual(move.amount_total, 500)
        self.assertFalse(move.invoice_line_ids.tax_ids)
        self.assertIn("margin", notes[0])

    def test_margin_with_its_tax(self):
        tax = self.tax("vz_kraj_zw").copy({"name": "Marża", "ksef_rate": "margin"})
        line = {"name": "auto", "gross": Decimal(500)}
        totals = (fa3.RateTotal(bucket=fa3.Bucket.MARGIN, net=Decimal(500)),)
        move, notes = self.bill(self.invoice(line, totals=totals))
        self.assertEqual((move.amount_total, notes), (500, []))
        self.assertEqual(move.invoice_line_ids.tax_ids, tax)
