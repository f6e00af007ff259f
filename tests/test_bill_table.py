import sys
import unittest
from collections import defaultdict
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.bill_items import bill_items
from ..simulator.store import Identity
from .import_common import SHARED, ImportCase

SAMPLES = SHARED / "samples" / "fa3"
NIP = "1111111111"  # the buyer of the ministry's examples
CENT = Decimal("0.01")
UNEXPLAINED = "is said nowhere"
EXPLAINED = ("differ", "worked out from", "do not contain")


def money(amount):
    return Decimal(repr(amount)).quantize(CENT, ROUND_HALF_UP)


@unittest.skipUnless(SAMPLES.is_dir(), "needs ../shared/samples")
@tagged("post_install_l10n", "post_install", "-at_install")
class TestBillTable(ImportCase):
    """Every sample becomes a draft bill whose total is P_15 and whose net and VAT are
    P_13 and P_14 of each rate, or that says what differs and why; what cannot be read
    is kept and explained, and stops nothing else. The table of all is printed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.vat = f"PL{NIP}"
        cls.upload(cls.company, nip=NIP)

    def test_all_samples(self):
        paths = sorted(SAMPLES.glob("*/*.xml"))
        self.assertGreater(len(paths), 100)
        numbers = {
            self.put_for_us(path.read_bytes(), f"{index}/{path.name[:40]}"): path
            for index, path in enumerate(paths)
        }
        self.press()
        rows = {
            f"{path.parent.name}/{path.name}": self.judged(number, path)
            for number, path in numbers.items()
        }
        table = [f"{name:<72} {row}" for name, row in rows.items()]
        sys.stdout.write("\n".join(["", *table, ""]))
        silent = [row for row in table if UNEXPLAINED in row]
        self.assertFalse(silent, "\n".join(silent))

    def put_for_us(self, content, number):
        held = self.put_unreadable(content, number)
        stored = self.simulator.store.invoices[held]
        stored.facts = replace(stored.facts, buyer=Identity("Nip", NIP))
        return held

    def judged(self, number, path):
        """Prove what the law says of one file; its row of the table."""
        document, bill = self.document(number), self.bill(number)
        self.assertEqual(bill.state, "draft")
        self.assertEqual(self.bytes_of(document), path.read_bytes(), "byte for byte")
        if document.problem:
            self.assertFalse(bill.invoice_line_ids, "nothing is guessed")
            return f"EMPTY      {document.problem}"
        invoice = fa3.parse(path.read_bytes())
        sign = -1 if bill.move_type == "in_refund" else 1
        self.assertEqual(money(bill.amount_total) * sign, self.stated(invoice.total))
        differences = self.differences(bill, invoice, sign)
        notes = self.notes(bill)
        self.assertVatInPln(bill, invoice, sign)
        if differences and not any(word in notes for word in EXPLAINED):
            differences[UNEXPLAINED] = ""
        said = "; ".join(f"{bucket} {says}" for bucket, says in differences.items())
        head = f"{bill.move_type:<10} {invoice.kind.value:<7} {invoice.currency}"
        return f"{head} {invoice.total:>12} {said or '='}"

    def assertVatInPln(self, bill, invoice, sign):
        """P_14_xW is the VAT in the books, where the invoice says its rate."""
        told = [total.tax_pln for total in invoice.totals if total.tax_pln]
        if not told or not any(line.exchange_rate for line in invoice.lines):
            return
        items = bill.line_ids.filtered("tax_line_id")
        vat = money(sum(items.mapped("balance"))) * bill.direction_sign * sign
        self.assertEqual(vat, sum(told), bill.ref)

    def stated(self, amount):
        return (amount or Decimal()).quantize(CENT, ROUND_HALF_UP)

    def differences(self, bill, invoice, sign):
        """What the bill has other than P_13 and P_14, by total."""
        found = self.booked(bill, invoice, sign)
        differences = {}
        for total in invoice.totals:
            net, tax = found.pop(total.bucket, (Decimal(), Decimal()))
            wanted = (self.stated(total.net), self.stated(total.tax))
            if (net, tax) != wanted:
                differences[total.bucket.net] = f"{net}+{tax}, not {wanted}"
        for bucket, (net, tax) in found.items():
            if net or tax:
                differences[bucket and bucket.net] = f"{net}+{tax}, not stated"
        return differences

    def booked(self, bill, invoice, sign):
        """Net and VAT of each total as the bill has them. Lines without a tax bear
        their VAT; the others share that of the journal items of their tax."""
        found, share = defaultdict(lambda: [Decimal(), Decimal()]), defaultdict(set)
        items = bill_items(invoice)
        lines = bill.invoice_line_ids
        self.assertEqual(len(lines), len(items))
        for item, line in zip(items, lines, strict=True):
            net, tax = found[item.bucket], Decimal()
            if not line.tax_ids:
                tax = item.tax
            share[line.tax_ids].add(item.bucket)
            net[0] += money(line.price_subtotal) * sign - tax
            net[1] += tax
        direction = bill.direction_sign * sign
        for tax, buckets in share.items():
            items = bill.line_ids.filtered(lambda i, t=tax: i.tax_line_id in t)
            vat = money(sum(items.mapped("amount_currency"))) * direction
            if tax and vat:
                self.assertEqual(len(buckets), 1, "one rate, one total")
                found[next(iter(buckets))][1] += vat
        return {bucket: tuple(amounts) for bucket, amounts in found.items()}
