from datetime import date
from decimal import Decimal

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .advance_common import KSEF_NUMBER, PAID, AdvanceMixin
from .mapping_common import MappingCase

OTHER = "9999999999-20230908-76B2B580D4DC-80"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingAdvances(AdvanceMixin, MappingCase):
    """Advances by hand, without a sales order: an advance states the payment and its
    order, a settlement what is left and the advances by their KSeF numbers."""

    def told(self, move):
        return [problem.text for problem in problems(move)]

    def lines(self, flat=307500, services=4500):
        return [
            self.line(flat, "vs_kraj_8", name="mieszkanie 50m^2"),
            self.line(services, name="usługi dodatkowe"),
        ]

    # ------------------------------------------------------------------
    # ZAL
    # ------------------------------------------------------------------

    def test_advance(self):
        invoice = self.document(self.advance())
        self.assertIs(invoice.kind, fa3.Kind.ADVANCE)
        self.assertAmounts(invoice, "20000", P_13_1="16260.16", P_14_1="3739.84")
        self.assertEqual(invoice.lines, (), "the order stands in Zamowienie")
        self.assertEqual(invoice.order.value, Decimal("375150.00"))
        self.assertEqual(
            [(row.name, row.net, row.tax, row.rate) for row in invoice.order.lines],
            [
                ("mieszkanie 50m^2", 300000, 69000, "23"),
                ("usługi dodatkowe", 5000, 1150, "23"),
            ],
        )
        self.assertEqual(invoice.supply_date, PAID, "the day of payment")
        self.assertEqual((invoice.payment.paid, invoice.payment.paid_on), (True, PAID))
        self.assertEqual(invoice.advances, ())
        self.assertIsNone(invoice.advance_rate)

    def test_payment_divided_by_rates(self):
        """fa3.md 6.3: the figures of the ministry for an order of two rates."""
        order = self.flat(341666.67, tax="vs_kraj_8")
        for paid, amounts in (
            (20000, ("18214.94", "1457.19", "266.56", "61.31")),
            (10000, ("9107.47", "728.60", "133.28", "30.65")),
        ):
            invoice = self.document(self.advance(*order, paid=paid))
            names = ("P_13_2", "P_14_2", "P_13_1", "P_14_1")
            expected = dict(zip(names, amounts, strict=True))
            self.assertAmounts(invoice, str(paid), **expected)
            self.assertEqual(invoice.order.value, Decimal("375150.00"))

    def test_day_of_payment_not_known_yet(self):
        move = self.advance(taxable_supply_date=False)
        invoice = self.document(move)
        self.assertIsNone(invoice.supply_date)
        self.assertFalse(invoice.payment and invoice.payment.paid)

    def test_unpaid_advance_is_told_but_not_refused(self):
        self.company.sudo().ksef_environment = "test"
        move = self.advance(taxable_supply_date=False)
        self.assertIn("ksef_advance", move._get_alerts())
        move.taxable_supply_date = PAID
        self.assertNotIn("ksef_advance", move._get_alerts())
        self.assertEqual(problems(move), [])

    def test_advance_without_order(self):
        move = self.advance()
        move.ksef_order_line_ids.unlink()
        (told,) = self.told(move)
        self.assertIn("what is ordered", told)

    def test_advance_on_goods_for_another_eu_country(self):
        move = self.advance(self.order_line("maszyna", 1000, "vs_unia"), paid=500)
        self.assertTrue(any("another EU country" in text for text in self.told(move)))

    def test_deposit_is_no_part_of_the_order(self):
        outside = self.env["account.tax"].create(
            {"name": "kaucja", "amount": 0, "amount_type": "fixed"}
        )
        outside.ksef_rate = "outside"
        deposit = self.order_line("kaucja", 5, None, tax_ids=outside.ids)
        invoice = self.document(self.advance(*self.flat(), deposit))
        self.assertEqual(len(invoice.order.lines), 2)
        self.assertEqual(invoice.order.value, Decimal("375150.00"))

    def test_prices_with_vat(self):
        tax = self.tax("vs_kraj_23").copy(
            {"name": "23% gross", "price_include_override": "tax_included"}
        )
        row = self.order_line("krzesło", 123, None, tax_ids=tax.ids, quantity=2)
        invoice = self.document(self.advance(row, paid=123))
        (line,) = invoice.order.lines
        self.assertEqual((line.net_price, line.net, line.tax), (100, 200, 46))
        self.assertAmounts(invoice, "123", P_13_1="100", P_14_1="23")

    def test_several_payments(self):
        parts = [
            Command.create({"day": date(2026, 2, day), "amount": amount})
            for day, amount in ((10, 5000), (12, 15000))
        ]
        move = self.advance(ksef_part_advance_ids=parts)
        invoice = self.document(move)
        self.assertEqual(
            [(part.day.day, part.amount, part.rate) for part in invoice.part_advances],
            [(10, 5000, None), (12, 15000, None)],
        )
        self.assertIsNone(invoice.supply_date, "each payment has its day")
        move.ksef_part_advance_ids[0].amount = 4000
        (told,) = self.told(move)
        self.assertIn("19000", told)

    def test_last_advance_names_the_earlier_ones(self):
        first = self.issued(self.advance())
        last = self.advance(
            paid=355150, ksef_settled_ids=self.settled(first), invoice_date=PAID
        )
        self.assertEqual(
            self.document(last).advances, (fa3.AdvanceInvoice(ksef_number=KSEF_NUMBER),)
        )

    def test_foreign_currency(self):
        """The rate of the advance, of each payment, and their agreement."""
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.25)])
        move = self.advance(
            self.order_line("maszyna", 1000), paid=123, currency_id=euro.id
        )
        invoice = self.document(move)
        self.assertEqual(invoice.advance_rate, 4)
        (total,) = invoice.totals
        self.assertEqual((total.net, total.tax, total.tax_pln), (100, 23, 92))
        move.ksef_part_advance_ids = [
            Command.create(
                {"day": PAID, "amount": amount, "exchange_rate": exchange_rate}
            )
            for amount, exchange_rate in ((61.5, 3.9), (61.5, 4.1))
        ]
        invoice = self.document(move)
        self.assertIsNone(invoice.advance_rate)
        self.assertEqual(
            [part.rate for part in invoice.part_advances],
            [Decimal("3.9"), Decimal("4.1")],
        )
        move.ksef_part_advance_ids[0].exchange_rate = 4.5
        (told,) = self.told(move)
        self.assertIn("4.300000", told)

    # ------------------------------------------------------------------
    # ROZ
    # ------------------------------------------------------------------

    def test_f18_settlement_names_advances_by_their_ksef_numbers(self):
        """The lines show the full supply, no advance with minus; the totals what is
        left: the figures of examples 10 to 14."""
        order = self.flat(341666.67, tax="vs_kraj_8")
        first = self.issued(self.advance(*order))
        second = self.issued(self.advance(*order, paid=10000), OTHER)
        move = self.settlement(*self.lines(), advances=(first, second))
        invoice = self.document(move)
        self.assertIs(invoice.kind, fa3.Kind.SETTLEMENT)
        self.assertEqual(
            invoice.advances,
            (
                fa3.AdvanceInvoice(ksef_number=KSEF_NUMBER),
                fa3.AdvanceInvoice(ksef_number=OTHER),
            ),
        )
        self.assertNotIn(b"NrKSeFZN", fa3.build(invoice))
        self.assertEqual(
            [(line.number, line.name, line.net) for line in invoice.lines],
            [(1, "mieszkanie 50m^2", 307500), (2, "usługi dodatkowe", 4500)],
        )
        self.assertAmounts(
            invoice,
            "307635",
            P_13_2="280177.59",
            P_14_2="22414.21",
            P_13_1="4100.16",
            P_14_1="943.04",
        )

    def test_nothing_left(self):
        first = self.issued(self.advance(paid=375150))
        lines = [self.line(300000), self.line(5000)]
        invoice = self.document(self.settlement(*lines, advances=[first]))
        self.assertAmounts(invoice, "0", P_13_1="0", P_14_1="0")
        self.assertEqual(len(invoice.lines), 2)

    def test_advance_outside_ksef(self):
        first = self.advance()
        first.action_post()
        move = self.settlement(self.line(300000), self.line(5000), advances=[first])
        move.ksef_settled_ids = [Command.create({"number": "ZAL/7/2025"})]
        invoice = self.document(move)
        self.assertEqual(
            invoice.advances,
            (
                fa3.AdvanceInvoice(number=first.name),
                fa3.AdvanceInvoice(number="ZAL/7/2025"),
            ),
        )
        self.assertIn(b"<NrKSeFZN>1</NrKSeFZN>", fa3.build(invoice))

    def test_advance_in_ksef_from_another_program(self):
        number = "5555555555-20250828-010080615740-E4"
        move = self.settlement(
            self.line(1000),
            self.line(100, quantity=-1, ksef_settles_advance=True, name="zaliczka"),
            advances=(),
        )
        move.ksef_settled_ids = [Command.create({"ksef_number": number})]
        invoice = self.document(move)
        self.assertEqual(invoice.advances, (fa3.AdvanceInvoice(ksef_number=number),))
        self.assertAmounts(invoice, "1107", P_13_1="900", P_14_1="207")
        move.ksef_settled_ids.ksef_number = number[:-1] + "F"
        (told,) = self.told(move)
        self.assertIn("not a KSeF number", told)

    def test_what_forbids_a_settlement(self):
        first = self.advance()
        move = self.draft(self.line(1000), ksef_advance_role="settlement")
        (told,) = self.told(move)
        self.assertIn("name the advance invoices", told)
        move.ksef_settled_ids = self.settled(first)
        not_deducted, not_posted = self.told(move)
        self.assertIn("not taken away", not_deducted)
        self.assertIn("not posted", not_posted)
        move.action_ksef_deduct_advances()
        self.issued(first, state="rejected")
        (told,) = self.told(move)
        self.assertIn("rejected by KSeF", told)

    def test_settlement_awaits_the_number_of_its_advance(self):
        first = self.issued(self.advance(), state="pending")
        move = self.settlement(self.line(300000), self.line(5000), advances=[first])
        self.assertEqual(move._ksef_awaited_original(), first)
        first.sudo().ksef_document_id.write(
            {"state": "accepted", "ksef_number": KSEF_NUMBER}
        )
        self.assertFalse(move._ksef_awaited_original())

    def test_deducting_twice_deducts_once(self):
        first = self.issued(self.advance())
        move = self.settlement(self.line(300000), self.line(5000), advances=[first])
        total = move.amount_total
        move.action_ksef_deduct_advances()
        self.assertEqual(move.amount_total, total)
        self.assertEqual(len(move.invoice_line_ids), 3)

    def test_corrected_advance_is_deducted_as_corrected(self):
        """Art. 106f(3): less the amounts of the advance and of its corrections."""
        order = self.order_line("maszyna", 1000)
        first = self.issued(self.advance(order, paid=615))
        move = self.settlement(self.line(1000), advances=[first])
        refund = first._reverse_moves([{"invoice_date": PAID}])
        refund.invoice_line_ids.price_unit = 100
        self.issued(refund, OTHER)
        (told,) = self.told(move)
        self.assertIn("100.00 net more", told)
        move.action_ksef_deduct_advances()
        self.assertEqual(self.told(move), [])
        self.assertAmounts(self.document(move), "738", P_13_1="600", P_14_1="138")

    def test_paid_earlier_in_the_month_of_supply(self):
        """Art. 106b(1a): full amounts, the payment beside them."""
        move = self.draft(self.line(1000), ksef_advance_role="month")
        (told,) = self.told(move)
        self.assertIn("payments", told)
        move.ksef_part_advance_ids = [
            Command.create({"day": date(2026, 3, 2), "amount": 500})
        ]
        invoice = self.document(move)
        self.assertIs(invoice.kind, fa3.Kind.SETTLEMENT)
        self.assertAmounts(invoice, "1230", P_13_1="1000", P_14_1="230")
        (part,) = invoice.part_advances
        self.assertEqual((part.day, part.amount), (date(2026, 3, 2), 500))
        self.assertEqual((invoice.advances, len(invoice.lines)), ((), 1))
        move.ksef_part_advance_ids.amount = 1231
        (told,) = self.told(move)
        self.assertIn("exceed", told)

    # ------------------------------------------------------------------
    # Corrections
    # ------------------------------------------------------------------

    def test_correction_of_an_advance(self):
        first = self.issued(self.advance())
        refund = self.reversal(first, self.line(1000, name="zwrot zaliczki"))
        invoice = self.document(refund)
        self.assertIs(invoice.kind, fa3.Kind.ADVANCE_CORRECTION)
        self.assertEqual((invoice.total_before, invoice.total), (20000, -1230))
        self.assertEqual(invoice.lines, ())
        self.assertEqual(
            [(row.number, row.before, row.net) for row in invoice.order.lines],
            [(1, True, 300000), (1, False, 300000), (2, True, 5000), (2, False, 5000)],
        )
        uids = [row.uid for row in invoice.order.lines]
        self.assertEqual(uids[0], uids[1], "the same line before and after")

    def test_correction_of_the_order(self):
        """Example 13: the value is the one after, the total does not change."""
        first = self.issued(self.advance())
        refund = first._reverse_moves([{"invoice_date": date(2026, 3, 17)}])
        refund.invoice_line_ids = [Command.clear(), self.line(0, name="korekta")]
        refund.action_ksef_copy_order()
        refund.ksef_order_line_ids.filtered(lambda row: row.price_unit == 5000).write(
            {"price_unit": 4500}
        )
        invoice = self.document(refund)
        self.assertEqual(invoice.order.value, Decimal("374535.00"))
        self.assertEqual(
            [(row.before, row.net) for row in invoice.order.lines],
            [(True, 300000), (False, 300000), (True, 5000), (False, 4500)],
        )
        self.assertEqual((invoice.total, invoice.totals), (0, ()))

    def test_correction_of_an_advance_outside_odoo(self):
        move = self.draft(
            self.line(100, name="zwrot"),
            move_type="out_refund",
            ksef_advance_role="advance",
            ksef_total_before=1230,
            ksef_order_line_ids=[
                self.order_line("maszyna", 5000, before=True),
                self.order_line("maszyna", 4000),
            ],
            ksef_corrected_ids=[
                Command.create(
                    {
                        "number": "ZAL/1",
                        "issue_date": date(2025, 12, 1),
                        "outside_ksef": True,
                    }
                )
            ],
        )
        invoice = self.document(move)
        self.assertIs(invoice.kind, fa3.Kind.ADVANCE_CORRECTION)
        self.assertEqual((invoice.total_before, invoice.total), (1230, -123))
        self.assertEqual(
            [(row.number, row.before, row.net) for row in invoice.order.lines],
            [(1, True, 5000), (1, False, 4000)],
        )

    def test_correction_of_a_settlement(self):
        """Example 18: the amount left changes, the lines do not."""
        first = self.issued(self.advance())
        move = self.settlement(self.line(300000), self.line(5000), advances=[first])
        self.issued(move, OTHER)
        refund = self.reversal(
            move, self.line(1000, name="zaliczka", ksef_settles_advance=True)
        )
        invoice = self.document(refund)
        self.assertIs(invoice.kind, fa3.Kind.SETTLEMENT_CORRECTION)
        self.assertEqual((invoice.total_before, invoice.total), (355150, -1230))
        self.assertEqual(
            invoice.advances, (fa3.AdvanceInvoice(ksef_number=KSEF_NUMBER),)
        )
        self.assertEqual(
            [(line.number, line.before, line.net) for line in invoice.lines],
            [(1, True, 300000), (1, False, 300000), (2, True, 5000), (2, False, 5000)],
        )

    # ------------------------------------------------------------------
    # What is issued stays
    # ------------------------------------------------------------------

    def test_rows_of_an_issued_invoice_are_frozen(self):
        first = self.issued(self.advance())
        rows = first.ksef_order_line_ids
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            rows[0].price_unit = 1
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            first.ksef_advance_role = False
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            first.ksef_part_advance_ids = [Command.create({"day": PAID, "amount": 1})]
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            first.ksef_settled_ids = [Command.create({"number": "1"})]
