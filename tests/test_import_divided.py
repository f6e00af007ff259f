from datetime import timedelta
from decimal import Decimal

from odoo.tests import tagged

from ..ksef import fa3
from ..ksef.marks import ticks
from ..tools import warsaw
from .documents import supplier_file
from .import_common import ImportCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportDivided(ImportCase):
    """R53: more invoices on one moment than KSeF hands out at once are told apart by
    further filters; where none does, a person is told, and the walk goes on."""

    def setUp(self):
        super().setUp()
        self.simulator.set(package_limit=4)
        self.moment = warsaw.now() - timedelta(days=2)

    def hold(self, *amounts, prefix="M"):
        """KSeF stored invoices over these amounts at one moment."""
        return [
            self.simulator.put_invoice(
                supplier_file(
                    f"{prefix}/{place}",
                    total=Decimal(amount),
                    totals=(
                        fa3.RateTotal(bucket=fa3.BUCKETS["zw"], net=Decimal(amount)),
                    ),
                ),
                stored=self.moment,
            )
            for place, amount in enumerate(amounts)
        ]

    def assertReceived(self, numbers):
        found = self.documents().mapped("ksef_number")
        self.assertEqual(sorted(found), sorted(numbers), "each of them once")

    def assertClosed(self):
        """The mark has passed the moment, by as little as KSeF counts."""
        states = set(self.windows().mapped("state"))
        self.assertFalse(states & {"planned", "requested", "divided"}, states)
        asked = self.exports()
        self.cron()
        self.assertEqual(self.exports(), asked + 1, "it is not asked for again")

    def test_more_than_a_package_on_one_moment(self):
        numbers = [self.put("VOR", days_ago=3)]
        numbers += self.hold(*range(100, 111))
        numbers += [self.put("NACH", days_ago=1), self.put("NEU")]
        self.cron()
        self.assertReceived(numbers)
        divided = (
            self.windows().filtered("part_ids").filtered(lambda w: not w.parent_id)
        )
        self.assertEqual(len(divided), 1)
        self.assertEqual(divided.state, "stored", "its parts are complete")
        self.assertEqual(ticks(divided.date_to), ticks(divided.date_from) + 1)
        self.assertClosed()

    def test_the_same_amounts_and_what_else_there_is(self):
        numbers = self.hold(100, 100, 100, 100)
        online = self.hold(100, 100, 100, prefix="ON")
        for number in online:
            self.simulator.store.invoices[number].mode = "Offline"
        self.cron()
        self.assertReceived(numbers + online)
        self.assertClosed()

    def test_what_nothing_tells_apart_is_said(self):
        numbers = self.hold(*[100] * 6)
        later = self.put("NEU")
        self.cron()
        self.assertIn(later, self.documents().mapped("ksef_number"), "the walk goes on")
        self.assertEqual(len(self.documents()), 5, "as many as KSeF hands out")
        told = self.windows().filtered(lambda w: w.state == "incomplete")
        self.assertTrue(told)
        whole = self.windows().filtered(lambda w: w.part_ids and not w.parent_id)
        self.assertIn("more invoices of the moment", whole.problem)
        self.assertEqual(whole.state, "stored")
        self.assertTrue(set(numbers) - set(self.documents().mapped("ksef_number")))
        self.assertClosed()

    def test_a_part_that_fails_is_ordered_again(self):
        numbers = self.hold(*range(100, 111))
        self.cron_until("divided")
        self.simulator.fault("export_wrong_hash")
        self.cron(times=3)
        self.assertIn("failed", self.windows().mapped("state"))
        self.assertReceived(numbers)
        self.assertClosed()

    def cron_until(self, state):
        """Let the cron run, packages being slow, until a window is in a state."""
        self.simulator.set_delay(steps=1)
        for _time in range(9):
            self.cron(later=timedelta(0))
            if state in self.windows().mapped("state"):
                break
        self.simulator.set_delay(steps=0)

    def test_it_goes_on_after_a_restart(self):
        """Everything is in the rows: nothing else is remembered between runs."""
        numbers = self.hold(*range(100, 111))
        self.simulator.set_delay(steps=1)
        for _time in range(40):
            self.env.invalidate_all()
            self.cron(later=timedelta(0))
        self.simulator.set_delay(steps=0)
        self.cron()
        self.assertReceived(numbers)
        self.assertClosed()

    def test_without_metadata_it_is_ordered_again(self):
        numbers = self.hold(*range(100, 111))
        self.simulator.fault("export_without_metadata", times=3)
        self.cron(times=4)
        self.assertReceived(numbers)
        self.assertClosed()
