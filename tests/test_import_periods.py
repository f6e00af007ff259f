from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from decimal import Decimal
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..models import ksef_period_control
from ..tools import warsaw
from .common import NIP
from .documents import supplier_file
from .period_common import QUERY, PeriodCase
from .test_import_roles import CUSTOMER


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportPeriods(PeriodCase):
    """The proof of completeness: each month of each role is compared with what KSeF
    lists. What is missing is fetched, and people are told of it."""

    def test_a_month_that_is_over_and_whole(self):
        self.put_in_month("A")
        self.put_in_month("B", currency="EUR", **self.over(Decimal("50.00")))
        self.cron()
        period = self.period()
        self.assertEqual(period.state, "complete")
        self.assertEqual((period.listed_count, period.held_count), (2, 2))
        self.assertEqual(period.listed_sums, {"PLN": "123.00", "EUR": "50.00"})
        self.assertEqual(period.held_sums, period.listed_sums, "to the grosz")
        self.assertEqual(period.listed_amounts, "50.00 EUR; 123.00 PLN")
        self.assertFalse(period.next_at, "nothing is added to it any more")
        self.assertFalse(self.activities())

    def test_a_month_under_way_is_controlled_each_week(self):
        self.put()
        self.cron()
        now = self.periods()[-1]
        self.assertEqual(now.state, "open")
        self.assertFalse(now.controlled_at, "not on its first day")
        asked = len(self.queries())
        self.control()
        self.assertEqual((now.listed_count, now.held_count), (1, 1))
        self.assertEqual(now.state, "open", "the month is not over")
        end = warsaw.start_of_day(now.month + relativedelta(months=1))
        soon = min(self.ago(days=-7), warsaw.naive(end) + timedelta(hours=1))
        late = (now.next_at - soon).total_seconds()
        self.assertAlmostEqual(late, 0, delta=60, msg="and once it is over")
        self.cron(times=2)
        self.assertEqual(len(self.queries()), asked + 2, "one for each month")

    def test_a_gap_is_fetched_and_told(self):
        kept, lost = self.put_in_month("A"), self.put_in_month("B")
        self.cron()
        self.lose(lost)
        self.control()
        period = self.period()
        self.assertEqual(period.state, "complete", "it is fetched at once")
        self.assertEqual(period.late_count, 1)
        self.assertEqual((period.listed_count, period.held_count), (2, 2))
        self.assertEqual(period.held_sums, period.listed_sums)
        self.assertTrue(self.document(lost))
        self.assertEqual(self.document(lost).role, "Subject2")
        self.assertEqual(len(self.document(kept)), 1)
        called = self.activities().filtered(lambda one: one.user_id == self.manager)
        self.assertIn(lost, called.note)
        self.cron()
        self.assertEqual(self.bill(lost).amount_total, 123.0)

    def test_many_are_fetched_in_a_package(self):
        self.patch(ksef_period_control, "MOST_SINGLE", 2)
        numbers = [self.put_in_month(f"A/{i}", day=i + 1) for i in range(5)]
        self.cron()
        self.lose(*numbers[:4])
        self.control()
        self.assertEqual(self.period().state, "gap", "they are ordered")
        self.assertEqual(self.period().missing_count, 4)
        self.assertIn(numbers[0], self.period().missing_numbers)
        asked = [r for r in self.simulator.requests if "/invoices/ksef/" in r.path]
        self.assertFalse(asked, "not one by one")
        self.cron()
        self.assertEqual(len(self.documents()), 5)
        self.control()
        self.assertEqual(self.period().state, "complete")
        told = self.activities().mapped("user_id.id")
        self.assertEqual(len(self.activities()), len(told), "each person once")

    def test_what_ksef_lists_and_does_not_give(self):
        self.put_in_month("A")
        lost = self.put_in_month("B")
        self.cron()
        self.lose(lost)
        self.simulator.fault("server_error", path="/invoices/ksef/", times=9)
        self.control()
        self.assertTrue(self.period().problem, "KSeF has trouble: said")
        self.assertTrue(self.period().cursor, "it goes on from there")
        self.simulator.clear_faults()
        self.control()
        self.assertEqual(self.period().state, "complete")

    def test_a_gap_that_stays_is_looked_for_every_day(self):
        lost = self.put_in_month("B")
        self.cron()
        self.lose(lost)
        held = self.simulator.store.invoices[lost]
        del self.simulator.store.invoices[lost]
        self.simulator.store.invoices["X"] = held
        self.control()
        period = self.period()
        self.assertEqual(period.state, "gap")
        self.assertEqual(period.missing_count, 1)
        self.assertEqual(list(period.missing), [lost])
        hours = (period.next_at - self.ago()).total_seconds() / 3600
        self.assertAlmostEqual(hours, 24, delta=1)
        self.simulator.store.invoices[lost] = held
        del self.simulator.store.invoices["X"]
        self.control()
        self.assertEqual(period.state, "complete")

    def test_pages_and_the_limit_of_a_query(self):
        self.patch(ksef_period_control, "PAGE", 10)
        self.simulator.set(query_limit=20)
        self.addCleanup(self.simulator.set, query_limit=10_000)
        for index in range(47):
            self.put_in_month(f"A/{index}", day=index // 5 + 1)
        self.cron()
        period = self.period()
        self.assertEqual((period.listed_count, period.held_count), (47, 47))
        self.assertEqual(period.listed_sums, {"PLN": "5781.00"}, "no row counts twice")
        self.assertEqual(period.state, "complete")

    def test_r53_more_than_a_query_shows_of_one_moment(self):
        self.patch(ksef_period_control, "PAGE", 10)
        self.simulator.set(query_limit=20)
        self.addCleanup(self.simulator.set, query_limit=10_000)
        for index in range(25):
            self.put_in_month(f"A/{index}")
        self.cron()
        period = self.period()
        self.assertEqual(period.state, "gap", "five of them cannot be compared")
        self.assertIn("cannot be compared", period.problem)
        self.assertEqual((period.listed_count, period.missing_count), (20, 0))

    def test_a_control_survives_a_restart(self):
        self.patch(ksef_period_control, "PAGE", 10)
        for index in range(25):
            self.put_in_month(f"A/{index}")
        self.simulator.fault("server_error", path=QUERY, times=1)
        self.cron()
        period = self.period()
        self.assertIn("trouble of its own", period.problem)
        self.control()
        self.simulator.requests.clear()
        period.cursor = False
        period.next_at = self.ago(hours=1)
        with self.interrupted():
            self.run_cron("import")
        self.assertEqual(period.cursor["listed"], 10)
        self.control()
        self.assertEqual(period.listed_count, 25)
        self.assertEqual(len(self.queries()), 4, "no page is asked for twice")

    @contextmanager
    def interrupted(self):
        """The time of the cron is over after the first page."""
        model = type(self.env["ksef.period"])
        compare = model._compare
        with ExitStack() as stack:

            def last(period, page):
                compare(period, page)
                over = patch.object(ksef_period_control, "commit", lambda *args: 0)
                stack.enter_context(over)

            stack.enter_context(patch.object(model, "_compare", last))
            yield

    def test_each_role_by_itself(self):
        self.company.ksef_import_sales = True
        self.put_in_month("S/1", seller_nip=NIP, buyer=CUSTOMER)
        self.put_in_month("A")
        self.cron()
        for role in ("Subject1", "Subject2"):
            period = self.period(role)
            self.assertEqual((period.state, period.listed_count), ("complete", 1), role)

    def test_what_was_issued_here_is_held(self):
        self.company.ksef_import_sales = True
        invoice = self.sent()
        self.cron()
        period = self.periods("Subject1")[-1]
        period.next_at = self.ago(hours=1)
        self.cron()
        self.assertEqual((period.listed_count, period.held_count), (1, 1))
        self.assertEqual(period.held_sums, {"PLN": f"{invoice.amount_total:.2f}"})
        self.assertFalse(self.documents())

    def test_what_is_in_quarantine_is_here_and_counted_apart(self):
        number = self.put_in_month("A")
        self.put_in_month("B")
        self.cron()
        self.document(number).state = "quarantined"
        self.period().next_at = self.ago(hours=1)
        self.cron()
        period = self.period()
        self.assertEqual(period.state, "complete", "it is no gap")
        self.assertEqual((period.held_count, period.set_aside_count), (2, 1))

    def test_the_first_moment_of_a_month_belongs_to_it(self):
        first = warsaw.start_of_day(self.month + relativedelta(months=1))
        self.simulator.put_invoice(supplier_file("EINS"), stored=first)
        self.cron()
        self.control()
        counts = self.periods().mapped("listed_count")
        self.assertEqual(counts, [0, 1])

    def test_a_mark_amid_one_moment(self):
        """A package was cut off between invoices of one moment: those that follow are
        no gap, they are on their way."""
        self.simulator.set(package_limit=3)
        for number in ("A", "B"):
            self.put_in_month(number, day=9)
        for place in range(4):
            self.put_in_month(f"C/{place}", day=10)
        self.simulator.set_delay(steps=1)
        self.cron()
        self.cron(later=timedelta(0))
        self.assertEqual(len(self.documents()), 3, "the first package")
        period = self.period()
        self.assertEqual((period.listed_count, period.late_count), (2, 0))
        self.assertEqual(period.state, "open")

    def test_months_form_a_chain(self):
        self.company.ksef_import_from = date(self.month.year - 1, 11, 15)
        self.cron(times=2)
        months = self.periods().mapped("month")
        self.assertEqual(months[0], date(self.month.year - 1, 11, 1))
        for before, after in zip(months, months[1:], strict=False):
            self.assertEqual(after, before + relativedelta(months=1))
        self.assertEqual(months[-1], warsaw.today().replace(day=1))

    def test_the_budget_of_queries_is_kept(self):
        self.limit(invoiceMetadata=(8, 16, 5))
        self.company.ksef_import_from = self.month - relativedelta(months=6)
        self.cron()
        self.assertEqual(len(self.queries()), 3, "60% of five")
        states = self.periods().mapped("state")
        self.assertEqual(states.count("complete"), 3)
        waiting = self.periods().filtered("problem")
        self.assertIn("has to wait", waiting.problem)
        late = self.put("NEU")
        self.cron()
        self.assertTrue(self.document(late), "a control never stops reception")

    def test_a_person_controls_a_month_now(self):
        number = self.put()
        self.cron()
        self.lose(number)
        now = self.as_accountant(self.periods()[-1])
        now.action_control()
        self.assertEqual(now.late_count, 1)
        self.assertEqual(self.bill(number).amount_total, 123.0, "booked at once")
        action = now.action_open_documents()
        found = self.env["ksef.document"].search(action["domain"])
        self.assertEqual(found.ksef_number, number)

    def test_it_shows_how_far_the_ledger_is(self):
        self.cron()
        closed, now = self.as_accountant(self.periods())
        end = self.month + relativedelta(months=1)
        self.assertEqual(closed.received_until, f"{end} 00:00")
        self.assertGreater(now.received_until, f"{warsaw.today()} 00:00")

    def test_nobody_writes_it_from_outside(self):
        self.cron()
        period = self.as_accountant(self.period())
        self.assertTrue(period.state)
        with self.assertRaises(AccessError):
            period.state = "open"
        with self.assertRaises(AccessError):
            period.unlink()
        stranger = new_test_user(
            self.env,
            "ksef_stranger",
            groups="account.group_account_invoice",
            company_id=self.other.id,
            company_ids=[(6, 0, self.other.ids)],
        )
        self.assertFalse(self.env["ksef.period"].with_user(stranger).search([]))
