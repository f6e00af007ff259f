from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .documents import supplier_file
from .import_common import ImportCase

FA2 = supplier_file().replace(b"2025/06/25/13775", b"2023/06/29/12648")
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;">]><Faktura>&c;</Faktura>'
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    b"<Faktura>&x;</Faktura>"
)
PEF = b'<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>'


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportBadFiles(ImportCase):
    """A file that cannot be read is kept and becomes an empty draft bill, with the file
    and a sentence that says why; the other bills of its batch are not held up."""

    def assertEmptyBill(self, content, reason):
        before = self.put("DOBRA/1")
        number = self.put_unreadable(content)
        after = self.put("DOBRA/2")
        self.press()
        document, bill = self.document(number), self.bill(number)
        self.assertEqual(self.bytes_of(document), content, "stored byte for byte")
        self.assertEqual(document.state, "booked")
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual((bill.state, bill.amount_total), ("draft", 0))
        self.assertEqual(bill.ref, "ZŁA/1", "what KSeF says of it is used")
        self.assertEqual(bill.partner_id.vat, "PL5265877635")
        self.assertEqual(bill.attachment_ids.mapped("name"), [f"{number}.xml"])
        self.assertEqual(bill.attachment_ids.raw or b"", content)
        self.assertIn(reason, document.problem)
        self.assertIn(reason, self.notes(bill), "the reason stands on the bill")
        self.assertIn(reason, bill._get_alerts()["ksef_problem"]["message"])
        for good in (before, after):
            self.assertEqual(self.bill(good).amount_total, 123.0, "nobody is held up")

    def test_an_old_schema(self):
        self.assertEmptyBill(FA2, "another structure than FA(3)")

    def test_an_invoice_of_another_kind(self):
        self.assertEmptyBill(PEF, "XML, but not an invoice")

    def test_r56_broken_xml(self):
        self.assertEmptyBill(supplier_file()[:-40], "no XML, or it is damaged")

    def test_no_xml_at_all(self):
        self.assertEmptyBill(b"%PDF-1.7 \x00\x01\xff", "no XML, or it is damaged")

    def test_an_empty_file(self):
        self.assertEmptyBill(b"", "no XML, or it is damaged")

    def test_entities_are_never_read(self):
        self.assertEmptyBill(ENTITIES, "document type (DTD)")

    def test_no_file_of_this_machine_is_ever_read(self):
        self.assertEmptyBill(OUTSIDE, "document type (DTD)")

    def test_an_invoice_without_seller(self):
        xml = supplier_file()
        start, end = xml.index(b"<Podmiot1>"), xml.index(b"<Podmiot2>")
        self.assertEmptyBill(xml[:start] + xml[end:], "Podmiot1")

    def test_a_currency_that_odoo_does_not_know(self):
        unknown = supplier_file("ZŁA/1", currency="XXX")
        self.assertEmptyBill(unknown, "does not know the currency XXX")

    def test_a_value_beyond_all_reason_is_told_in_words(self):
        xml = supplier_file("ZŁA/1")
        large = xml.replace(b">123.00<", b">%s.00<" % (b"9" * 39))
        self.assertEmptyBill(large, "Enter it by hand")
        endless = xml.replace(b">123.00<", b">%s.00<" % (b"9" * 400))
        self.assertEmptyBill(endless, "cannot be read. (Element Faktura/Fa/P_15)")

    def test_r56_odd_files_are_read_all_the_same(self):
        odd = {
            "BOM": lambda xml: b"\xef\xbb\xbf" + xml,
            "PROLOG": lambda xml: xml[xml.index(b"?>") + 2 :],
            "0x81": lambda xml: xml.replace(b"Papier", b"Papier\x81"),
            "BLANK": lambda xml: xml.replace(b"<P_12>23<", b"<P_12> 23<"),
        }
        for name, spoil in odd.items():
            content = supplier_file(name)
            self.assertNotEqual(spoil(content), content)
            odd[name] = self.put_unreadable(spoil(content), name)
        self.cron()
        for name, number in odd.items():
            with self.subTest(name=name):
                self.assertEqual(self.bill(number).amount_total, 123.0)

    @contextmanager
    def refusing(self, number, reason, empty_too=False):
        """Another addon refuses the bill of an invoice number."""
        moves = type(self.env["account.move"])
        values, empty = moves._ksef_bill_values, moves._ksef_create_empty_bill

        def refuse(ref):
            if ref == number:
                raise UserError(reason)

        def bill_values(model, invoice, **known):
            refuse(invoice.number)
            return values(model, invoice, **known)

        def create_empty(model, document):
            refuse(empty_too and document.number)
            return empty(model, document)

        with (
            patch.object(moves, "_ksef_bill_values", bill_values),
            patch.object(moves, "_ksef_create_empty_bill", create_empty),
        ):
            yield

    def test_i04_r57_one_bad_bill_stops_no_other(self):
        """The whole batch fails; each is then tried alone."""
        refused = "Fakturę odrzucił inny moduł"
        good = [self.put(f"DOBRA/{i}") for i in range(3)]
        bad = self.put("ZŁA/2")
        with self.refusing("ZŁA/2", refused):
            self.press()
        for number in good:
            self.assertEqual(self.bill(number).amount_total, 123.0)
        self.assertEqual(self.bill(bad).amount_total, 0)
        self.assertIn(refused, self.document(bad).problem)

    def test_a_bill_that_cannot_be_made_at_all_waits(self):
        good = self.put("DOBRA/1")
        bad = self.put("ZŁA/2")
        with self.refusing("ZŁA/2", "Nie i już", empty_too=True):
            self.press()
            self.cron()
        self.assertEqual(self.bill(good).amount_total, 123.0)
        self.assertEqual(self.document(bad).state, "received")
        self.assertIn("Nie i już", self.document(bad).problem)
        self.cron()
        self.assertEqual(self.bill(bad).amount_total, 123.0, "once it can be made")
