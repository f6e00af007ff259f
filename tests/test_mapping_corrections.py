from base64 import b64encode
from datetime import date
from decimal import Decimal

from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.invoice_out import to_fa3
from ..mapping.problems import problems
from .mapping_common import CREATED, MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingCorrections(MappingCase):
    """A credit or debit note is a KOR: it names the corrected invoice and states the
    difference."""

    def setUp(self):
        super().setUp()
        self.original = self.posted(
            self.line(100, quantity=3),
            self.line(50, "vs_kraj_8", name="książka"),
            invoice_date=date(2026, 2, 15),
            taxable_supply_date=date(2026, 1, 27),
        )

    def test_whole_invoice(self):
        refund = self.reversal(self.original)
        invoice = self.document(refund)
        self.assertIs(invoice.kind, fa3.Kind.CORRECTION)
        self.assertAmounts(
            invoice,
            "-423.00",
            P_13_1="-300.00",
            P_14_1="-69.00",
            P_13_2="-50.00",
            P_14_2="-4.00",
        )
        line = invoice.lines[0]
        self.assertEqual((line.quantity, line.net_price, line.net), (-3, 100, -300))
        self.assertEqual(invoice.supply_date, date(2026, 1, 27), "that of the sale")
        self.assertIsNone(invoice.payment, "a correction asks for no payment")

    def test_return_of_some(self):
        refund = self.reversal(self.original, self.line(100, quantity=1))
        invoice = self.document(refund)
        line = invoice.lines[0]
        self.assertEqual((line.quantity, line.net_price, line.net), (-1, 100, -100))
        self.assertAmounts(invoice, "-123.00", P_13_1="-100.00", P_14_1="-23.00")

    def test_price_cut(self):
        refund = self.reversal(self.original, self.line(20, quantity=2))
        line = self.document(refund).lines[0]
        self.assertEqual((line.quantity, line.net_price, line.net), (2, -20, -40))

    def test_difference_of_old_and_new_line(self):
        refund = self.reversal(
            self.original, self.line(100, quantity=3), self.line(90, quantity=-3)
        )
        invoice = self.document(refund)
        self.assertAmounts(invoice, "-36.90", P_13_1="-30.00", P_14_1="-6.90")
        self.assertEqual([line.net for line in invoice.lines], [-300, 270])

    def test_original_outside_ksef(self):
        invoice = self.document(self.reversal(self.original))
        self.assertEqual(
            invoice.corrected,
            (
                fa3.CorrectedInvoice(
                    issue_date=date(2026, 2, 15), number=self.original.name
                ),
            ),
        )
        self.assertIn(b"<NrKSeFN>1</NrKSeFN>", fa3.build(invoice))

    def hand_to_ksef(self, **values):
        """The original has a document in KSeF."""
        document = (
            self.env["ksef.document"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "environment": "test",
                    "direction": "issued",
                    "xml": b64encode(b"<Faktura/>"),
                    "sha256": "x",
                    "size": 10,
                    **values,
                }
            )
        )
        self.original._ksef_link(document)

    def test_original_in_ksef(self):
        number = "9999999999-20260215-8BEF280C8D35-4D"
        self.hand_to_ksef(state="accepted", ksef_number=number)
        invoice = self.document(self.reversal(self.original))
        self.assertEqual(invoice.corrected[0].ksef_number, number)
        self.assertIn(b"<NrKSeF>1</NrKSeF>", fa3.build(invoice))

    def test_original_still_on_its_way(self):
        self.hand_to_ksef(state="pending")
        self.assertEqual(problems(self.reversal(self.original)), [], "it waits")

    def test_original_rejected(self):
        self.hand_to_ksef(state="rejected")
        (told,) = problems(self.reversal(self.original))
        self.assertIn("rejected by KSeF", told.text)

    def test_reason_is_the_users(self):
        for ref, reason in (
            (f"Reversal of: {self.original.name}, zwrot towaru", "zwrot towaru"),
            (f"Reversal of: {self.original.name}", None),
            ("rabat potransakcyjny", "rabat potransakcyjny"),
            (f"cena na {self.original.name}", f"cena na {self.original.name}"),
            (False, None),
        ):
            refund = self.reversal(self.original, self.line(1), ref=ref)
            self.assertEqual(self.document(refund).correction_reason, reason)

    def test_reason_too_long(self):
        refund = self.original._reverse_moves([{"invoice_date": date(2026, 3, 1)}])
        refund.ref = "r" * 257
        (told,) = problems(refund)
        self.assertIn("257", told.text)
        self.assertIn("reason", told.text)

    def test_rate_that_does_not_change_is_left_out(self):
        refund = self.reversal(
            self.original,
            self.line(10),
            self.line(50, "vs_kraj_8", name="a"),
            self.line(-50, "vs_kraj_8", name="b"),
        )
        self.assertAmounts(
            self.document(refund), "-12.30", P_13_1="-10.00", P_14_1="-2.30"
        )

    def test_correction_without_amount(self):
        refund = self.reversal(self.original, self.line(0, name="inna nazwa"))
        invoice = self.document(refund)
        self.assertEqual((invoice.total, invoice.totals), (0, ()))

    def test_increase_is_a_correction_too(self):
        debit = self._debit_note(self.original)
        invoice = self.document(debit)
        self.assertIs(invoice.kind, fa3.Kind.CORRECTION)
        self.assertEqual(invoice.corrected[0].number, self.original.name)
        self.assertEqual(invoice.correction_reason, "podwyżka ceny")
        self.assertAmounts(invoice, "12.30", P_13_1="10.00", P_14_1="2.30")

    def _debit_note(self, move):
        debit = move.copy(
            {
                "debit_origin_id": move.id,
                "ref": f"{move.name}, podwyżka ceny",
                "invoice_date": date(2026, 3, 16),
            }
        )
        debit.invoice_line_ids[1:].unlink()
        debit.invoice_line_ids.write({"price_unit": 10, "quantity": 1})
        debit.action_post()
        return debit

    def test_correction_of_a_correction_names_the_first_invoice(self):
        reduced = self.reversal(self._debit_note(self.original))
        corrected = self.document(reduced).corrected[0]
        self.assertEqual(corrected.number, self.original.name)

    def test_rounding_follows_the_ledger(self):
        refund = self.reversal(self.original, *[self.line(0.33) for _i in range(3)])
        invoice = to_fa3(refund, created=CREATED, issue_date=refund.invoice_date)
        self.assertEqual(invoice.total, Decimal(f"-{refund.amount_total:.2f}"))
