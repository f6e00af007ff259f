from datetime import datetime

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from .test_deadlines import DeadlineCase, stored

ISSUED = stored(9, 10)  # a Thursday: to be sent by Friday


def on(day, hour=10):
    return freeze_time(datetime(2026, 7, day, hour))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDeadlineWarnings(DeadlineCase):
    """The person responsible is told of a deadline by activity and e-mail: once before
    it, once after it, and no more of what has become untrue."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant.email = "ksiegowa@example.com"
        cls.salesperson = new_test_user(
            cls.env,
            "ksef_seller",
            groups="base.group_user",
            email="handlowiec@example.com",
            company_id=cls.company.id,
        )

    def watch(self, day):
        """The watch of that day; returns the e-mails it put into the queue."""
        with on(day):
            before = self.mails()
            cron = self.env.ref("l10n_pl_ksef.cron_watch")
            self.env["ksef.document"].with_user(cron.user_id)._warn_of_what_waits()
            self.env.invalidate_all()
            return self.mails() - before

    def mails(self):
        """The ones about deadlines; a refusal is mailed by its own activity."""
        told = [("model", "=", False), ("subject", "=like", "KSeF: %")]
        return self.env["mail.mail"].sudo().search(told)

    def activities(self, invoice):
        return invoice.sudo().activity_ids.filtered(
            lambda a: a.activity_type_id
            == self.env.ref("l10n_pl_ksef.mail_activity_type_deadline")
        )

    def test_before_and_after_each_once(self):
        invoice = self.waiting(at=stored(7, 10))  # to be sent by the 8th, extended:
        self.outage(start=stored(8, 6), end=stored(8, 18))
        self.assertEqual(self.due(invoice), "2026-07-17")
        self.assertFalse(self.watch(15), "two working days before")
        self.assertTrue(self.watch(16), "the working day before")
        self.assertEqual(
            self.activities(invoice).mapped("summary"),
            ["KSeF: to be sent by 2026-07-17"],
        )
        self.assertFalse(self.watch(16))
        self.assertFalse(self.watch(17), "told already")
        self.assertTrue(self.watch(18), "it has passed")
        activity = self.activities(invoice)
        self.assertEqual(activity.summary, "KSeF: overdue since 2026-07-17")
        self.assertEqual(activity.user_id, self.accountant)
        self.assertFalse(self.watch(19))
        activity.action_done()
        self.assertFalse(self.watch(20), "even if the activity is done")
        self.assertFalse(self.activities(invoice))

    def test_over_a_weekend(self):
        self.waiting(at=stored(10, 10))
        self.assertTrue(self.watch(11), "a Saturday, due on Monday")

    def test_a_missed_day(self):
        invoice = self.waiting()
        self.assertTrue(self.watch(14))
        self.assertEqual(
            self.activities(invoice).summary, "KSeF: overdue since 2026-07-10"
        )
        self.assertFalse(self.watch(15), "not told of the time before, afterwards")

    def test_one_mail_names_them_all(self):
        invoices = self.waiting() | self.waiting() | self.waiting(state="rejected")
        mail = self.watch(9)
        self.assertEqual(len(mail), 1)
        self.assertIn("ksiegowa@example.com", mail.email_to)
        self.assertEqual(mail.subject, "KSeF: invoices soon due: 3")
        self.assertEqual(mail.state, "outgoing")
        for invoice in invoices:
            self.assertIn(invoice.name, mail.body_html)
            self.assertIn(f"res_id={invoice.id}", mail.body_html)
            self.assertTrue(self.activities(invoice))
        self.assertIn("due tomorrow", mail.body_html)

    def test_the_salesperson_answers_for_the_invoice(self):
        invoice = self.waiting()
        invoice.sudo().invoice_user_id = self.salesperson
        mail = self.watch(9)
        self.assertIn("handlowiec@example.com", mail.email_to)
        self.assertEqual(self.activities(invoice).user_id, self.salesperson)

    def test_somebody_who_left_answers_for_nothing(self):
        invoice = self.waiting()
        invoice.sudo().invoice_user_id = self.salesperson
        self.salesperson.sudo().active = False
        self.watch(9)
        self.assertEqual(self.activities(invoice).user_id, self.accountant)

    def test_without_an_address_the_activity_is_all(self):
        self.accountant.sudo().email = False
        invoice = self.waiting()
        self.assertFalse(self.watch(9))
        self.assertTrue(self.activities(invoice))

    def test_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        self.env["ir.module.module"]._load_module_terms(["l10n_pl_ksef"], ["pl_PL"])
        self.accountant.lang = "pl_PL"
        invoice = self.waiting()
        mail = self.watch(9)
        self.assertIn("termin", mail.subject)
        self.assertIn("wystawiono w trybie offline", mail.body_html)
        self.assertIn("2026-07-10", mail.body_html)
        self.assertIn("termin", self.activities(invoice).summary)

    def test_what_ksef_has_taken_is_forgotten(self):
        invoice = self.waiting()
        self.watch(9)
        self.document(invoice).state = "accepted"
        self.assertFalse(self.watch(13))
        self.assertFalse(self.activities(invoice), "nothing is left to do")

    def test_another_deadline_is_another_warning(self):
        invoice = self.waiting()
        self.watch(10)
        self.outage(start=stored(10, 12), end=stored(10, 18))
        self.assertFalse(self.watch(11))
        self.assertFalse(self.activities(invoice), "that day does not count any more")
        self.assertTrue(self.watch(20))
        self.assertEqual(
            self.activities(invoice).summary, "KSeF: to be sent by 2026-07-21"
        )

    def test_nothing_is_due_after_a_total_failure(self):
        self.waiting()
        self.outage("total_failure", start=stored(10, 6), end=stored(10, 18))
        self.assertFalse(self.watch(13))

    def test_an_online_invoice_has_no_deadline(self):
        self.posted()
        self.assertFalse(self.watch(13))
