from datetime import date
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from ..mapping.problems import problems
from .kor_common import NUMBERS, KorCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCorrectionRows(KorCase):
    """Lines of a correction of an invoice in KSeF: each changed position before and
    after, and the rows close to the grosz; otherwise the difference, and never a
    negative quantity at a negative price."""

    # ------------------------------------------------------------------
    # Before and after
    # ------------------------------------------------------------------

    def test_everything_taken_back(self):
        invoice = self.document(self.post(self.reverse()))
        self.assertRows(
            invoice,
            ("before", 1, 3, 100, 300, "23"),
            ("after", 1, 0, 100, 0, "23"),
            ("before", 2, 1, 50, 50, "8"),
            ("after", 2, 0, 50, 0, "8"),
        )
        self.assertAmounts(
            invoice,
            "-423.00",
            P_13_1="-300.00",
            P_14_1="-69.00",
            P_13_2="-50.00",
            P_14_2="-4.00",
        )

    def test_rows_bear_the_identity_of_the_corrected_line(self):
        invoice = self.corrected({"quantity": 1})
        first = self.original.invoice_line_ids[0]
        for row in invoice.lines:
            self.assertTrue(row.uid.endswith(f"-{first.id}"), row.uid)

    def test_return_of_some(self):
        self.assertRows(
            self.corrected({"quantity": 1}),
            ("before", 1, 3, 100, 300),
            ("after", 1, 2, 100, 200),
        )

    def test_f17_price_only(self):
        self.assertRows(
            self.corrected({"price_unit": 20}),
            ("before", 1, 3, 100, 300),
            ("after", 1, 3, 80, 240),
        )

    def test_price_of_a_part_of_the_quantity(self):
        self.assertRows(
            self.corrected({"price_unit": 20, "quantity": 2}),
            ("before", 1, 3, 100, 300),
            ("after", 1, 1, 100, 100),
            ("after", 2, 2, 80, 160),
        )

    def test_the_link_survives_edits(self):
        draft = self.keep(self.reverse(), {"price_unit": 10, "name": "inna nazwa"})
        draft.invoice_line_ids.quantity = 2
        self.assertEqual(
            draft.invoice_line_ids.ksef_corrected_line_id,
            self.original.invoice_line_ids[0],
        )

    def test_changed_rate(self):
        """The whole position taken back at the old rate, sold again at the new one:
        a debit note, because the total rises."""
        draft = self.debit_note(self.original)
        book = draft.invoice_line_ids[1]
        draft.invoice_line_ids = [
            Command.delete(draft.invoice_line_ids[0].id),
            Command.update(book.id, {"quantity": -1}),
            self.line(
                50,
                name="książka",
                ksef_corrected_line_id=book.ksef_corrected_line_id.id,
            ),
        ]
        invoice = self.document(self.post(draft))
        self.assertRows(
            invoice,
            ("before", 1, 1, 50, 50, "8"),
            ("after", 1, 1, 50, 50, "23"),
        )
        self.assertAmounts(
            invoice,
            "7.50",
            P_13_1="50.00",
            P_14_1="11.50",
            P_13_2="-50.00",
            P_14_2="-4.00",
        )

    def test_old_and_new_line(self):
        """Odoo's way to state both: the old line, and the new one with minus."""
        draft = self.keep(self.reverse(), {})
        line = draft.invoice_line_ids
        draft.invoice_line_ids = [
            self.line(
                90, quantity=-3, ksef_corrected_line_id=line.ksef_corrected_line_id.id
            )
        ]
        self.assertRows(
            self.document(self.post(draft)),
            ("before", 1, 3, 100, 300),
            ("after", 1, 3, 90, 270),
        )

    def test_wrong_name(self):
        draft = self.keep(self.reverse(), {})
        line = draft.invoice_line_ids
        draft.invoice_line_ids = [
            self.line(
                100,
                quantity=-3,
                name="lodówka Zimnotech mk2",
                ksef_corrected_line_id=line.ksef_corrected_line_id.id,
            )
        ]
        invoice = self.document(self.post(draft))
        self.assertEqual(
            [(row.before, row.name, row.net) for row in invoice.lines],
            [
                (True, "lodówka Zimnotech mk1", 300),
                (False, "lodówka Zimnotech mk2", 300),
            ],
        )
        self.assertAmounts(invoice, "0.00")

    def test_increase(self):
        draft = self.keep(self.debit_note(self.original), {"price_unit": 5})
        self.assertRows(
            self.document(self.post(draft)),
            ("before", 1, 3, 100, 300),
            ("after", 1, 3, 105, 315),
        )

    def test_more_pieces(self):
        draft = self.keep(self.debit_note(self.original), {"quantity": 2})
        self.assertRows(
            self.document(self.post(draft)),
            ("before", 1, 3, 100, 300),
            ("after", 1, 5, 100, 500),
        )

    def test_added_line(self):
        draft = self.keep(self.debit_note(self.original), {"quantity": 1})
        draft.invoice_line_ids = [self.line(7, name="dostawa")]
        draft.ksef_correction_method = "before_after"
        self.assertRows(
            self.document(self.post(draft)),
            ("before", 1, 3, 100, 300),
            ("after", 1, 4, 100, 400),
            ("after", 2, 1, 7, 7),
        )

    def test_discount_of_the_original(self):
        self.original = self.accept(
            self.posted(self.line(99.99, quantity=3, discount=10)),
            number=NUMBERS[1],
        )
        returned = self.corrected({"quantity": 1})
        before, after = returned.lines
        self.assertEqual((before.quantity, after.quantity), (3, 2))
        self.assertEqual(before.net, Decimal("269.97"))
        self.assertEqual(after.net, Decimal("179.98"))
        self.assertRowsClose(returned)

    # ------------------------------------------------------------------
    # Difference
    # ------------------------------------------------------------------

    def by_difference(self, *changes, make=None):
        draft = self.keep(make(self.original) if make else self.reverse(), *changes)
        draft.ksef_correction_method = "difference"
        return self.document(self.post(draft))

    def test_f17_difference(self):
        self.assertRows(
            self.by_difference({"price_unit": 20}), ("after", 1, 3, -20, -60)
        )
        self.assertRows(
            self.by_difference({"quantity": 1}), ("after", 1, -1, 100, -100)
        )

    def test_f17_increase_by_difference(self):
        self.assertRows(
            self.by_difference({"price_unit": 5}, make=self.debit_note),
            ("after", 1, 3, 5, 15),
        )

    def test_f17_negative_price_typed(self):
        """A price typed with minus raises the price again; no row has both signs."""
        invoice = self.by_difference({"quantity": 2}, {"price_unit": -5})
        self.assertRows(invoice, ("after", 1, -2, 100, -200), ("after", 2, 1, 5, 5))

    def test_company_states_differences(self):
        self.company.sudo().ksef_correction_method = "difference"
        self.assertRows(self.corrected({"quantity": 1}), ("after", 1, -1, 100, -100))

    def test_a_line_of_no_position_makes_it_a_difference(self):
        draft = self.keep(self.reverse(), {"quantity": 1})
        draft.invoice_line_ids = [self.line(10, name="rabat")]
        self.assertRows(
            self.document(self.post(draft)),
            ("after", 1, -1, 100, -100),
            ("after", 2, 1, -10, -10),
        )

    def test_more_than_there_was_makes_it_a_difference(self):
        self.assertRows(self.corrected({"quantity": 4}), ("after", 1, -4, 100, -400))

    def test_original_without_its_file(self):
        self.original.sudo().ksef_document_id.xml = False
        self.assertRows(self.corrected({"quantity": 1}), ("after", 1, -1, 100, -100))

    def test_before_and_after_wanted_without_the_file(self):
        self.original.sudo().ksef_document_id.xml = False
        draft = self.reverse()
        draft.ksef_correction_method = "before_after"
        (told,) = problems(draft)
        self.assertIn("as a difference", told.text)
        self.assertEqual(told.field, "ksef_correction_method")

    # ------------------------------------------------------------------
    # Prices including VAT, foreign currency
    # ------------------------------------------------------------------

    def test_prices_including_vat(self):
        self.tax("vs_kraj_23").sudo().price_include_override = "tax_included"
        self.original = self.accept(
            self.posted(self.line(99.99, quantity=3)), number=NUMBERS[1]
        )
        invoice = self.corrected({"quantity": 1})
        before, after = invoice.lines
        self.assertEqual((before.quantity, after.quantity), (3, 2))
        self.assertEqual(
            (before.gross, after.gross), (Decimal("299.97"), Decimal("199.98"))
        )
        self.assertEqual(invoice.total, Decimal("-99.99"))

    def mixed(self):
        """An invoice with prices including VAT and without, accepted."""
        included = self.tax("vs_kraj_23").sudo().copy({"name": "23% brutto"})
        included.price_include_override = "tax_included"
        return self.accept(
            self.posted(
                self.line(123, quantity=3, tax_ids=[Command.set(included.ids)]),
                self.line(100),
            ),
            number=NUMBERS[1],
        )

    def test_return_of_a_price_including_vat_beside_one_without(self):
        """The correction states net prices as the invoice did, though all its own
        prices include VAT."""
        self.original = self.mixed()
        self.assertRows(
            self.corrected({"quantity": 1}),
            ("before", 1, 3, 100, 300),
            ("after", 1, 2, 100, 200),
        )

    def test_difference_of_prices_including_vat_beside_those_without(self):
        self.original = self.mixed()
        self.assertRows(
            self.by_difference({"quantity": 1}), ("after", 1, -1, 100, -100)
        )

    def test_rate_of_the_original(self):
        """Art. 31b(1): the difference is converted at the rate of the original."""
        eur = self.env.ref("base.EUR")
        eur.active = True
        for day, rate in ((date(2026, 2, 1), 4.4), (date(2026, 3, 1), 4.3)):
            eur.sudo().rate_ids = [
                Command.create(
                    {
                        "name": day,
                        "inverse_company_rate": rate,
                        "company_id": self.company.id,
                    }
                )
            ]
        self.original = self.accept(
            self.posted(
                self.line(90, quantity=10),
                currency_id=eur.id,
                invoice_date=date(2026, 2, 15),
                ksef_exclude=True,
            ),
            number=NUMBERS[1],
        )
        draft = self.keep(self.reverse(), {"quantity": 1})
        draft.ksef_exclude = True
        self.use_ksef()
        draft.invoice_date = date(2026, 3, 10)
        self.post(draft)
        invoice = self.document(draft)
        (total,) = invoice.totals
        self.assertEqual(
            (total.tax, total.tax_pln), (Decimal("-20.70"), Decimal("-91.08"))
        )
        rates = {row.exchange_rate for row in invoice.lines}
        self.assertEqual(rates, {Decimal("4.4")})
