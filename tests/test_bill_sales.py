from base64 import b64encode
from datetime import date
from decimal import Decimal

from odoo.tests import tagged

from ..ksef import fa3
from ..ksef.crypto import sha256_b64
from .common import NIP, OTHER_NIP
from .documents import address, supplier_invoice
from .test_import_files import FilesCase

NUMBERS = "9999999999-20260215-8BEF280C8D35-4D", "9999999999-20260215-8BEF280C8D36-5E"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBillSales(FilesCase):
    """What the company has issued elsewhere, or its buyer in its name, is a customer
    invoice with sale taxes; Odoo never issues it again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["account.journal"].create(
            {
                "name": "Sklep",
                "code": "SKLEP",
                "type": "sale",
                "default_account_id": cls.company_data["default_account_revenue"].id,
            }
        )
        cls.company.ksef_import_sale_journal_id = cls.elsewhere

    def stored(self, xml, number=NUMBERS[0], **values):
        """KSeF has delivered this file to the company as its seller."""
        return (
            self.env["ksef.document"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "environment": "own",
                    "direction": "received",
                    "state": "received",
                    "ksef_number": number,
                    "xml": b64encode(xml),
                    "sha256": sha256_b64(xml),
                    "size": len(xml),
                    "seller_nip": NIP,
                    **values,
                }
            )
        )

    def own(self, number="SKLEP/1", **values):
        seller = fa3.Seller(nip=NIP, name="ABC", address=address("ul. Kwiatowa 1"))
        buyer = fa3.Buyer(nip=OTHER_NIP, name="Inna", address=address("ul. Inna 5"))
        invoice = supplier_invoice(
            number, **{"seller": seller, "buyer": buyer, **values}
        )
        return fa3.build(invoice)

    def booked(self, xml, **values):
        document = self.stored(xml, **values)
        document._book()
        self.assertFalse(document.problem)
        return self.as_accountant(document.move_id)

    def test_own_sale(self):
        move = self.booked(self.own())
        self.assertEqual((move.move_type, move.amount_total), ("out_invoice", 123))
        self.assertEqual(move.journal_id, self.elsewhere)
        self.assertEqual(move.invoice_line_ids.tax_ids, self.tax("vs_kraj_23"))
        self.assertEqual(move.name, "SKLEP/1", "its number")
        self.assertEqual(move.payment_reference, "SKLEP/1")
        self.assertEqual(move.ksef_number, NUMBERS[0])

    def test_it_is_never_issued_again(self):
        move = self.booked(self.own())
        self.assertFalse(move.ksef_issues)
        move.action_post()
        self.assertEqual(move.state, "posted")
        self.assertEqual(move.name, "SKLEP/1")
        self.assertEqual(move.sudo().ksef_document_ids.direction, "received")
        self.assertFalse(move._ksef_due())
        move.action_ksef_send()
        self.assertEqual(len(move.sudo().ksef_document_ids), 1)

    def test_a_late_sale_is_not_suspicious(self):
        account = fa3.BankAccount(number="61109010140000071219812874")
        payment = fa3.Payment(accounts=(account,))
        xml = self.own(issue_date=date(2026, 1, 1), payment=payment)
        document = self.booked(xml).sudo().ksef_document_id
        self.assertFalse(document.findings, "nor is anything paid to our own account")

    def test_without_a_journal_of_its_own(self):
        """A strange number would become the pattern of Odoo's next numbers."""
        self.company.ksef_import_sale_journal_id = False
        move = self.booked(self.own())
        self.assertFalse(move.name)
        self.assertEqual(move.ref, "SKLEP/1")
        self.assertIn("Choose a journal for sales issued elsewhere", self.notes(move))

    def test_a_journal_without_an_account_is_told(self):
        self.elsewhere.default_account_id = False
        document = self.stored(self.own())
        document._book()
        self.assertIn("Sklep has no default account", document.problem)
        self.assertEqual(document.move_id.move_type, "out_invoice", "and empty")

    def test_correction_of_what_odoo_has(self):
        """By its KSeF number, whoever issued the original."""
        first = self.booked(self.own())
        named = fa3.CorrectedInvoice(
            issue_date=date(2026, 1, 1), number="SKLEP/1", ksef_number=NUMBERS[0]
        )
        line = fa3.Line(number=1, name="a", net=Decimal(-10), rate="23")
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD, net=Decimal(-10), tax=Decimal("-2.30")
        )
        xml = self.own(
            "SKLEP/K1",
            kind=fa3.Kind.CORRECTION,
            corrected=(named,),
            lines=(line,),
            totals=(total,),
            total=Decimal("-12.30"),
        )
        move = self.booked(xml, number=NUMBERS[1])
        self.assertEqual((move.move_type, move.amount_total), ("out_refund", 12.3))
        self.assertEqual(move.reversed_entry_id, first)
        self.assertFalse(move.ksef_issues)

    def test_sales_and_bills_of_one_batch(self):
        sale = self.stored(self.own())
        bought = self.stored(fa3.build(supplier_invoice("F/1")), number=NUMBERS[1])
        (bought | sale)._book()
        self.assertEqual(sale.move_id.move_type, "out_invoice")
        self.assertEqual(bought.move_id.move_type, "in_invoice")
        self.assertEqual(sale.move_id.ref, "SKLEP/1")
        self.assertEqual(bought.move_id.ref, "F/1")

    def test_dropped_on_its_journal(self):
        """The file of the other program, before KSeF brings it: once."""
        move = self.dropped(self.own(), journal=self.elsewhere)
        self.assertEqual((move.move_type, move.amount_total), ("out_invoice", 123))
        self.assertEqual(move.invoice_line_ids.tax_ids, self.tax("vs_kraj_23"))
        self.assertFalse(move.ksef_issues)

    def test_unreadable_sale_is_no_bill(self):
        document = self.stored(b"<x/>")
        document._book()
        self.assertEqual(document.move_id.move_type, "out_invoice")
        self.assertTrue(document.problem)
