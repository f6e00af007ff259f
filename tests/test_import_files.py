import io
import zipfile
from decimal import Decimal
from email.message import EmailMessage

from odoo.tests import tagged

from ..ksef import fa3
from .common import NIP
from .documents import supplier_file, supplier_invoice
from .import_common import ImportCase

LOCAL = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/hostname">]><a>&e;</a>'
BOMB = b"0" * 30_000_000
OLD = b"http://crd.gov.pl/wzor/2023/06/29/12648/"


def zipped(files):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return archive.getvalue()


class FilesCase(ImportCase):
    def attach(self, content, name="faktura.xml"):
        """A file that the accountant uploads; Odoo takes its type from the content."""
        attachments = self.as_accountant(self.env["ir.attachment"])
        return attachments.create({"name": name, "raw": content})

    def drop(self, *attachments, journal=None):
        """Drop files on a journal; the bills that Odoo then opens."""
        journal = self.as_accountant(journal or self.purchases)
        ids = [attachment.id for attachment in attachments]
        action = journal.create_document_from_attachment(ids)
        if action.get("res_id"):
            return self.as_accountant(self.env["account.move"].browse(action["res_id"]))
        return self.as_accountant(self.env["account.move"]).search(action["domain"])

    def dropped(self, content, name="faktura.xml", **values):
        return self.drop(self.attach(content, name), **values)

    def count(self):
        return self.env["account.move"].search_count([])


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportFiles(FilesCase):
    """I07: an FA(3) file that is dropped on a journal is the bill that KSeF would have
    brought, once, whichever way comes first."""

    def test_i07_dropped_as_if_it_had_come_from_ksef(self):
        payment = fa3.Payment(
            accounts=(fa3.BankAccount(number="61109010140000071219812874"),)
        )
        received = self.put("F/1", payment=payment)
        self.press()
        expected = self.bill(received)
        bill = self.dropped(supplier_file("F/2", payment=payment))
        names = ("move_type", "journal_id", "partner_id", "partner_bank_id")
        names += ("amount_untaxed", "amount_total", "invoice_date", "date", "state")
        for name in (*names, "taxable_supply_date", "currency_id"):
            self.assertEqual(bill[name], expected[name], name)
        self.assertEqual(bill.ref, "F/2")
        for name in ("name", "quantity", "price_unit", "tax_ids", "account_id"):
            lines = (bill.invoice_line_ids, expected.invoice_line_ids)
            self.assertEqual(*(line[name] for line in lines), name)
        self.assertTrue(bill.invoice_line_ids.is_imported)
        self.assertFalse(bill.is_manually_modified)

    def test_the_file_is_kept(self):
        xml = supplier_file()
        bill = self.dropped(xml)
        self.assertEqual(bill.attachment_ids.raw, xml)
        document = bill.sudo().ksef_document_id
        self.assertEqual(self.bytes_of(document), xml)
        self.assertEqual((document.state, document.direction), ("booked", "received"))
        self.assertFalse(document.ksef_number, "nobody has told it")

    def test_a_correction_becomes_a_credit_note(self):
        kor = fa3.Kind.CORRECTION
        line = supplier_invoice().lines[0]
        less = fa3.Line(**vars(line) | {"quantity": Decimal(-2), "net": -line.net})
        totals = (
            fa3.RateTotal(bucket=fa3.BUCKETS["23"], net=-line.net, tax=Decimal(-23)),
        )
        xml = supplier_file(kind=kor, lines=(less,), totals=totals, total=Decimal(-123))
        bill = self.dropped(xml)
        self.assertEqual(bill.move_type, "in_refund")
        self.assertEqual(bill.amount_total, 123)

    def test_dropped_twice(self):
        xml = supplier_file()
        bill = self.dropped(xml)
        before = self.count()
        self.assertEqual(self.dropped(xml, "kopia.xml"), bill, "it is shown")
        self.assertEqual(self.count(), before, "and nothing else remains")
        self.assertIn("no second bill", self.notes(bill))
        bill.action_post()
        self.assertEqual(self.dropped(xml), bill, "posted, too")
        pretty = xml.replace(b"><", b">\n<")
        self.assertEqual(self.dropped(pretty), bill, "the same invoice, other bytes")

    def test_two_files_one_of_them_known(self):
        bill = self.dropped(supplier_file("F/1"))
        files = self.attach(supplier_file("F/1")), self.attach(supplier_file("F/2"))
        both = self.drop(*files)
        self.assertEqual(len(both), 2)
        self.assertIn(bill, both)
        self.assertEqual(set(both.mapped("ref")), {"F/1", "F/2"})

    def test_dropped_first_then_from_ksef(self):
        xml = supplier_file()
        bill = self.dropped(xml)
        bill.action_post()
        before = self.count()
        number = self.put_file(xml)
        self.press()
        self.assertEqual(self.bill(number), bill, "it joins the bill")
        self.assertEqual(bill.ksef_number, number)
        self.assertEqual(self.count(), before)
        self.assertEqual(len(self.documents()), 1, "one document of one file")
        self.assertEqual(self.document(number).number, "F/1/2026")
        self.assertIn(number, self.notes(bill))
        self.assertEqual(bill.state, "posted")

    def test_from_ksef_first_then_dropped(self):
        xml = supplier_file()
        number = self.put_file(xml)
        self.press()
        before = self.count()
        self.assertEqual(self.dropped(xml), self.bill(number))
        self.assertEqual(self.count(), before)

    def test_received_and_its_bill_deleted(self):
        number = self.put()
        self.press()
        self.bill(number).unlink()
        bill = self.dropped(self.bytes_of(self.document(number)))
        self.assertIn(number, self.notes(bill), "there it is created again")
        self.assertFalse(bill.invoice_line_ids)

    def test_the_bill_of_a_dropped_file_deleted(self):
        bill = self.dropped(supplier_file())
        document = bill.sudo().ksef_document_id
        bill.unlink()
        self.as_accountant(document).action_book_again()
        self.assertEqual(document.move_id.amount_total, 123)
        self.assertEqual(document.move_id.attachment_ids.name, "F/1/2026.xml")

    def test_in_a_company_without_ksef(self):
        journal = self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.other.id)], limit=1
        )
        journal = journal.with_user(self.accountant)
        journal = journal.with_context(allowed_company_ids=self.other.ids)
        files = self.attach(supplier_file(seller_nip="8130000020"))
        bill = journal._create_document_from_attachment(files.ids)
        self.assertEqual((bill.company_id, bill.amount_total), (self.other, 123))
        self.assertIn("names another buyer", self.notes(bill))

    def test_an_own_sale_issued_elsewhere(self):
        sales = self.company_data["default_journal_sale"]
        buyer = fa3.Buyer(nip="8130000020", name="Nabywca S.A.")
        xml = supplier_file("FS/7", seller_nip=NIP, buyer=buyer)
        bill = self.dropped(xml)
        self.assertIn("journal of sales", self.notes(bill))
        bill.unlink()
        sale = self.dropped(xml, journal=sales)
        self.assertEqual((sale.move_type, sale.amount_total), ("out_invoice", 123))
        self.assertEqual(sale.partner_id.vat, "PL8130000020")
        self.assertEqual(sale.invoice_line_ids.tax_ids.type_tax_use, "sale")
        sale.action_post()
        self.assertEqual(len(sale.sudo().ksef_document_ids), 1, "not issued again")

    def test_on_a_journal_of_sales(self):
        sales = self.company_data["default_journal_sale"]
        bill = self.dropped(supplier_file(), journal=sales)
        self.assertFalse(bill.invoice_line_ids)
        self.assertIn("journal of vendor bills", self.notes(bill))

    def test_on_a_bill_with_lines_nothing_happens(self):
        number = self.put("F/1")
        self.press()
        bill = self.bill(number)
        notes = self.notes(bill)
        bill.message_post(
            body="Kopia",
            message_type="comment",
            attachment_ids=self.attach(supplier_file("F/2")).ids,
        )
        self.assertEqual(bill.ref, "F/1")
        self.assertNotIn("not imported", self.notes(bill).replace(notes, ""))

    def test_on_an_empty_bill(self):
        bill = self.as_accountant(self.env["account.move"]).create(
            {"move_type": "in_invoice", "journal_id": self.purchases.id}
        )
        bill.message_post(
            body="Faktura",
            message_type="comment",
            attachment_ids=self.attach(supplier_file()).ids,
        )
        self.assertEqual(bill.amount_total, 123)
        self.assertTrue(bill.attachment_ids, "the file stays with the bill")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportArchives(FilesCase):
    """Each invoice of a ZIP is a bill; what else it holds stays in it."""

    def test_a_zip_of_invoices(self):
        files = {f"f/{i}.xml": supplier_file(f"F/{i}") for i in range(3)}
        bills = self.dropped(zipped(files | {"uwagi.txt": "Dzień dobry"}), "f.zip")
        self.assertEqual(sorted(bills.mapped("ref")), ["F/0", "F/1", "F/2"])
        self.assertEqual(set(bills.mapped("amount_total")), {123})
        names = bills.attachment_ids.mapped("name")
        self.assertEqual(sorted(names), ["0.xml", "1.xml", "2.xml", "f.zip"])

    def test_a_zip_with_what_is_here_already(self):
        bill = self.dropped(supplier_file("F/0"))
        files = {f"{i}.xml": supplier_file(f"F/{i}") for i in range(2)}
        bills = self.dropped(zipped(files | {"kopia.xml": files["0.xml"]}), "f.zip")
        self.assertEqual(len(bills), 2)
        self.assertIn(bill, bills)
        self.assertIn("f.zip", bill.attachment_ids.mapped("name"), "nothing is lost")

    def test_a_zip_without_invoices_is_none_of_ours(self):
        bill = self.dropped(zipped({"a.xml": "<a/>"}), "a.zip")
        self.assertNotIn("not imported", self.notes(bill))

    def test_what_is_no_good_archive(self):
        bomb = zipped({"a.xml": BOMB})
        good = zipped({"a.xml": supplier_file()})
        self.assertLess(len(bomb), 100_000)
        many = zipped({f"{i}.xml": supplier_file(str(i)) for i in range(101)})
        for name, content in (("bomb", bomb), ("cut", good[:-99]), ("many", many)):
            with self.subTest(name=name):
                bill = self.dropped(content, f"{name}.zip")
                self.assertFalse(bill.invoice_line_ids)
                self.assertIn("unpacks to too much", self.notes(bill))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportHostileFiles(FilesCase):
    """What cannot be read is told in a sentence; nothing of the server gets out."""

    def refusal(self, content):
        before = self.count()
        bill = self.dropped(content)
        self.assertEqual(self.count(), before + 1, "a bill to be filled in by hand")
        self.assertFalse(bill.invoice_line_ids)
        return self.notes(bill)

    def test_a_document_type(self):
        invoice = supplier_file().partition(b"?>")[2]
        for content in (LOCAL, LOCAL.decode().encode("utf-16"), LOCAL[:-40] + invoice):
            notes = self.refusal(content)
            self.assertRegex(notes, "document type|cannot be read")
        tree = self.env["account.move"]._get_xml_tree(
            {"raw": LOCAL, "mimetype": "text/xml", "name": "a.xml"}
        )
        self.assertFalse("".join(tree.itertext()), "no entity was read")

    def test_what_is_not_fa3(self):
        xml = supplier_file()
        home = fa3.NAMESPACE.encode()
        self.assertIn("another structure", self.refusal(xml.replace(home, OLD)))
        self.assertIn("damaged", self.refusal(xml[:-50]))
        self.assertIn("missing", self.refusal(xml.replace(b"P_15", b"P_99")))

    def test_an_unknown_currency(self):
        notes = self.refusal(supplier_file(currency="XXX"))
        self.assertIn("does not know the currency XXX", notes)

    def test_other_xml_is_read_as_before(self):
        file_data = {"raw": b"<a>b</a>", "mimetype": "text/xml", "name": "a.xml"}
        tree = self.env["account.move"]._get_xml_tree(file_data)
        self.assertEqual(tree.text, "b")
        self.assertNotIn("ksef_invoice", file_data)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportMail(FilesCase):
    """An invoice that is mailed to the alias of the journal becomes its bill."""

    def setUp(self):
        super().setUp()
        self.purchases.alias_name = "zakupy"
        domain = self.env["mail.alias.domain"].create({"name": "abc.example.com"})
        self.purchases.alias_id.alias_domain_id = domain

    def mailed(self, *files):
        """Bills made of a mail with these (name, content)."""
        mail = EmailMessage()
        mail["From"], mail["To"] = "biuro@dostawca.pl", "zakupy@abc.example.com"
        mail["Subject"], mail["Message-ID"] = "Faktura", f"<{self.count()}@d.pl>"
        mail.set_content("W załączeniu faktura")
        for name, content in files:
            kind = "pdf" if name.endswith("pdf") else "octet-stream"
            mail.add_attachment(
                content, maintype="application", subtype=kind, filename=name
            )
        before = self.env["account.move"].search([])
        threads = self.env["mail.thread"].with_context(mail_create_nolog=True)
        threads.message_process(None, mail.as_string())
        return self.env["account.move"].search([]) - before

    def test_mailed_with_its_picture(self):
        xml = supplier_file(seller_nip="8130000020")
        bill = self.mailed(("f.pdf", b"%PDF-1.4 picture"), ("f.xml", xml))
        self.assertEqual(len(bill), 1)
        self.assertEqual((bill.ref, bill.amount_total), ("F/1/2026", 123))
        self.assertEqual(sorted(bill.attachment_ids.mapped("name")), ["f.pdf", "f.xml"])
        self.assertEqual(bill.journal_id, self.purchases)
        self.assertEqual(bill.partner_id.name, "Dostawca S.A.", "not who sent it")

    def test_a_zip_mailed(self):
        files = {f"{i}.xml": supplier_file(f"F/{i}") for i in range(3)}
        bills = self.mailed(("f.zip", zipped(files)))
        self.assertEqual(sorted(bills.mapped("ref")), ["F/0", "F/1", "F/2"])

    def test_mailed_again(self):
        xml = supplier_file()
        first = self.mailed(("f.xml", xml))
        second = self.mailed(("f.xml", xml))
        self.assertFalse(second.invoice_line_ids, "a mail stays for a person to read")
        self.assertIn("It is here already", self.notes(second))
        self.assertIn(f'data-oe-id="{first.id}"', self.notes(second))

    def test_a_hostile_file_mailed(self):
        bill = self.mailed(("f.xml", LOCAL))
        self.assertFalse(bill.invoice_line_ids)
        self.assertIn("document type", self.notes(bill))
