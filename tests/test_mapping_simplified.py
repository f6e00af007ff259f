from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .advance_common import AdvanceMixin
from .mapping_common import MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingSimplified(AdvanceMixin, MappingCase):
    """UPR: a small invoice to a buyer known by his NIP alone."""

    def told(self, move):
        return [problem.text for problem in problems(move)]

    def test_simplified_invoice(self):
        """Ordinary content; the address of the buyer may be missing."""
        self.buyer.write({"street": False, "zip": False, "city": False})
        move = self.draft(self.line(365.85), ksef_simplified=True)
        invoice = self.document(move)
        self.assertIs(invoice.kind, fa3.Kind.SIMPLIFIED)
        self.assertAmounts(invoice, "450", P_13_1="365.85", P_14_1="84.15")
        self.assertIsNone(invoice.buyer.address)
        self.assertEqual(invoice.buyer.nip, "1111111111")

    def test_what_may_not_be_simplified(self):
        self.company.sudo().ksef_environment = "test"
        euro = self.setup_other_currency("EUR", rates=[("2026-01-01", 0.25)])
        dollar = self.setup_other_currency("USD", rates=[("2026-01-01", 0.25)])
        for allowed, price, tax, currency in (
            (True, 365.85, "vs_kraj_23", False),
            (False, 365.86, "vs_kraj_23", False),
            (True, 81.30, "vs_kraj_23", euro),
            (False, 81.31, "vs_kraj_23", euro),
            (False, 10, "vs_kraj_23", dollar),
            (False, 10, "vs_unia", False),
            (False, 10, "vs_dostu", False),
        ):
            values = {"currency_id": currency.id} if currency else {}
            move = self.draft(self.line(price, tax), ksef_simplified=True, **values)
            told = [t for t in self.told(move) if t.startswith("Simplified")]
            self.assertEqual(not told, allowed, (price, tax, currency))
            self.assertEqual(move.ksef_may_be_simplified, allowed)

    def test_simplified_invoice_wants_a_nip(self):
        self.buyer.vat = False
        move = self.draft(self.line(100), ksef_simplified=True)
        self.assertTrue(any("NIP" in text for text in self.told(move)))

    def test_correction_of_a_simplified_invoice(self):
        move = self.issued(self.draft(self.line(100), ksef_simplified=True))
        self.assertIs(self.document(self.reversal(move)).kind, fa3.Kind.CORRECTION)
