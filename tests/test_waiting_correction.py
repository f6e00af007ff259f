from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef import fa3
from ..tools import warsaw
from .offline_common import OfflineCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestWaitingCorrection(OfflineCase):
    """A correction names the KSeF number of its original, so it waits for it, says so,
    and then goes by itself."""

    def test_r19_behind_an_offline_original(self):
        self.leave()
        invoice = self.issued_offline()
        self.send()
        refund = self.credit_note(invoice)
        self.assertFalse(refund.ksef_state, "its bytes cannot be final yet")
        alert = refund._get_alerts()["ksef_offline"]["message"]
        self.assertIn(invoice.name, alert)
        self.come_back()
        self.deliver()
        self.assertAccepted(invoice)
        self.send()  # issues it, and wakes itself up
        self.deliver()
        self.assertAccepted(refund)
        self.assertIn(invoice.ksef_number.encode(), self.document(refund)._bytes())
        self.assertNotIn("ksef_offline", refund._get_alerts())

    def test_offline_for_an_original_in_ksef(self):
        invoice = self.sent()
        refund = self.credit_note(invoice)
        refund.action_ksef_issue_offline()
        self.assertEqual(refund.ksef_offline_mode, "offline24")
        self.deliver()
        self.assertAccepted(refund)

    def test_behind_a_rejected_offline_original(self):
        self.simulator.fault("reject", code=450)
        invoice = self.issued_offline()
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected")
        refund = self.credit_note(invoice)
        self.assertTrue(refund.ksef_waits_for_original)
        self.deliver()
        self.assertFalse(refund.ksef_state)

    def test_original_taken_back(self):
        self.leave()
        invoice = self.posted()
        refund = self.credit_note(invoice)
        with self.assertRaisesRegex(UserError, "Reset .* to draft first"):
            invoice.button_draft()
        refund.button_draft()
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, "is not posted"):
            refund.action_post()
        self.come_back()
        self.deliver()
        self.assertEqual(self.held(), [], "there is nothing to correct")

    def test_behind_an_earlier_correction(self):
        """It states what that one has left: not before KSeF has spoken of it, and that
        one is not taken back meanwhile."""
        invoice = self.sent()
        first = self.part_of(invoice, 10.0)
        second = self.part_of(invoice, 20.0)
        self.assertEqual(first.ksef_state, "ready")
        self.assertTrue(second.ksef_waits_for_original)
        with self.assertRaisesRegex(UserError, "Reset .* to draft first"):
            first.button_draft()
        self.deliver()
        self.assertAccepted(first)
        self.send()
        self.deliver()
        self.assertAccepted(second)
        before, _after = fa3.parse(self.document(second)._bytes()).lines
        self.assertEqual(before.net_price, 90)

    def part_of(self, invoice, cut):
        """A posted credit note that lowers the price."""
        refund = invoice._reverse_moves([{"invoice_date": warsaw.today()}])
        refund.invoice_line_ids.price_unit = cut
        refund.action_post()
        return refund

    def test_waiting_over_midnight(self):
        with freeze_time("2026-11-18 15:00:00"):
            invoice = self.issued_offline(invoice_date=warsaw.today())
            refund = self.credit_note(invoice)
        self.deliver()
        self.assertAccepted(invoice)
        self.send()
        document = self.document(refund)
        self.assertEqual(document.offline_mode, "offline24")
        self.assertGreater(document.deadline, warsaw.today(), "could not go before")

    def test_one_that_cannot_be_issued_holds_nobody_up(self):
        invoice = self.posted()
        refund = self.credit_note(invoice)
        refund.line_ids.product_id = False
        self.deliver()
        self.company.ksef_environment = False
        self.connect_other()
        theirs = self.other_posted()
        self.deliver()
        self.assertAccepted(theirs)
        self.assertFalse(refund.ksef_state)

    def test_notes_are_nobodys_to_write(self):
        invoice = self.issued_offline()
        refund = self.credit_note(invoice)
        for move, name, value in (
            (refund, "ksef_waits_for_original", False),
            (invoice, "ksef_waits_for_original", True),
            (invoice, "ksef_total_failure", True),
            (self.invoice(), "ksef_total_failure", True),
        ):
            with self.subTest(name=name, state=move.state):
                with self.assertRaisesRegex(UserError, "cannot be changed"):
                    move.write({name: value})
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            self.invoice(ksef_total_failure=True)

    def test_taken_back(self):
        invoice = self.issued_offline()
        refund = self.credit_note(invoice)
        refund.button_draft()
        self.assertFalse(refund.ksef_waits_for_original)
        self.deliver()
        self.deliver()
        self.assertFalse(refund.ksef_state)
