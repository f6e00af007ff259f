from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import tagged

from ..ksef import fa3
from ..simulator import judging
from ..tools import warsaw
from .documents import supplier_invoice
from .import_common import ImportCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBillLinks(ImportCase):
    """A correction becomes a credit note or a bill, by its sign (I06), tied to the bill
    that it corrects; a settlement is tied to its advances: whichever comes first, and
    again when a bill was deleted and comes back."""

    # ------------------------------------------------------------------
    # Files
    # ------------------------------------------------------------------

    def correction(self, *named, net="-50.00", **values):
        """KSeF holds a correction of invoices, given by (number, KSeF number)."""
        net = Decimal(net)
        vat = net * 23 / 100
        line = fa3.Line(number=1, name="Papier ksero", net=net, rate="23")
        corrected = tuple(
            fa3.CorrectedInvoice(
                issue_date=date(2026, 1, 1), number=number, ksef_number=ksef_number
            )
            for number, ksef_number in named
        )
        total = fa3.RateTotal(bucket=fa3.Bucket.STANDARD, net=net, tax=vat)
        invoice = supplier_invoice(
            values.pop("number", "KOR/1"),
            kind=fa3.Kind.CORRECTION,
            corrected=corrected,
            correction_reason="zwrot",
            lines=(line,),
            totals=(total,),
            total=net + vat,
            **values,
        )
        return self.put_file(fa3.build(invoice))

    def settlement(self, *advances):
        one = supplier_invoice(
            "ROZ/1",
            kind=fa3.Kind.SETTLEMENT,
            advances=tuple(fa3.AdvanceInvoice(**named) for named in advances),
        )
        return self.put_file(fa3.build(one))

    def not_yet(self, number):
        """KSeF has given the number, but shows the invoice to nobody."""
        return self.simulator.store.invoices.pop(number)

    def late(self, held):
        """KSeF shows it now, and Odoo fetches it."""
        held.storage_date = None
        judging.stored(self.simulator, held, self.simulator.clock.now())
        self.simulator.store.invoices[held.ksef_number] = held
        self.cron(times=2)

    # ------------------------------------------------------------------
    # Corrections
    # ------------------------------------------------------------------

    def test_i06_a_correction_downwards_is_a_credit_note(self):
        first = self.put("F/1")
        self.press()
        number = self.correction(("F/1", first))
        self.press()
        note, bill = self.bill(number), self.bill(first)
        self.assertEqual(note.move_type, "in_refund")
        self.assertEqual(note.amount_total, 61.5)
        self.assertEqual(note.reversed_entry_id, bill)
        self.assertEqual(note.ksef_original_ids, bill)
        row = note.ksef_corrected_ids
        self.assertEqual((row.number, row.ksef_number), ("F/1", first))

    def test_i06_a_correction_upwards_is_a_bill(self):
        first = self.put("F/1")
        self.press()
        number = self.correction(("F/1", first), net="10.00")
        self.press()
        more = self.bill(number)
        self.assertEqual((more.move_type, more.amount_total), ("in_invoice", 12.3))
        self.assertEqual(more.debit_origin_id, self.bill(first))
        self.assertFalse(more.reversed_entry_id)

    def test_i06_rows_before_and_after(self):
        rows = [
            fa3.Line(number=n, name="a", net=Decimal(net), rate="23", before=before)
            for n, (net, before) in enumerate([("100.00", True), ("60.00", False)], 1)
        ]
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD, net=Decimal("-40.00"), tax=Decimal("-9.20")
        )
        invoice = supplier_invoice(
            "KOR/2",
            kind=fa3.Kind.CORRECTION,
            lines=tuple(rows),
            totals=(total,),
            total=Decimal("-49.20"),
        )
        number = self.put_file(fa3.build(invoice))
        self.press()
        note = self.bill(number)
        self.assertEqual((note.move_type, note.amount_total), ("in_refund", 49.2))
        self.assertEqual(note.invoice_line_ids.mapped("price_subtotal"), [100, -60])

    def test_both_in_one_window(self):
        first = self.put("F/1")
        number = self.correction(("F/1", first))
        self.press()
        self.assertEqual(self.bill(number).reversed_entry_id, self.bill(first))

    def test_correction_before_its_original(self):
        first = self.put("F/1")
        held = self.not_yet(first)
        number = self.correction(("F/1", first))
        self.press()
        note = self.bill(number)
        self.assertFalse(note.reversed_entry_id)
        self.late(held)
        self.assertTrue(self.bill(first), "late, but here")
        self.assertEqual(note.reversed_entry_id, self.bill(first))

    def test_posted_correction_before_its_original(self):
        """Odoo knows the original, and changes nothing of what is posted."""
        first = self.put("F/1")
        held = self.not_yet(first)
        number = self.correction(("F/1", first))
        self.press()
        self.bill(number).action_post()
        self.late(held)
        note = self.bill(number)
        self.assertFalse(note.reversed_entry_id)
        self.assertEqual(note.ksef_original_ids, self.bill(first))

    def test_original_outside_ksef(self):
        """Found by supplier and number; that of another supplier is not meant."""
        first = self.put("F/1")
        other = self.put("F/2")
        self.press()
        number = self.correction(("F/2", None))
        strange = self.correction(
            ("F/2", None), number="KOR/9", seller_nip="1111111111"
        )
        self.press()
        self.assertEqual(self.bill(number).reversed_entry_id, self.bill(other))
        self.assertFalse(self.bill(strange).reversed_entry_id)
        self.assertNotEqual(self.bill(first), self.bill(other))

    def test_collective_correction(self):
        """It takes no single bill back, but knows all of them."""
        named = [(f"F/{n}", self.put(f"F/{n}")) for n in (1, 2)]
        self.press()
        number = self.correction(*named)
        self.press()
        note = self.bill(number)
        self.assertFalse(note.reversed_entry_id)
        bills = self.bill(named[0][1]) | self.bill(named[1][1])
        self.assertEqual(note.ksef_original_ids, bills)
        self.assertEqual(note.ksef_corrected_ids.mapped("number"), ["F/1", "F/2"])

    def test_a_deleted_original_comes_back(self):
        first = self.put("F/1")
        number = self.correction(("F/1", first))
        self.press()
        self.bill(first).unlink()
        note = self.bill(number)
        self.assertFalse(note.reversed_entry_id)
        self.assertEqual(note.ksef_corrected_ids.number, "F/1", "still named")
        self.as_accountant(self.document(first)).action_book_again()
        self.assertEqual(note.reversed_entry_id, self.bill(first))

    def test_r60_correction_that_swaps_the_buyer(self):
        """The invoice was somebody else's before: it is ours now, and says so."""
        former = fa3.FormerBuyer(nip="7010001454", name="Nie my", link_id="1")
        number = self.correction(("F/1", None), former_buyers=(former,), net="10.00")
        self.press()
        self.assertIn("Before it was Nie my, 7010001454", self.notes(self.bill(number)))

    def test_r60_a_late_invoice_is_booked_when_it_is_received(self):
        """KSeF gave its number today: no VAT of it belongs in an earlier month."""
        long_ago = warsaw.today() - timedelta(days=300)
        number = self.put("F/1", issue_date=long_ago)
        self.press()
        bill = self.bill(number)
        self.assertEqual(bill.invoice_date, long_ago)
        self.assertEqual(bill.date, warsaw.today())

    def test_posting_settles_what_it_corrects(self):
        first = self.put("F/1")
        number = self.correction(("F/1", first))
        self.press()
        self.bill(first).action_post()
        self.bill(number).action_post()
        self.assertEqual(self.bill(first).amount_residual, 61.5)

    # ------------------------------------------------------------------
    # Advances
    # ------------------------------------------------------------------

    def test_settlement_knows_its_advances(self):
        in_ksef = self.put("ZAL/1", kind=fa3.Kind.ADVANCE)
        outside = self.put("ZAL/2", kind=fa3.Kind.ADVANCE)
        number = self.settlement({"ksef_number": in_ksef}, {"number": "ZAL/2"})
        self.press()
        rows = self.bill(number).ksef_settled_ids
        self.assertEqual(
            rows.advance_id, self.bill(in_ksef) | self.bill(outside), "both"
        )
        self.assertEqual(rows.mapped("ksef_number"), [in_ksef, False], "as it states")

    def test_settlement_before_its_advance(self):
        advance = self.put("ZAL/1", kind=fa3.Kind.ADVANCE)
        held = self.not_yet(advance)
        number = self.settlement({"ksef_number": advance})
        self.press()
        rows = self.bill(number).ksef_settled_ids
        self.assertFalse(rows.advance_id)
        self.late(held)
        self.assertEqual(rows.advance_id, self.bill(advance))
