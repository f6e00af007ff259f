from datetime import date
from decimal import Decimal

from lxml import etree

from odoo.tests import tagged
from odoo.tools import file_open

from ..ksef.fa3.currencies import CURRENCIES
from ..mapping.invoice_out import to_fa3
from ..mapping.problems import problems
from .mapping_common import CREATED, ISSUED, MappingCase

SUPPLIED = date(2026, 3, 10)
LATER = date(2026, 3, 20)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingCurrency(MappingCase):
    """Amounts in the currency of the invoice, the VAT in PLN too, as it is booked
    (fa3.md section 7)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.priced("EUR", {ISSUED: 4.5005, SUPPLIED: 4.25, LATER: 4.9})
        cls.german = cls.env["res.partner"].create(
            {
                "name": "Käufer GmbH",
                "is_company": True,
                "country_id": cls.env.ref("base.de").id,
                "vat": "DE136695976",
                "street": "Unter den Linden 1",
                "city": "Berlin",
            }
        )

    @classmethod
    def priced(cls, name, rates, company=None):
        """A currency with these rates, PLN for one unit, on these days."""
        currency = cls.env.ref(f"base.{name}")
        currency.active = True
        currency.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            [
                {
                    "name": day,
                    "inverse_company_rate": rate,
                    "currency_id": currency.id,
                    "company_id": (company or cls.company).id,
                }
                for day, rate in rates.items()
            ]
        )
        return currency

    def sale(self, *lines, **values):
        return self.posted(*lines, currency_id=self.euro.id, **values)

    def assertVat(self, invoice, *, tax, pln, rate):
        """The only VAT of the invoice, in both currencies, at the rate of each line."""
        [total] = [total for total in invoice.totals if total.bucket.tax_pln]
        self.assertEqual((total.tax, total.tax_pln), (Decimal(tax), Decimal(pln)))
        rates = {line.exchange_rate for line in invoice.lines}
        self.assertEqual(rates, {Decimal(rate)})
        self.assertIsNone(invoice.advance_rate, "KursWalutyZ is for advances")

    def use_ksef(self, environment="test"):
        """From now on the company issues its invoices in KSeF, or does not."""
        self.company.ksef_environment = environment
        self.env.invalidate_all()

    def booked_tax(self, move):
        """The PLN of the VAT items, with the sign of the document."""
        tax_items = move.line_ids.filtered("tax_line_id")
        return Decimal(f"{-sum(tax_items.mapped('balance')):.2f}")

    # ------------------------------------------------------------------
    # Amounts and rate
    # ------------------------------------------------------------------

    def test_f03_euro(self):
        move = self.sale(self.line(406, quantity=10), self.line(9500))
        invoice = self.document(move)
        self.assertEqual(invoice.currency, "EUR")
        self.assertAmounts(invoice, "16678.80", P_13_1="13560", P_14_1="3118.80")
        self.assertVat(invoice, tax="3118.80", pln="14036.16", rate="4.5005")

    def test_f03_rates_have_six_decimals(self):
        self.priced("EUR", {ISSUED: 1 / 0.2349})
        invoice = self.document(self.sale(self.line(100)))
        self.assertEqual(invoice.lines[0].exchange_rate, Decimal("4.257131"))

    def test_f25_vat_in_pln_is_the_booked_one(self):
        """Also where lines are rounded apart, worth nothing, or negative."""
        lines = [self.line(33.33, quantity=n, discount=7) for n in range(1, 6)]
        lines += [self.line(0), self.line(-0.37), self.line(19.99, "vs_kraj_8")]
        move = self.sale(*lines)
        invoice = self.document(move)
        stated = sum(total.tax_pln for total in invoice.totals)
        self.assertEqual(stated, self.booked_tax(move))

    def test_the_smallest_vat_is_stated_too(self):
        invoice = self.document(self.sale(self.line(0), self.line(100, "vs_kraj_0")))
        self.assertVatOfNothing(invoice)

    def assertVatOfNothing(self, invoice):
        first, second = invoice.totals
        self.assertEqual((first.tax, first.tax_pln), (0, 0))
        self.assertIsNone(second.tax_pln)
        rates = [line.exchange_rate for line in invoice.lines]
        self.assertEqual(rates, [Decimal("4.5005"), None])

    def test_sales_without_polish_vat_need_no_rate(self):
        self.env["res.currency.rate"].search(
            [("currency_id", "=", self.euro.id)]
        ).unlink()
        for tax in ("vs_unia", "vs_dostu", "vs_eksp_tow", "vs_ekspu"):
            move = self.sale(self.line(4000, tax), partner_id=self.german.id)
            invoice = self.document(move)
            self.assertIsNone(invoice.lines[0].exchange_rate, tax)
            self.assertIsNone(invoice.totals[0].tax_pln, tax)
            self.assertEqual(invoice.total, 4000)

    def test_zloty_needs_no_rate(self):
        invoice = self.document(self.posted(self.line(100)))
        self.assertIsNone(invoice.lines[0].exchange_rate)
        self.assertIsNone(invoice.totals[0].tax_pln)

    def test_a_rate_typed_by_the_user_holds(self):
        move = self.draft(self.line(100), currency_id=self.euro.id)
        move.invoice_currency_rate = 1 / 4.4
        move.action_post()
        self.assertVat(self.document(move), tax="23", pln="101.20", rate="4.4")

    def test_deposits_are_in_the_currency_of_the_invoice(self):
        product = self.env["product.product"].create(
            {"name": "kaucja", "ksef_outside_vat": True, "taxes_id": False}
        )
        deposit = self.line(5, None, product_id=product.id)
        invoice = self.document(self.sale(self.line(100), deposit))
        self.assertEqual((invoice.total, invoice.settlement.to_pay), (123, 128))

    # ------------------------------------------------------------------
    # The day of the rate
    # ------------------------------------------------------------------

    def test_the_rate_is_that_of_the_supply(self):
        move = self.sale(self.line(100), taxable_supply_date=SUPPLIED)
        self.assertVat(self.document(move), tax="23", pln="97.75", rate="4.25")

    def test_an_invoice_before_the_supply_has_the_rate_of_its_issue(self):
        self.use_ksef()
        move = self.draft(self.line(100), currency_id=self.euro.id)
        move.taxable_supply_date = LATER
        self.assertEqual(move._get_invoice_currency_rate_date(), ISSUED)
        self.use_ksef(False)
        move.action_post()
        self.assertVat(self.document(move), tax="23", pln="103.51", rate="4.5005")

    def test_without_ksef_the_rate_is_odoos(self):
        move = self.draft(self.line(100), taxable_supply_date=LATER)
        self.assertEqual(move._get_invoice_currency_rate_date(), LATER)

    def test_a_bill_keeps_the_rate_of_odoo(self):
        self.use_ksef()
        bill = self.env["account.move"].new(
            {
                "move_type": "in_invoice",
                "invoice_date": ISSUED,
                "taxable_supply_date": LATER,
            }
        )
        self.assertEqual(bill._get_invoice_currency_rate_date(), LATER)

    # ------------------------------------------------------------------
    # Corrections
    # ------------------------------------------------------------------

    def test_a_correction_has_the_rate_of_the_original(self):
        self.priced("EUR", {SUPPLIED: 4.4, ISSUED: 4.3})
        move = self.sale(self.line(90), invoice_date=SUPPLIED)
        self.use_ksef()
        refund = move._reverse_moves([{"invoice_date": ISSUED}])
        self.assertEqual(refund.invoice_currency_rate, move.invoice_currency_rate)
        refund.invoice_date = LATER
        self.assertEqual(refund.invoice_currency_rate, move.invoice_currency_rate)
        self.assertEqual(refund.expected_currency_rate, move.invoice_currency_rate)
        self.use_ksef(False)
        refund.action_post()
        self.assertEqual(self.booked_tax(refund), Decimal("-91.08"))
        said = to_fa3(refund, created=CREATED, issue_date=ISSUED)
        self.assertEqual(said.totals[0].tax_pln, Decimal("-91.08"))
        self.assertEqual(said.lines[0].exchange_rate, Decimal("4.4"))

    def test_a_debit_note_has_the_rate_of_the_original(self):
        move = self.sale(self.line(90), invoice_date=SUPPLIED)
        self.use_ksef()
        wizard = self.env["account.debit.note"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        wizard.create({"date": ISSUED, "copy_lines": True}).create_debit()
        debit = move.debit_note_ids
        self.assertEqual(debit.invoice_currency_rate, move.invoice_currency_rate)
        debit.invoice_date = LATER
        self.assertEqual(debit.invoice_currency_rate, move.invoice_currency_rate)

    # ------------------------------------------------------------------
    # What blocks
    # ------------------------------------------------------------------

    def test_a_currency_without_a_rate_blocks(self):
        """Odoo would take 1."""
        self.euro.rate_ids.unlink()
        [told] = problems(self.draft(self.line(100), currency_id=self.euro.id))
        self.assertIn("EUR", told.text)
        self.assertEqual((told.record, told.field), (self.euro, "rate_ids"))

    def test_a_currency_that_is_one_zloty(self):
        self.priced("EUR", {ISSUED: 1})
        invoice = self.document(self.sale(self.line(100)))
        self.assertVat(invoice, tax="23", pln="23", rate="1")

    def test_currencies_that_ksef_does_not_know_block(self):
        leone = self.priced("SLE", {ISSUED: 0.17})
        [told] = problems(self.draft(self.line(100), currency_id=leone.id))
        self.assertIn("SLE", told.text)
        self.assertEqual(told.field, "currency_id")

    def test_three_decimals_block(self):
        dinar = self.priced("KWD", {ISSUED: 12})
        [told] = problems(self.draft(self.line(100.123), currency_id=dinar.id))
        self.assertIn("KWD", told.text)
        self.assertEqual((told.record, told.field), (dinar, "rounding"))

    def test_no_decimals(self):
        yen = self.priced("JPY", {ISSUED: 0.026512})
        invoice = self.document(self.posted(self.line(1001), currency_id=yen.id))
        self.assertAmounts(invoice, "1231", P_13_1="1001", P_14_1="230")
        self.assertVat(invoice, tax="230", pln="6.10", rate="0.026512")

    def test_currencies_are_those_of_the_schema(self):
        with file_open("l10n_pl_edi/data/fa3_schema.xsd", "rb") as xsd:
            tree = etree.parse(xsd)
        path = "//*[@name='TKodWaluty']//*[local-name()='enumeration']/@value"
        self.assertEqual(CURRENCIES, frozenset(tree.xpath(path)))

    # ------------------------------------------------------------------
    # Books in another currency
    # ------------------------------------------------------------------

    def keep_books_in_euro(self, **rates):
        """The company's currency is the euro; ``rates``: euro for one unit."""
        self.euro.rate_ids.unlink()
        self.company.currency_id = self.euro
        for name, rate in rates.items():
            self.priced(name, {ISSUED: rate})

    def test_books_in_euro_and_an_invoice_in_euro(self):
        self.keep_books_in_euro(PLN=0.2349)
        invoice = self.document(self.sale(self.line(100)))
        self.assertVat(invoice, tax="23", pln="97.91", rate="4.257131")

    def test_books_in_euro_and_an_invoice_in_dollars(self):
        self.keep_books_in_euro(PLN=0.25, USD=0.9)
        dollar = self.env.ref("base.USD")
        invoice = self.document(self.posted(self.line(100), currency_id=dollar.id))
        self.assertVat(invoice, tax="23", pln="82.80", rate="3.6")

    def test_books_in_euro_and_an_invoice_in_zloty(self):
        self.keep_books_in_euro(PLN=0.25)
        zloty = self.env.ref("base.PLN")
        invoice = self.document(self.posted(self.line(100), currency_id=zloty.id))
        self.assertIsNone(invoice.totals[0].tax_pln)
        self.assertAmounts(invoice, "123", P_13_1="100", P_14_1="23")

    def test_books_in_euro_without_a_rate_of_the_zloty_block(self):
        self.keep_books_in_euro()
        zloty = self.env.ref("base.PLN")
        zloty.rate_ids.unlink()
        [told] = problems(self.draft(self.line(100), currency_id=self.euro.id))
        self.assertEqual((told.record, told.field), (zloty, "rate_ids"))
