from datetime import timedelta
from unittest.mock import patch

from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models import ksef_document_arrival
from ..simulator import archive
from ..simulator.exports import STATUS
from .common import NIP, OTHER_NIP
from .import_common import ImportCase

EXPORTS = "/invoices/exports"
PACK = archive.pack


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportTrouble(ImportCase):
    """Whatever happens on the way leaves the mark where it was; the next run goes on
    from there. Nothing is lost, the cron never fails, the user reads what happened."""

    def setUp(self):
        super().setUp()
        self.number = self.put()

    def windows(self, company=None):
        """Those that KSeF was asked for."""
        return super().windows(company).filtered(lambda w: w.state != "planned")

    def planned(self):
        return super().windows() - self.windows()

    def assertUntouched(self):
        self.assertFalse(self.documents(), "nothing half-done")
        self.assertNotIn("stored", self.windows().mapped("state"), "the mark stays")

    def assertArrives(self):
        self.simulator.clear_faults()
        self.cron(times=2)
        self.assertEqual(self.bill(self.number).amount_total, 123.0, "nothing is lost")
        self.assertEqual(len(self.documents()), 1)
        self.assertFalse(self.windows()[-1].problem)

    def test_an_order_that_fails(self):
        for fault in ("server_error", "bad_gateway_html", "script_page", "lost_answer"):
            with self.subTest(fault=fault):
                self.simulator.fault(fault, path=EXPORTS, method="POST")
                self.cron()
                self.assertUntouched()
                self.assertFalse(self.windows(), "no reference, no export")
                self.assertTrue(self.planned().problem, "the user reads what happened")
        self.assertArrives()

    def test_i03_a_failure_is_retried_with_a_growing_pause(self):
        self.simulator.fault("server_error", path=EXPORTS, times=9)
        pauses = []
        for _attempt in range(6):
            before = self.ago()
            self.cron()
            pauses.append(round((self.planned().retry_at - before).seconds / 60))
        self.assertEqual(pauses, [5, 10, 20, 40, 60, 60], "minutes")
        asked = len(self.simulator.requests)
        self.run_cron("import")
        self.assertEqual(len(self.simulator.requests), asked, "not before its time")
        self.simulator.clear_faults()
        self.press()
        self.assertTrue(self.bill(self.number), "a person need not wait")

    def test_i03_a_damaged_package_is_ordered_again_by_itself(self):
        self.simulator.fault("export_wrong_hash", times=2)
        self.cron(times=2)
        self.assertEqual(self.windows().mapped("state"), ["failed", "failed"])
        self.assertEqual(self.planned().attempts, 2, "its pause has grown")
        self.assertEqual(self.planned().date_from, self.windows()[0].date_from)
        self.assertArrives()

    def test_r55_metadata_that_are_cut_short_matter_little(self):
        second = self.put("F/2")
        self.simulator.fault("export_cut_metadata")
        self.cron()
        self.assertEqual(len(self.documents()), 2)
        for number in (self.number, second):
            self.assertEqual(self.bill(number).amount_total, 123.0)

    def test_r55_files_are_counted(self):
        self.simulator.fault("export_lacks_file")
        self.cron()
        self.assertEqual(self.windows().state, "failed", "none of one is not enough")
        self.assertUntouched()
        self.assertArrives()

    def test_r55_a_package_that_lacks_files_for_ever(self):
        """It does not keep out what comes later; the control finds what it lacks."""
        second = self.put("F/2")
        self.simulator.fault("export_lacks_file", times=20)
        self.cron(times=7)
        self.assertEqual(self.windows()[-1].state, "incomplete", "six were enough")
        self.assertIn("announced 2 invoices", self.windows()[-1].problem)
        self.simulator.clear_faults()
        third = self.put("F/3")
        self.cron(times=2)
        for number in (self.number, second, third):
            self.assertEqual(self.bill(number).amount_total, 123.0)
        self.assertEqual(len(self.documents()), 3)

    def test_a_file_twice_is_one_invoice(self):
        """A package of two that names one of them twice is not whole."""
        self.put("F/2")
        self.simulator.set_delay(steps=1)
        with patch.object(archive, "pack", self.doubled):
            self.cron()
        with patch.object(ksef_document_arrival, "CHUNK", 1):
            self.cron(later=timedelta(0))
        self.assertEqual(self.windows().state, "failed")
        self.simulator.set_delay(steps=0)
        self.cron(times=2)
        self.assertEqual(len(self.documents()), 2)

    def doubled(self, files, metadata, form):
        return PACK([files[0], files[0]], metadata, form)

    def test_standing_still_is_told(self):
        manager = self.manager()
        self.simulator.fault("export_wrong_hash", times=20)
        self.cron()
        self.run_cron("watch")
        self.assertFalse(self.calls(manager), "not at once")
        for window in self.windows() | self.planned():
            self.env.cr.execute(
                "UPDATE ksef_import SET create_date = %s WHERE id = %s",
                (self.ago(hours=25), window.id),
            )
        self.env.invalidate_all()
        self.run_cron("watch")
        self.run_cron("watch")
        self.assertEqual(len(self.calls(manager)), 1, "once")
        self.assertTrue(self.calls(manager).note)
        self.assertArrives()
        self.run_cron("watch")
        self.assertFalse(self.calls(manager), "it goes on")

    def manager(self):
        return new_test_user(
            self.env,
            "ksef_manager",
            groups="account.group_account_manager",
            company_id=self.company.id,
        )

    def calls(self, user):
        activities = self.env["mail.activity"].sudo()
        calls = activities.search([("user_id", "=", user.id)])
        return calls.filtered(lambda one: one.res_model == "ksef.period")

    def test_an_export_that_ends_at_once(self):
        for code in (210, 415, 500, 550, 599):
            with self.subTest(code=code):
                self.simulator.fault("export_ends", code=code)
                with patch.dict(STATUS, {code: "Powód"}):
                    self.cron()
                self.assertUntouched()
                self.assertEqual(self.windows()[-1].state, "failed")
        self.assertArrives()

    def test_a_status_that_fails(self):
        for fault in ("server_error", "bad_gateway_html", "lost_answer", "blocked"):
            with self.subTest(fault=fault):
                self.simulator.fault(fault, path=EXPORTS, method="GET")
                self.cron(later=timedelta(0))
                self.assertUntouched()
                self.assertEqual(self.windows().state, "requested")
                self.assertTrue(self.windows().problem, "the user reads what happened")
        self.run_cron("import")
        self.assertEqual(self.exports(), 1, "its package was still good")
        self.assertArrives()

    def test_r32_a_part_that_fails(self):
        for fault in (
            "server_error",
            "bad_gateway_html",
            "script_page",
            "lost_answer",
            "blocked",
        ):
            with self.subTest(fault=fault):
                self.simulator.fault(fault, path="/storage/")
                self.cron(later=timedelta(0))
                self.assertUntouched()
        self.assertArrives()

    def test_a_part_with_a_wrong_hash_is_ordered_anew(self):
        self.simulator.fault("export_wrong_hash")
        self.cron()
        self.assertUntouched()
        self.assertEqual(self.windows().state, "failed", "that package never heals")
        self.assertTrue(self.windows().problem)
        self.assertArrives()
        self.assertEqual(self.windows()[1].date_from, self.windows()[0].date_from)

    def test_a_package_that_lacks_files(self):
        self.simulator.set_delay(steps=1)
        self.cron()
        export = next(iter(self.simulator.store.exports.values()))
        export.package["invoiceCount"] = 2
        self.cron(later=timedelta(0))
        self.assertEqual(self.windows().state, "failed", "one of two is not enough")
        self.assertEqual(len(self.documents()), 1, "what came is kept")
        self.simulator.set_delay(steps=0)
        self.assertArrives()

    def test_an_export_that_ksef_forgot(self):
        self.simulator.set_delay(steps=1)
        self.cron()
        self.simulator.store.exports.clear()
        self.cron(later=timedelta(0))
        self.assertEqual(self.windows().state, "failed", "21175")
        self.simulator.set_delay(steps=0)
        self.assertArrives()

    def test_an_export_that_ksef_ends(self):
        for code in (415, 500, 550, 999):
            with self.subTest(code=code):
                self.simulator.set_delay(steps=1)
                self.cron()
                export = list(self.simulator.store.exports.values())[-1]
                export.code = code
                with patch.dict(STATUS, {code: "Powód po polsku"}):
                    self.cron(later=timedelta(0))
                self.assertUntouched()
                self.assertEqual(self.windows()[-1].state, "failed")
                self.assertIn("Powód po polsku", self.windows()[-1].problem)
        self.simulator.set_delay(steps=0)
        self.assertArrives()

    def test_an_export_that_is_over(self):
        for days in (8, 15):  # 210 after a week, 410 after two
            with self.subTest(days=days):
                self.simulator.set_delay(steps=0)
                self.simulator.fault("lost_answer", path="/storage/")
                self.cron()
                self.simulator.advance(days * 86400)
                self.cron(later=timedelta(0))
                self.assertUntouched()
                self.assertEqual(self.windows()[-1].state, "failed")
                self.simulator.set_clock(None)
        self.assertArrives()

    def test_an_export_that_hangs_is_given_up(self):
        self.simulator.fault("export_stuck")
        self.cron()
        self.cron(later=timedelta(hours=5))
        self.assertEqual(self.windows().state, "requested", "patience")
        self.cron(later=timedelta(hours=2))
        self.assertEqual(self.windows().state, "failed")
        self.assertUntouched()
        self.assertArrives()

    def test_a_pause_is_kept(self):
        self.simulator.fault("too_many_requests", path=EXPORTS, retry_after=600)
        self.cron()
        self.assertUntouched()
        left = self.company.ksef_paused_until - self.ago()
        self.assertGreater(left, timedelta(minutes=9), "as long as KSeF wants")
        asked = len(self.simulator.requests)
        self.run_cron("import")
        told = self.press()
        self.assertEqual(len(self.simulator.requests), asked, "nobody asks meanwhile")
        self.assertRegex(told["message"], "pause of 1[01] min")
        self.assertArrives()

    def test_ksef_is_down(self):
        self.company.ksef_api_url = "http://127.0.0.1:9/v2"
        with self.capture_triggers("l10n_pl_ksef.cron_import") as captured:
            self.cron()
        self.assertUntouched()
        self.assertTrue(captured.records, "it tries again by itself")
        told = self.press()
        self.assertEqual(told["type"], "warning")
        self.assertIn("cannot be reached", told["message"])
        self.configure(self.company)
        self.assertArrives()

    def test_the_right_to_read_is_missing(self):
        token = self.simulator.new_token(NIP, ("InvoiceWrite",))
        self.wizard(self.company, type="token", token=token).action_save()
        self.company.ksef_login = "token"
        told = self.press()
        self.assertUntouched()
        self.assertEqual(told["type"], "warning")
        self.assertIn("InvoiceRead", told["message"], "the right to be granted")
        self.company.ksef_login = "certificate"
        self.assertArrives()

    def test_the_certificate_is_missing(self):
        self.company.ksef_certificate_ids.unlink()
        self.cron()
        self.assertUntouched()
        self.assertIn("certificate", self.press()["message"])
        self.__class__.certificate = self.upload(self.company, nip=NIP)
        self.assertArrives()

    def test_a_lost_master_key_does_not_stop_for_ever(self):
        self.simulator.set_delay(steps=1)
        self.cron()
        self.windows().sealed_key = b"bm8gYmxvYg=="
        self.cron(later=timedelta(0))
        self.assertEqual(self.windows().state, "failed", "a new export, a new key")
        self.simulator.set_delay(steps=0)
        self.assertArrives()

    def test_trouble_of_one_company_does_not_stop_another(self):
        self.configure(self.other, ksef_api_url="http://127.0.0.1:9/v2")
        self.upload(self.other, nip=OTHER_NIP)
        self.receive(self.other, since=10, ksef_api_url="http://127.0.0.1:9/v2")
        self.company.sequence, self.other.sequence = 20, 10
        self.cron()
        self.assertTrue(self.bill(self.number), "the company behind it is served")
        self.company.sequence, self.other.sequence = 10, 20

    def test_another_process_is_faster(self):
        self.simulator.set_delay(steps=1)
        self.cron()
        empty = self.env["ksef.import"]
        lock = patch.object(type(empty), "try_lock_for_update", lambda s, **k: empty)
        with lock, mute_logger("odoo.addons.l10n_pl_ksef"):
            self.cron(later=timedelta(0))
        self.assertUntouched()
        self.assertEqual(self.windows().state, "requested", "left to the other one")
        self.assertArrives()
