from datetime import date
from decimal import Decimal
from types import SimpleNamespace

from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.bill_currency import rate_of
from .mapping_common import BillCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBillHeader(BillCase):
    """What the invoice says of currency, payment, orders and periods stands in the
    fields of the bill; what no field holds is told."""

    def of(self, **values):
        move, notes = self.bill(self.invoice(self.sold("100.00"), **values))
        self.assertEqual(move.amount_total, 123)
        return move, notes

    # ------------------------------------------------------------------
    # Currency
    # ------------------------------------------------------------------

    def in_euro(self, *rates, **values):
        share = Decimal(100) / len(rates)
        known = [rate and Decimal(rate) for rate in rates]
        rows = [self.sold(share, exchange_rate=rate) for rate in known]
        return self.bill(self.invoice(*rows, currency="EUR", **values))

    def test_rate_of_the_invoice(self):
        self.env.ref("base.EUR").active = True
        move, notes = self.in_euro("4.5005")
        self.assertEqual(notes, [])
        self.assertAlmostEqual(1 / move.invoice_currency_rate, 4.5005, 8)
        self.assertEqual(move.amount_total, 123)
        self.assertEqual(move.amount_total_signed, -553.56, "123 x 4.5005")
        move.action_post()
        self.assertEqual(move.amount_total_signed, -553.56, "posting keeps it")

    def test_several_rates(self):
        self.env.ref("base.EUR").active = True
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD,
            net=Decimal(100),
            tax=Decimal(23),
            tax_pln=Decimal("97.75"),
        )
        move, notes = self.in_euro("4.00", "4.50", totals=(total,))
        self.assertAlmostEqual(1 / move.invoice_currency_rate, 4.25, 8)
        self.assertIn("several exchange rates (4.00, 4.50)", notes[0])
        tax_item = move.line_ids.filtered("tax_line_id")
        self.assertEqual(tax_item.balance, 97.75, "the VAT in PLN of the invoice")

    def test_vat_in_pln_is_that_of_the_invoice(self):
        """P_14_1W may differ by a grosz from what Odoo would convert."""
        self.env.ref("base.EUR").active = True
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD,
            net=Decimal(100),
            tax=Decimal(23),
            tax_pln=Decimal("103.52"),  # 23 x 4.5005 = 103.51
        )
        move, notes = self.in_euro("4.5005", "4.5005", totals=(total,))
        self.assertEqual((move.amount_tax, notes), (23, []))
        self.assertEqual(move.line_ids.filtered("tax_line_id").balance, 103.52)
        move.action_post()
        self.assertEqual(move.line_ids.filtered("tax_line_id").balance, 103.52)

    def test_a_correction_of_the_rate_alone_is_told(self):
        self.env.ref("base.EUR").active = True
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD,
            net=Decimal(0),
            tax=Decimal(0),
            tax_pln=Decimal("3.15"),
        )
        rows = [
            self.sold("100.00", exchange_rate=Decimal("4.3630"), before=True),
            self.sold("100.00", exchange_rate=Decimal("4.5000")),
        ]
        move, notes = self.bill(
            self.invoice(
                *rows, totals=(total,), currency="EUR", kind=fa3.Kind.CORRECTION
            )
        )
        self.assertEqual(move.amount_total, 0)
        self.assertIn("changes the VAT in PLN alone, by 3.15", notes[1])
        self.assertNotIn("changes no amount", "".join(notes))

    def test_a_correction_between_rates_changes_amounts(self):
        rows = [self.sold("100.00"), self.sold("-113.89", "8")]
        totals = (
            fa3.RateTotal(bucket=fa3.BUCKETS["23"], net=Decimal(100), tax=Decimal(23)),
            fa3.RateTotal(
                bucket=fa3.BUCKETS["8"], net=Decimal("-113.89"), tax=Decimal("-9.11")
            ),
        )
        invoice = self.invoice(*rows, totals=totals, kind=fa3.Kind.CORRECTION)
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertIn("changes net and VAT, but not the total", notes[1])

    def test_charges_beside_the_total(self):
        settlement = fa3.Settlement(
            charges=(fa3.Charge(amount=Decimal(5), reason="Kaucja"),),
            to_pay=Decimal(128),
        )
        _move, notes = self.of(settlement=settlement)
        self.assertIn("Kaucja 5. To pay: 128", notes[0])
        nothing = fa3.Settlement(to_pay=Decimal(123))
        self.assertEqual(self.of(settlement=nothing)[1], [], "nothing beside it")

    def test_rate_of_an_advance(self):
        """KursWalutyZ: advances have no lines."""
        self.env.ref("base.EUR").active = True
        invoice = self.invoice(
            kind=fa3.Kind.ADVANCE,
            currency="EUR",
            advance_rate=Decimal("4.25"),
            totals=(
                fa3.RateTotal(
                    bucket=fa3.Bucket.STANDARD, net=Decimal(100), tax=Decimal(23)
                ),
            ),
        )
        move, notes = self.bill(invoice)
        self.assertAlmostEqual(1 / move.invoice_currency_rate, 4.25, 8)
        self.assertNotIn("exchange rate", "".join(notes))

    def test_books_in_another_currency(self):
        """The rate on the invoice leads to PLN: it says nothing of books in EUR."""
        foreign = SimpleNamespace(currency_id=SimpleNamespace(name="EUR"))
        line = self.sold("100.00", exchange_rate=Decimal("4.25"))
        for currency in ("EUR", "USD", "PLN"):
            invoice = self.invoice(line, currency=currency)
            self.assertIsNone(rate_of(invoice, foreign), currency)

    def test_no_rate_is_told(self):
        self.env.ref("base.EUR").active = True
        _move, notes = self.in_euro(None)
        self.assertEqual(notes, ["Invoice in EUR: check the exchange rate."])

    def test_i10_inactive_currency_is_told_not_activated(self):
        euro = self.env.ref("base.EUR")
        euro.active = False
        move, notes = self.in_euro("4.50")
        self.assertEqual(move.currency_id, euro)
        self.assertFalse(euro.active)
        self.assertEqual(notes, ["The currency EUR is not active. Activate it."])

    def test_rate_on_an_invoice_in_pln_says_nothing(self):
        line = self.sold("100.00", exchange_rate=Decimal("1.000000"))
        move, notes = self.bill(self.invoice(line))
        self.assertEqual((move.invoice_currency_rate, notes), (1, []))

    # ------------------------------------------------------------------
    # Dates and payment
    # ------------------------------------------------------------------

    def test_the_first_instalment_is_the_due_date(self):
        """How much is due on each day is not stated: better early than late."""
        due = (fa3.Due(day=date(2026, 4, 1)), fa3.Due(day=date(2026, 3, 1)))
        move, notes = self.of(payment=fa3.Payment(due=due))
        self.assertEqual(move.invoice_date_due, date(2026, 3, 1))
        self.assertIn("in instalments: 2026-03-01, 2026-04-01. The invoice", notes[0])

    def described(self, count, unit, event):
        due = fa3.Due(count=count, unit=unit, event=event)
        return self.of(payment=fa3.Payment(due=(due,)), supply_date=date(2026, 1, 31))

    def test_described_due_dates(self):
        for described, day in (
            ((14, "dni", "wystawienie faktury"), date(2026, 3, 1)),
            ((2, "Tygodnie", "od daty wystawienia"), date(2026, 3, 1)),
            ((1, "miesiąc", "dostawa towaru"), date(2026, 2, 28)),
        ):
            move, notes = self.described(*described)
            self.assertEqual((move.invoice_date_due, notes), (day, []), described)

    def test_due_dates_that_nobody_can_tell(self):
        for described in ((14, "dni", "odbiór"), (1, "rok", "wystawienie")):
            _move, notes = self.described(*described)
            text = "{} {}, {}".format(*described)
            self.assertEqual(notes, [f"Payment term: {text}"])

    def test_payment(self):
        move, notes = self.of(
            payment=fa3.Payment(paid=True, paid_on=date(2026, 2, 15), method="1")
        )
        self.assertEqual(move.ksef_payment_method, "1")
        self.assertEqual(move.ksef_paid_on, date(2026, 2, 15))
        self.assertEqual(notes, ["The supplier notes it as paid on 2026-02-15."])

    def test_payment_method_in_words(self):
        move, _notes = self.of(payment=fa3.Payment(other_method="kompensata"))
        self.assertEqual(move.ksef_payment_method, "other")
        self.assertEqual(move.ksef_payment_method_other, "kompensata")

    def test_payment_method_that_does_not_exist(self):
        move, _notes = self.of(payment=fa3.Payment(method="9"))
        self.assertFalse(move.ksef_payment_method)

    def test_split_payment_stays(self):
        """The rule for our own sales does not undo what the supplier has stated."""
        move, notes = self.of(annotations=fa3.Annotations(split_payment=True))
        self.assertTrue(move.ksef_split_payment)
        self.assertEqual(notes, ["Split payment (MPP) is obligatory."])
        move.invoice_line_ids[0].price_unit = 50
        move.action_post()
        self.assertTrue(move.ksef_split_payment)

    def test_billing_period(self):
        move, _notes = self.of(
            period_from=date(2026, 1, 1), period_to=date(2026, 1, 31)
        )
        self.assertEqual(move.ksef_period_from, date(2026, 1, 1))
        self.assertEqual(move.ksef_period_to, date(2026, 1, 31))
        self.assertEqual(move.taxable_supply_date, date(2026, 1, 31))

    # ------------------------------------------------------------------
    # Orders
    # ------------------------------------------------------------------

    def test_orders_can_be_searched(self):
        terms = fa3.Terms(
            orders=(
                fa3.Order(number="ZAM/7", day=date(2026, 1, 5)),
                fa3.Order(number="ZAM/8", day=date(2026, 1, 5)),
            ),
            contracts=(fa3.Contract(number="U/1", day=date(2025, 5, 5)),),
        )
        move, _notes = self.of(terms=terms, delivery_notes=("WZ/1", "WZ/2"))
        self.assertEqual(move.ksef_order_number, "ZAM/7, ZAM/8")
        self.assertEqual(move.ksef_order_date, date(2026, 1, 5))
        self.assertEqual(move.ksef_contract_number, "U/1")
        self.assertEqual(move.ksef_contract_date, date(2025, 5, 5))
        self.assertEqual(move.ksef_delivery_notes, "WZ/1, WZ/2")
        for name, text in (
            ("ksef_order_number", "ZAM/8"),
            ("ksef_contract_number", "U/1"),
            ("ksef_delivery_notes", "WZ/2"),
        ):
            found = move.search([(name, "ilike", text), ("id", "=", move.id)])
            self.assertEqual(found, move, name)

    def test_orders_of_several_days_have_no_date(self):
        orders = tuple(
            fa3.Order(number=f"ZAM/{day}", day=date(2026, 1, day)) for day in (5, 6)
        )
        move, _notes = self.of(terms=fa3.Terms(orders=orders))
        self.assertEqual(move.ksef_order_number, "ZAM/5, ZAM/6")
        self.assertFalse(move.ksef_order_date)
