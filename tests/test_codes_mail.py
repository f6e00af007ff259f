import io

from lxml import html
from markupsafe import Markup
from PIL import Image

from odoo.tests import tagged

from .codes_common import CodesCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCodesMail(CodesCase):
    """The e-mail says how to check the invoice in KSeF, as things are when it leaves:
    the number, or OFFLINE and the second link with both codes as pictures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer.email = "nabywca@example.com"
        cls.accountant.email = "ksiegowa@example.com"

    def compose(self, invoice, *edis):
        """The window of Send & Print, with the boxes ticked that are named."""
        self.env.invalidate_all()
        wizards = self.env["account.move.send.wizard"].with_user(self.accountant)
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        wizard = wizards.with_context(**context, force_report_rendering=True).create(
            {"sending_methods": ["email"]}
        )
        boxes = wizard.extra_edi_checkboxes or {}
        wizard.extra_edi_checkboxes = {
            name: {**box, "checked": name in edis} for name, box in boxes.items()
        }
        return wizard

    def mailed(self, invoice, *edis):
        """Send it. Returns the message that left for the customer."""
        self.compose(invoice, *edis).action_send_and_print()
        return self.message(invoice)

    def message(self, invoice):
        (message,) = invoice.sudo().message_ids.filtered(
            lambda m: self.buyer in m.partner_ids
        )
        return message

    def block(self, body):
        """(text, links) of what the e-mail says of KSeF."""
        (block,) = html.fromstring(body).find_class("o_ksef_codes")
        return " ".join(block.text_content().split()), block.xpath(".//a/@href")

    def pictures(self, message):
        """The links in the attached pictures."""
        found = []
        files = message.attachment_ids.filtered(lambda a: a.mimetype == "image/png")
        for file in files.sorted("name"):
            with Image.open(io.BytesIO(file.raw)) as image:
                found += self.links_in(image)
        return found

    def test_number(self):
        invoice = self.posted()
        draft = self.compose(invoice, "ksef").body
        self.assertIn("come here when the invoice is sent", self.block(draft)[0])
        message = self.mailed(invoice, "ksef")
        text, links = self.block(message.body)
        self.assertIn(f"KSeF number: {invoice.ksef_number}", text)
        self.assertNotIn("OFFLINE", text, "it got its number while the user waited")
        self.assertEqual(links, [self.document(invoice).qr_link])
        self.assertFalse(self.pictures(message))

    def test_offline(self):
        invoice = self.issued_offline()
        self.assertIn("CERTYFIKAT", self.block(self.compose(invoice).body)[0])
        message = self.mailed(invoice)
        document = self.document(invoice)
        text, links = self.block(message.body)
        self.assertIn("OFFLINE", text)
        self.assertIn("CERTYFIKAT", text)
        expected = [document.qr_link, document.certificate_link]
        self.assertEqual(links, expected)
        self.assertEqual(self.pictures(message), expected)
        self.assertIn(invoice.invoice_pdf_report_id.name, self.names(message))

    def names(self, message):
        return message.attachment_ids.mapped("name")

    def test_offline_chosen_while_sending(self):
        invoice = self.posted()
        message = self.mailed(invoice, "ksef", "ksef_offline")
        document = self.document(invoice)
        self.assertTrue(document.certificate_link)
        self.assertEqual(
            self.block(message.body)[1],
            [document.qr_link, document.certificate_link],
        )

    def test_number_not_wanted_yet(self):
        """The user takes the tick from KSeF: the law's word for such an invoice."""
        invoice = self.posted()
        text, links = self.block(self.mailed(invoice).body)
        self.assertIn("gets its KSeF number later", text)
        self.assertIn("(OFFLINE)", text)
        self.assertEqual(links, [self.document(invoice).qr_link])

    def test_issued_while_sending(self):
        """Posted before the company used KSeF: no link is known while composing."""
        self.company.ksef_environment = False
        invoice = self.posted()
        self.configure(self.company)
        text, links = self.block(self.compose(invoice, "ksef").body)
        self.assertIn("come here", text)
        self.assertFalse(links)
        message = self.mailed(invoice, "ksef")
        self.assertIn(invoice.ksef_number, self.block(message.body)[0])

    def test_words_of_the_user_stay(self):
        invoice = self.posted()
        wizard = self.compose(invoice, "ksef")
        wizard.body = Markup("<p>Dzień dobry &amp; do widzenia</p>") + wizard.body
        wizard.action_send_and_print()
        body = self.message(invoice).body
        self.assertIn("Dzień dobry &amp; do widzenia", body)
        self.assertIn(invoice.ksef_number, self.block(body)[0])

    def test_taken_out_by_the_user(self):
        invoice = self.posted()
        wizard = self.compose(invoice, "ksef")
        wizard.body = "<p>Dzień dobry</p>"
        wizard.action_send_and_print()
        self.assertNotIn("KSeF", self.message(invoice).body)

    def test_without_ksef(self):
        invoice = self.posted(ksef_exclude=True)
        self.assertNotIn("o_ksef_codes", self.mailed(invoice).body)

    def test_credit_note(self):
        refund = self.credit_note(self.sent())
        refund.action_ksef_issue_offline()
        message = self.mailed(refund)
        self.assertEqual(len(self.pictures(message)), 2)
        self.assertEqual(len(self.block(message.body)[1]), 2)

    def test_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        template = self.env.ref("l10n_pl_ksef.mail_codes").with_context(lang="pl_PL")
        template.arch_db = template.arch_db.replace(
            "Check this invoice in KSeF", "Sprawdź tę fakturę w KSeF"
        )
        self.buyer.lang = "pl_PL"
        text, _links = self.block(self.mailed(self.issued_offline()).body)
        self.assertIn("Sprawdź tę fakturę w KSeF", text)
        self.assertIn("OFFLINE", text, "literally, in every language")
        self.assertIn("CERTYFIKAT", text)
