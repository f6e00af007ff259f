import base64
import hashlib

from lxml import etree

from odoo.tests import tagged

from .common import KsefCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSend(KsefCase):
    """A posted invoice reaches KSeF exactly once, gets its number and its UPO."""

    def test_a_posted_invoice_is_accepted(self):
        invoice = self.posted()
        self.assertEqual(invoice.ksef_state, "ready", "frozen while it was posted")
        self.run_cron("send")
        self.assertEqual(invoice.ksef_state, "pending", "KSeF decides later")
        self.poll()
        self.assertEqual(invoice.ksef_state, "accepted", invoice.ksef_problem)
        (held,) = self.simulator.invoices
        self.assertEqual(invoice.ksef_number, held.ksef_number)
        document = invoice.ksef_document_id
        self.assertEqual(
            base64.b64decode(document.xml), held.xml, "KSeF holds the frozen bytes"
        )
