import base64

from odoo import Command, fields

from ..tools import warsaw
from .common import OTHER_NIP, KsefCase


class DeliveryCase(KsefCase):
    """What happens between the frozen document and its UPO."""

    def setUp(self):
        super().setUp()
        # The database forgets after each test, and uses the same numbers again.
        self.simulator.store.invoices.clear()
        self.simulator.store.sessions.clear()

    @classmethod
    def connect_other(cls):
        """The company beside it uses KSeF too."""
        cls.configure(cls.other)
        return cls.upload(cls.other, nip=OTHER_NIP)

    def other_posted(self):
        """A posted invoice of the company beside it."""
        moves = self.env["account.move"].with_company(self.other)
        tax = moves.env["account.chart.template"].ref("vs_kraj_23")
        line = {"name": "pralka", "price_unit": 50.0, "tax_ids": [Command.set(tax.ids)]}
        invoice = moves.with_user(self.accountant).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.buyer.id,
                "invoice_date": warsaw.today(),
                "invoice_line_ids": [Command.create(line)],
            }
        )
        invoice.action_post()
        return invoice

    def send(self):
        """The send cron, after every pause is over."""
        documents = (
            self.env["ksef.document"].sudo().search([("send_after", "!=", False)])
        )
        documents.send_after = False
        refused = self.env["ksef.session"].sudo().search([("state", "=", "failed")])
        refused.finished_at = self.in_past(3600)
        self.run_cron("send")

    def deliver(self):
        """Send what is ready, and look until KSeF has spoken."""
        self.send()
        self.poll()

    def document(self, invoice):
        return invoice.sudo().ksef_document_id

    def last_session(self, invoice):
        return self.document(invoice).session_ids.sorted("id")[-1:]

    def held(self):
        """The invoices that KSeF holds, by their numbers of the seller."""
        return [invoice.facts.number for invoice in self.simulator.invoices]

    def asked(self):
        """How many requests KSeF has got so far."""
        return len(self.simulator.requests)

    def assertAccepted(self, invoice):
        document = self.document(invoice)
        self.assertEqual(invoice.ksef_state, "accepted", document.problem)
        held = [i for i in self.simulator.invoices if i.hash == document.sha256]
        self.assertEqual(len(held), 1, "KSeF holds these bytes exactly once")
        self.assertEqual(held[0].ksef_number, invoice.ksef_number)
        self.assertEqual(held[0].xml, base64.b64decode(document.xml))

    def assertWaits(self, invoice, words):
        """It is ready, and the form says why it is still here."""
        self.assertEqual(invoice.ksef_state, "ready")
        alert = invoice._get_alerts()["ksef_problem"]["message"]
        self.assertIn(words, alert, "a person can read what happened")

    def in_past(self, seconds=1):
        return fields.Datetime.subtract(fields.Datetime.now(), seconds=seconds)
