import io
import re
import subprocess
import tempfile
from pathlib import Path

from PIL import Image
from PyPDF2 import PdfReader
from pyzbar import pyzbar

DPI = 200
REPORT = "account.account_invoices"

#: Another Odoo on this machine would bring fonts that are printed as shapes: nobody
#: answers here, and the text can be read.
NOBODY = "http://127.0.0.1:9"


class Printed:
    """The PDF of invoices as pixels, as text and as what a click opens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].sudo().set_param("report.url", NOBODY)

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
        """(link, left, top, width in mm) of the QR codes that zbar finds, from the
        left."""
        found = []
        for image in self.pages(content):
            for code in pyzbar.decode(image, symbols=[pyzbar.ZBarSymbol.QRCODE]):
                place = [size / DPI * 25.4 for size in code.rect]
                found.append((code.data.decode(), *place[:3]))
        return sorted(found, key=lambda code: code[1])

    def pages(self, content):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "page"
            subprocess.run(
                ["pdftoppm", "-r", str(DPI), "-gray", "-", str(path)],
                input=content,
                check=True,
                timeout=60,
            )
            for name in sorted(Path(folder).glob("page*.pgm")):
                with Image.open(name) as image:
                    yield image.copy()

    def text(self, content):
        return "".join(self.page_texts(content))

    def page_texts(self, content):
        """The text of each page, without blanks."""
        pages = PdfReader(io.BytesIO(content)).pages
        return [re.sub(r"\s+", "", page.extract_text()) for page in pages]

    def links(self, content):
        """The addresses that a click opens."""
        pages = PdfReader(io.BytesIO(content)).pages
        notes = [note.get_object() for p in pages for note in p.get("/Annots", ())]
        return [note["/A"]["/URI"] for note in notes if "/URI" in note.get("/A", {})]
