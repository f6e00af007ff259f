from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from .mapping_common import BillCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBillTaxes(BillCase):
    """The tax of a line follows from its rate and from the fiscal position of the
    supplier; what is to be paid stays what the invoice charges (I09)."""

    def of_rate(self, rate, percent=0):
        vat = Decimal(percent).quantize(Decimal("0.01"))
        tax = vat if fa3.BUCKETS[rate].tax else None
        totals = (fa3.RateTotal(bucket=fa3.BUCKETS[rate], net=Decimal(100), tax=tax),)
        invoice = self.invoice(self.sold("100.00", rate), totals=totals)
        move, notes = self.bill(invoice)
        self.assertEqual(move.amount_total, 100 + percent, "P_15")
        return move, notes

    def position(self, original, *taxes):
        """The supplier has a fiscal position that replaces a tax."""
        position = self.env["account.fiscal.position"].create(
            {"name": "Leasing", "company_id": self.company.id}
        )
        for tax in taxes:
            tax.fiscal_position_ids = [Command.link(position.id)]
            tax.original_tax_ids = [Command.link(original.id)]
        self.supplier.with_company(self.company).property_account_position_id = position
        return position

    def abroad(self, country):
        self.supplier.country_id = self.env.ref(f"base.{country}")

    def test_i09_unknown_rate(self):
        move, notes = self.of_rate("4", 4)
        self.assertFalse(move.invoice_line_ids.tax_ids)
        self.assertIn("No tax has the KSeF rate 4", notes[0])

    def test_i09_the_map_is_the_users(self):
        tax = self.tax("vz_kraj_8").copy({"name": "taxi", "amount": 4})
        tax.ksef_rate = "4"
        move, notes = self.of_rate("4", 4)
        self.assertEqual((move.invoice_line_ids.tax_ids, notes), (tax, []))

    def test_reverse_charge_arises_beside_the_total(self):
        reverse = self.tax("vz_stal")
        reverse.active = True
        move, notes = self.of_rate("oo")
        self.assertEqual(move.invoice_line_ids.tax_ids, reverse)
        self.assertFalse(move.invoice_line_ids.extra_tax_data, "nothing is forced")
        taxed = move.line_ids.filtered("tax_line_id").mapped("amount_currency")
        self.assertEqual(sorted(taxed), [-23, 23], "due and deductible")
        self.assertEqual(notes, [])

    def test_position_that_deducts_in_part(self):
        half = self.tax("vz_kraj_23").copy({"name": "50%"})
        self.position(self.tax("vz_kraj_23"), half)
        move, notes = self.of_rate("23", 23)
        self.assertEqual(move.invoice_line_ids.tax_ids, half)
        self.assertEqual(move.fiscal_position_id.name, "Leasing")
        self.assertEqual(notes, [])

    def test_position_of_no_taxes_makes_vat_a_cost(self):
        self.position(self.tax("vz_kraj_23"))
        move, notes = self.of_rate("23", 23)
        self.assertFalse(move.invoice_line_ids.tax_ids)
        self.assertEqual((move.amount_untaxed, notes), (123, []))

    def test_position_does_not_take_charged_vat_away(self):
        """A foreign company registered in Poland charges Polish VAT."""
        self.abroad("de")
        self.supplier.vat = "PL9999999999"
        move, notes = self.of_rate("23", 23)
        self.assertEqual(move.invoice_line_ids.tax_ids, self.tax("vz_kraj_23"))
        self.assertIn("tax of the rate 23 was kept", notes[0])
        move.action_post()
        self.assertEqual(move.amount_total, 123)

    def test_position_adds_no_vat_to_what_is_exempt(self):
        self.abroad("us")
        move, notes = self.of_rate("zw")
        self.assertEqual(move.invoice_line_ids.tax_ids, self.tax("vz_kraj_zw"))
        self.assertFalse(move.line_ids.filtered("tax_line_id"))
        self.assertIn("tax of the rate zw was kept", notes[0])

    def test_import_of_services(self):
        self.abroad("us")
        for rate in ("np I", "np II"):
            move, notes = self.of_rate(rate)
            self.assertEqual(move.invoice_line_ids.tax_ids, self.tax("vz_impu"), rate)
            taxed = move.line_ids.filtered("tax_line_id").mapped("amount_currency")
            self.assertEqual(sorted(taxed), [-23, 23], "due and deductible")
            self.assertIn(f"Service from abroad ({rate})", notes[0])

    def test_outside_poland_of_a_polish_supplier(self):
        move, notes = self.of_rate("np I")
        self.assertFalse(move.invoice_line_ids.tax_ids, "nobody can tell")
        self.assertIn("No tax has the KSeF rate np I", notes[0])

    def test_import_of_services_under_one_of_several_taxes(self):
        self.abroad("us")
        imported = self.tax("vz_impu")
        twin = imported.copy({"name": "Import usług 8%"})
        twin.fiscal_position_ids = imported.fiscal_position_ids
        move, notes = self.of_rate("np I")
        self.assertFalse(move.invoice_line_ids.tax_ids, "which of the two?")
        self.assertIn("No tax has the KSeF rate np I", notes[0])
