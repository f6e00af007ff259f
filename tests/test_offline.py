from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..tools import warsaw
from .offline_common import OfflineCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestOffline(OfflineCase):
    """An invoice issued offline is final: the bytes, the number and both codes stay,
    and it reaches KSeF as an offline invoice, exactly once."""

    def test_the_same_bytes_with_a_second_code(self):
        invoice = self.posted()
        document = self.document(invoice)
        before = document.sha256, document.qr_link, document._bytes()
        invoice.action_ksef_issue_offline()
        self.assertEqual((document.sha256, document.qr_link, document._bytes()), before)
        self.assertEqual(document.offline_mode, "offline24")
        self.assertEqual(document.offline_reason, "choice")
        self.assertEqual(document.offline_certificate_id, self.offline_certificate)
        self.assertIn(self.offline_certificate.serial_number, document.certificate_link)
        signed = document.certificate_link
        with self.assertRaisesRegex(UserError, "Nothing to issue offline"):
            invoice.action_ksef_issue_offline()
        self.assertEqual(document.certificate_link, signed, "signed once")

    def test_it_reaches_ksef_as_offline(self):
        invoice = self.issued_offline()
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(self.document(invoice).invoicing_mode, "Offline")

    def test_a_document_on_its_way_goes_offline(self):
        self.simulator.fault("lost_answer", path="/invoices$", after=True)
        invoice = self.posted()
        self.send()
        self.assertEqual(invoice.ksef_state, "pending")
        sent = self.document(invoice).sha256
        invoice.action_ksef_issue_offline()
        self.assertEqual(invoice.ksef_state, "pending", "its way goes on")
        self.assertTrue(self.document(invoice).certificate_link)
        self.poll()
        self.assertAccepted(invoice)
        self.assertEqual(self.document(invoice).sha256, sent)

    def test_it_stays_as_it_is(self):
        invoice = self.issued_offline()
        self.assertTrue(invoice.ksef_locked)
        self.assertFalse(invoice.show_reset_to_draft_button)
        with self.assertRaisesRegex(UserError, "the buyer may hold it"):
            invoice.button_draft()
        with self.assertRaisesRegex(UserError, "the buyer may hold it"):
            invoice.invoice_date = warsaw.today() - timedelta(days=1)

    def test_a_rejected_one_stays_as_it_is_too(self):
        self.simulator.fault("reject", code=450)
        invoice = self.issued_offline()
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected")
        self.assertTrue(invoice.ksef_locked)
        with self.assertRaisesRegex(UserError, "technical correction"):
            invoice.button_draft()

    def test_another_environment(self):
        invoice = self.posted()
        self.company.ksef_environment = "test"
        self.offline_certificate.sudo().environment = "test"
        self.assertFalse(invoice.ksef_may_go_offline)
        with self.assertRaisesRegex(UserError, "Nothing to issue offline"):
            invoice.action_ksef_issue_offline()

    def test_without_an_offline_certificate(self):
        self.offline_certificate.unlink()
        invoice = self.posted()
        with self.assertRaisesRegex(UserError, "no valid Offline certificate"):
            invoice.action_ksef_issue_offline()
        self.assertFalse(invoice.ksef_offline_mode, "nothing half-done")

    def test_a_login_certificate_signs_no_code(self):
        self.offline_certificate.sudo().type = "authentication"
        with self.assertRaisesRegex(UserError, "no valid Offline certificate"):
            self.posted().action_ksef_issue_offline()

    def test_many_at_once(self):
        accepted = self.sent()
        invoices = self.posted() | self.posted() | accepted
        invoices.action_ksef_issue_offline()
        modes = invoices.mapped("ksef_offline_mode")
        self.assertEqual(modes, ["offline24", "offline24", False], "one is in KSeF")

    def test_dated_before_today(self):
        earlier = warsaw.today() - timedelta(days=1)
        invoice = self.posted(invoice_date=earlier)
        document = self.document(invoice)
        self.assertEqual(document.offline_mode, "offline24")
        self.assertEqual(document.offline_reason, "date")
        self.assertTrue(document.certificate_link)
        self.deliver()
        self.assertEqual(document.invoicing_mode, "Offline")

    def test_dated_before_today_is_final_once_printed(self):
        invoice = self.posted(invoice_date=warsaw.today() - timedelta(days=1))
        self.assertFalse(self.document(invoice)._is_final(), "nobody holds it")
        self.as_accountant(self.env["ir.actions.report"])._render_qweb_html(
            "account.account_invoices", invoice.ids
        )
        self.assertTrue(self.document(invoice)._is_final())
        with self.assertRaisesRegex(UserError, "the buyer may hold it"):
            invoice.button_draft()

    def test_an_outage_does_not_change_the_mode_of_an_earlier_day(self):
        self.company.ksef_send_automatically = False
        day = warsaw.today()
        invoice = self.posted(invoice_date=day)
        self.env["ksef.outage"].create(
            {"environment": "own", "kind": "maintenance", "start": self.in_past()}
        )
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            invoice.action_ksef_issue_offline()
        self.assertEqual(invoice.ksef_offline_mode, "offline24", "issued on its date")

    def test_dated_long_ago(self):
        alerts = self.invoice(
            invoice_date=warsaw.today() - timedelta(days=14)
        )._get_alerts()
        self.assertIn("has passed", alerts["ksef_backdated"]["message"])
        recent = self.invoice(invoice_date=warsaw.today() - timedelta(days=1))
        self.assertIn("by itself", recent._get_alerts()["ksef_backdated"]["message"])

    def test_dated_before_today_without_a_certificate(self):
        self.offline_certificate.unlink()
        invoice = self.posted(invoice_date=warsaw.today() - timedelta(days=1))
        self.assertEqual(invoice.ksef_offline_mode, "offline24")
        self.assertWaits(invoice, "only once it has its KSeF number")
        invoice.button_draft()
        self.assertFalse(invoice.ksef_state, "nobody holds it: it may be changed")

    def test_r15_waiting_over_midnight(self):
        with freeze_time("2026-11-18 15:00:00"):
            invoice = self.posted(invoice_date=warsaw.today())
        self.assertFalse(invoice.ksef_offline_mode)
        self.send()
        document = self.document(invoice)
        self.assertEqual(document.offline_mode, "offline24")
        self.poll()
        self.assertAccepted(invoice)
        self.assertEqual(document.invoicing_mode, "Offline")

    def test_oldest_deadline_first(self):
        first = self.posted()
        second = self.issued_offline()
        third = self.issued_offline()
        self.document(second).deadline = warsaw.today() + timedelta(days=3)
        self.document(third).deadline = warsaw.today() + timedelta(days=1)
        self.deliver()
        order = [third.name, second.name, first.name]
        self.assertEqual(self.held(), order)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestNoAnswer(OfflineCase):
    """When KSeF does not answer, the company's setting decides: wait, ask, or issue
    offline after some minutes."""

    def posted_while_away(self):
        self.leave()
        invoice = self.posted()
        self.send()
        return invoice

    def wait(self, minutes):
        since = self.company.ksef_unreachable_since
        self.company.ksef_unreachable_since = since - timedelta(minutes=minutes)
        self.send()

    def test_never(self):
        self.company.ksef_offline_when = "never"
        invoice = self.posted_while_away()
        self.wait(600)
        self.assertFalse(invoice.ksef_offline_mode)

    def test_ask(self):
        invoice = self.posted_while_away()
        self.wait(600)
        self.assertFalse(invoice.ksef_offline_mode)
        alert = invoice._get_alerts()["ksef_offline"]["message"]
        self.assertIn("has not answered since", alert)
        self.assertTrue(invoice.ksef_may_go_offline)

    def test_by_itself(self):
        self.company.write({"ksef_offline_when": "auto", "ksef_offline_minutes": 20})
        invoice = self.posted_while_away()
        self.wait(19)
        self.assertFalse(invoice.ksef_offline_mode, "there is time left")
        self.wait(1)
        self.assertEqual(invoice.ksef_offline_mode, "offline24")
        self.assertEqual(self.document(invoice).offline_reason, "unreachable")
        self.come_back()
        self.deliver()
        self.assertAccepted(invoice)

    def test_more_than_a_session_carries(self):
        self.company.write({"ksef_offline_when": "auto", "ksef_offline_minutes": 0})
        self.leave()
        many = [self.posted() for _number in range(31)]
        self.send()
        modes = {invoice.ksef_offline_mode for invoice in many}
        self.assertEqual(modes, {"offline24"}, "all of them, not the first thirty")

    def test_by_itself_at_once(self):
        self.company.write({"ksef_offline_when": "auto", "ksef_offline_minutes": 0})
        self.assertEqual(self.posted_while_away().ksef_offline_mode, "offline24")

    def test_a_document_on_its_way_goes_too(self):
        self.company.write({"ksef_offline_when": "auto", "ksef_offline_minutes": 20})
        invoice = self.posted()
        self.simulator.set_delay(steps=100)
        self.send()
        self.assertEqual(invoice.ksef_state, "pending")
        self.leave()
        self.poll(times=1)
        self.company.ksef_unreachable_since -= timedelta(minutes=20)
        self.poll(times=1)
        self.assertEqual(invoice.ksef_offline_mode, "offline24")

    def test_an_answer_ends_it(self):
        self.posted_while_away()
        self.assertTrue(self.company.ksef_unreachable_since)
        self.come_back()
        self.deliver()
        self.assertFalse(self.company.ksef_unreachable_since)

    def test_an_old_silence_is_over(self):
        self.company.write({"ksef_offline_when": "auto", "ksef_offline_minutes": 60})
        invoice = self.posted_while_away()
        hours = timedelta(hours=2)
        self.company.ksef_unreachable_since -= hours
        self.company.ksef_unreachable_at -= hours
        self.assertNotIn("ksef_offline", invoice._get_alerts())
        self.send()
        self.assertFalse(invoice.ksef_offline_mode, "nobody asked KSeF meanwhile")

    def test_a_refusal_is_an_answer(self):
        self.simulator.fault("unauthorized", times=100, path="^/v2/")
        self.posted()
        self.send()
        self.assertFalse(self.company.ksef_unreachable_since)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestAnnouncedOutage(OfflineCase):
    """What the ministry has announced decides the mode of what is issued meanwhile."""

    def announce(self, kind):
        now = fields.Datetime.now()
        return self.env["ksef.outage"].create(
            {"environment": "own", "kind": kind, "start": now - timedelta(hours=1)}
        )

    def test_unavailability_and_failure(self):
        for kind, mode in (("maintenance", "offline"), ("failure", "emergency")):
            with self.subTest(kind=kind):
                outage = self.announce(kind)
                invoice = self.posted()
                document = self.document(invoice)
                self.assertEqual(document.offline_mode, mode)
                self.assertEqual(document.offline_reason, "outage")
                self.assertFalse(document.deadline, "not known while it lasts")
                outage.unlink()

    def test_final_once_it_may_be_handed_over(self):
        self.announce("failure")
        invoice = self.posted()
        self.assertFalse(self.document(invoice)._is_final(), "nobody has chosen it")
        self.assertTrue(invoice.ksef_may_go_offline)
        invoice.action_ksef_issue_offline()
        self.assertTrue(self.document(invoice)._is_final())
        self.assertEqual(invoice.ksef_offline_mode, "emergency")

    def test_announced_while_it_waits(self):
        invoice = self.posted()
        self.announce("failure")
        self.leave()
        self.send()
        self.assertEqual(invoice.ksef_offline_mode, "emergency")

    def test_another_environment(self):
        self.announce("failure").environment = "production"
        self.assertFalse(self.posted().ksef_offline_mode)

    def test_total_failure(self):
        self.announce("total_failure")
        invoice = self.posted()
        self.assertTrue(invoice.ksef_total_failure)
        self.assertFalse(invoice.ksef_state, "nothing is to be sent")
        self.assertIn("outside KSeF", invoice._get_alerts()["ksef_offline"]["message"])
        self.deliver()
        self.assertEqual(self.held(), [])
        self.assertFalse(invoice._ksef_is_due())

    def test_issued_before_a_total_failure(self):
        invoice = self.posted()
        self.announce("total_failure")
        invoice.action_ksef_issue_offline()
        self.assertTrue(invoice.ksef_total_failure, "paper, outside KSeF")
        self.assertFalse(invoice.ksef_state)

    def test_back_to_draft_after_a_total_failure(self):
        outage = self.announce("total_failure")
        invoice = self.posted()
        outage.unlink()
        invoice.button_draft()
        self.assertFalse(invoice.ksef_total_failure)
        invoice.action_post()
        self.assertEqual(invoice.ksef_state, "ready", "now it goes to KSeF")
