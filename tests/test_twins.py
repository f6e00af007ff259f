import base64
import io
from datetime import timedelta
from decimal import Decimal

from reportlab.pdfgen.canvas import Canvas

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef import fa3, qr
from ..ksef.crypto import sha256_b64
from ..tools import pdf_codes, warsaw
from .common import OTHER_NIP
from .documents import supplier_file
from .test_quarantine import QuarantineCase

QR = "https://qr.ksef.mf.gov.pl"
LINK = f"{QR}/invoice/{OTHER_NIP}/01-02-2026/{'A' * 43}"
KSEF_NUMBER = "5265877635-20250826-0100001AF629-AF"


def pdf(*texts, link=None):
    """A PDF with texts, a line each, and a link that a click opens."""
    out = io.BytesIO()
    canvas = Canvas(out)
    for index, text in enumerate(texts):
        canvas.drawString(20, 800 - 20 * index, text)
    if link:
        canvas.linkURL(link, (20, 20, 100, 100))
    canvas.save()
    return out.getvalue()


def code_link(xml):
    """The link of KOD I of a file."""
    return qr.invoice_link(QR, OTHER_NIP, warsaw.today(), sha256_b64(xml))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTwins(QuarantineCase):
    """A bill that is in Odoo before KSeF delivers it gets the file instead of a second
    bill; where anything differs, there are two, and a warning."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Dostawca", "vat": f"PL{OTHER_NIP}", "is_company": True}
        )

    def by_hand(self, price=100.0, **values):
        """A bill that the accountant has entered."""
        values = {
            "move_type": "in_invoice",
            "partner_id": self.supplier.id,
            "ref": "F/1/2026",
            "invoice_date": warsaw.today(),
            "invoice_line_ids": [self.line(price, tax="vz_kraj_23")],
        } | values
        return self.as_accountant(self.env["account.move"]).create(values)

    def dropped(self, content):
        """The bill of a PDF that the accountant drops on the journal."""
        attachment = self.as_accountant(self.env["ir.attachment"]).create(
            {"name": "faktura.pdf", "raw": content, "mimetype": "application/pdf"}
        )
        journal = self.as_accountant(self.purchases)
        journal = journal.with_context(default_move_type="in_invoice")
        return journal._create_document_from_attachment(attachment.ids)

    def assertJoined(self, document, bill):
        self.assertEqual(document.move_id, bill, "no second bill is made")
        self.assertEqual(document.state, "booked")
        self.assertEqual(bill.ksef_number, document.ksef_number)
        self.assertIn("Joined with the KSeF document", self.notes(bill))
        total = document._amount_text().replace("\N{NO-BREAK SPACE}", "&nbsp;")
        self.assertIn(f"over {total}, which", self.notes(bill))
        names = bill.attachment_ids.mapped("name")
        self.assertIn(f"{document.ksef_number}.xml", names)

    def assertTwo(self, document, bill):
        self.assertTrue(document.move_id)
        self.assertNotEqual(document.move_id, bill)
        self.assertFalse(bill.ksef_number)

    def test_a_bill_entered_by_hand(self):
        bill = self.by_hand()
        self.assertJoined(self.arrived(), bill)

    def test_a_posted_bill_keeps_its_amounts(self):
        bill = self.by_hand()
        bill.action_post()
        lines = bill.line_ids
        before = lines.mapped("balance")
        self.assertJoined(self.arrived(), bill)
        self.assertEqual(bill.state, "posted")
        self.assertEqual(bill.line_ids, lines)
        self.assertEqual(lines.mapped("balance"), before)

    def test_the_number_as_people_write_it(self):
        bill = self.by_hand(ref=" f 1-2026")
        self.assertJoined(self.arrived(), bill)

    def test_a_supplier_not_known_yet(self):
        bill = self.by_hand(partner_id=False)
        self.assertJoined(self.arrived(), bill)

    def test_the_day_of_receipt_is_told(self):
        bill = self.by_hand(invoice_date=warsaw.today() - timedelta(days=7))
        document = self.arrived()
        self.assertJoined(document, bill)
        self.assertEqual(document.trust, "check")
        (finding,) = document.findings
        self.assertEqual(finding["code"], "bill_date")
        self.assertIn(str(bill.invoice_date), finding["text"])

    def test_a_bill_of_a_branch(self):
        branch = self.env["res.company"].create(
            {"name": "Oddział", "parent_id": self.company.id}
        )
        self.cr.precommit.run()  # Odoo loads its chart of accounts
        self.accountant.company_ids |= branch
        moves = self.as_accountant(self.env["account.move"]).with_company(branch)
        account = self.purchases.default_account_id
        lines = [
            Command.create({"price_unit": 123, "tax_ids": [], "account_id": account.id})
        ]
        bill = moves.with_context(
            allowed_company_ids=[branch.id, self.company.id]
        ).create(
            {
                "move_type": "in_invoice",
                "company_id": branch.id,
                "partner_id": self.supplier.id,
                "ref": "F/1/2026",
                "invoice_date": warsaw.today(),
                "invoice_line_ids": lines,
            }
        )
        self.assertEqual(bill.company_id, branch)
        self.assertJoined(self.arrived(), bill)
        branch.ksef_environment = "test"
        own = bill.copy({"ref": "F/2/2026", "invoice_date": warsaw.today()})
        self.assertEqual(own.company_id, branch)
        self.assertTwo(self.arrived("F/2/2026"), own)

    def test_another_invoice_is_not_taken_for_it(self):
        stranger = self.env["res.partner"].create({"name": "Inny", "is_company": True})
        others = {
            "another supplier": {"partner_id": self.buyer.id},
            "perhaps another supplier": {"partner_id": stranger.id},
            "another number": {"ref": "F/11/2026"},
            "another year": {
                "invoice_date": warsaw.today() - timedelta(days=365),
            },
            "another week": {"invoice_date": warsaw.today() - timedelta(days=8)},
            "another company": {"company_id": self.other.id},
            "a refund": {"move_type": "in_refund"},
            "another currency": {"currency_id": self.env.ref("base.EUR").id},
        }
        self.env.ref("base.EUR").active = True
        for index, (why, values) in enumerate(others.items()):
            with self.subTest(why):
                number = f"X/{index}"
                values.setdefault("ref", number)
                company = self.env["res.company"].browse(values.get("company_id"))
                if company:
                    values["invoice_line_ids"] = [Command.create({"price_unit": 123})]
                bill = self.env["account.move"].with_company(company or self.company)
                bill = bill.create(
                    {
                        "move_type": "in_invoice",
                        "partner_id": self.supplier.id,
                        "invoice_date": warsaw.today(),
                        "invoice_line_ids": [self.line(100.0, tax="vz_kraj_23")],
                    }
                    | values
                )
                self.assertTwo(self.arrived(number), bill)

    def test_a_cancelled_bill_is_nobody(self):
        bill = self.by_hand()
        bill.button_cancel()
        self.assertTwo(self.arrived(), bill)

    def test_two_candidates_are_for_a_person(self):
        bills = self.by_hand() | self.by_hand()
        document = self.arrived()
        self.assertEqual(document.similar_move_ids, bills)
        self.assertNotIn(document.move_id, bills)

    def test_another_amount_is_told(self):
        bill = self.by_hand(200.0, ref="F-1-2026")
        document = self.arrived()
        self.assertTwo(document, bill)
        self.assertEqual(document.similar_move_ids, bill)
        alert = document.move_id._get_alerts()["ksef_similar"]
        self.assertIn("but another amount", alert["message"])
        self.assertIn(bill.display_name, alert["message"])
        self.assertEqual(alert["action"]["res_id"], bill.id)
        bill.button_cancel()
        self.assertNotIn("ksef_similar", document.move_id._get_alerts())

    def test_a_credit_note(self):
        bill = self.by_hand(move_type="in_refund", ref="K/1")
        document = self.arrived(
            "K/1",
            kind=fa3.Kind.CORRECTION,
            corrected=(fa3.CorrectedInvoice(number="F/0", issue_date=warsaw.today()),),
            lines=(),
            totals=(
                fa3.RateTotal(
                    bucket=fa3.BUCKETS["23"], net=Decimal(-100), tax=Decimal(-23)
                ),
            ),
            total=Decimal(-123),
        )
        self.assertJoined(document, bill)

    def test_a_bill_typed_after_its_ksef_bill(self):
        document = self.arrived()
        bill = self.by_hand(partner_id=document.move_id.partner_id.id)
        self.assertIn(document.move_id, bill.duplicated_ref_ids, "Odoo's own warning")

    def test_the_code_on_a_mailed_pdf(self):
        xml = supplier_file()
        bill = self.dropped(pdf("FAKTURA", link=code_link(xml)))
        self.assertEqual(bill.ksef_read_code, sha256_b64(xml))
        received = self.put_file(xml)
        self.press()
        document = self.as_accountant(self.document(received))
        self.assertJoined(document, bill)
        self.assertIn("faktura.pdf", bill.attachment_ids.mapped("name"), "both stay")
        self.assertEqual(bill.amount_total, 123.0, "the empty bill is filled in")
        self.assertEqual(bill.ref, "F/1/2026")

    def test_the_ksef_number_on_a_mailed_pdf(self):
        received = self.put()
        bill = self.dropped(pdf("Numer KSeF:", received))
        self.press()
        self.assertJoined(self.as_accountant(self.document(received)), bill)

    def test_the_code_outweighs_what_was_typed(self):
        xml = supplier_file()
        bill = self.dropped(pdf(code_link(xml)))
        stranger = self.env["res.partner"].create({"name": "Dostawca SA"})
        self.fill(bill, partner_id=stranger.id, ref="faktura z lutego")
        received = self.put_file(xml)
        self.press()
        self.assertJoined(self.as_accountant(self.document(received)), bill)

    def test_a_ksef_number_in_passing(self):
        received = self.put()
        bill = self.dropped(pdf("Do faktury", received))
        self.fill(bill, partner_id=self.supplier.id, ref="N/7")
        self.press()
        document = self.as_accountant(self.document(received))
        self.assertTwo(document, bill)
        self.assertEqual(document.similar_move_ids, bill)

    def fill(self, bill, **values):
        """The accountant enters what stands on the PDF."""
        lines = [self.line(100.0, tax="vz_kraj_23")]
        day = {"invoice_date": warsaw.today()}
        bill.write(values | day | {"invoice_line_ids": lines})

    def test_one_bill_belongs_to_one_file(self):
        bill = self.by_hand()
        numbers = [self.put(), self.put(kind=fa3.Kind.SIMPLIFIED)]
        self.press()
        documents = self.env["ksef.document"].union(*map(self.document, numbers))
        self.assertEqual(len(documents.move_id), 2)
        self.assertEqual(len(documents.filtered("is_joined")), 1)
        self.assertIn(bill, documents.move_id)

    def test_a_bill_with_a_file_gets_no_other(self):
        first = self.arrived()
        self.assertTwo(self.arrived(kind=fa3.Kind.SIMPLIFIED), first.move_id.copy())
        self.assertEqual(first.move_id.ksef_number, first.ksef_number)

    def test_a_pdf_that_comes_after_the_file(self):
        xml = supplier_file()
        received = self.put_file(xml)
        self.press()
        bill = self.dropped(pdf(code_link(xml)))
        alert = bill._get_alerts()["ksef_twin"]
        self.assertIn(received, alert["message"])
        self.assertEqual(alert["action"]["res_id"], self.bill(received).id)

    def test_joining_can_be_undone(self):
        bill = self.by_hand()
        document = self.arrived()
        document.action_separate()
        self.assertFalse(bill.ksef_number)
        self.assertTrue(document.is_without_bill)
        self.assertEqual(bill.amount_total, 123.0)
        document.action_book_again()
        self.assertTwo(document, bill)

    def test_quarantine_spares_a_bill_entered_by_hand(self):
        bill = self.by_hand()
        bill.action_post()
        document = self.arrived()
        self.set_aside(document)
        self.assertEqual((bill.state, document.state), ("posted", "quarantined"))
        self.assertFalse(bill.ksef_number)
        document.action_take_back()
        self.assertEqual(document.move_id, bill, "and it is found again")

    def test_one_query_finds_the_bills_of_a_batch(self):
        for index in range(3):
            self.by_hand(ref=f"B/{index}")
        documents = self.env["ksef.document"]
        for index in range(3):
            documents |= self.arrived(f"C/{index}", seller_nip="8130000020")
        documents = documents.sudo()
        documents.mapped("sha256")
        self.env.flush_all()
        with self.assertQueryCount(1):
            documents._bills_like(documents)

    def test_who_may_not_write_bills_separates_nothing(self):
        bill = self.by_hand()
        document = self.arrived()
        reader = self.accountant.copy(
            {
                "login": "ksef_reads",
                "group_ids": [
                    Command.set(self.env.ref("account.group_account_readonly").ids)
                ],
            }
        )
        with self.assertRaises(UserError):
            document.with_user(reader).action_separate()
        self.assertEqual(document.move_id, bill)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPdfCodes(QuarantineCase):
    """Only what a PDF says clearly is believed; no file stops anybody."""

    def test_what_is_read(self):
        sha = "A" * 43 + "="
        read = {
            "the link as text": (pdf(LINK), sha),
            "the link in two lines": (pdf(LINK[:60], LINK[60:]), sha),
            "a link to be clicked": (pdf("Faktura", link=LINK), sha),
            "the hash before the number": (pdf(LINK, KSEF_NUMBER), sha),
            "the number": (pdf("KSeF", KSEF_NUMBER), KSEF_NUMBER),
            "a wrong number": (pdf(KSEF_NUMBER[:-2] + "00"), None),
            "two hashes": (pdf(LINK, LINK.replace("A" * 43, "B" * 43)), None),
            "nothing": (pdf("Faktura 1/2026"), None),
            "no PDF": (b"\x00\x01", None),
            "half a PDF": (pdf(LINK)[:300], None),
            "an empty file": (b"", None),
        }
        for why, (content, found) in read.items():
            with self.subTest(why):
                self.assertEqual(pdf_codes.code(content), found)

    def test_characters_of_base64url(self):
        link = LINK.replace("A" * 43, "-_" + "A" * 41)
        found = base64.b64decode(pdf_codes.code(pdf(link)))
        self.assertEqual(len(found), 32, "as documents keep it")
