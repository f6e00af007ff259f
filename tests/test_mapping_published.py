import unittest
from decimal import Decimal
from pathlib import Path

from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.bill_items import bill_items
from .mapping_common import BillCase

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples" / "fa3"
OFFICIAL = "mf-official/FA_3_Przyklad_{:02}.xml"


@unittest.skipUnless(SAMPLES.is_dir(), "needs ../shared/samples")
@tagged("post_install_l10n", "post_install", "-at_install")
class TestPublishedBills(BillCase):
    """Every published FA(3) file becomes a bill of its total, whatever its kind."""

    def sample(self, name):
        return fa3.parse((SAMPLES / name).read_bytes())

    def all(self):
        return {
            path.name: fa3.parse(path.read_bytes())
            for path in sorted(SAMPLES.glob("*/*.xml"))
            if path.parent.name != "invalid"
        }

    def test_items_add_up_in_every_sample(self):
        for name, invoice in self.all().items():
            due = sum(item.net + item.tax for item in bill_items(invoice))
            self.assertEqual(due, invoice.total, name)

    def test_every_sample_becomes_a_bill(self):
        read = self.all()
        self.assertGreater(len(read), 80)
        made = [self.values(invoice).values for invoice in read.values()]
        moves = self.env(user=self.accountant)["account.move"].create(made)
        for move, (name, invoice) in zip(moves, read.items(), strict=True):
            sign = -1 if move.move_type == "in_refund" else 1
            total = Decimal(f"{move.amount_total:.2f}") * sign
            self.assertEqual(total, invoice.total, name)

    def test_first_official_example(self):
        invoice = self.sample(OFFICIAL.format(1))
        move, notes = self.bill(invoice)
        self.assertEqual(move.amount_total, 2051)
        self.assertEqual(
            [line.name for line in move.invoice_line_ids[:3]],
            [line.name for line in invoice.lines],
        )
        self.assertEqual(move.amount_tax, 383.33 + 0.05)
        self.assertTrue(any("0.01" in note for note in notes), notes)

    def test_correction_before_and_after(self):
        move, _notes = self.bill(self.sample(OFFICIAL.format(2)))
        self.assertEqual(move.move_type, "in_refund")
        self.assertEqual(move.amount_total, 200)
        self.assertEqual(move.amount_tax, 37.40)
        self.assertEqual(
            [line.price_subtotal for line in move.invoice_line_ids],
            [1626.01, -1463.41],
        )

    def test_settlement_leaves_what_is_left(self):
        move, notes = self.bill(self.sample(OFFICIAL.format(14)))
        self.assertEqual(move.amount_total, 307635)
        self.assertTrue(any("Settlement" in note for note in notes))

    def test_simplified_invoice_without_totals(self):
        move, _notes = self.bill(self.sample(OFFICIAL.format(16)))
        self.assertEqual(move.amount_total, 450)
        self.assertEqual(move.amount_tax, 84.15)
