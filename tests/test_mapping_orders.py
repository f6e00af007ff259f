from datetime import date

from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .advance_common import AdvanceMixin
from .kor_common import NUMBERS, KorMixin
from .mapping_common import ISSUED, MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingOrders(AdvanceMixin, KorMixin, MappingCase):
    """An advance, and what corrects it, taxes a part of the order: the whole order is
    stated, but the law asks only for what belongs to the part."""

    def setUp(self):
        super().setUp()
        self.tax("vs_kraj_zw").ksef_exemption = "art. 43 ust. 1 pkt 37"

    def mixed(self, tax):
        return self.advance(
            self.order_line("montaż", 1000), self.order_line("szkolenie", 500, tax)
        )

    def of_one_rate(self, move):
        """Leave the line of the first rate."""
        move.invoice_line_ids[1:].unlink()
        return move

    def test_part_of_an_order_of_several_rates(self):
        for tax, rate in (("vs_kraj_zw", "zw"), ("vs_dostu", "np II")):
            move = self.of_one_rate(self.mixed(tax))
            move.action_post()
            invoice = self.document(move)
            self.assertEqual(invoice.kind, fa3.Kind.ADVANCE)
            self.assertEqual([row.rate for row in invoice.order.lines], ["23", rate])
            self.assertIsNone(invoice.annotations.exemption)
            self.assertFalse(invoice.annotations.reverse_charge)
            self.assertIsNone(invoice.seller.vat_prefix)

    def test_correction_of_one_rate_of_an_advance(self):
        german = {"vat": "DE136695976", "country_id": self.env.ref("base.de").id}
        for tax, rate, buyer, number in (
            ("vs_kraj_zw", "zw", {}, NUMBERS[0]),
            ("vs_dostu", "np II", german, NUMBERS[1]),
        ):
            self.buyer.write(buyer)
            self.tax(tax).active = True
            paid = self.issued(self.mixed(tax), number)
            note = self.credit_note(paid)
            note.invoice_date = ISSUED
            self.of_one_rate(note).action_post()
            invoice = self.document(note)
            self.assertEqual(invoice.kind, fa3.Kind.ADVANCE_CORRECTION)
            self.assertEqual(len(invoice.totals), 1)
            self.assertIn(rate, [row.rate for row in invoice.order.lines])

    def test_days_of_payments_beyond_the_schema_are_told(self):
        move = self.mixed("vs_kraj_8")
        move.taxable_supply_date = date(2062, 3, 1)
        told = problems(move)
        self.assertIn("taxable_supply_date", [one.field for one in told])
