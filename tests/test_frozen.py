from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..tools import warsaw
from .delivery_common import DeliveryCase

#: In this hour Poland is a day ahead of UTC, all year.
LATE = warsaw.now().replace(hour=23, minute=30)


def unguarded(invoice):
    """The invoice without Odoo's own guard of posted entries, which any caller may
    switch off."""
    return invoice.with_context(skip_readonly_check=True)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestFrozen(DeliveryCase):
    """What KSeF has, or is about to get, is changed on no path; all that says nothing
    to the buyer stays free."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.another = cls.buyer.copy({"name": "Inny nabywca"})

    def refused(self, action, *words):
        with self.assertRaises(UserError) as refusal:
            action()
        for word in words:
            self.assertIn(word, str(refusal.exception))

    def in_states(self):
        """The same invoice once handed over, and once accepted."""
        invoice = unguarded(self.posted(ref="zamówienie 1"))
        self.run_cron("send")
        self.assertEqual(invoice.ksef_state, "pending")
        yield invoice
        self.poll()
        self.assertEqual(invoice.ksef_state, "accepted")
        yield invoice

    def test_waiting_invoice_goes_back_to_draft(self):
        invoice = self.posted()
        document = self.document(invoice)
        self.assertTrue(invoice.show_reset_to_draft_button)
        self.refused(lambda: invoice.write({"partner_id": self.another.id}), "draft")
        invoice.button_draft()
        self.assertFalse(document.exists(), "withdrawn")
        invoice.partner_id = self.another
        invoice.action_post()
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(self.document(invoice).buyer_name, "Inny nabywca")

    def test_waiting_invoice_is_cancelled(self):
        invoice = self.posted()
        invoice.button_cancel()
        self.assertEqual(invoice.state, "cancel")
        self.deliver()
        self.assertFalse(invoice.ksef_state)

    def test_given_to_the_buyer(self):
        invoice = self.posted()
        invoice.is_move_sent = True
        self.assertFalse(invoice.show_reset_to_draft_button)
        self.refused(invoice.button_draft, "credit note")

    def test_states_of_the_move(self):
        for invoice in self.in_states():
            with self.subTest(state=invoice.ksef_state):
                self.assertFalse(invoice.show_reset_to_draft_button)
                self.refused(invoice.button_draft, "credit note")
                self.refused(invoice.button_cancel, "credit note")
                self.refused(invoice.unlink)
                self.refused(
                    lambda i=invoice: i.with_context(force_delete=True).unlink()
                )

    @freeze_time(LATE, tick=True)
    def test_fields_of_the_move(self):
        journal = self.company_data["default_journal_sale"].copy({"code": "SAL2"})
        yesterday = fields.Date.subtract(warsaw.today(), days=1)
        values = {
            "name": "FV/1",
            "state": "draft",
            "journal_id": journal.id,
            "partner_id": self.another.id,
            "partner_shipping_id": self.another.id,
            "invoice_date": yesterday,
            "invoice_date_due": yesterday,
            "taxable_supply_date": yesterday,
            "currency_id": self.env.ref("base.EUR").id,
            "move_type": "out_refund",
            "amount_untaxed": 1.0,
            "amount_total": 1.0,
            "commercial_partner_id": self.another.id,
            "sequence_number": 99,
            "ksef_split_payment": True,
            "reversed_entry_id": self.invoice().id,
        }
        for invoice in self.in_states():
            for name, value in values.items():
                with self.subTest(state=invoice.ksef_state, field=name):
                    self.refused(
                        lambda i=invoice, n=name, v=value: i.write({n: v}),
                        "credit note",
                    )

    def test_exclusion_is_decided_before_posting(self):
        excluded = self.posted(ksef_exclude=True)
        for invoice, value in ((excluded, False), (self.sent(), True)):
            self.refused(
                lambda i=invoice, v=value: i.write({"ksef_exclude": v}),
                "before posting only",
            )

    def test_the_same_value_is_no_change(self):
        invoice = self.sent()
        unguarded(invoice).write(
            {
                "partner_id": self.buyer.id,
                "invoice_date": invoice.invoice_date.isoformat(),
                "ref": "dowolna",
            }
        )
        line = invoice.invoice_line_ids
        line.write({"price_unit": 100.0000000001, "name": line.name})

    def test_lines(self):
        for invoice in self.in_states():
            line = invoice.invoice_line_ids
            tax_line = invoice.line_ids.filtered("tax_line_id")
            for name, value in {
                "name": "inna treść",
                "price_unit": 1.0,
                "price_subtotal": 1.0,
                "price_total": 1.0,
                "quantity": 2.0,
                "discount": 10.0,
                "tax_ids": [Command.clear()],
                "sequence": 99,
            }.items():
                with self.subTest(state=invoice.ksef_state, field=name):
                    vals = {name: value}
                    self.refused(lambda v=vals, n=line: n.write(v))
                    through = [Command.update(line.id, vals)]
                    self.refused(
                        lambda i=invoice, t=through: i.write({"invoice_line_ids": t})
                    )
            for commands in (
                [self.line(5.0)],
                [Command.delete(line.id)],
                [Command.clear()],
            ):
                with self.subTest(commands=commands):
                    self.refused(
                        lambda i=invoice, c=commands: i.write({"invoice_line_ids": c})
                    )
            self.refused(line.unlink)
            self.refused(lambda n=tax_line: n.write({"balance": -1.0}))
            vals = {
                "move_id": invoice.id,
                "name": "dopisek",
                "display_type": "line_note",
            }
            lines = self.env["account.move.line"].with_user(self.accountant)
            self.refused(lambda n=lines, v=vals: n.create(v))

    def test_resequence(self):
        invoice = self.sent()
        wizard = (
            self.env["account.resequence.wizard"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"first_name": "FV/2026/99999"})
        )
        self.refused(wizard.resequence)

    def test_what_stays_free(self):
        for invoice in self.in_states():
            with self.subTest(state=invoice.ksef_state):
                account = self.company_data["default_account_revenue"].copy()
                plan = self.env["account.analytic.plan"].create({"name": "Plan"})
                analytic = self.env["account.analytic.account"].create(
                    {"name": "Projekt", "plan_id": plan.id}
                )
                line = invoice.invoice_line_ids
                spread = {str(analytic.id): 100}
                change = {"analytic_distribution": spread, "account_id": account.id}
                through = {"invoice_line_ids": [Command.update(line.id, change)]}
                invoice.sudo().write(through)
                invoice.write({"is_move_sent": True, "checked": True})
                invoice.invoice_user_id = self.accountant
                invoice.message_post(body="uwaga")
                invoice.activity_schedule("mail.mail_activity_data_todo")
                self.assertEqual(line.account_id, account)
                self.assertEqual(line.analytic_distribution, spread)

    def test_form_of_an_accepted_invoice(self):
        invoice = self.sent()
        with Form(invoice) as form:
            form.ref = "klient prosił"
        self.assertEqual(invoice.ref, "klient prosił")

    def test_reason_of_a_credit_note(self):
        invoice = self.sent()
        refund = invoice._reverse_moves([{"invoice_date": warsaw.today()}])
        refund.action_post()
        self.refused(lambda: refund.write({"ref": "inny powód"}))

    @freeze_time(LATE, tick=True)
    def test_credit_note_by_the_wizard(self):
        invoice = self.sent()
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "journal_id": invoice.journal_id.id,
                    "reason": "zwrot",
                    "date": warsaw.today(),
                }
            )
        )
        wizard.refund_moves()
        refund = wizard.new_move_ids.with_user(self.accountant)
        refund.action_post()
        self.assertEqual(refund.ksef_state, "ready")
        self.deliver()
        self.assertAccepted(refund)

    def test_rejected_is_free(self):
        self.simulator.fault("reject", code=450)
        invoice = self.posted()
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected")
        self.assertTrue(invoice.show_reset_to_draft_button)
        invoice.button_draft()
        invoice.write({"partner_id": self.another.id, "name": "FV/2026/777"})
        invoice.invoice_line_ids.name = "inna treść"
        invoice.button_cancel()
        self.assertEqual(invoice.state, "cancel")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMoney(DeliveryCase):
    """An invoice in KSeF is paid and reconciled as any other."""

    def in_all_states(self):
        """One waiting, one handed over, one accepted."""
        accepted = self.sent()
        pending = self.posted()
        self.run_cron("send")
        return self.posted() | pending | accepted

    def receivable(self, invoice):
        return invoice.line_ids.filtered(lambda n: n.display_type == "payment_term")

    def test_payment(self):
        for invoice in self.in_all_states():
            with self.subTest(state=invoice.ksef_state):
                state = invoice.ksef_state
                wizard = (
                    self.env["account.payment.register"]
                    .with_user(self.accountant)
                    .with_context(active_model="account.move", active_ids=invoice.ids)
                )
                wizard.create({"payment_date": warsaw.today()}).action_create_payments()
                self.assertIn(invoice.payment_state, ("paid", "in_payment"))
                self.receivable(invoice).remove_move_reconcile()
                self.assertEqual(invoice.payment_state, "not_paid")
                self.assertEqual(invoice.ksef_state, state)

    def test_credit_note_closes_the_invoice(self):
        invoice = self.sent()
        refund = invoice._reverse_moves([{"invoice_date": warsaw.today()}])
        refund.action_post()
        self.assertEqual(invoice.payment_state, "reversed")

    def test_cash_basis(self):
        self.company.tax_exigibility = True
        tax = self.tax("vs_kraj_23")
        account = tax.invoice_repartition_line_ids.account_id
        tax.write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": account.copy(
                    {"reconcile": True}
                ).id,
            }
        )
        self.test_payment()

    def test_bank_statement(self):
        journal = self.company_data["default_journal_bank"]
        for invoice in self.in_all_states():
            with self.subTest(state=invoice.ksef_state):
                line = self.env["account.bank.statement.line"].create(
                    {
                        "journal_id": journal.id,
                        "date": warsaw.today(),
                        "payment_ref": invoice.name,
                        "amount": invoice.amount_total,
                    }
                )
                _bank, suspense, _other = line._seek_for_lines()
                suspense.account_id = self.receivable(invoice).account_id
                (suspense + self.receivable(invoice)).reconcile()
                self.assertIn(invoice.payment_state, ("paid", "in_payment"))
