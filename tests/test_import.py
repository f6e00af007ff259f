import base64
from datetime import timedelta

from odoo.tests import tagged

from ..tools import warsaw
from .common import KsefCase
from .documents import supplier_file


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImport(KsefCase):
    """Supplier bills arrive by themselves, once, byte for byte, to the grosz."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configure(
            cls.company,
            ksef_import=True,
            ksef_import_from=warsaw.today() - timedelta(days=10),
        )

    def test_a_bill_arrives_by_the_button(self):
        xml = supplier_file()
        number = self.simulator.put_invoice(xml)
        journal = self.company_data["default_journal_purchase"]
        self.as_accountant(journal).button_fetch_in_einvoices()
        document = self.env["ksef.document"].search([("ksef_number", "=", number)])
        self.assertEqual(base64.b64decode(document.xml), xml)
        bill = document.move_id
        self.assertEqual(bill.amount_total, 123.0)
        self.assertEqual(bill.state, "draft")
        self.assertEqual(bill.ksef_number, number)
        self.assertEqual(bill.partner_id.vat, "PL5265877635")
        self.assertIn(f"{number}.xml", bill.attachment_ids.mapped("name"))
