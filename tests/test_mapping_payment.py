from datetime import date, timedelta
from decimal import Decimal

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .mapping_common import ISSUED, MappingCase


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

    def test_f23_account_of_the_factor(self):
        factor = self.buyer.copy({"name": "Faktor S.A.", "vat": "PL7777777777"})
        account = self.bank_account(factor, "12 1111 1111 1111 1111 1111 1111")
        account.ksef_own_bank = "2"
        draft = self.draft(
            self.line(100),
            partner_bank_id=False,
            ksef_third_party_ids=[
                Command.create({"partner_id": factor.id, "role": "1"})
            ],
        )
        payment = self.payment(draft)
        self.assertEqual(payment.accounts, ())
        (stated,) = payment.factor_accounts
        self.assertEqual(stated.number, "12111111111111111111111111")
        self.assertEqual((stated.own_bank, payment.method), ("2", "6"))

    # ------------------------------------------------------------------
    # Terms
    # ------------------------------------------------------------------

    def test_order_and_contract(self):
        terms = self.document(
            self.posted(
                self.line(100),
                ref="zamówienie 7",
                ksef_order_number="4354343",
                ksef_order_date="2026-01-26",
                ksef_contract_number="U/1",
                ksef_contract_date="2025-12-01",
                ksef_intermediary=True,
            )
        ).terms
        self.assertEqual(
            terms.orders, (fa3.Order(number="4354343", day=date(2026, 1, 26)),)
        )
        self.assertEqual(
            terms.contracts, (fa3.Contract(number="U/1", day=date(2025, 12, 1)),)
        )
        self.assertTrue(terms.intermediary)

    def test_reference_of_the_customer_is_the_order(self):
        for values, number in (
            ({"ref": "ZAM 7", "invoice_origin": "S1"}, "ZAM 7"),
            ({"invoice_origin": "S1"}, "S1"),
        ):
            terms = self.document(self.posted(self.line(100), **values)).terms
            self.assertEqual(terms.orders, (fa3.Order(number=number),))
        self.assertIsNone(self.document(self.posted(self.line(100))).terms)

    def test_reference_of_a_correction_is_its_reason(self):
        refund = self.reversal(self.posted(self.line(100)), ref="zwrot towaru")
        self.assertIsNone(self.document(refund).terms)

    def test_delivery_terms(self):
        incoterm = self.env.ref("account.incoterm_CIP")
        invoice = self.posted(
            self.line(100),
            invoice_incoterm_id=incoterm.id,
            incoterm_location="Kraków",
        )
        self.assertEqual(self.document(invoice).terms.delivery, "CIP Kraków")

    def test_terms_outside_the_schema(self):
        draft = self.draft(
            self.line(100),
            ksef_order_number="x" * 257,
            ksef_contract_date="1989-12-31",
        )
        fields = {problem.field for problem in problems(draft)}
        self.assertEqual(fields, {"ksef_order_number", "ksef_contract_date"})
        with self.assertRaises(UserError):
            self.term(30, 60, early_discount=True)
