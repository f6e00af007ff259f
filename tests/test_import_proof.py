from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from .common import NIP
from .period_common import PeriodCase
from .test_import_roles import CUSTOMER


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportProof(PeriodCase):
    """What a control compares: the days of reception, all amounts in their currency and
    with their sign, and what KSeF's list tells of each invoice."""

    def test_what_lies_before_the_start_is_not_asked_for(self):
        """A month in which reception begins counts from that day."""
        self.company.ksef_import_from = self.month + timedelta(days=14)
        before, after = self.put_in_month("A", day=5), self.put_in_month("B", day=20)
        self.cron()
        self.assertEqual(self.period().state, "complete")
        self.assertEqual(self.period().listed_count, 1)
        self.assertEqual(self.documents().ksef_number, after)
        self.company.ksef_import_from = self.month
        self.cron(times=2)
        self.assertTrue(self.document(before))
        self.assertEqual(self.period().listed_count, 2, "it is controlled anew")
        self.assertEqual(self.period().state, "complete")
        self.assertFalse(self.period().late_count, "the ledger brought it")
        asked = len(self.queries())
        self.cron()
        self.assertEqual(len(self.queries()), asked, "once")

    def test_other_amounts_are_no_proof(self):
        number, other = self.put_in_month("A"), self.put_in_month("B")
        self.cron()
        self.document(number).amount = 100
        self.document(other).currency = "EUR"
        self.period().next_at = self.ago(hours=1)
        self.cron()
        period = self.as_accountant(self.period())
        self.assertEqual(period.state, "different")
        self.assertEqual((period.missing_count, period.differing_count), (0, 2))
        told = f"{number}: 123.00 PLN in KSeF, 100.00 PLN in Odoo"
        self.assertIn(told, period.differing_lines)
        self.assertIn(number, self.activities()[:1].note)
        self.assertTrue(period.next_at, "it is looked at again")
        self.document(number).amount = 123
        self.document(other).currency = "PLN"
        self.control()
        self.assertEqual((period.state, period.differing_count), ("complete", 0))

    def test_negative_sums(self):
        self.put_in_month("K", **self.over(Decimal("-50.00")))
        self.put_in_month("A")
        self.cron()
        self.assertEqual(self.period().state, "complete")
        self.assertEqual(self.period().held_sums, {"PLN": "73.00"})

    def test_credit_notes_of_another_module_count_as_negative(self):
        self.company.ksef_import_sales = True
        amount = self.over(Decimal("-123.00"))
        number = self.put_in_month("S/1", seller_nip=NIP, buyer=CUSTOMER, **amount)
        refund = self.invoice(move_type="out_refund").sudo()
        self.assertEqual(refund.amount_total, 123)
        sent = patch.object(
            type(self.env["ksef.document"]),
            "_sent_by_other_module",
            lambda self, listing, numbers: (
                {number: refund} if number in numbers else {}
            ),
        )
        with sent:
            self.cron()
        self.assertEqual(self.period("Subject1").state, "complete")
        self.assertEqual(self.period("Subject1").held_sums, {"PLN": "-123.00"})

    def test_the_list_tells_what_an_export_did_not(self):
        self.simulator.fault("export_without_metadata", times=2)
        number = self.put_in_month("A")
        bad = self.put_in_month("B")
        self.simulator.store.invoices[bad].xml = b"<nothing/>"
        self.cron()
        document, unread = self.document(number), self.document(bad)
        self.assertEqual(document.stored_at.date(), self.month + timedelta(days=9))
        self.assertTrue(document.acquired_at)
        self.assertEqual((unread.number, unread.amount), ("B", 123.0))
        self.assertEqual(self.period().state, "complete")
