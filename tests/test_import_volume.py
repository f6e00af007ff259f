from unittest.mock import patch

from odoo.tests import tagged

from ..models import ksef_document_reception
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

    def counting(self, model, name, asked):
        model = type(self.env[model])
        method = getattr(model, name)

        def counted(*args):
            asked[name] += 1
            return method(*args)

        return patch.object(model, name, counted)
