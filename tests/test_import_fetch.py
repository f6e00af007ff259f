from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..ksef.reading import moment
from ..tools import warsaw
from .common import NIP, OTHER_NIP
from .import_common import ImportCase
from .test_import_roles import CUSTOMER


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportFetch(ImportCase):
    """A person fetches what is new, a period once more, or one invoice by its number;
    nothing that is here already changes, and no mark moves."""

    def wizard_to_fetch(self, user=None, **values):
        wizard = self.env["ksef.fetch"].with_user(user or self.accountant)
        wizard = wizard.with_context(allowed_company_ids=self.company.ids)
        return wizard.create({"company_id": self.company.id, **values})

    def fetch(self, **values):
        return self.wizard_to_fetch(**values).action_fetch()

    def period(self, since, until, **values):
        today = warsaw.today()
        return self.fetch(
            what="period",
            date_from=today - timedelta(days=since),
            date_to=today - timedelta(days=until),
            **values,
        )

    def planned(self):
        return self.windows().filtered(lambda w: w.state == "planned")

    def again(self):
        return self.windows().filtered("again")

    def test_everything_new(self):
        number = self.put()
        told = self.fetch(what="new")["params"]
        self.assertEqual(told["message"], "New bills received from KSeF: 1.")
        self.assertTrue(self.bill(number))

    def test_a_period_again_brings_what_is_missing(self):
        kept, lost = self.put("A", days_ago=3), self.put("B", days_ago=3)
        self.cron()
        bill = self.bill(kept)
        self.bill(lost).unlink()
        self.document(lost).unlink()
        mark = self.windows()[-1].date_to
        self.cron()
        self.assertFalse(self.document(lost), "no later window shows it")
        self.period(5, 1)
        self.assertTrue(self.bill(lost))
        self.assertEqual(self.bill(kept), bill, "what is here stays as it is")
        self.assertEqual(self.again().state, "stored")
        self.assertEqual(self.again().invoice_count, 2)
        self.cron()
        following = self.windows()[-1]
        self.assertFalse(following.again)
        self.assertGreaterEqual(moment(following.date_from), moment(mark))

    def test_a_long_period_is_fetched_in_windows_that_ksef_takes(self):
        number = self.put("ALT", days_ago=200)
        self.period(210, 10)
        windows = self.again()
        self.assertEqual(len(windows), 3)
        for window in windows:
            length = moment(window.date_to) - moment(window.date_from)
            self.assertLessEqual(length, timedelta(days=89))
        self.assertEqual(
            moment(windows[-1].date_to),
            warsaw.start_of_day(warsaw.today() - timedelta(9)),
        )
        self.assertTrue(self.document(number), "older than the start date")

    def test_a_period_with_more_than_a_package_holds(self):
        self.cron()
        numbers = [self.put(f"A/{i}", days_ago=5) for i in range(7)]
        self.simulator.set(package_limit=3)
        self.period(6, 4)
        self.cron()
        self.assertEqual(set(self.documents().mapped("ksef_number")), set(numbers))

    def test_a_period_again_whose_package_is_damaged(self):
        number = self.put("A", days_ago=3)
        self.cron()
        self.simulator.fault("export_wrong_hash")
        self.period(5, 2)
        self.cron()
        failed, again = self.again()
        self.assertEqual((failed.state, again.state), ("failed", "stored"))
        self.assertEqual(again.date_from, failed.date_from)
        self.assertEqual(again.date_to, failed.date_to, "the same period, no more")
        self.assertEqual(len(self.document(number)), 1)

    def test_another_role_than_those_switched_on(self):
        number = self.put("S/1", seller_nip=NIP, buyer=CUSTOMER, days_ago=2)
        self.period(3, 0, role="Subject1")
        self.assertEqual(self.document(number).role, "Subject1")
        self.cron(times=2)
        self.assertEqual(
            set(self.windows().filtered(lambda w: not w.again).mapped("role")),
            {"Subject2"},
            "it is asked for this once",
        )

    def test_one_invoice_by_its_number(self):
        number = self.put("ALT", days_ago=300)
        action = self.fetch(what="number", ksef_number=f" {number.lower()} ")
        document = self.document(number)
        self.assertEqual(action["res_id"], document.id)
        self.assertEqual(document.role, "Subject2", "the file tells it")
        self.assertEqual(self.bill(number).amount_total, 123.0)
        asked = len(self.simulator.requests)
        self.fetch(what="number", ksef_number=number)
        self.assertEqual(len(self.simulator.requests), asked, "it is here")

    def test_one_sale_by_its_number(self):
        number = self.put("S/1", seller_nip=NIP, buyer=CUSTOMER)
        self.fetch(what="number", ksef_number=number)
        self.assertEqual(self.document(number).role, "Subject1")

    def test_an_unreadable_file_by_its_number(self):
        number = self.put_unreadable(b"<nothing/>")
        self.fetch(what="number", ksef_number=number, role="Subject3")
        self.assertEqual(self.document(number).role, "Subject3", "the person tells it")

    def test_what_cannot_be_fetched_is_said(self):
        number = self.put()
        wrong = number[:-1] + ("0" if number[-1] != "0" else "1")
        for given in (wrong, "123", ""):
            with self.subTest(given=given), self.assertRaises(UserError) as refusal:
                self.fetch(what="number", ksef_number=given)
            self.assertIn("is not a KSeF number", str(refusal.exception))
        self.simulator.store.invoices.clear()
        with self.assertRaises(UserError) as refusal:
            self.fetch(what="number", ksef_number=number)
        self.assertIn("nie istnieje", str(refusal.exception), "KSeF's own words")
        with self.assertRaises(UserError):
            self.period(1, 3)
        with self.assertRaises(UserError):
            self.period(-3, -5)

    def test_a_company_that_receives_nothing_is_told(self):
        self.company.ksef_import = False
        with self.assertRaises(UserError) as refusal:
            self.fetch(what="new")
        self.assertIn("does not receive invoices", str(refusal.exception))
        self.company.ksef_import = True

    def test_who_may_make_no_bills_may_not_fetch(self):
        reader = self.reader()
        with self.assertRaises(AccessError):
            self.wizard_to_fetch(reader)

    def test_nobody_fetches_for_another_company(self):
        self.receive(self.other, since=10)
        self.upload(self.other, nip=OTHER_NIP)
        stranger = new_test_user(
            self.env,
            "ksef_stranger",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            self.wizard_to_fetch(stranger, company_id=self.other.id).action_fetch()

    def test_the_form_tells_how_far_reception_is(self):
        self.company.ksef_import_from = warsaw.today() - timedelta(days=425)
        with Form(self.wizard_to_fetch()) as form:
            self.assertRegex(form.reception, "Buyer: nothing .* about 5 packages to go")
        self.cron()
        with Form(self.wizard_to_fetch()) as form:
            self.assertRegex(form.reception, "Buyer: complete until 20")

    def test_the_forecast_knows_the_hourly_limit(self):
        self.limit(invoiceExport=(99, 99, 20), invoiceExportStatus=(999, 999, 9999))
        self.company.ksef_import_from = warsaw.today() - timedelta(days=89 * 30)
        self.put("ALT", days_ago=2000)
        self.cron()
        self.assertEqual(self.exports(), 12, "60% of 20 an hour")
        text = self.company._ksef_reception_text()
        self.assertRegex(text, r"about 1\d packages to go, ready in about 3 h")
        self.assertEqual(
            round((self.planned().retry_at - self.ago()).total_seconds() / 3600), 1
        )
