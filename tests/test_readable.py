import time
import unittest
from dataclasses import replace
from decimal import Decimal

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..ksef import fa3, qr
from ..ksef.errors import Fa3Error
from ..mapping.readable import readable
from .common import KsefCase
from .documents import supplier_file, supplier_invoice
from .import_common import SHARED
from .printed import Printed
from .readable_common import KSEF_NUMBER, POLISH, Readable, said, solid

SAMPLES = SHARED / "samples" / "fa3"
EVIL = '"><script>alert(1)</script><img src="http://evil.example/x">'


def many_lines(count):
    """The file of an invoice with so many lines."""
    (line,) = supplier_invoice().lines
    lines = [replace(line, number=n, name=f"Towar {n}") for n in range(1, count + 1)]
    return supplier_file(lines=tuple(lines))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestReadable(Readable, Printed, KsefCase):
    """An accountant reads what KSeF delivered, on screen and on paper, whoever made the
    file and whatever it says; the file alone decides what stands there."""

    def pdf(self, document):
        """The PDF as a person prints it."""
        return document.with_context(force_report_rendering=True)._readable_pdf()

    def test_number_and_code(self):
        document = self.received(supplier_file("F/1/2026"))
        shown = document._readable_html()
        self.assertIn("F/1/2026", self.words(shown))
        self.assertIn(KSEF_NUMBER, self.words(shown))
        invoice = fa3.parse(document._bytes())
        link = qr.invoice_link(
            "https://qr-test.ksef.mf.gov.pl",
            invoice.seller.nip,
            invoice.issue_date,
            document.sha256,
        )
        self.assertIn(f'href="{link}"', str(shown))

    def test_paper_has_the_same(self):
        document = self.received(supplier_file("F/1/2026"))
        content = self.pdf(document)
        text = self.text(content)
        self.assertIn(KSEF_NUMBER, text)
        self.assertIn("Papierksero", text)
        (code,) = self.codes(content)
        self.assertIn(document.sha256[:20].replace("+", "-").replace("/", "_"), code[0])
        self.assertFalse(
            self.env["ir.attachment"].search([("res_model", "=", "ksef.document")]),
            "attached to nothing",
        )

    def test_heads_are_repeated_on_each_page(self):
        content = self.pdf(self.received(many_lines(100)))
        pages = self.page_texts(content)
        self.assertGreater(len(pages), 1)
        head = solid(self.env._("Name of goods or service"))
        with_lines = [page for page in pages if "Towar" in page]
        self.assertGreater(len(with_lines), 1)
        for page in with_lines:
            self.assertIn(head, page)

    def test_a_thousand_lines(self):
        document = self.received(many_lines(1000))
        start = time.monotonic()
        shown = self.words(document._readable_html())
        self.assertLess(time.monotonic() - start, 20, "usually one or two seconds")
        self.assertIn("Towar1000", shown)

    def test_hostile_texts_are_texts(self):
        invoice = supplier_invoice(
            EVIL,
            seller=replace(supplier_invoice().seller, name=EVIL),
            descriptions=(fa3.Description(key=EVIL, value=EVIL),),
            footer=fa3.Footer(texts=(EVIL,)),
            payment=fa3.Payment(link="javascript:alert(1)"),
            attachment=fa3.Attachment(
                blocks=(
                    fa3.AttachmentBlock(
                        heading=EVIL, metadata=(fa3.MetaData(key=EVIL, value=EVIL),)
                    ),
                )
            ),
        )
        shown = str(self.received(fa3.build(invoice))._readable_html())
        self.assertNotIn("<script", shown)
        self.assertNotIn("<img src=", shown.replace('<img src="data:', ""))
        self.assertNotIn('href="javascript', shown)
        self.assertGreaterEqual(shown.count("&lt;script&gt;"), 7)

    def test_words_that_fit_no_line(self):
        usual = str(self.received(supplier_file())._readable_html())
        broken = 'ksef_long"'
        self.assertNotIn(broken, usual)
        (line,) = supplier_invoice().lines
        word = "Bardzodługie" * 9
        shown = self.received(
            supplier_file(
                "F" * 200,
                lines=(replace(line, name=word, uid="u" * 50),),
                descriptions=(fa3.Description(key=word, value="x"),),
                payment=fa3.Payment(link=f"https://pay.example/{word}"),
            ),
            ksef_number=None,
        )._readable_html()
        self.assertEqual(str(shown).count(broken), 4, "or the amounts leave the paper")

    def test_unreadable_file(self):
        for content in (b"", b"<Faktura/>", b"\x00\xff"):
            document = self.received(content, ksef_number=None)
            shown = str(document._readable_html())
            self.assertIn("ksef_notice", shown, "the reason, not an error")
            document.sudo().unlink()

    def test_other_users(self):
        document = self.received(supplier_file())
        employee = new_test_user(self.env, "pracownik", groups="base.group_user")
        with self.assertRaises(AccessError):
            document.with_user(employee)._readable_html()
        with self.assertRaises(AccessError):
            document.with_user(employee)._readable_pdf()

    def test_other_company(self):
        document = self.received(supplier_file(), company_id=self.other.id)
        with self.assertRaises(AccessError):
            document._readable_html()

    def test_action(self):
        document = self.received(supplier_file())
        action = document.action_read()
        self.assertEqual(
            action["report_type"], "qweb-html", "on screen, not downloaded"
        )
        reports = self.as_accountant(self.env["ir.actions.report"])
        html, kind = reports._render_qweb_html(action["report_name"], document.ids)
        self.assertEqual(kind, "html")
        self.assertIn(KSEF_NUMBER, self.words(html.decode()))

    def test_languages(self):
        document = self.received(supplier_file(total=Decimal("12345.60")))
        english = self.words(document._readable_html())
        self.assertIn("12,345.60", english)
        self.assertIn("Seller", english)
        self.company.ksef_readable_language = "polish"
        polish = self.words(document._readable_html())
        self.assertIn("12345,60", polish)
        self.assertIn("Sprzedawca", polish)
        self.assertNotIn("Seller", polish)
        self.company.ksef_readable_language = "both"
        self.assertIn("SprzedawcaSeller", self.words(document._readable_html()))


@unittest.skipUnless(SAMPLES.is_dir(), "needs ../shared/samples")
@tagged("post_install_l10n", "post_install", "-at_install")
class TestReadableSamples(Readable, KsefCase):
    """Whatever a readable file states, stands on its page."""

    def test_every_sample(self):
        self.company.ksef_readable_language = "polish"
        read = 0
        for path in sorted(SAMPLES.glob("*/*.xml")):
            try:
                invoice = fa3.parse(path.read_bytes())
            except Fa3Error:
                continue
            with self.subTest(path.name):
                self.assertAllSaid(path.read_bytes(), invoice)
                read += 1
        self.assertGreater(read, 60)

    def assertAllSaid(self, xml, invoice):
        document = self.received(xml, ksef_number=None)
        shown = self.words(document._readable_html())
        missing = {
            (name, text)
            for name, text in said(invoice, POLISH)
            if solid(text) not in shown
        }
        self.assertFalse(missing)

    def test_sections_have_names_of_their_own(self):
        for path in sorted((SAMPLES / "mf-official").glob("*.xml")):
            page = readable(fa3.parse(path.read_bytes()), POLISH)
            names = [section.name for section in page.sections]
            self.assertEqual(len(names), len(set(names)))
