from odoo import Command, fields
from odoo.tests import tagged

from ..ksef import fa3
from .documents import supplier_invoice
from .import_common import ImportCase

NIP = "8130000020"
GTIN = "5901234123457"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportLines(ImportCase):
    """I14: the product of a received line is found by GTIN, by the vendor's code, by
    what this supplier's line was booked to, by our reference, by name; account and
    analytic distribution are those of the last bill that a person posted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Znany S.A.", "vat": f"PL{NIP}", "is_company": True}
        )
        accounts = cls.env["account.account"].search(
            [("account_type", "=", "expense"), ("company_ids", "in", cls.company.ids)],
        )
        default = cls.company_data["default_journal_purchase"].default_account_id
        cls.rent, cls.paper = (accounts - default)[:2]
        plan = cls.env["account.analytic.plan"].create({"name": "Działy"})
        cls.office = cls.env["account.analytic.account"].create(
            {"name": "Biuro", "plan_id": plan.id}
        )

    def new_product(self, name="Papier A4", **values):
        return self.env["product.product"].create({"name": name} | values)

    def line_of(self, number="F/1", seller_nip=NIP, **line):
        """The bill line of an invoice line that arrives now."""
        return self.lines_of(number, seller_nip, line)

    def lines_of(self, number, seller_nip, *lines):
        first = supplier_invoice().lines[0]
        stated = tuple(
            fa3.Line(**vars(first) | {"number": index} | line)
            for index, line in enumerate(lines, 1)
        )
        received = self.put(number, seller_nip=seller_nip, lines=stated)
        self.press()
        return self.bill(received).invoice_line_ids

    def booked(self, name="Papier ksero", move_type="in_invoice", **line):
        """A bill of the supplier that a person has posted."""
        bill = self.env["account.move"].create(
            {
                "move_type": move_type,
                "partner_id": self.supplier.id,
                "invoice_date": fields.Date.today(),
                "ref": f"STARA/{self.env['account.move'].search_count([])}",
                "journal_id": self.purchases.id,
                "invoice_line_ids": [
                    Command.create({"name": name, "price_unit": 5.0} | line)
                ],
            }
        )
        bill.action_post()
        return bill

    def test_i14_the_product_by_gtin(self):
        product = self.new_product(barcode=GTIN)
        self.assertEqual(self.line_of(gtin=GTIN).product_id, product)
        self.assertEqual(self.line_of("F/2", gtin=f"0{GTIN}").product_id, product)
        self.assertFalse(self.line_of("F/3", gtin="5901234123464").product_id)

    def test_a_product_changes_neither_price_nor_tax_nor_name(self):
        other = self.company_data["default_tax_purchase"].copy({"amount": 5})
        self.new_product(
            barcode=GTIN, standard_price=7, supplier_taxes_id=[Command.set(other.ids)]
        )
        line = self.line_of(gtin=GTIN)
        self.assertEqual((line.quantity, line.price_unit), (2, 50))
        self.assertEqual(line.tax_ids.amount, 23)
        self.assertEqual(line.name, "Papier ksero")
        self.assertEqual(line.move_id.amount_total, 123.0, "P_15")

    def test_i14_the_product_by_the_code_of_the_supplier(self):
        product = self.new_product(
            seller_ids=[
                Command.create({"partner_id": self.supplier.id, "product_code": "D-17"})
            ]
        )
        self.assertEqual(self.line_of(code="D-17").product_id, product)
        other = self.line_of("F/2", seller_nip="5252248481", code="D-17")
        self.assertFalse(other.product_id, "another supplier means something else")

    def test_the_product_by_our_reference(self):
        product = self.new_product(default_code="PAP-A4")
        self.new_product(default_code="001")
        self.assertEqual(self.line_of(code="PAP-A4").product_id, product)
        self.assertFalse(self.line_of("F/2", code="001").product_id, "says too little")

    def test_the_product_by_name_when_there_is_one(self):
        product = self.new_product("Papier ksero")
        self.assertEqual(self.line_of().product_id, product)
        self.new_product("Papier ksero")
        self.assertFalse(self.line_of("F/2").product_id, "which of the two?")

    def test_a_product_of_another_company_or_an_archived_one(self):
        self.new_product(barcode=GTIN, company_id=self.other.id)
        self.new_product("Papier ksero", active=False)
        self.assertFalse(self.line_of(gtin=GTIN).product_id)

    def test_the_product_brings_its_account(self):
        self.new_product(barcode=GTIN, property_account_expense_id=self.paper.id)
        self.assertEqual(self.line_of(gtin=GTIN).account_id, self.paper)

    def test_as_the_same_line_was_booked_before(self):
        product = self.new_product()
        self.booked(account_id=self.rent.id)
        self.booked(
            product_id=product.id,
            account_id=self.paper.id,
            analytic_distribution={str(self.office.id): 100},
        )
        line = self.line_of()
        self.assertEqual(line.product_id, product)
        self.assertEqual(line.account_id, self.paper, "as the last time")
        self.assertEqual(line.analytic_distribution, {str(self.office.id): 100})

    def test_as_the_same_product_was_booked_before(self):
        product = self.new_product(barcode=GTIN)
        self.booked("Inna nazwa", product_id=product.id, account_id=self.rent.id)
        self.assertEqual(self.line_of(gtin=GTIN).account_id, self.rent)

    def test_a_line_never_seen_goes_where_most_of_the_supplier_went(self):
        for account in (self.paper, self.rent, self.rent):
            self.booked("Coś", account_id=account.id)
        self.assertEqual(self.line_of().account_id, self.rent)
        stranger = self.line_of("F/2", seller_nip="5252248481")
        self.assertEqual(stranger.account_id, self.purchases.default_account_id)

    def test_what_nobody_has_posted_teaches_nothing(self):
        bill = self.booked(account_id=self.rent.id)
        bill.button_draft()
        line = self.line_of()
        self.assertEqual(line.account_id, self.purchases.default_account_id)

    def test_what_is_archived_is_not_used(self):
        product = self.new_product()
        self.booked(
            product_id=product.id,
            account_id=self.paper.id,
            analytic_distribution={str(self.office.id): 100},
        )
        product.active = self.office.active = False
        line = self.line_of()
        self.assertFalse(line.product_id)
        self.assertFalse(line.analytic_distribution)
        self.assertEqual(line.account_id, self.paper)

    def test_the_analytic_defaults_of_odoo(self):
        """Where nothing was booked before, Odoo's own rules decide."""
        distribution = {str(self.office.id): 100}
        self.env["account.analytic.distribution.model"].create(
            {
                "partner_id": self.supplier.id,
                "company_id": self.company.id,
                "analytic_distribution": distribution,
            }
        )
        self.assertEqual(self.line_of().analytic_distribution, distribution)

    def test_earlier_bills_of_somebody_else(self):
        self.booked(account_id=self.rent.id)
        line = self.line_of(seller_nip="5252248481")
        self.assertEqual(line.account_id, self.purchases.default_account_id)

    def test_lines_count_as_imported(self):
        self.assertTrue(self.line_of().is_imported, "Odoo then asks about autoposting")
