from datetime import timedelta

from odoo.tests import tagged

from .common import KsefCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestWatch(KsefCase):
    """What cannot go on by itself comes to the attention of a person, once a day at
    most, and only while it waits."""

    def watch(self):
        self.run_cron("watch")
        self.env.invalidate_all()

    def summaries(self, record):
        return record.sudo().activity_ids.mapped("summary")

    def test_a_rejected_invoice_is_brought_to_its_salesperson(self):
        self.simulator.fault("reject", code=450)
        invoice = self.posted()
        self.run_cron("send")
        self.poll()
        self.assertEqual(invoice.ksef_state, "rejected")
        number = invoice.name
        self.watch()
        self.watch()
        self.assertEqual(
            self.summaries(invoice), [f"KSeF: invoice {number} needs attention"]
        )
        self.assertEqual(invoice.sudo().activity_ids.user_id, self.accountant)

    def test_an_invoice_never_sent_is_announced_the_day_after(self):
        self.configure(self.company, ksef_send_automatically=False)
        invoice = self.posted()
        self.watch()
        self.assertFalse(self.summaries(invoice), "it may still be sent today")
        document = invoice.ksef_document_id.sudo()
        document.issue_date -= timedelta(days=1)
        self.watch()
        self.assertEqual(
            self.summaries(invoice), [f"KSeF: invoice {invoice.name} needs attention"]
        )

    def test_an_accepted_invoice_is_left_alone(self):
        invoice = self.sent()
        self.watch()
        self.assertFalse(self.summaries(invoice))
