import base64
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .delivery_common import DeliveryCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSend(DeliveryCase):
    """A posted invoice reaches KSeF exactly once, gets its number and its UPO."""

    def test_a_posted_invoice_is_accepted(self):
        invoice = self.posted()
        self.assertEqual(invoice.ksef_state, "ready", "frozen while it was posted")
        self.run_cron("send")
        self.assertEqual(invoice.ksef_state, "pending", "KSeF decides later")
        self.poll()
        self.assertAccepted(invoice)
        document = self.document(invoice)
        (session,) = self.simulator.sessions[-1:]
        upo = session.submissions[0].upo
        self.assertEqual(
            base64.b64decode(document.upo), upo, "the receipt, byte for byte"
        )
        self.assertEqual(
            self.last_session(invoice).state, "done", "nothing left to ask"
        )
        self.assertFalse(self.last_session(invoice).poll_at)

    def test_the_number_can_be_found(self):
        invoice = self.sent()
        waiting = self.posted()
        moves = self.as_accountant(self.env["account.move"])
        for domain, expected in (
            ([("ksef_number", "=", invoice.ksef_number)], invoice),
            ([("ksef_number", "ilike", invoice.ksef_number[11:19])], invoice),
            ([("ksef_state", "=", "accepted")], invoice),
            ([("ksef_state", "=", "ready")], waiting),
        ):
            with self.subTest(domain=domain):
                found = moves.search([("id", "in", (invoice | waiting).ids), *domain])
                self.assertEqual(found, expected)
        said = invoice.message_ids.mapped("body")
        self.assertTrue(any(invoice.ksef_number in body for body in said), said)

    def test_r16_visible_to_the_buyer_later(self):
        self.simulator.fault("not_stored")
        invoice = self.posted()
        self.deliver()
        document = self.document(invoice)
        self.assertEqual(invoice.ksef_state, "accepted", "it has its number")
        self.assertFalse(document.stored_at, "but the buyer cannot see it yet")
        self.assertTrue(self.last_session(invoice).poll_at, "so Odoo keeps asking")
        self.simulator.invoices[-1].never_stored = False
        self.poll()
        self.assertTrue(document.stored_at)
        self.assertEqual(self.last_session(invoice).state, "done")

    def test_company_that_sends_by_hand(self):
        self.company.ksef_send_automatically = False
        invoice = self.posted()
        before = self.asked()
        self.deliver()
        self.assertEqual(invoice.ksef_state, "ready", "nobody has asked for it")
        self.assertEqual(self.asked(), before)
        invoice.action_ksef_send()
        self.deliver()
        self.assertAccepted(invoice)

    def test_several_go_in_one_session(self):
        invoices = [self.posted(self.line(price)) for price in (10.0, 20.0, 30.0)]
        before = len(self.simulator.sessions)
        self.deliver()
        for invoice in invoices:
            self.assertAccepted(invoice)
            self.assertTrue(self.document(invoice).upo)
        self.assertEqual(len(self.simulator.sessions), before + 1)

    def test_a_few_go_in_one_session(self):
        drafts = self.env["account.move"].union(*(self.invoice() for _n in range(25)))
        drafts.action_post()
        before = len(self.simulator.sessions)
        self.deliver()
        for invoice in drafts:
            self.assertAccepted(invoice)
        sessions = self.simulator.sessions[before:]
        self.assertEqual([len(s.submissions) for s in sessions], [25])

    def test_sent_once_only(self):
        invoice = self.sent()
        for _time in range(2):
            self.deliver()
        invoice.action_ksef_send()
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(self.held().count(invoice.name), 1)

    def test_looks_less_often_as_time_goes_by(self):
        self.simulator.fault("stuck")
        invoice = self.posted()
        self.deliver()
        session = self.last_session(invoice)
        for age, pause in ((1, 1), (60, 10), (600, 60)):
            with self.subTest(minutes=age):
                now = fields.Datetime.now()
                session.opened_at = now - timedelta(minutes=age)
                self.poll(times=1)
                self.assertAlmostEqual(
                    (session.poll_at - now).total_seconds(), pause * 60, delta=20
                )
        self.assertEqual(invoice.ksef_state, "pending", "KSeF is just slow")
