from datetime import datetime, timedelta, timezone

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from .delivery_common import DeliveryCase


def moment(day, hour=0):
    """A moment of July 2026, aware."""
    return datetime(2026, 7, day, hour, tzinfo=timezone.utc)


def stored(day, hour=0):
    """The same as Odoo stores it."""
    return moment(day, hour).replace(tzinfo=None)


class OutageCase(DeliveryCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configure(cls.company, ksef_status_url=cls.simulator.url)
        cls.chief = new_test_user(
            cls.env,
            "ksef_chief",
            groups="account.group_account_manager",
            company_id=cls.company.id,
        )
        cls.outages = cls.env["ksef.outage"].with_user(cls.chief)

    def setUp(self):
        super().setUp()
        self.simulator.announce("AVAILABLE")

    def outage(self, kind="failure", start=None, end=None, **values):
        """What an account manager enters."""
        return self.outages.create(
            {
                "environment": "own",
                "kind": kind,
                "start": start or self.in_past(3600),
                "end": end,
                **values,
            }
        )

    def look(self):
        self.env["ksef.outage"]._look(self.company)
        self.env.invalidate_all()
        return self.env["ksef.outage"].search([])


@tagged("post_install_l10n", "post_install", "-at_install")
class TestOutage(CronMixinCase, OutageCase):
    """Account managers enter what the ministry announced; everybody in accounting reads
    it; what the status service announced stays as announced."""

    def test_who_reads_and_who_writes(self):
        outage = self.outage().with_user(self.accountant)
        self.assertEqual(outage.display_name, "Failure")
        with self.assertRaises(AccessError):
            outage.end = fields.Datetime.now()
        with self.assertRaises(AccessError):
            outage.unlink()
        outage.with_user(self.chief).end = fields.Datetime.now()
        outage.with_user(self.chief).unlink()

    def test_the_environment_of_the_company_is_proposed(self):
        self.assertEqual(self.outages.new({}).environment, "own")

    def test_leaving_an_untouched_form_announces_nothing(self):
        with self.assertRaisesRegex(AssertionError, "kind is a required field"):
            Form(self.outages).save()

    def test_it_ends_after_it_has_begun(self):
        with self.assertRaisesRegex(ValidationError, "enter an end after that"):
            self.outage(start=stored(9), end=stored(9))
        outage = self.outage(start=stored(9), end=stored(10))
        with self.assertRaisesRegex(ValidationError, "enter an end after that"):
            outage.end = stored(8)

    def test_events_may_overlap(self):
        self.outage(start=stored(9), end=stored(12))
        self.outage("maintenance", start=stored(10), end=stored(11))
        self.assertEqual(len(self.outages.search([])), 2)

    def test_the_strongest_decides(self):
        current = self.env["ksef.outage"]._current
        self.assertFalse(current("own"))
        works = self.outage("maintenance")
        self.assertEqual(current("own"), works)
        failure = self.outage("failure")
        self.assertEqual(current("own"), failure, "stronger")
        self.outage("total_failure", start=self.in_past(9), end=self.in_past(5))
        self.outage("total_failure", start=fields.Datetime.now() + timedelta(hours=1))
        self.assertEqual(current("own"), failure, "over, or not begun")
        total = self.outage("total_failure")
        self.assertEqual(current("own"), total)
        self.assertFalse(current("production"), "another environment")

    def test_nobody_passes_for_the_status_service(self):
        outage = self.outage(source="lighthouse")
        self.assertEqual(outage.source, "manual")
        with self.assertRaises(UserError):
            outage.source = "lighthouse"

    def test_an_announcement_takes_notes_only(self):
        self.simulator.announce("FAILURE", "Awaria")
        outage = self.look().with_user(self.chief)
        outage.note = "KSeF answered us all the same"
        with self.assertRaisesRegex(UserError, "only a note"):
            outage.end = fields.Datetime.now()
        with self.assertRaisesRegex(UserError, "only a note"):
            outage.unlink()

    def test_a_wrong_announcement_is_archived(self):
        self.simulator.announce("TOTAL_FAILURE", "Awaria")
        outage = self.look().with_user(self.chief)
        outage.action_archive()
        self.assertFalse(outage._current("own"), "it counts no more")
        self.assertFalse(self.look(), "and is not recorded again")
        self.assertEqual(self.posted().ksef_state, "ready")

    def test_the_announced_end_wakes_the_sending(self):
        end = fields.Datetime.now() + timedelta(hours=2)
        with self.capture_triggers("l10n_pl_ksef.cron_send") as planned:
            outage = self.outage()
        self.assertFalse(planned.records, "nobody knows when it ends")
        with self.capture_triggers("l10n_pl_ksef.cron_send") as planned:
            outage.end = end
        self.assertEqual(planned.records.mapped("call_at"), [end])


@tagged("post_install_l10n", "post_install", "-at_install")
class TestStatusService(OutageCase):
    """What the status service says is taken over; its silence says nothing."""

    def test_nothing_is_announced(self):
        self.assertFalse(self.look())

    def test_a_failure_and_its_end(self):
        self.simulator.announce("FAILURE", "Awaria", event=7, start=moment(9, 8))
        outage = self.look()
        self.assertRecordValues(
            outage,
            [
                {
                    "environment": "own",
                    "kind": "failure",
                    "source": "lighthouse",
                    "start": stored(9, 8),
                    "end": False,
                    "name": "Awaria",
                    "event_id": "7",
                    "lasting": True,
                }
            ],
        )
        self.assertEqual(self.look(), outage, "the same event")
        self.simulator.announce("FAILURE", "Koniec", event=7, end=moment(12, 10))
        self.assertEqual(self.look(), outage)
        self.assertEqual(outage.start, stored(9, 8))
        self.assertEqual(outage.end, stored(12, 10))
        self.assertFalse(outage.lasting)

    def test_planned_works(self):
        self.simulator.announce(
            "MAINTENANCE", "Prace", start=moment(18, 20), end=moment(19, 6)
        )
        self.assertRecordValues(
            self.look(),
            [{"kind": "maintenance", "start": stored(18, 20), "end": stored(19, 6)}],
        )

    def test_events_beside_each_other(self):
        self.simulator.announce("FAILURE", "A", event=1, start=moment(1))
        self.simulator.announce("TOTAL_FAILURE", "B", event=2, start=moment(2))
        kinds = self.look().sorted("event_id").mapped("kind")
        self.assertEqual(kinds, ["failure", "total_failure"])

    def test_an_older_version_changes_nothing(self):
        self.simulator.announce("FAILURE", "first", event=7, start=moment(9))
        self.simulator.announce("FAILURE", "second", event=7, start=moment(9))
        outage = self.look()
        self.assertEqual(outage.name, "second")
        self.simulator.announce("AVAILABLE")
        self.simulator.announce("FAILURE", "first", event=7, start=moment(9))
        self.assertEqual(self.look().name, "second")

    def test_what_is_taken_back_stays_recorded(self):
        self.simulator.announce("FAILURE", "Awaria")
        outage = self.look()
        self.simulator.announce("AVAILABLE")
        self.assertEqual(self.look(), outage, "a person decides what it was")

    def test_r37_no_answer_changes_nothing(self):
        self.simulator.announce("FAILURE", "Awaria")
        outage = self.look()
        self.simulator.fault("server_error", times=10, path="^/messages")
        self.assertEqual(self.look(), outage)
        self.configure(self.company, ksef_status_url="http://127.0.0.1:9")
        self.assertEqual(self.look(), outage)
        self.assertFalse(outage.end, "it lasts, as far as anybody knows")

    def test_r37_nonsense_changes_nothing(self):
        self.simulator.announce("FAILURE", "Awaria", event=3, eventId="abc")
        self.simulator.announce("FAILURE", "Awaria", event=4, version=2**40)
        self.simulator.announce(
            "FAILURE", "Awaria", event=5, start=moment(9), end=moment(8)
        )
        self.assertFalse(self.look())

    def test_by_hand_and_announced_stay_apart(self):
        mine = self.outage()
        self.simulator.announce("FAILURE", "Awaria")
        self.assertEqual(len(self.look()), 2)
        self.assertEqual(mine.source, "manual")

    def test_two_that_look_at_once_record_an_event_once(self):
        self.simulator.announce("FAILURE", "Awaria")
        with db_connect(self.env.cr.dbname).cursor() as elsewhere:
            elsewhere.execute("SELECT pg_advisory_xact_lock(hashtext('ksef.outage'))")
            self.assertFalse(self.look(), "the other one records it")
        self.assertTrue(self.look())

    def test_an_address_is_asked_once(self):
        self.connect_other()
        self.configure(self.other, ksef_status_url=self.simulator.url)
        asked = self.asked()
        self.env["ksef.outage"]._look(self.company | self.other)
        self.assertEqual(self.asked() - asked, 1)

    def test_without_an_address_nobody_is_asked(self):
        self.configure(self.company, ksef_status_url=False)
        asked = self.asked()
        self.env["ksef.outage"]._look(self.company)
        self.configure(self.company, ksef_environment="test")
        self.env["ksef.outage"]._look(self.company)
        self.assertEqual(self.asked(), asked, "the one of TEST tells stories")

    def test_the_daily_watch_looks(self):
        self.simulator.announce("MAINTENANCE", "Prace")
        self.run_cron("watch")
        self.assertTrue(self.env["ksef.outage"].search([]))
