import re
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import tagged

from ..ksef.reading import moment
from ..models import ksef_import_window
from ..tools import warsaw
from .documents import supplier_file
from .import_common import ImportCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportWindows(ImportCase):
    """Windows form an unbroken chain from the start date to KSeF's high water mark,
    whatever its gaps and sizes: nothing is left out, nothing asked for too often."""

    def assertChain(self, windows):
        for before, after in zip(windows, windows[1:], strict=False):
            self.assertEqual(
                after.date_from, before.date_to, "a window begins at the last mark"
            )

    def test_the_first_window_begins_on_the_start_date(self):
        self.put("ZA/WCZEŚNIE", days_ago=12)
        number = self.put(days_ago=9)
        self.cron()
        self.assertEqual(self.documents().ksef_number, number)
        begin = moment(self.windows().date_from)
        day = begin.astimezone(warsaw.WARSAW)
        self.assertEqual(day.date(), self.company.ksef_import_from)
        self.assertEqual((day.hour, day.minute), (0, 0), "midnight in Poland")

    def test_the_mark_stays_the_string_of_ksef(self):
        self.put()
        self.cron()
        mark = self.windows().date_to
        export = next(iter(self.simulator.store.exports.values()))
        self.assertEqual(mark, export.package["permanentStorageHwmDate"])
        self.assertRegex(mark, r"\.\d{7}\+00:00$", "a datetime would round it")

    def test_r52_what_ksef_has_not_secured_yet_comes_later(self):
        self.simulator.set(mark_lag=3600.0)
        early = self.put(days_ago=1)
        late = self.put("F/2/2026")
        self.cron()
        self.assertEqual(self.documents().ksef_number, early)
        self.simulator.set(mark_lag=0.0)
        self.cron()
        self.assertEqual(len(self.documents()), 2, f"{late} lay after the mark")
        self.assertChain(self.windows())

    def test_i01_r54_gaps_of_months(self):
        for months in (3, 6, 14):
            with self.subTest(months=months):
                self.documents().unlink()
                self.windows().unlink()
                self.simulator.store.invoices.clear()
                self.company.ksef_import_from = warsaw.today() - timedelta(
                    days=31 * months
                )
                first = self.put(f"P/{months}", days_ago=31 * months - 1)
                last = self.put(f"O/{months}")
                self.cron(times=2)
                self.assertEqual(
                    set(self.documents().mapped("ksef_number")),
                    {first, last},
                    "the next invoice arrives however long nothing came",
                )
                self.assertShort(self.windows())
                self.assertChain(self.windows())

    def assertShort(self, windows):
        for window in windows:
            length = moment(window.date_to) - moment(window.date_from)
            self.assertLessEqual(length, timedelta(days=89), "KSeF refuses longer ones")

    def test_truncated_packages_go_on_from_their_last_invoice(self):
        self.simulator.set(package_limit=3)
        numbers = [self.put(f"F/{i}") for i in range(8)]
        self.cron()
        self.assertEqual(set(self.documents().mapped("ksef_number")), set(numbers))
        self.assertEqual(len(self.documents()), 8, "the border came twice")
        self.assertGreater(len(self.windows()), 2)
        self.assertChain(self.windows())

    def test_a_package_in_many_parts(self):
        self.simulator.set(part_size=500)
        numbers = [self.put(f"F/{i}") for i in range(5)]
        self.cron()
        self.assertEqual(set(self.documents().mapped("ksef_number")), set(numbers))
        export = next(iter(self.simulator.store.exports.values()))
        self.assertGreater(len(export.parts), 3)

    def test_i05_a_first_load_of_many_goes_by_packages(self):
        """Not one request for each invoice: those would take days."""
        self.simulator.set(package_limit=10)
        for place in range(35):
            self.put(f"F/{place}", days_ago=3)
        self.cron()
        self.assertEqual(len(self.documents().move_id), 35)
        single = [r for r in self.simulator.requests if "/invoices/ksef/" in r.path]
        self.assertFalse(single)
        self.assertLessEqual(self.exports(), 5)

    def test_i02_edits_of_people_move_no_mark(self):
        number = self.put(days_ago=2)
        self.cron()
        mark = self.windows()[-1].date_to
        bill = self.bill(number)
        bill.write({"invoice_date": "2027-01-01", "ref": "inny"})
        late = self.put("F/2")
        self.cron()
        self.assertEqual(self.windows()[-1].date_from, mark)
        self.assertTrue(self.document(late), "a date in the future blocks nothing")
        self.bill(late).unlink()
        self.cron()
        self.assertChain(self.windows())

    def test_i15_every_moment_has_its_offset(self):
        self.company.ksef_import_from = warsaw.today() - timedelta(days=200)
        said = []
        self.simulator.record(lambda exchange: said.append(str(exchange)))
        self.addCleanup(self.simulator.recorders.pop)
        self.cron()
        for window in self.windows():
            for mark in (window.date_from, window.date_to):
                self.assertRegex(mark, r"[+-]\d\d:\d\d$")
        asked = re.findall(r"'from': '([^']*)'", "".join(said))
        self.assertTrue(asked)
        for begin in asked:
            self.assertRegex(begin, r"([+-]\d\d:\d\d|Z)$", "never naive: KSeF's time")

    def test_r51_late_ones_behind_the_mark_are_not_passed_over(self):
        """KSeF shows an invoice late, with a date that lies before those it showed."""
        self.simulator.set(mark_lag=600.0)
        now = warsaw.now()
        late = self.simulator.put_invoice(
            supplier_file("SPÄT"), stored=now - timedelta(seconds=500), hidden=60
        )
        early = self.put("F/2", days_ago=1)
        self.cron()
        self.assertEqual(self.documents().ksef_number, early)
        self.simulator.set_clock(now + timedelta(minutes=20))
        self.cron()
        self.assertIn(late, self.documents().mapped("ksef_number"))

    def test_empty_windows_move_the_mark(self):
        self.cron(times=3)
        windows = self.windows()
        self.assertEqual(set(windows.mapped("state")), {"stored"})
        self.assertEqual(windows.mapped("invoice_count"), [0, 0, 0])
        marks = windows.mapped("date_to")
        self.assertEqual(sorted(set(marks)), marks, "each mark is later")
        self.assertChain(windows)

    def test_a_window_beyond_the_data_keeps_the_mark(self):
        self.cron()
        mark = self.windows().date_to
        self.simulator.set(mark_lag=86400.0)
        self.cron()
        self.assertEqual(self.windows()[-1].state, "stored", "420 is no failure")
        self.assertEqual(self.windows()[-1].date_to, mark)

    def test_a_start_date_in_the_future_asks_for_nothing(self):
        self.company.ksef_import_from = warsaw.today() + timedelta(days=3)
        self.cron()
        self.assertEqual(self.exports(), 0)

    def test_an_earlier_start_date_begins_the_walk_anew(self):
        late = self.put(days_ago=1)
        early = self.put("F/0", days_ago=100)
        self.cron()
        self.assertEqual(self.documents().ksef_number, late)
        self.company.ksef_import_from = warsaw.today() - timedelta(days=120)
        self.cron(times=2)
        self.assertEqual(
            self.documents().mapped("ksef_number"), [late, early], "each of them once"
        )
        self.assertEqual(self.exports(), len(self.windows()))
        self.cron()
        self.assertChain(self.windows()[1:])

    def test_metadata_may_be_missing(self):
        self.simulator.fault("export_without_metadata")
        number = self.put()
        self.cron()
        self.assertEqual(self.bill(number).amount_total, 123.0)
        self.assertEqual(self.document(number).number, "F/1/2026", "the file says it")

    def test_the_interval_is_kept_by_the_cron_and_not_by_the_button(self):
        self.cron()
        self.cron(later=timedelta(minutes=14))
        self.assertEqual(self.exports(), 1, "four times an hour is enough for KSeF")
        self.cron(later=timedelta(minutes=2))
        self.assertEqual(self.exports(), 2)
        self.press()
        self.assertEqual(self.exports(), 3, "a person who asks gets an answer")

    def test_the_button_waits_for_the_package(self):
        self.simulator.set_delay(steps=1)
        number = self.put()
        with patch.object(ksef_import_window.time, "sleep"):
            told = self.press()
        self.assertTrue(self.bill(number))
        self.assertEqual(told["type"], "success")

    def test_the_cron_does_not_wait_but_comes_back(self):
        self.simulator.set_delay(steps=1)
        number = self.put()
        with self.capture_triggers("l10n_pl_ksef.cron_import") as captured:
            self.cron()
        self.assertFalse(self.documents())
        self.assertEqual(self.windows().state, "requested")
        self.assertTrue(captured.records, "it has asked to be run again")
        self.run_cron("import")
        self.assertTrue(self.bill(number))
        self.assertEqual(self.exports(), 1, "the same package, not another one")
