from dataclasses import replace
from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..ksef.errors import ProtocolError
from ..tools import tokens, warsaw
from .delivery_common import DeliveryCase
from .offline_common import OfflineCase

SEND = r"/sessions/online/[^/]+/invoices$"
OPEN = r"/sessions/online$"
PAGES = ("bad_gateway_html", "script_page")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestOnlineInTheField(DeliveryCase):
    """What goes wrong with an online session in production is waited for or begun
    anew, and never loses or doubles an invoice."""

    def test_r06_a_slow_verdict(self):
        self.simulator.fault("stuck")
        invoice = self.posted()
        self.deliver()
        session = self.last_session(invoice)
        self.assertFalse(session.problem, "KSeF may take its time")
        session.opened_at -= timedelta(hours=3)
        self.poll(times=1)
        self.assertIn("3 hours", session.problem, "people are told")
        self.assertIn("do not send", session.problem)
        self.send()
        self.assertEqual(invoice.ksef_state, "pending", "not sent once more")
        self.assertEqual(len(self.document(invoice).session_ids), 1)

    def test_r08_cancelled_after_a_good_close(self):
        self.simulator.fault("session_ends", code=440)
        invoice = self.posted()
        xml = self.document(invoice).xml
        self.deliver()
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(self.document(invoice).xml, xml, "the same bytes")

    def test_r08_forgotten_by_ksef(self):
        invoice = self.posted()
        self.send()
        first = self.last_session(invoice)
        self.simulator.store.sessions.pop(first.reference_number)
        self.simulator.store.invoices.clear()
        self.poll(times=1)
        self.assertEqual(invoice.ksef_state, "ready")
        self.assertIn("21173", first.problem)
        self.deliver()
        self.assertAccepted(invoice)
        self.assertNotEqual(self.last_session(invoice), first)

    def test_r15_midnight_while_it_is_sent(self):
        midnight = warsaw.start_of_day(warsaw.today() + timedelta(days=1))
        with freeze_time(midnight - timedelta(seconds=2)) as clock:
            invoices = [self.posted(self.line(price)) for price in (1.0, 2.0)]
            self.simulator.record(
                lambda asked: (
                    asked["path"].endswith("/close") and clock.move_to(midnight)
                )
            )
            self.addCleanup(self.simulator.recorders.pop)
            self.deliver()
            for invoice in invoices:
                self.assertAccepted(invoice)
                held = {i.ksef_number: i.mode for i in self.simulator.invoices}
                told = self.document(invoice).invoicing_mode
                self.assertEqual(told, held[invoice.ksef_number], "as KSeF says")

    def test_r16_an_original_not_stored_yet_proves_nothing(self):
        invoice = self.posted()
        number = self.simulator.put_invoice(self.document(invoice)._bytes())
        held = self.simulator.invoices[-1]
        held.storage_date, held.never_stored = None, True
        self.deliver()
        self.assertEqual(invoice.ksef_state, "pending", "21165: it is not shown yet")
        asked = [each.path for each in self.simulator.requests]
        self.assertIn(f"/v2/invoices/ksef/{number}", asked)
        held.storage_date = warsaw.now()
        self.poll()
        self.assertAccepted(invoice)
        self.assertEqual(invoice.ksef_number, number)

    def test_r17_no_valid_invoice_in_it(self):
        self.simulator.fault("reject", code=450, times=2)
        invoices = [self.posted(self.line(price)) for price in (1.0, 2.0)]
        self.deliver()
        states = [invoice.ksef_state for invoice in invoices]
        self.assertEqual(states, ["rejected", "rejected"], "decided one by one")
        session = self.last_session(invoices[0])
        self.assertEqual(session.status_code, 445)
        self.assertEqual(session.state, "done", "an end, no failure to be repeated")
        self.assertEqual((session.successful_count, session.failed_count), (0, 2))

    def test_r20_an_unreadable_key_makes_the_next_session_wait(self):
        self.simulator.fault("session_refused_key")
        first = self.posted()
        self.deliver()
        refused = self.last_session(first)
        self.assertEqual((refused.state, refused.status_code), ("failed", 415))
        second = self.posted(self.line(7.0))
        asked = self.asked()
        self.run_cron("send")
        self.env["ksef.session"].sudo()._send_now(self.document(second))
        self.assertEqual(self.asked(), asked, "opened soon after, it would fail too")
        self.deliver()
        self.assertAccepted(first)
        self.assertAccepted(second)

    def test_r20_a_company_with_the_same_nip_waits_too(self):
        self.simulator.fault("session_refused_key")
        self.posted()
        self.deliver()
        branch = self.env["res.company"].create(
            {"name": "Oddział", "parent_id": self.company.id}
        )
        self.assertFalse(self.env["ksef.session"].sudo()._may_open(branch))

    def test_r20_the_company_beside_it_does_not_wait(self):
        self.connect_other()
        self.simulator.fault("session_refused_key")
        self.posted()
        self.deliver()
        theirs = self.other_posted()
        self.run_cron("send")
        self.poll()
        self.assertAccepted(theirs)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestGatewayPages(DeliveryCase):
    """A page for people in place of KSeF's answer is trouble that passes: it is never
    read, never stored, and nothing depends on it."""

    def test_r31_at_every_request_of_a_delivery(self):
        paths = (
            "/security/public-key-certificates$",
            OPEN,
            SEND,
            "/close$",
            r"/sessions/[^/]+$",
            r"/sessions/[^/]+/invoices$",
            "/upo$",
        )
        for fault in PAGES:
            for path in paths:
                with self.subTest(fault=fault, path=path):
                    self.simulator.fault(fault, path=path)
                    invoice = self.posted()
                    for _time in range(3):
                        self.deliver()
                    self.assertAccepted(invoice)
                    self.assertTrue(self.document(invoice).upo)
                    self.assertEqual(self.document(invoice).attempts, 0)
                    self.assertFalse(self.simulator.faults.waiting, "it struck")

    def test_r32_in_place_of_a_receipt(self):
        invoices = [self.posted(self.line(price)) for price in (1.0, 2.0)]
        self.simulator.fault("script_page", path="/upo$")
        self.send()
        while self.document(invoices[1]).state != "accepted":
            self.poll(times=1)
        receipts = [bool(self.document(invoice).upo) for invoice in invoices]
        self.assertEqual(receipts, [False, True], "one keeps no other back")
        session = self.last_session(invoices[0])
        self.assertIn("trouble of its own", session.problem)
        self.poll()
        self.assertTrue(self.document(invoices[0]).upo)
        self.assertEqual(session.state, "done")

    def test_r32_a_receipt_of_something_else(self):
        invoice = self.sent()
        document = self.document(invoice)
        kept = document.upo
        for content in (b"<html/>", b"<script>Incapsula</script>", b""):
            with self.subTest(content=content), self.assertRaises(ProtocolError):
                document._keep_upo(content)
        self.assertEqual(document.upo, kept)

    def test_r31_the_status_service(self):
        self.configure(self.company, ksef_status_url=self.simulator.url)
        self.simulator.announce("FAILURE", "Awaria")
        self.addCleanup(self.simulator.announce, "AVAILABLE")
        outages = self.env["ksef.outage"]
        for fault in PAGES:
            with self.subTest(fault=fault):
                self.simulator.fault(fault, path="^/messages")
                outages._look(self.company)
                self.assertFalse(outages.search([]), "a page announces nothing")
                self.assertFalse(self.simulator.faults.waiting, "it struck")
        outages._look(self.company)
        self.assertEqual(len(outages.search([])), 1)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPageInsteadOfTokens(DeliveryCase):
    """A page in place of a login or a refresh delays an invoice, no more."""

    def test_r31_login_and_refresh(self):
        paths = ("/auth/challenge", "/auth/xades-signature", "/auth/token/")
        for fault in PAGES:
            for path in paths:
                with self.subTest(fault=fault, path=path):
                    tokens.forget_all(self.certificate._token_key())
                    self.simulator.fault(fault, path=path)
                    invoice = self.posted()
                    self.deliver()
                    self.deliver()
                    self.assertAccepted(invoice)
                    self.assertFalse(self.simulator.faults.waiting, "it struck")

    def test_r31_refresh(self):
        """A refresh that fails is followed by one full login."""
        for fault in PAGES:
            with self.subTest(fault=fault):
                self.posted()
                self.deliver()
                self.end_access_token()
                self.simulator.fault(fault, path="/auth/token/refresh")
                invoice = self.posted()
                self.deliver()
                self.deliver()
                self.assertAccepted(invoice)
                self.assertFalse(self.simulator.faults.waiting, "it struck")

    def end_access_token(self):
        """The access token of this process is over, its refresh token is not."""
        mine = self.certificate._token_key()
        keys = [key for key in tokens._tokens if key[: len(mine)] == mine]
        self.assertTrue(keys, "this process has logged in")
        for key in keys:
            held = tokens._tokens[key]
            access = replace(held.access, valid_until=warsaw.now())
            tokens._tokens[key] = replace(held, access=access)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestUnannounced(OfflineCase):
    """Part of KSeF is away and nobody says so: the invoice can be issued offline."""

    def test_r38_offline24_is_one_click_away(self):
        self.simulator.fault("server_error", times=99, path=OPEN)
        invoice = self.posted()
        self.send()
        self.assertFalse(self.env["ksef.outage"].search([]), "nothing was announced")
        self.assertTrue(invoice.ksef_may_go_offline)
        arch = self.env["account.move"].get_view(view_type="form")["arch"]
        self.assertIn('name="action_ksef_issue_offline"', arch, "a button")
        self.assertFalse(invoice.action_ksef_issue_offline(), "no question in between")
        self.assertEqual(invoice.ksef_offline_mode, "offline24")
        self.assertTrue(self.document(invoice).certificate_link)
