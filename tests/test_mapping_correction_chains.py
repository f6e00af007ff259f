from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .kor_common import KorCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCorrectionChains(KorCase):
    """The state before a correction is what the last one left, and what cannot be told
    is not stated (fa3.md 6.2)."""

    def test_the_state_before_is_that_of_the_last_correction(self):
        first = self.post(self.keep(self.reverse(), {"price_unit": 20}))
        self.accept(first, number=False)
        second = self.corrected({"price_unit": 10})
        self.assertRows(second, ("before", 1, 3, 80, 240), ("after", 1, 3, 70, 210))
        self.assertEqual([one.number for one in second.corrected], [self.original.name])

    def test_return_after_a_price_cut(self):
        first = self.post(self.keep(self.reverse(), {"price_unit": 20}))
        self.accept(first, number=False)
        self.assertRows(
            self.corrected({"price_unit": 80, "quantity": 1}),
            ("before", 1, 3, 80, 240),
            ("after", 1, 2, 80, 160),
        )

    def test_chain_with_a_difference(self):
        first = self.keep(self.reverse(), {"quantity": 1})
        first.ksef_correction_method = "difference"
        self.accept(self.post(first), number=False)
        self.assertRows(
            self.corrected({"price_unit": 10, "quantity": 2}),
            ("before", 1, 2, 100, 200),
            ("after", 1, 2, 90, 180),
        )

    def test_split_position_goes_on(self):
        first = self.keep(self.reverse(), {"price_unit": 20, "quantity": 2})
        self.accept(self.post(first), number=False)
        self.assertRows(
            self.corrected({"price_unit": 80, "quantity": 1}),
            ("before", 1, 1, 100, 100),
            ("after", 1, 1, 100, 100),
            ("before", 2, 2, 80, 160),
            ("after", 2, 1, 80, 80),
        )

    def test_correction_of_a_correction(self):
        """A debit note that takes a credit note back starts from what that left."""
        first = self.post(self.keep(self.reverse(), {"quantity": 1}))
        self.accept(first, number=False)
        undone = self.post(self.debit_note(first))
        invoice = self.document(undone)
        self.assertRows(invoice, ("before", 1, 2, 100, 200), ("after", 1, 3, 100, 300))
        self.assertEqual(invoice.corrected[0].number, self.original.name)

    def test_reversal_of_a_correction(self):
        """It is no second sale."""
        first = self.post(self.keep(self.reverse(), {"quantity": 1}))
        self.accept(first, number=False)
        invoice = self.document(self.post(first._reverse_moves()))
        self.assertIs(invoice.kind, fa3.Kind.CORRECTION)
        self.assertEqual(invoice.corrected[0].number, self.original.name)
        self.assertRows(invoice, ("before", 1, 2, 100, 200), ("after", 1, 3, 100, 300))

    def test_built_again_it_says_the_same(self):
        """A later correction does not change what an earlier one states."""
        first = self.post(self.keep(self.reverse(), {"price_unit": 20}))
        stated = self.document(first)
        self.accept(first, number=False)
        second = self.post(self.keep(self.reverse(), {"price_unit": 10}))
        self.accept(second, number=False)
        self.assertEqual(self.document(first), stated)

    def test_original_price_after_a_price_rise(self):
        """A price that equals that of the original means pieces (fa3.md 6.2)."""
        rise = self.keep(self.debit_note(self.original), {"price_unit": 5})
        self.accept(self.post(rise), number=False)
        more = self.keep(self.debit_note(self.original), {"quantity": 1})
        self.assertRows(
            self.document(self.post(more)),
            ("before", 1, 3, 105, 315),
            ("after", 1, 3, 105, 315),
            ("after", 2, 1, 100, 100),
        )

    def test_original_price_after_a_price_cut(self):
        cut = self.post(self.keep(self.reverse(), {"price_unit": 5}))
        self.accept(cut, number=False)
        self.assertRows(self.corrected({"quantity": 2}), ("after", 1, -2, 100, -200))

    def test_an_earlier_correction_of_no_position(self):
        """It lowered something, nobody says what: no state before can be told."""
        earlier = self.draft(
            self.line(10, name="rabat"),
            move_type="out_refund",
            ksef_corrected_ids=[Command.create({"original_id": self.original.id})],
        )
        self.accept(self.post(earlier), number=False)
        self.assertRows(self.corrected({"quantity": 1}), ("after", 1, -1, 100, -100))

    def test_another_currency(self):
        eur = self.env.ref("base.EUR")
        eur.active = True
        draft = self.reverse()
        draft.currency_id = eur
        told = [one for one in problems(draft) if one.field == "currency_id"]
        self.assertIn("PLN", told[0].text)
