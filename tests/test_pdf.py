import requests

from odoo import Command
from odoo.tests import tagged

from ..tools import warsaw
from .delivery_common import DeliveryCase
from .printed import Printed

WITHOUT_PAYMENTS = "account.account_invoices_without_payment"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPdf(Printed, DeliveryCase):
    """The PDF carries KOD I, with the number under it once KSeF has given one, and
    what it leads to is this very invoice."""

    def assertCode(self, content, invoice, label):
        """It is there, it is this invoice's, a click opens it, the label is right."""
        link = self.document(invoice).qr_link
        ((found, _left, _top, width),) = self.codes(content)
        self.assertEqual(found, link)
        # The wkhtmltopdf of Debian shrinks pages to three quarters, the others do not.
        self.assertGreater(width, 27, "large enough to scan")
        self.assertLess(width, 42)
        self.assertIn(link, self.links(content))
        self.assertIn(label, self.text(content))

    def test_number_under_the_code(self):
        invoice = self.sent()
        content = self.printed(invoice)
        self.assertCode(content, invoice, invoice.ksef_number)
        self.assertNotIn("OFFLINE", self.text(content))
        page = requests.get(self.codes(content)[0][0], timeout=10)
        self.assertEqual(page.status_code, 200)
        self.assertIn(invoice.ksef_number, page.text)

    def test_before_acceptance(self):
        invoice = self.posted()
        content = self.printed(invoice)
        self.assertCode(content, invoice, "OFFLINE")
        page = requests.get(self.codes(content)[0][0], timeout=10)
        self.assertEqual(page.status_code, 404, "KSeF does not know it yet")
        self.deliver()
        page = requests.get(self.codes(content)[0][0], timeout=10)
        self.assertIn(invoice.ksef_number, page.text, "the old print leads there too")

    def test_without_ksef(self):
        invoice = self.posted(ksef_exclude=True)
        self.assertFalse(self.codes(self.printed(invoice)))
        draft = self.invoice()
        self.assertFalse(self.codes(self.printed(draft)))

    def test_rejected(self):
        self.simulator.fault("reject", code=450)
        invoice = self.posted()
        self.deliver()
        content = self.printed(invoice)
        self.assertFalse(self.codes(content), "it leads nowhere")

    def test_other_reports(self):
        invoice = self.sent()
        self.assertCode(
            self.printed(invoice, WITHOUT_PAYMENTS), invoice, invoice.ksef_number
        )

    def test_credit_note(self):
        refund = self.sent()._reverse_moves([{"invoice_date": warsaw.today()}])
        refund.action_post()
        self.deliver()
        self.assertCode(self.printed(refund), refund, refund.ksef_number)

    def test_stored_before_acceptance(self):
        for renew in (
            lambda i: i._get_invoice_legal_documents("pdf")["content"],
            lambda i: i._get_invoice_legal_documents_all()[0]["content"],
            lambda i: self.printed(i) and i.invoice_pdf_report_id.raw,
            lambda i: self.mailed(i),
            lambda i: self.portal(i),
        ):
            invoice = self.posted()
            stored = self.stored(invoice)
            self.assertIn("OFFLINE", self.text(stored.raw))
            self.deliver()
            content = renew(invoice.with_context(force_report_rendering=True))
            self.assertIn(invoice.ksef_number, self.text(content))
            renewed = invoice.invoice_pdf_report_id
            self.assertNotIn("OFFLINE", self.text(renewed.raw))
            invoice._ksef_refresh_pdf()
            self.assertEqual(invoice.invoice_pdf_report_id, renewed, "made once")

    def mailed(self, invoice):
        send = self.env["account.move.send"].with_user(self.accountant)
        send = send.with_context(force_report_rendering=True)
        return send._get_invoice_extra_attachments(invoice).raw

    def portal(self, invoice):
        """What the customer downloads in the portal."""
        public = self.env.ref("base.public_user")
        move = invoice.with_user(public).sudo()
        return move._get_invoice_legal_documents("pdf", allow_fallback=True)["content"]

    def test_f23_words_of_the_law(self):
        steel = self.env["product.product"].create(
            {"name": "pręty stalowe", "ksef_annex_15": True}
        )
        self.tax("vs_stal").active = True
        margin = self.tax("vs_kraj_0").copy({"name": "marża", "ksef_rate": "margin"})
        used = self.line(10.0)
        used[2]["tax_ids"] = [Command.set(margin.ids)]
        lines = (
            self.line(20_000.0, product_id=steel.id),
            self.line(5.0, tax="vs_stal"),
            used,
        )
        for values in ({}, {"ksef_exclude": True}):
            text = self.text(self.printed(self.posted(*lines, **values)))
            for words in (
                "mechanizmpodzielonejpłatności",
                "odwrotneobciążenie",
                "proceduramarży-towaryużywane",
            ):
                self.assertEqual(text.count(words), 1, f"{words} {values}")
        text = self.text(self.printed(self.posted()))
        self.assertNotIn("mechanizmpodzielonej", text, "nothing of it applies")
