from ast import literal_eval
from datetime import date, datetime, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import fields
from odoo.tests import tagged

from ..tools import warsaw
from .common import NIP
from .test_outage import OutageCase, stored

INVOICES = "account.view_account_invoice_filter"
DOCUMENTS = "l10n_pl_ksef.view_ksef_document_search"

#: A Thursday, noon in Poland.
THURSDAY = "2026-07-09 10:00:00"


class DeadlineCase(OutageCase):
    def waiting(self, mode="offline24", at=None, **values):
        """An invoice issued offline at that moment, as far as deadlines go."""
        invoice = self.posted()
        at = at or stored(9, 10)
        document = self.document(invoice)
        document.write(
            {
                "offline_mode": mode,
                "offline_reason": "choice",
                "offline_at": at,
                "issue_date": warsaw.day_of(at),
                **values,
            }
        )
        document._refresh_deadlines()
        return invoice

    def due(self, invoice):
        return fields.Date.to_string(invoice.ksef_deadline)

    def left(self, invoice):
        self.env.invalidate_all()
        return invoice.ksef_deadline_left


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDeadlines(DeadlineCase):
    """The deadline of an offline invoice follows from its mode, its moment and what the
    ministry has announced, whenever an announcement comes, changes or goes."""

    def test_the_example_of_the_ministry(self):
        invoice = self.waiting(at=datetime(2025, 7, 8, 10))
        self.assertEqual(self.due(invoice), "2025-07-09")
        failure = self.outage(start=datetime(2025, 7, 9, 8))
        self.assertFalse(invoice.ksef_deadline, "nobody knows while it lasts")
        failure.end = datetime(2025, 7, 12, 12)
        self.assertEqual(self.due(invoice), "2025-07-22")

    def test_an_announcement_taken_back(self):
        invoice = self.waiting(at=datetime(2025, 7, 8, 10))
        failure = self.outage(
            start=datetime(2025, 7, 9, 8), end=datetime(2025, 7, 12, 12)
        )
        self.assertEqual(self.due(invoice), "2025-07-22")
        failure.kind = "maintenance"
        self.assertEqual(self.due(invoice), "2025-07-09")
        failure.kind = "failure"
        failure.environment = "production"
        self.assertEqual(self.due(invoice), "2025-07-09", "another environment")
        failure.environment = "own"
        self.assertEqual(self.due(invoice), "2025-07-22")
        failure.unlink()
        self.assertEqual(self.due(invoice), "2025-07-09")

    def test_a_further_failure_starts_anew(self):
        invoice = self.waiting()
        self.outage(start=stored(10, 6), end=stored(10, 18))
        self.assertEqual(self.due(invoice), "2026-07-21")
        self.outage(start=stored(15, 6), end=stored(16, 6))
        self.assertEqual(self.due(invoice), "2026-07-27")

    def test_overlapping_failures(self):
        invoice = self.waiting("emergency")
        self.outage(start=stored(9, 6), end=stored(10, 6))
        self.outage(start=stored(9, 12), end=stored(13, 6))
        self.outage("maintenance", start=stored(9, 12), end=stored(30))
        self.assertEqual(self.due(invoice), "2026-07-22", "from the last end")

    def test_announced_unavailability(self):
        self.outage("maintenance", start=stored(9, 6), end=stored(11, 6))
        invoice = self.waiting("offline")
        self.assertEqual(
            self.due(invoice), "2026-07-13", "a Saturday is no working day"
        )

    def test_a_total_failure_ends_the_duty(self):
        invoice = self.waiting()
        total = self.outage("total_failure", start=stored(10, 6))
        document = self.document(invoice)
        self.assertTrue(document.deadline_waived)
        self.assertFalse(document.deadline)
        self.assertEqual(self.left(invoice), "no duty to send (total failure)")
        total.unlink()
        self.assertFalse(document.deadline_waived)
        self.assertEqual(self.due(invoice), "2026-07-10")

    def test_taken_offline_on_a_later_day(self):
        invoice = self.waiting(at=stored(13, 10), issue_date=date(2026, 7, 9))
        self.assertEqual(self.due(invoice), "2026-07-10", "P_1 alone counts")

    def test_late_in_the_evening_it_is_tomorrow_in_poland(self):
        invoice = self.waiting(at=stored(8, 23))
        self.assertEqual(self.due(invoice), "2026-07-10")

    def test_a_refused_one_is_still_to_be_sent(self):
        invoice = self.waiting(state="rejected")
        self.outage(start=stored(10, 6), end=stored(10, 18))
        self.assertEqual(self.due(invoice), "2026-07-21")

    def test_what_ksef_has_keeps_its_deadline(self):
        invoice = self.waiting()
        self.document(invoice).state = "accepted"
        self.outage(start=stored(10, 6), end=stored(10, 18))
        self.assertEqual(self.due(invoice), "2026-07-10")
        self.assertFalse(self.left(invoice))

    def test_online_invoices_have_none(self):
        invoice = self.posted()
        self.outage(start=stored(10, 6), end=stored(10, 18))
        self.assertFalse(invoice.ksef_deadline)

    def test_issued_offline_by_a_person(self):
        self.upload(self.company, "Offline", nip=NIP)
        invoice = self.posted()
        invoice.action_ksef_issue_offline()
        today = warsaw.today()
        self.assertGreater(invoice.ksef_deadline, today)
        self.assertLess(invoice.ksef_deadline, today + timedelta(days=6))

    def test_of_every_company(self):
        self.connect_other()
        other = self.other_posted()
        self.document(other).write(
            {
                "offline_mode": "offline24",
                "offline_at": stored(9),
                "issue_date": "2026-07-09",
            }
        )
        self.outage(start=stored(10, 6), end=stored(10, 18))
        self.assertEqual(
            fields.Date.to_string(self.document(other).deadline), "2026-07-21"
        )

    def test_as_many_queries_for_one_as_for_many(self):
        self.waiting()
        one = self.queries_of_an_outage()
        for _time in range(7):
            self.waiting()
        self.assertLessEqual(self.queries_of_an_outage(), one)

    def queries_of_an_outage(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        outage = self.outage(start=stored(10, 6), end=stored(10, 18))
        self.env.flush_all()
        count = self.env.cr.sql_log_count - before
        outage.unlink()
        return count


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDeadlineShown(DeadlineCase):
    """A person sees what is left, and finds what is due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.company_data["default_journal_sale"]

    def found(self, state):
        moves = self.as_accountant(self.env["account.move"])
        return moves.search([("ksef_deadline_state", "=", state)])

    def card(self):
        journal = self.as_accountant(self.journal)
        self.env.invalidate_all()
        data = journal._get_journal_dashboard_data_batched()
        return data[self.journal.id]["ksef"]

    def test_what_is_left(self):
        invoice = self.waiting()
        left = {}
        for day in (8, 9, 10, 13):
            with freeze_time(datetime(2026, 7, day, 10)):
                left[day] = self.left(invoice)
        self.assertEqual(left[8], "due in 2 days")
        self.assertEqual(left[9], "due tomorrow")
        self.assertEqual(left[10], "due today")
        self.assertEqual(left[13], "overdue since 07/10/2026")

    def test_after_midnight_in_poland(self):
        invoice = self.waiting()
        with freeze_time("2026-07-09 22:30:00"):
            self.assertEqual(self.left(invoice), "due today")

    def test_while_an_outage_lasts(self):
        invoice = self.waiting("emergency")
        self.outage(start=stored(9, 6))
        self.assertEqual(self.left(invoice), "not known while the outage lasts")

    @freeze_time(THURSDAY)
    def test_filters(self):
        later = self.waiting()
        today = self.waiting(at=stored(8, 10))
        overdue = self.waiting(at=stored(7, 10), state="rejected")
        done = self.waiting(at=stored(7, 10), state="accepted")
        self.assertEqual(self.found("later"), later)
        self.assertEqual(self.found("today"), today)
        self.assertEqual(self.found("overdue"), overdue)
        moves = self.as_accountant(self.env["account.move"])
        unsent = moves.search([("ksef_deadline_state", "!=", False)])
        self.assertEqual(unsent, later | today | overdue)
        self.assertIn(done, self.found(False))
        documents = self.as_accountant(self.env["ksef.document"])
        self.assertEqual(
            documents.search([("deadline_state", "in", ("today", "overdue"))]).move_id,
            today | overdue,
        )

    @freeze_time(THURSDAY)
    def test_the_filters_of_both_lists(self):
        today = self.waiting(at=stored(8, 10))
        overdue = self.waiting(at=stored(7, 10))
        self.posted()
        expected = {
            "offline_unsent": today | overdue,
            "deadline_today": today,
            "overdue": overdue,
        }
        for name, invoices in expected.items():
            self.assertEqual(self.filtered(INVOICES, f"ksef_{name}"), invoices)
            self.assertEqual(self.filtered(DOCUMENTS, name).move_id, invoices)

    def filtered(self, view, name):
        """What the accountant finds with a filter of a list."""
        search = self.env.ref(view)
        records = self.as_accountant(self.env[search.model])
        arch = etree.fromstring(records.get_view(search.id, "search")["arch"])
        (node,) = arch.xpath(f"//filter[@name='{name}']")
        return records.search(literal_eval(node.get("domain")))

    def test_a_document_that_was_replaced_counts_no_more(self):
        invoice = self.waiting(state="rejected")
        refused = self.document(invoice)
        self.env.flush_all()
        refused.copy({"state": "ready", "corrects_id": refused.id})
        invoice.sudo()._ksef_link(refused.search([("corrects_id", "=", refused.id)]))
        found = refused.search([("deadline_state", "!=", False)])
        self.assertNotIn(refused, found)
        self.assertIn(invoice.sudo().ksef_document_id, found)

    @freeze_time(THURSDAY)
    def test_the_card_of_the_sales_journal(self):
        self.assertEqual((self.card()["offline"], self.card()["stuck"]), (0, 0))
        self.posted()
        self.assertEqual(self.card()["offline"], 0, "it goes by itself")
        self.waiting()
        card = self.card()
        self.assertEqual((card["offline"], card["left"]), (1, "due tomorrow"))
        self.assertFalse(card["overdue"])
        self.waiting(at=stored(7, 10), state="rejected")
        self.waiting(at=stored(1, 10), state="accepted")
        held = self.posted()
        self.document(held).waits_for_person = True
        card = self.card()
        self.assertEqual((card["offline"], card["stuck"]), (2, 2))
        self.assertEqual(card["left"], "overdue since 07/08/2026")
        self.assertTrue(card["overdue"])

    @freeze_time(THURSDAY)
    def test_the_card_opens_what_it_counts(self):
        offline = self.waiting()
        refused = self.posted()
        self.document(refused).state = "rejected"
        journal = self.as_accountant(self.journal)
        for name, expected in (
            ("ksef_offline_unsent", offline),
            ("ksef_stuck", refused),
        ):
            action = journal.with_context(ksef_filter=name).action_ksef_open_unsent()
            self.assertEqual(action["context"][f"search_default_{name}"], 1)
            found = self.filtered(INVOICES, name)
            self.assertEqual(found.filtered_domain(action["domain"]), expected)
