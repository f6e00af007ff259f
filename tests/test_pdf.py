import io
import re
import subprocess
import tempfile
from pathlib import Path

import requests
from PIL import Image
from PyPDF2 import PdfReader
from pyzbar import pyzbar

from odoo.tests import tagged

from ..tools import warsaw
from .delivery_common import DeliveryCase

DPI = 200
REPORT = "account.account_invoices"
WITHOUT_PAYMENTS = "account.account_invoices_without_payment"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPdf(DeliveryCase):
    """The PDF carries KOD I, with the number under it once KSeF has given one, and
    what it leads to is this very invoice."""

    def printed(self, invoice, report=REPORT):
        """The PDF as wkhtmltopdf makes it for the accountant who prints it."""
        reports = self.as_accountant(self.env["ir.actions.report"])
        reports = reports.with_context(force_report_rendering=True)
        content, kind = reports._render_qweb_pdf(report, invoice.ids)
        self.assertEqual(kind, "pdf", "wkhtmltopdf has worked")
        return content

    def stored(self, invoice):
        """Print it the way Send & Print does, and keep it."""
        send = self.as_accountant(self.env["account.move.send"])
        send = send.with_context(force_report_rendering=True)
        send._generate_and_send_invoices(invoice, sending_methods=[], extra_edis=set())
        return invoice.invoice_pdf_report_id

    def codes(self, content):
        """(link, left, top, width in mm) of the QR codes that zbar finds."""
        found = []
        for image in self.pages(content):
            for code in pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE]):
                place = [size / DPI * 25.4 for size in code.rect]
                found.append((code.data.decode(), *place[:3]))
        return found

    def pages(self, content):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page"
            subprocess.run(
                ["pdftoppm", "-r", str(DPI), "-png", "-", str(path)],
                input=content,
                check=True,
                timeout=60,
            )
            for name in sorted(Path(folder).glob("page*.png")):
                with Image.open(name) as image:
                    yield image.convert("L")

    def text(self, content):
        pages = PdfReader(io.BytesIO(content)).pages
        return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))

    def links(self, content):
        """The addresses that a click opens."""
        pages = PdfReader(io.BytesIO(content)).pages
        notes = [note.get_object() for p in pages for note in p.get("/Annots", ())]
        return [note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})]

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
