from dataclasses import replace
from unittest.mock import patch

from odoo.tests import tagged

from ..models import ksef_document_reception
from .documents import supplier_invoice
from .import_common import ImportCase

#: What one more bill may cost: Odoo itself needs most of it to create the bill.
PER_BILL = 8


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportVolume(ImportCase):
    """Many bills come in one package and are made in batches: what is the same for all
    of them (supplier, taxes, journal) is looked up once, not once for each."""

    def queries(self, count, prefix):
        """How many queries it takes to receive so many bills."""
        for index in range(count):
            self.put(f"{prefix}/{index}")
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.press()
        return self.env.cr.sql_log_count - before

    def test_a_hundred_and_twenty_bills(self):
        self.queries(1, "PIERWSZA")  # warms what is cached for good
        few = self.queries(20, "A")
        many = self.queries(100, "B")
        self.assertEqual(len(self.documents().move_id), 121)
        modified = self.documents().move_id.mapped("is_manually_modified")
        self.assertFalse(any(modified), "no hand has touched them")
        self.assertGreater(100, ksef_document_reception.BATCH, "in several batches")
        each = (many - few) / 80
        self.assertLess(each, PER_BILL, f"{few} queries for 20, {many} for 100 bills")

    def test_taxes_and_suppliers_are_looked_up_once(self):
        asked = {"_ksef_purchase_tax": 0, "_ksef_known_suppliers": 0}
        with (
            self.counting("account.tax", "_ksef_purchase_tax", asked),
            self.counting("account.move", "_ksef_known_suppliers", asked),
        ):
            self.queries(20, "C")
        self.assertEqual(len(self.documents()), 20)
        self.assertEqual(set(asked.values()), {1}, asked)

    def test_partners_products_and_earlier_bills_are_read_for_all_at_once(self):
        sellers = [f"52522484{index:02}" for index in range(60)]
        partners = self.env["res.partner"].with_context(no_vat_validation=True)
        partners.create([{"name": nip, "vat": f"PL{nip}"} for nip in sellers])
        for nip in sellers:
            self.put(f"A/{nip}", seller_nip=nip)
        self.press()
        self.documents().move_id.action_post()  # bills to learn from
        self.known(sellers[:1], "PIERWSZA")  # warms what is cached for good
        few, many = self.known(sellers[:10], "B"), self.known(sellers[:10] * 5, "C")
        self.assertEqual(few, many, "queries for 10 and for 50 bills")
        many = self.known(sellers[10:], "D")
        self.assertEqual(few, many, "queries for 10 and for 50 suppliers")

    def known(self, sellers, prefix):
        """How many queries it takes to learn the values of their bills."""
        line = supplier_invoice().lines[0]
        invoices = [
            supplier_invoice(
                f"{prefix}/{nip}",
                seller_nip=nip,
                lines=(
                    replace(line, name=nip, code=f"KOD{nip}", gtin=f"590{nip}"),
                    line,
                ),
            )
            for nip in sellers
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.env["account.move"]._ksef_bills(self.company, invoices, self.purchases)
        return self.env.cr.sql_log_count - before

    def counting(self, model, name, asked):
        model = type(self.env[model])
        method = getattr(model, name)

        def counted(*args):
            asked[name] += 1
            return method(*args)

        return patch.object(model, name, counted)
