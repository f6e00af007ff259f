import unittest
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from odoo.tests import tagged

from ..ksef import fa3
from ..simulator.store import Identity
from .import_common import SHARED, ImportCase

SAMPLES = SHARED / "samples" / "fa3" / "mf-official"
NIP = "1111111111"  # the buyer of the ministry's examples


@unittest.skipUnless(SAMPLES.is_dir(), "needs ../shared/samples")
@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportSamples(ImportCase):
    """Every example that the ministry publishes becomes a draft bill of its total."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.vat = f"PL{NIP}"
        cls.upload(cls.company, nip=NIP)

    def put_sample(self, path):
        number = self.put_file(path.read_bytes())
        held = self.simulator.store.invoices[number]
        # Two of them are sold abroad: here everything is bought by us.
        held.facts = replace(held.facts, buyer=Identity("Nip", NIP))
        return number

    def test_all_of_them_in_one_batch(self):
        paths = {self.put_sample(path): path for path in sorted(SAMPLES.glob("*.xml"))}
        self.assertGreater(len(paths), 20)
        self.press()
        self.assertEqual(len(self.documents()), len(paths), "never lost")
        for number, path in paths.items():
            with self.subTest(path.name):
                self.assertSampleBooked(number, path)

    def test_odd_and_hostile_files_are_never_lost(self):
        paths = sorted(SAMPLES.parent.glob("*/*.xml"))
        self.assertGreater(len(paths), 100)
        held = {
            self.put_unreadable(path.read_bytes(), f"{index}/{path.name[:40]}"): path
            for index, path in enumerate(paths)
        }
        for number in held:
            facts = self.simulator.store.invoices[number]
            facts.facts = replace(facts.facts, buyer=Identity("Nip", NIP))
        self.press()
        for number, path in held.items():
            with self.subTest(path.name):
                document, bill = self.document(number), self.bill(number)
                self.assertEqual(document.state, "booked")
                self.assertEqual(bill.attachment_ids.raw, path.read_bytes())
                if document.problem:
                    self.assertFalse(bill.invoice_line_ids, "nothing is guessed")
                else:
                    self.assertTotal(bill, fa3.parse(path.read_bytes()))

    def assertSampleBooked(self, number, path):
        document, bill = self.document(number), self.bill(number)
        content = path.read_bytes()
        self.assertEqual(self.bytes_of(document), content, "byte for byte")
        self.assertEqual(bill.attachment_ids.raw, content)
        self.assertFalse(document.problem, "understood")
        invoice = fa3.parse(content)
        self.assertTotal(bill, invoice)
        self.assertEqual(bill.currency_id.name, invoice.currency)
        self.assertEqual(bill.ref, invoice.number)
        self.assertEqual(bill.invoice_date, invoice.issue_date)
        self.assertEqual(bill.partner_id.vat, f"PL{invoice.seller.nip}")

    def assertTotal(self, bill, invoice):
        sign = -1 if bill.move_type == "in_refund" else 1
        total = sign * Decimal(f"{bill.amount_total:.2f}")
        stated = invoice.total.quantize(Decimal("0.01"), ROUND_HALF_UP)
        self.assertEqual(total, stated, "P_15, to the grosz")
