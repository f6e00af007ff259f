from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .documents import supplier_file
from .offline_common import OfflineCase
from .readable_common import KSEF_NUMBER, Readable


@tagged("post_install_l10n", "post_install", "-at_install")
class TestReadablePreview(Readable, OfflineCase):
    """Before posting, the accountant sees what KSeF will get, or why it will get
    nothing; afterwards what it got. Looking changes nothing."""

    def shown(self, move):
        """What the button shows."""
        action = move.action_ksef_read()
        reports = self.as_accountant(self.env["ir.actions.report"])
        content, _kind = reports._render_qweb_html(action["report_name"], move.ids)
        return self.words(content.decode())

    def test_draft(self):
        invoice = self.invoice(self.line(100.0, name="lodówka"))
        shown = self.shown(invoice)
        for word in ("lodówka", "123.00", "F.H.U.JanKowalski", "Preview"):
            self.assertIn(word, shown)
        self.assertEqual(invoice.state, "draft")
        self.assertFalse(invoice.ksef_document_id, "nothing is issued")
        self.assertFalse(invoice.name and invoice.name != "/", "no number is used up")

    def test_draft_without_date(self):
        self.assertIn("123.00", self.shown(self.invoice(invoice_date=False)))

    def test_unfinished_drafts_are_told_not_crashed(self):
        nobody = self.env["res.partner"].create({"name": "Nikt"})
        without_tax = self.line(1.0, tax=None)
        note = Command.create({"display_type": "line_note", "name": "uwaga"})
        drafts = {
            "no customer": self.invoice(partner_id=False),
            "no lines": self.draft(invoice_line_ids=[]),
            "notes only": self.draft(note),
            "no address": self.invoice(partner_id=nobody.id),
            "no tax": self.invoice(without_tax),
        }
        for case, draft in drafts.items():
            with self.subTest(case):
                self.assertIn("Preview", self.shown(draft))
                self.assertGreater(len(draft._ksef_readable()["notices"]), 1)

    def test_company_that_cannot_issue(self):
        invoice = self.invoice()
        self.company.partner_id.vat = False
        notices = invoice._ksef_readable()["notices"]
        self.assertGreater(len(notices), 1)

    def test_issued_and_accepted(self):
        invoice = self.posted()
        shown = self.shown(invoice)
        self.assertIn(invoice.name.replace(" ", ""), shown)
        self.assertIn("OFFLINE", shown, "the code of a number that is not there yet")
        self.deliver()
        shown = self.shown(invoice)
        self.assertIn(invoice.ksef_number, shown)
        self.assertNotIn("OFFLINE", shown)

    def test_issued_offline(self):
        invoice = self.issued_offline()
        shown = self.shown(invoice)
        self.assertIn("OFFLINE", shown)
        self.assertIn("CERTYFIKAT", shown)
        self.assertTrue(self.document(invoice).codes_given, "both may be on paper now")

    def test_correction(self):
        refund = self.sent()._reverse_moves([{}])
        shown = self.shown(refund)
        self.assertIn("Correctioninvoice", shown)
        self.assertIn("-123.00", shown)

    def test_bill(self):
        bill = self.env["account.move"].create(
            {"move_type": "in_invoice", "partner_id": self.buyer.id}
        )
        bill = self.as_accountant(bill)
        self.assertIn("nodocumentofKSeF", self.shown(bill))
        document = self.received(supplier_file(), move_id=bill.id)
        bill._ksef_link(document)
        self.assertIn(KSEF_NUMBER, self.shown(bill))

    def test_other_users(self):
        invoice = self.invoice()
        employee = new_test_user(self.env, "pracownik", groups="base.group_user")
        with self.assertRaises(AccessError):
            invoice.with_user(employee)._ksef_readable()
