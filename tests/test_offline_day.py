from datetime import datetime, timedelta, timezone

import requests
from freezegun import freeze_time

from odoo.tests import tagged

from ..tools import warsaw
from .common import NIP
from .offline_common import ALWAYS, OfflineCase
from .printed import Printed

FRIDAY = datetime(2026, 11, 20, 9, 0, tzinfo=timezone.utc)  # 10:00 in Poland
MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=timezone.utc)

INVOICES = 40
CREDIT_NOTES = 3


@tagged("post_install_l10n", "post_install", "-at_install")
class TestOfflineDay(Printed, OfflineCase):
    """KSeF goes away at ten o'clock and is back on the next working day. What is issued
    and printed meanwhile reaches it by itself, in the order of the deadlines. By hand:
    choosing "offline", and the technical correction of what KSeF refused."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificate.unlink()
        cls.certificate = cls.upload(cls.company, nip=NIP, **ALWAYS)

    def at(self, moment):
        """Go to a moment; time runs on from there."""
        self.stop_time()
        self.frozen = freeze_time(moment, tick=True)
        self.frozen.start()
        self.addCleanup(self.stop_time)

    def stop_time(self):
        if getattr(self, "frozen", None):
            self.frozen.stop()
            self.frozen = None

    def run_day(self, runs=6):
        """The crons of some hours."""
        for _time in range(runs):
            self.deliver()

    def correct(self, refused):
        """The wizard: look at what differs, confirm."""
        refused = refused.with_user(self.accountant)  # who opens the wizard owns it
        action = refused.action_ksef_correct_technically()
        wizard = self.env[action["res_model"]].with_user(self.accountant)
        wizard = wizard.browse(action["res_id"])
        wizard.confirmed = True
        wizard.action_correct()

    def test_day(self):
        self.at(FRIDAY - timedelta(hours=1))
        sold = [self.posted() for _number in range(CREDIT_NOTES)]
        self.run_day(2)
        for invoice in sold:
            self.assertAccepted(invoice)
        morning = len(self.held())

        self.at(FRIDAY)
        self.leave()
        invoices = self.env["account.move"].union(
            *(self.posted() for _number in range(INVOICES))
        )
        backdated = self.posted(invoice_date=warsaw.today() - timedelta(days=1))
        self.send()
        notes = self.env["account.move"].union(
            *(self.credit_note(invoice) for invoice in sold)
        )
        today = invoices | notes | backdated
        today.action_ksef_issue_offline()
        documents = today.sudo().ksef_document_id
        self.assertEqual(set(documents.mapped("offline_mode")), {"offline24"})
        self.assertEqual(set(documents.mapped("offline_reason")), {"choice"})
        deadlines = documents.mapped("deadline")
        self.assertEqual(deadlines.count(MONDAY.date()), INVOICES + CREDIT_NOTES)
        self.assertEqual(min(deadlines), FRIDAY.date(), "dated Thursday")
        self.assertPrinted(today, offline=True)
        handed_over = {
            invoice: (self.document(invoice).sha256, self.document(invoice).qr_link)
            for invoice in today
        }
        self.run_day(2)
        self.assertEqual(len(self.held()), morning, "KSeF is away")

        self.at(MONDAY)
        self.come_back()
        self.simulator.fault("reject", code=450, times=2)
        self.run_day()
        refused = today.filtered(lambda invoice: invoice.ksef_state == "rejected")
        self.assertEqual(len(refused), 2)
        self.correct(refused)
        self.run_day()
        for invoice in today:
            self.assertAccepted(invoice)
            self.assertEqual(self.document(invoice).invoicing_mode, "Offline")
        self.assertEqual(len(self.held()), morning + INVOICES + CREDIT_NOTES + 1)
        self.assertEqual(self.received()[morning], handed_over[backdated][0], "first")
        for invoice in today - refused:
            self.assertEqual(handed_over[invoice][0], self.document(invoice).sha256)
        for invoice in refused:
            page = requests.get(handed_over[invoice][1], timeout=10).text
            self.assertIn(invoice.ksef_number, page, "the printed code leads on")
        self.assertPrinted(refused | notes | backdated, offline=False)
        for invoice in today:
            self.assertEqual(invoice._ksef_pdf_label(), invoice.ksef_number)

    def received(self):
        """The hashes of what KSeF got, in the order it came."""
        return [
            file.declared_hash
            for session in self.simulator.sessions
            for file in session.submissions
        ]

    def assertPrinted(self, invoices, *, offline):
        """Each of them is printed, and read from the pixels."""
        for invoice in invoices:
            document = self.document(invoice)
            expected = [document.qr_link]
            if offline:
                expected.append(document.certificate_link)
            content = self.printed(invoice)
            links = [link for link, *_place in self.codes(content)]
            self.assertEqual(sorted(links), sorted(expected))
            label = "CERTYFIKAT" if offline else invoice.ksef_number
            self.assertIn(label, self.text(content))
