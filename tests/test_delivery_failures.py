from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..models import ksef_session_online, res_company
from .common import NIP
from .delivery_common import DeliveryCase

SEND = r"/sessions/online/[^/]+/invoices$"
OPEN = r"/sessions/online$"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBadLine(DeliveryCase):
    """No answer that is lost, late or unusable can lose or double an invoice."""

    def test_r01_lost_answer(self):
        for path in (OPEN, SEND, "/close$", "/sessions/[^/]+$", "/upo$"):
            with self.subTest(path=path):
                self.simulator.fault("lost_answer", path=path)
                invoice = self.posted()
                self.deliver()
                self.deliver()
                self.assertAccepted(invoice)
                self.assertTrue(self.document(invoice).upo)

    def test_r01_lost_answer_to_a_send_is_pending(self):
        self.simulator.fault("lost_answer", path=SEND)
        first, second = self.posted(), self.posted(self.line(7.0))
        self.send()
        self.assertEqual(first.ksef_state, "pending", "it may have arrived")
        self.assertWaits(second, "cannot be reached")
        self.assertEqual(self.document(second).attempts, 0, "nobody's fault")
        self.poll()
        self.assertAccepted(first)
        self.deliver()
        self.assertAccepted(second)

    def test_slow(self):
        self.simulator.fault("slow", seconds=2.5, path=SEND)
        invoice = self.posted()
        with patch.object(res_company, "REQUEST_SECONDS", 1):
            self.send()
        self.assertEqual(invoice.ksef_state, "pending")
        self.poll()
        self.assertAccepted(invoice)

    def test_trouble_of_ksef(self):
        for fault in ("server_error", "bad_gateway_html", "script_page"):
            for path in (OPEN, SEND, "/close$", "/sessions/[^/]+/invoices$"):
                with self.subTest(fault=fault, path=path):
                    self.simulator.fault(fault, path=path)
                    invoice = self.posted()
                    self.deliver()
                    self.deliver()
                    self.assertAccepted(invoice)
                    self.assertEqual(self.document(invoice).attempts, 0)

    def test_ksef_down(self):
        invoice, late = self.posted(), None
        url = self.company.ksef_api_url
        self.company.ksef_api_url = "http://127.0.0.1:9/v2"
        self.send()
        self.assertWaits(invoice, "cannot be reached")
        self.company.ksef_api_url = url
        self.send()
        self.company.ksef_api_url = "http://127.0.0.1:9/v2"
        late = self.posted(self.line(3.0))
        self.deliver()
        self.assertEqual(invoice.ksef_state, "pending", "nothing is decided blindly")
        self.assertIn("cannot be reached", self.last_session(invoice).problem)
        self.company.ksef_api_url = url
        self.deliver()
        self.deliver()
        self.assertAccepted(invoice)
        self.assertAccepted(late)
        self.assertFalse(self.last_session(invoice).problem, "it is over")

    def test_lease_keeps_the_poll_off(self):
        invoice = self.posted()
        self.send()
        session = self.last_session(invoice)
        session.poll_at = self.in_past()
        session.lease_until = fields.Datetime.now() + timedelta(minutes=1)
        before = self.asked()
        self.run_cron("poll")
        self.assertEqual(self.asked(), before, "its sender may be alive")
        session.lease_until = self.in_past()
        self.run_cron("poll")
        self.assertGreater(self.asked(), before, "the sender is dead")

    def test_incomplete_listing_releases_nothing(self):
        invoice = self.posted()
        self.send()
        sessions = type(self.env["ksef.session"])
        with patch.object(sessions, "_pages", lambda self, client: []):
            self.poll()
        self.assertEqual(invoice.ksef_state, "pending", "KSeF counts one invoice")
        self.poll()
        self.assertAccepted(invoice)

    def test_time_is_over(self):
        invoices = [self.posted(self.line(price)) for price in (1.0, 2.0)]
        with patch.object(ksef_session_online, "STEP_SECONDS", -1):
            self.send()
        self.assertEqual([i.ksef_state for i in invoices], ["pending", "ready"])
        self.deliver()
        for invoice in invoices:
            self.assertAccepted(invoice)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPause(DeliveryCase):
    """A pause that KSeF asks for holds for the whole company, and for it alone."""

    def test_pause(self):
        self.connect_other()
        for path in (OPEN, SEND):
            with self.subTest(path=path):
                self.simulator.fault("too_many_requests", path=path, retry_after=300)
                mine, theirs = self.posted(), self.other_posted()
                self.send()
                self.poll()
                self.assertWaits(mine, "pause of 5 min")
                self.assertAccepted(theirs)
                until = self.company.ksef_paused_until
                left = (until - fields.Datetime.now()).total_seconds()
                self.assertAlmostEqual(left, 300, delta=30)
                self.assertFalse(self.other.ksef_paused_until)
                before = self.asked()
                self.deliver()
                self.assertEqual(self.asked(), before, "not one request in the pause")
                self.assertEqual(
                    self.company.ksef_paused_until, until, "nor a longer one"
                )
                self.company.ksef_paused_until = self.in_past()
                self.deliver()
                self.assertAccepted(mine)

    def test_r33_blocked_while_sending(self):
        self.simulator.fault("blocked", path=OPEN)
        invoice = self.posted()
        self.send()
        left = self.company.ksef_paused_until - fields.Datetime.now()
        self.assertGreater(left, timedelta(minutes=50), "asking goes on too early")
        asked = self.asked()
        self.send()
        self.assertEqual(self.asked(), asked, "nobody asks")
        self.company.ksef_paused_until = self.in_past()
        self.deliver()
        self.assertAccepted(invoice)

    def test_pause_of_another_worker_while_sending(self):
        first, second = self.posted(), self.posted(self.line(7.0))

        def pause(asked):
            if asked["method"] == "POST" and asked["path"].endswith("/invoices"):
                self.company._ksef_pause(600)

        self.simulator.record(pause)
        self.addCleanup(self.simulator.recorders.pop)
        self.simulator.requests.clear()
        self.send()
        sent = [r for r in self.simulator.requests if r.path.endswith("/invoices")]
        self.assertEqual(len(sent), 1, "not one request in the pause")
        self.assertEqual(first.ksef_state, "pending")
        self.assertWaits(second, "pause")

    def test_pause_while_polling(self):
        invoice = self.posted()
        self.send()
        self.simulator.fault("too_many_requests", path="/sessions", retry_after=3600)
        self.poll(times=1)
        session = self.last_session(invoice)
        self.assertGreaterEqual(session.poll_at, self.company.ksef_paused_until)
        self.company.ksef_paused_until = self.in_past()
        self.poll()
        self.assertAccepted(invoice)

    def test_trouble_of_one_company_is_its_own(self):
        self.connect_other()
        self.company.sudo().ksef_certificate_ids.active = False
        mine, theirs = self.posted(), self.other_posted()
        self.deliver()
        self.assertWaits(mine, "no certificate or token")
        self.assertAccepted(theirs)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestVerdicts(DeliveryCase):
    """What KSeF says of an invoice decides who acts next: Odoo, or a person who is told
    what to do."""

    def rejected_by(self, code, *details, times=1):
        self.simulator.fault("reject", code=code, details=details, times=times)
        invoice = self.posted()
        self.deliver()
        return invoice

    def test_codes_that_a_retry_heals(self):
        for code in (405, 430, 435, 500, 550):
            with self.subTest(code=code):
                invoice = self.rejected_by(code, "Szczegóły")
                self.assertWaits(invoice, "Szczegóły")
                self.assertEqual(self.document(invoice).attempts, 1)
                self.run_cron("send")
                self.assertEqual(invoice.ksef_state, "ready", "not at once again")
                self.deliver()
                self.assertAccepted(invoice)

    def test_after_five_attempts_a_person(self):
        invoice = self.rejected_by(550, "Przerwano", times=5)
        for _time in range(4):
            self.deliver()
        document = self.document(invoice)
        self.assertEqual(document.attempts, 5)
        self.assertTrue(document.waits_for_person)
        self.assertWaits(invoice, "Send now")
        self.assertIn("Przerwano", document.problem, "KSeF's own words")
        self.deliver()
        self.assertEqual(invoice.ksef_state, "ready", "Odoo has given up")
        self.as_accountant(invoice.ksef_document_id).action_send_now()
        self.deliver()
        self.assertAccepted(invoice)

    def test_codes_that_wait_for_a_person(self):
        for code, words in ((410, "InvoiceWrite"), (415, "attachments")):
            with self.subTest(code=code):
                invoice = self.rejected_by(code)
                self.assertWaits(invoice, words)
                self.deliver()
                self.assertWaits(invoice, words)
                xml = self.document(invoice).xml
                self.as_accountant(invoice.ksef_document_id).action_send_now()
                self.deliver()
                self.assertAccepted(invoice)
                self.assertEqual(self.document(invoice).xml, xml, "the same bytes")

    def test_rejected_invoice_is_corrected(self):
        words = "Pole P_12 jest niezgodne"
        invoice = self.rejected_by(450, words)
        refused = self.document(invoice)
        self.assertEqual(invoice.ksef_state, "rejected")
        alert = invoice._get_alerts()["ksef_problem"]
        self.assertEqual(alert["level"], "danger")
        self.assertIn(words, alert["message"])
        self.assertTrue(any(words in m.body for m in invoice.message_ids))
        name = invoice.name
        invoice.button_draft()
        invoice.invoice_line_ids.price_unit = 80.0
        invoice.action_post()
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(invoice.name, name, "the number was never used in KSeF")
        self.assertEqual(refused.state, "rejected", "kept as evidence")
        self.assertEqual(
            invoice.sudo().ksef_document_ids, refused | self.document(invoice)
        )

    def test_rejected_invoice_is_deleted(self):
        invoice = self.rejected_by(450)
        refused = self.document(invoice)
        invoice.button_draft()
        invoice.unlink()
        self.assertTrue(refused.exists(), "the refusal stays on record")

    def test_code_unknown(self):
        for code, state in ((499, "rejected"), (160, "pending"), (599, "ready")):
            with self.subTest(code=code):
                invoice = self.rejected_by(code, "Nowość")
                self.assertEqual(invoice.ksef_state, state)

    def test_r10_key_of_the_session_refused(self):
        self.simulator.fault("session_refused_key")
        invoice = self.posted()
        self.deliver()
        self.assertEqual(self.last_session(invoice).state, "failed")
        self.assertWaits(invoice, "KSeF")
        self.assertNotIn("attachments", self.document(invoice).problem)
        self.assertEqual(self.document(invoice).attempts, 1)
        self.deliver()
        self.assertAccepted(invoice)

    def test_r23_the_right_to_issue_is_missing(self):
        """KSeF lets the token in and refuses to open a session: nothing is lost, the
        invoice names the right, and leaves once somebody else may log in."""
        token = self.simulator.new_token(NIP, ("InvoiceRead",))
        self.wizard(self.company, type="token", token=token).action_save()
        self.company.ksef_login = "token"
        invoice = self.posted()
        self.deliver()
        self.assertWaits(invoice, "InvoiceWrite")
        self.assertEqual(self.document(invoice).attempts, 0, "no verdict")
        self.company.ksef_login = "certificate"
        self.deliver()
        self.assertAccepted(invoice)

    def test_one_refused_at_the_door(self):
        bad, good = self.posted(), self.posted(self.line(5.0))
        encrypt = ksef_session_online.encrypt_invoice
        spoiled = []

        def spoil_first(xml, key):
            encrypted = encrypt(xml, key)
            if spoiled:
                return encrypted
            spoiled.append(True)
            return replace(encrypted, encrypted_hash=encrypted.invoice_hash)

        with patch.object(ksef_session_online, "encrypt_invoice", spoil_first):
            self.deliver()
        self.assertWaits(bad, "21403")
        self.assertEqual(self.document(bad).attempts, 1)
        self.assertAccepted(good)
        self.deliver()
        self.assertAccepted(bad)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDuplicates(DeliveryCase):
    """440 is an acceptance only with proof, by hash, that KSeF holds these bytes."""

    def test_r02_our_own_bytes(self):
        self.simulator.fault("refused_duplicate", original="same")
        invoice = self.posted()
        self.deliver()
        self.assertAccepted(invoice)
        self.assertTrue(self.document(invoice).stored_at)
        self.assertEqual(
            self.last_session(invoice).state, "done", "nothing left to ask"
        )

    def test_sent_again_after_a_restored_backup(self):
        invoice = self.sent()
        document, number = self.document(invoice), invoice.ksef_number
        upo, session = document.upo, self.last_session(invoice)
        for forgotten in (True, False):
            with self.subTest(session_known=not forgotten):
                document.write(
                    {
                        "state": "ready",
                        "session_id": False,
                        "ksef_number": False,
                        "stored_at": False,
                        "upo": False,
                        "session_ids": [(5,)] if forgotten else [(4, session.id)],
                    }
                )
                self.deliver()
                self.assertAccepted(invoice)
                self.assertEqual(invoice.ksef_number, number)
                self.assertEqual(document.upo, upo, "the receipt of the first sending")

    def test_original_of_another_issue_date(self):
        invoice = self.posted()
        xml = self.document(invoice)._bytes()
        day = invoice.invoice_date.isoformat().encode()
        earlier = (invoice.invoice_date - timedelta(days=40)).isoformat().encode()
        number = self.simulator.put_invoice(
            xml.replace(b"<P_1>" + day, b"<P_1>" + earlier)
        )
        self.deliver()
        self.assertTaken(invoice, number)

    def test_r03_document_of_somebody_else(self):
        self.simulator.fault("refused_duplicate", original="other")
        invoice = self.posted()
        self.deliver()
        self.assertTaken(invoice, self.simulator.invoices[-1].ksef_number)

    def assertTaken(self, invoice, number):
        self.assertEqual(invoice.ksef_state, "rejected")
        alert = invoice._get_alerts()["ksef_problem"]
        self.assertEqual(alert["level"], "danger")
        self.assertIn(number, alert["message"], "which invoice it is")
        self.assertIn(invoice.name, alert["message"], "which number is taken")
        self.assertFalse(invoice.ksef_number, "the number of another is not ours")
        self.assertEqual(invoice.state, "posted", "a person decides what to do")

    def test_original_unseen(self):
        self.simulator.fault("refused_duplicate", original="none")
        invoice = self.posted()
        self.deliver()
        self.assertEqual(invoice.ksef_state, "pending", "nothing is proven")
        self.assertIn("does not show it yet", invoice.ksef_problem)
        session = self.last_session(invoice)
        session.opened_at -= timedelta(hours=2)
        self.poll()
        self.assertTrue(self.document(invoice).waits_for_person, "somebody is told")
        self.simulator.put_invoice(self.document(invoice)._bytes())
        self.poll()
        self.assertAccepted(invoice)
        self.assertFalse(self.document(invoice).waits_for_person)
