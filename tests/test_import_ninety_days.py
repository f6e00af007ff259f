import os
import random
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import freezegun
from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..ksef import fa3
from ..tools import tokens, warsaw
from .common import NIP
from .documents import supplier_file
from .import_common import ImportCase
from .test_import_roles import CUSTOMER

BEGIN = datetime(2025, 1, 7, 9, tzinfo=timezone.utc)
ALWAYS = {
    "not_before": datetime(2024, 11, 1, tzinfo=timezone.utc),
    "not_after": datetime(2035, 1, 1, tzinfo=timezone.utc),
}
DAYS = timedelta(days=90)
GAP = timedelta(days=14 * 31)

#: KSeF guarantees nothing of the last ten minutes.
LAG = 600

#: A package holds so many; more come at one moment.
LIMIT = 6

#: More by hand: KSEF_SEEDS="5 6 7".
SEEDS = [int(seed) for seed in os.environ.get("KSEF_SEEDS", "1").split()]

EXPORTS = "/invoices/exports"
FAULTS = (
    ("server_error", {"path": EXPORTS}),
    ("bad_gateway_html", {"path": EXPORTS}),
    ("lost_answer", {"path": EXPORTS, "method": "POST", "after": True}),
    ("lost_answer", {"path": EXPORTS, "method": "GET"}),
    ("lost_answer", {"path": "/storage/"}),
    ("too_many_requests", {"path": EXPORTS, "retry_after": 900}),
    ("export_wrong_hash", {}),
    ("export_lacks_file", {}),
    ("export_cut_metadata", {}),
    ("export_without_metadata", {}),
    ("export_stuck", {}),
    ("export_ends", {"code": 210}),
    ("export_ends", {"code": 500}),
    ("server_error", {"path": "/query/metadata"}),
)


class Killed(Exception):
    """The worker dies: nothing of its transaction is left."""


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportNinetyDays(ImportCase):
    """Ninety days of arrivals and a gap of fourteen months, with whatever goes wrong on
    the way: in the end each invoice is here, once. Every seed is another story."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # How long a test takes is measured by the clock on the wall.
        freezegun.configure(extend_ignore_list=["_pytest."])
        cls.certificate.unlink()
        cls.certificate = cls.upload(cls.company, nip=NIP, **ALWAYS)
        cls.company.ksef_import_sales = True

    def test_each_invoice_is_received_once(self):
        for seed in SEEDS:
            with self.subTest(seed=seed), mute_logger("odoo.addons.l10n_pl_ksef"):
                self.tell(seed)

    def tell(self, seed):
        self.begin(seed)
        while self.now < BEGIN + DAYS:
            self.step()
        self.stop_faults()
        self.go(GAP)
        for _day in range(5):
            self.step()
        self.settle()
        self.assertReceived(seed)

    def begin(self, seed):
        self.chance = random.Random(seed)
        self.frozen = None
        self.now = BEGIN
        self.arrived, self.deleted = {}, set()
        self.documents().move_id.unlink()
        self.documents().unlink()
        self.windows().unlink()
        self.env["ksef.period"].sudo().search([]).unlink()
        self.env["ksef.request"].sudo().search([]).unlink()  # of a later time
        self.empty_ksef()
        self.go(timedelta())
        self.company.ksef_import_from = BEGIN.date()
        self.simulator.set(package_limit=LIMIT, mark_lag=LAG)
        self.limit()

    def go(self, step):
        """Let time pass."""
        self.stop_time()
        self.now += step
        self.frozen = freeze_time(self.now, tick=True)
        self.frozen.start()
        self.addCleanup(self.stop_time)

    def stop_time(self):
        if self.frozen:
            self.now = warsaw.now()
            self.frozen.stop()
            self.frozen = None

    def step(self):
        """Some hours or days: something arrives, something happens, the cron runs."""
        for _invoice in range(self.chance.choice((0, 0, 1, 1, 2, 3))):
            self.arrive()
        if self.chance.random() < 0.06:
            self.burst()
        happens = self.chance.choice(
            (self.fault, self.outage, self.restart, self.edit, self.slow, self.nothing)
        )
        happens()
        self.work()
        self.assertNoneLate()
        hours = self.chance.choice((0.2, 1, 5, 20, 50, 100))
        self.go(timedelta(hours=hours * self.chance.uniform(0.5, 1.5)))

    def work(self):
        if self.chance.random() < 0.1:
            with self.assertRaises(Killed), self.env.cr.savepoint():
                self.run_cron("import")
                raise Killed
            self.env.invalidate_all()
        else:
            self.run_cron("import")

    # What arrives

    def arrive(self, amount=None, stored=None):
        """KSeF gets an invoice; it may show it late, as long as its mark is behind."""
        amount = Decimal(self.chance.randint(1, 60) if amount is None else amount)
        total = fa3.RateTotal(bucket=fa3.BUCKETS["zw"], net=amount)
        values = {"total": amount, "totals": (total,), "issue_date": self.now.date()}
        if self.chance.random() < 0.3:
            values |= {"seller_nip": NIP, "buyer": CUSTOMER}
        age = self.chance.uniform(0, LAG - 100)
        number = self.simulator.put_invoice(
            supplier_file(f"F/{len(self.arrived)}", **values),
            stored=stored or self.simulator.clock.now() - timedelta(seconds=age),
            hidden=self.chance.choice((0, LAG - age - 50)) if not stored else 0,
        )
        self.arrived[number] = values.get("seller_nip") and "Subject1" or "Subject2"

    def burst(self):
        """More at one moment than a package holds."""
        moment = self.simulator.clock.now() - timedelta(seconds=5)
        for _invoice in range(2 * LIMIT + 1):
            self.arrive(stored=moment)

    # What happens

    def nothing(self):
        pass

    def fault(self):
        name, details = self.chance.choice(FAULTS)
        self.simulator.fault(name, **details)

    def outage(self):
        self.simulator.away(self.chance.random() < 0.4)

    def slow(self):
        """Packages take a while: windows stay open from run to run."""
        self.simulator.set_delay(steps=self.chance.choice((0, 1, 3)))

    def restart(self):
        """Another worker: it has no tokens, and knows no more than the rows."""
        tokens._tokens.clear()
        self.env.flush_all()
        self.env.invalidate_all()

    def edit(self):
        """I02: people change and delete bills, and the start date."""
        bills = self.documents().move_id
        if not bills:
            return
        bill = bills[self.chance.randrange(len(bills))]
        bill.write({"invoice_date": "2027-01-01", "ref": "zmieniony"})
        if self.chance.random() < 0.3:
            self.deleted.add(bill.ksef_number)
            bill.unlink()
        if self.chance.random() < 0.2:
            self.company.ksef_import_from -= timedelta(days=7)

    # The end

    def stop_faults(self):
        self.simulator.clear_faults()
        self.simulator.away(False)
        self.simulator.set_delay(steps=0)

    def settle(self):
        """All is well again: some more hours."""
        self.stop_faults()
        for _hour in range(12):
            self.go(timedelta(hours=2))
            self.run_cron("import")

    def assertReceived(self, seed):
        documents = self.documents()
        numbers = documents.mapped("ksef_number")
        self.assertEqual(len(numbers), len(set(numbers)), f"seed {seed}: doubled")
        lost = set(self.arrived) - set(numbers)
        self.assertFalse(lost, f"seed {seed}: lost; {self.last_windows()}")
        for document in documents:
            self.assertEqual(document.role, self.arrived[document.ksef_number])
        bills = documents.filtered("move_id").mapped("ksef_number")
        self.assertEqual(set(bills), set(self.arrived) - self.deleted)
        self.assertProven()

    def last_windows(self):
        """What a reader of a failed story wants to see."""
        names = ("role", "state", "date_from", "date_to", "retry_at", "problem")
        return self.windows()[-4:].read(names)

    def assertNoneLate(self):
        """The control has found nothing that reception had left out."""
        periods = self.env["ksef.period"].sudo().search([("late_count", ">", 0)])
        told = periods.read(["month", "role", "late_count"])
        self.assertFalse(periods, f"{told}; {self.last_windows()}")

    def assertProven(self):
        """The control has found nothing else."""
        now = fields.Datetime.now()
        periods = self.env["ksef.period"].sudo().search([])
        periods.filtered("next_at").next_at = now
        for _hour in range(6):
            self.go(timedelta(hours=1))
            self.run_cron("import")
        self.assertNotIn("gap", periods.mapped("state"))
        over = periods.filtered(lambda p: p.month < warsaw.today().replace(day=1))
        self.assertEqual(set(over.mapped("state")), {"complete"})
        self.assertEqual(sum(periods.mapped("listed_count")), len(self.arrived))
        self.assertNoneLate()
