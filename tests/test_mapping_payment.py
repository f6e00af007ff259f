import dataclasses
from datetime import date, timedelta
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .mapping_common import ISSUED, MappingCase
from .ministry_common import EXAMPLES


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingPayment(MappingCase):
    """FA(3) says what was paid by the date of issue, how, and when and where the rest
    is to be paid; nothing of it is guessed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.bank_ids.unlink()
        cls.bank = cls.env["res.bank"].create(
            {"name": "Bank Bankowości Bankowej S. A.", "bic": "BREXPLPWXXX"}
        )
        cls.account = cls.bank_account(
            cls.company.partner_id, "73 1111 1111 1111 1111 1111 1111"
        )

    @classmethod
    def bank_account(cls, partner, number, **values):
        return cls.env["res.partner.bank"].create(
            {
                "acc_number": number,
                "partner_id": partner.id,
                "bank_id": cls.bank.id,
                "allow_out_payment": True,
                **values,
            }
        )

    def term(self, *days, **values):
        part = 100 / len(days)
        lines = [
            Command.create({"value": "percent", "value_amount": part, "nb_days": day})
            for day in days
        ]
        return self.env["account.payment.term"].create(
            {"name": "warunki", "line_ids": lines, **values}
        )

    def pay(self, move, *payments):
        """Assign payments of the customer, received before, to a draft invoice."""
        for amount, day, journal in payments:
            payment = self.env["account.payment"].create(
                {
                    "partner_id": move.partner_id.id,
                    "amount": amount,
                    "date": day,
                    "journal_id": self.company_data[journal].id,
                    "currency_id": move.currency_id.id,
                }
            )
            payment.outstanding_account_id = payment.outstanding_account_id or (
                self.company.account_journal_suspense_account_id
            )
            payment.action_post()
            self.assign(move, payment.move_id)

    def assign(self, move, entry):
        receivable = entry.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        move.sudo().js_assign_outstanding_line(receivable.id)

    def texts(self, move):
        return [problem.text for problem in problems(move)]

    def payment(self, move):
        if move.state == "draft":
            move.action_post()
        return self.document(move).payment

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    def test_f21_every_instalment_has_its_day(self):
        term = self.term(0, 30, 60, 30)
        invoice = self.draft(self.line(100), invoice_payment_term_id=term.id)
        days = [ISSUED, ISSUED + timedelta(days=30), ISSUED + timedelta(days=60)]
        self.assertEqual([due.day for due in self.payment(invoice).due], days)

    def test_days_counted_from_an_event_have_no_date(self):
        term = self.term(30, ksef_due_event="otrzymanie faktury")
        payment = self.payment(
            self.draft(self.line(100), invoice_payment_term_id=term.id)
        )
        (due,) = payment.due
        self.assertEqual((due.day, due.count, due.unit), (None, 30, "dni"))
        self.assertEqual(due.event, "otrzymanie faktury")

    def test_due_date_outside_the_schema(self):
        draft = self.draft(
            self.line(100), invoice_payment_term_id=False, invoice_date_due="2050-02-01"
        )
        self.assertIn("Due date 2050-02-01", " ".join(self.texts(draft)))

    def test_early_payment_discount(self):
        values = {"early_discount": True, "discount_percentage": 2.5}
        for tax, base in (("included", "brutto"), ("excluded", "netto")):
            term = self.term(
                30, **values, discount_days=10, early_pay_discount_computation=tax
            )
            invoice = self.draft(self.line(100), invoice_payment_term_id=term.id)
            discount = self.payment(invoice).discount
            self.assertEqual(discount.terms, "zapłata do 2026-03-26")
            self.assertEqual(discount.size, f"2,5% kwoty {base}")
        term.early_pay_discount_computation = "mixed"
        draft = self.draft(self.line(100), invoice_payment_term_id=term.id)
        (problem,) = problems(draft)
        self.assertIn("reduces the VAT at once", problem.text)
        self.assertEqual(problem.record, term)

    def test_credit_note_asks_for_no_payment(self):
        invoice = self.posted(self.line(100))
        self.assertIsNone(self.payment(self.reversal(invoice)))

    # ------------------------------------------------------------------
    # What has been paid
    # ------------------------------------------------------------------

    def test_paid_at_once(self):
        invoice = self.draft(self.line(100))
        self.pay(invoice, (123, date(2026, 3, 10), "default_journal_bank"))
        payment = self.payment(invoice)
        self.assertTrue(payment.paid)
        self.assertEqual(payment.paid_on, date(2026, 3, 10))
        self.assertEqual((payment.method, payment.due), ("6", ()))

    def test_f21_one_part_paid(self):
        invoice = self.draft(self.line(100))
        self.pay(invoice, (23, date(2026, 3, 10), "default_journal_cash"))
        payment = self.payment(invoice)
        self.assertEqual((payment.paid, payment.partial), (False, "1"))
        self.assertEqual(
            payment.parts,
            (
                fa3.PartPayment(
                    amount=Decimal("23.00"), day=date(2026, 3, 10), method="1"
                ),
            ),
        )
        self.assertEqual(payment.method, "6", "the rest goes to the account shown")
        self.assertTrue(payment.due)

    def test_paid_in_parts(self):
        invoice = self.draft(self.line(100))
        self.pay(
            invoice,
            (100, date(2026, 3, 10), "default_journal_bank"),
            (23, date(2026, 3, 1), "default_journal_cash"),
        )
        payment = self.payment(invoice)
        self.assertEqual((payment.paid, payment.partial), (False, "2"))
        self.assertEqual([part.amount for part in payment.parts], [23, 100])
        self.assertEqual([part.method for part in payment.parts], ["1", "6"])
        self.assertFalse(payment.due)

    def test_f21_parts_in_the_currency_of_the_invoice(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-01-01", "inverse_company_rate": 4}
        )
        invoice = self.draft(self.line(100), currency_id=euro.id)
        paid_in_zloty = self.env["account.payment"].create(
            {
                "partner_id": invoice.partner_id.id,
                "amount": 200,
                "date": date(2026, 3, 10),
                "journal_id": self.company_data["default_journal_bank"].id,
                "outstanding_account_id": (
                    self.company.account_journal_suspense_account_id.id
                ),
            }
        )
        paid_in_zloty.action_post()
        self.assign(invoice, paid_in_zloty.move_id)
        self.pay(invoice, (23, date(2026, 3, 11), "default_journal_bank"))
        parts = self.payment(invoice).parts
        self.assertEqual([part.amount for part in parts], [50, 23])

    def test_one_payment_of_several_instalments_is_one_part(self):
        invoice = self.draft(
            self.line(100), invoice_payment_term_id=self.term(0, 30).id
        )
        self.pay(invoice, (100, date(2026, 3, 10), "default_journal_bank"))
        (part,) = self.payment(invoice).parts
        self.assertEqual(part.amount, 100)

    def test_paid_after_the_date_of_issue(self):
        invoice = self.draft(self.line(100))
        self.pay(invoice, (123, ISSUED + timedelta(1), "default_journal_bank"))
        payment = self.payment(invoice)
        self.assertEqual((payment.paid, payment.partial), (False, None))
        self.assertTrue(payment.due)

    def test_credit_note_is_no_payment(self):
        refund = self.reversal(self.posted(self.line(50)))
        refund.line_ids.remove_move_reconcile()
        invoice = self.draft(self.line(100))
        self.assign(invoice, refund)
        payment = self.payment(invoice)
        self.assertNotEqual(invoice.amount_residual, invoice.amount_total)
        self.assertEqual((payment.paid, payment.partial), (False, None))

    def test_paid_on_the_spot(self):
        invoice = self.draft(
            self.line(100), ksef_paid_on=ISSUED, ksef_payment_method="1"
        )
        payment = self.payment(invoice)
        self.assertEqual((payment.paid, payment.paid_on), (True, ISSUED))
        self.assertEqual((payment.method, payment.due), ("1", ()))
        later = self.draft(self.line(100), ksef_paid_on=ISSUED + timedelta(1))
        (problem,) = problems(later)
        self.assertEqual(problem.field, "ksef_paid_on")

    # ------------------------------------------------------------------
    # The ministry's examples
    # ------------------------------------------------------------------

    def example(self, number):
        if not EXAMPLES.is_dir():
            self.skipTest("needs ../shared/samples")
        return fa3.parse((EXAMPLES / f"FA_3_Przyklad_{number}.xml").read_bytes())

    def test_paid_as_in_example_1(self):
        move = self.draft(
            self.line(100),
            partner_bank_id=False,
            ksef_order_number="4354343",
            ksef_order_date="2026-01-26",
        )
        self.pay(move, (123, date(2026, 1, 27), "default_journal_bank"))
        move.action_post()
        ours, theirs = self.document(move), self.example("01")
        self.assertEqual((ours.payment, ours.terms), (theirs.payment, theirs.terms))

    def test_factor_as_in_examples_4_and_20(self):
        account = self.factors_account(currency_id=self.env.ref("base.PLN").id)
        account.bank_id.bic = False
        move = self.factored(
            account, invoice_payment_term_id=False, invoice_date_due="2026-03-15"
        )
        ours = self.payment(move)
        for number in ("04", "20", "21"):
            self.assertEqual(ours, self.example(number).payment)

    def test_part_paid_in_cash_as_in_example_8(self):
        account = self.account
        account.currency_id = self.env.ref("base.PLN")
        account.bank_id.bic = False
        term = self.term(30, ksef_due_event="Otrzymanie faktury")
        move = self.draft(
            self.line(10000),
            partner_bank_id=account.id,
            invoice_payment_term_id=term.id,
        )
        self.pay(move, (10000, date(2026, 1, 27), "default_journal_cash"))
        ours, theirs = self.payment(move), self.example("08").payment
        (due,) = theirs.due
        self.assertEqual(due.unit, "Dzień", "ours counts them: 30 dni")
        due = dataclasses.replace(due, unit="dni")
        self.assertEqual(ours, dataclasses.replace(theirs, due=(due,)))

    # ------------------------------------------------------------------
    # How
    # ------------------------------------------------------------------

    def test_method_of_payment(self):
        journals = self.company_data
        cash = journals["default_journal_cash"].inbound_payment_method_line_ids[:1]
        cases = (
            ({}, ("6", None)),
            ({"partner_bank_id": False}, (None, None)),
            ({"preferred_payment_method_line_id": cash.id}, ("1", None)),
            ({"ksef_payment_method": "2"}, ("2", None)),
            (
                {
                    "ksef_payment_method": "other",
                    "ksef_payment_method_other": "kompensata",
                },
                (None, "kompensata"),
            ),
        )
        for values, expected in cases:
            with self.subTest(**values):
                payment = self.payment(self.draft(self.line(100), **values))
                self.assertEqual((payment.method, payment.other_method), expected)

    def test_other_method_needs_words_that_fit(self):
        for words, told in ((False, "in words"), ("x" * 257, "257")):
            draft = self.draft(
                self.line(100),
                ksef_payment_method="other",
                ksef_payment_method_other=words,
            )
            (problem,) = problems(draft)
            self.assertIn(told, problem.text)
            self.assertEqual(problem.field, "ksef_payment_method_other")

    # ------------------------------------------------------------------
    # Where
    # ------------------------------------------------------------------

    def test_bank_accounts(self):
        zloty = self.env.ref("base.PLN")
        other = self.bank_account(
            self.company.partner_id, "PL61109010140000071219812874"
        )
        other.currency_id = zloty
        other.bank_id = self.env["res.bank"].create({"name": "Bank", "bic": "ZŁY"})
        invoice = self.draft(
            self.line(100),
            partner_bank_id=self.account.id,
            ksef_bank_ids=[Command.set(other.ids)],
        )
        self.assertEqual(
            self.payment(invoice).accounts,
            (
                fa3.BankAccount(
                    number="73111111111111111111111111",
                    swift="BREXPLPWXXX",
                    bank="Bank Bankowości Bankowej S. A.",
                ),
                fa3.BankAccount(
                    number="PL61109010140000071219812874",
                    bank="Bank",
                    description="PLN",
                ),
            ),
        )

    def test_short_account_needs_the_number_of_its_bank(self):
        american = self.bank_account(self.company.partner_id, "12345678")
        draft = self.draft(self.line(100), partner_bank_id=american.id)
        (problem,) = problems(draft)
        self.assertEqual((problem.record, problem.field), (american, "acc_number"))
        self.assertIn("8 characters", problem.text)
        american.clearing_number = "021000021"
        self.assertEqual(self.payment(draft).accounts[0].number, "02100002112345678")

    def factors_account(self, **values):
        factor = self.buyer.copy({"name": "Faktor S.A.", "vat": "PL7777777777"})
        number = "73111111111111111111111111"
        return self.bank_account(factor, number, ksef_own_bank="2", **values)

    def factored(self, account, **values):
        party = {"partner_id": account.partner_id.id, "role": "1"}
        return self.draft(
            self.line(100),
            partner_bank_id=False,
            ksef_third_party_ids=[Command.create(party)],
            **values,
        )

    def test_f23_account_of_the_factor(self):
        payment = self.payment(self.factored(self.factors_account()))
        self.assertEqual(payment.accounts, ())
        (stated,) = payment.factor_accounts
        self.assertEqual(stated.number, "73111111111111111111111111")
        self.assertEqual((stated.own_bank, payment.method), ("2", "6"))
