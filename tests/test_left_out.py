from odoo.tests import tagged
from odoo.tools import html2plaintext

from ..ksef import fa3
from .common import KsefCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestLeftOut(KsefCase):
    """What KSeF takes in no text is left out, and a person is told where (R14)."""

    def told(self, move):
        return self.as_accountant(move)._get_alerts().get("ksef_left_out")

    def named(self, name):
        invoice = self.invoice()
        invoice.invoice_line_ids.name = name
        return invoice

    def test_r14_told_before_posting_and_noted_after(self):
        move = self.named("Papier\x0bksero")
        told = self.told(move)
        self.assertEqual(told["level"], "warning", "it hinders nobody")
        self.assertIn("Papier", told["message"], "which record")
        move.action_post()
        written = fa3.parse(move.sudo().ksef_document_id._bytes())
        self.assertEqual(written.lines[0].name, "Papierksero")
        notes = [html2plaintext(m.body) for m in move.sudo().message_ids]
        self.assertTrue([n for n in notes if "are left out" in n], "who posts many")
        self.assertFalse(self.told(move), "it is issued")

    def test_r14_every_text_of_the_document(self):
        self.buyer.street = "Polna\x02 1"
        move = self.invoice(
            narration="Dziękujemy\x7f",
            ksef_order_number="ZAM\x1f1",
            ksef_description_ids=[(0, 0, {"key": "Klucz", "value": "war\x03tość"})],
        )
        message = self.told(move)["message"]
        for field in ("Street", "Terms and Conditions", "Order number", "Klucz: Text"):
            self.assertIn(field, message)

    def test_r14_what_the_document_takes_from_other_records(self):
        term = self.env["account.payment.term"].create(
            {"name": "Po odbiorze", "ksef_due_event": "odbiór\x0b"}
        )
        faktor = self.buyer.copy({"name": "Faktor\x01 S.A.", "vat": False})
        move = self.invoice(
            invoice_payment_term_id=term.id,
            ksef_third_party_ids=[(0, 0, {"partner_id": faktor.id, "role": "1"})],
        )
        unit = self.env["uom.uom"].create({"name": "para\x02butów"})
        move.invoice_line_ids.product_uom_id = unit
        message = self.told(move)["message"]
        for record in (term, faktor, unit):
            self.assertIn(record.display_name, message)

    def test_r14_in_a_text_that_looks_like_html(self):
        for name in ("Kowal & syn\x0b", "\x0bPapier <A4> & toner", "<p>ksero\x1f</p>"):
            with self.subTest(name=name):
                move = self.named(name)
                self.assertIn("Label", self.told(move)["message"])
                move.action_post()
                self.assertTrue(move.sudo().ksef_document_id)

    def test_r14_nothing_is_said_of_ordinary_texts(self):
        self.assertFalse(self.told(self.named("Zażółć\tgęślą\njaźń \u0085 😀")))
