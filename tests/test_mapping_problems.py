from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..mapping.problems import problems
from .mapping_common import ISSUED, MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingProblems(MappingCase):
    """What forbids issuing is told at once, before posting: each sentence names the
    field and says what to do."""

    def assertTold(self, move, *parts):
        """The only problem of ``move`` contains ``parts``."""
        told = problems(move)
        self.assertEqual(len(told), 1, told)
        for part in parts:
            self.assertIn(part, told[0].text)

    def test_a_right_invoice_has_none(self):
        self.assertEqual(problems(self.draft(self.line(100))), [])

    def test_everything_at_once(self):
        self.company.partner_id.write({"vat": False, "country_id": False})
        self.buyer.write({"street": False, "zip": False, "city": False})
        move = self.draft(self.line(100, None), self.line(7, None, name="druga"))
        told = problems(move)
        self.assertEqual(len(told), 5, told)

    def test_exemption_is_told_with_the_rest(self):
        move = self.draft(self.line(100, None), self.line(7, "vs_kraj_zw"))
        told = " ".join(problem.text for problem in problems(move))
        self.assertIn("choose a tax", told)
        self.assertIn("enter the provision", told)

    def test_company_without_nip(self):
        self.company.partner_id.vat = False
        self.assertTold(self.draft(self.line(1)), "ABC AGD", "enter the NIP", "Tax ID")

    def test_company_with_a_foreign_number(self):
        self.company.partner_id.vat = "DE136695976"
        self.assertTold(self.draft(self.line(1)), "enter the NIP")

    def test_nip_with_a_wrong_checksum(self):
        context = {"no_vat_validation": True}
        self.company.partner_id.with_context(**context).vat = "PL9999999998"
        self.assertTold(self.draft(self.line(1)), "Company", "9999999998", "not valid")
        self.company.partner_id.vat = "PL9999999999"
        self.buyer.with_context(**context).vat = "1111111112"
        self.assertTold(self.draft(self.line(1)), "Customer", "1111111112", '"/"')

    def test_company_without_address(self):
        self.company.partner_id.write({"street": False, "zip": False, "city": False})
        self.assertTold(self.draft(self.line(1)), "Company ABC", "enter the address")

    def test_buyer_without_address_or_country(self):
        self.buyer.write({"street": False, "zip": False, "city": False})
        self.assertTold(self.draft(self.line(1)), "Kowalski", "enter the address")
        self.buyer.write({"city": "Warszawa", "country_id": False, "vat": "/"})
        self.assertTold(self.draft(self.line(1)), "Kowalski", "choose the country")

    def test_no_buyer(self):
        move = self.draft(self.line(1))
        move.partner_id = False
        self.assertTold(move, "choose the customer")

    def test_line_without_tax(self):
        move = self.draft(self.line(100, None, name="kaucja"), self.line(5))
        self.assertTold(move, "Line “kaucja”", "choose a tax")

    def test_tax_without_rate(self):
        self.tax("vs_kraj_0").ksef_rate = False
        move = self.draft(self.line(100, "vs_kraj_0", name="bilet"))
        self.assertTold(move, "“bilet”", "KSeF rate", "0%")

    def test_two_rates_on_a_line(self):
        taxes = self.tax("vs_kraj_23") + self.tax("vs_kraj_8")
        move = self.draft(self.line(100, tax_ids=[Command.set(taxes.ids)]))
        self.assertTold(move, "keep one VAT rate", "23% G", "8%")

    def test_exempt_sale_without_provision(self):
        move = self.draft(self.line(100, "vs_kraj_zw"))
        self.assertTold(move, "0% Exempt", "enter the provision")

    def test_exempt_sales_of_different_kinds(self):
        self.tax("vs_kraj_zw").write(
            {"ksef_exemption": "art. 132", "ksef_exemption_basis": "P_19B"}
        )
        move = self.draft(
            self.line(100, "vs_kraj_zw"), self.line(100, "vs_kraj_zw_gold")
        )
        self.assertTold(move, "tab KSeF", "issue separate invoices")

    def test_provision_too_long(self):
        self.tax("vs_kraj_zw").ksef_exemption = "a" * 257
        move = self.draft(self.line(100, "vs_kraj_zw"))
        self.assertTold(move, "provision", "257", "256")

    def test_name_too_long(self):
        self.buyer.name = "Ż" * 513
        self.assertTold(self.draft(self.line(1)), "Customer", "name", "513", "512")

    def test_length_is_counted_as_the_schema_counts(self):
        self.buyer.name = "Ż" * 500 + " " * 100 + "\n" + "a" * 11
        self.document(self.posted(self.line(1)))

    def test_long_line_description_is_no_problem(self):
        self.document(self.posted(self.line(1, name="b" * 600)))

    def test_line_without_description(self):
        self.assertTold(self.draft(self.line(1, name=" ")), "without description")

    def test_number_too_long(self):
        move = self.draft(self.line(1), name="F" * 257)
        self.assertTold(move, "Invoice", "number", "257", "256")

    def test_future_date(self):
        self.assertTold(
            self.draft(self.line(1), invoice_date=date(2099, 1, 1)), "future", "2099"
        )

    def test_date_still_to_be_set_by_posting(self):
        self.assertEqual(problems(self.draft(self.line(1), invoice_date=False)), [])

    def test_no_lines(self):
        self.assertTold(self.draft(), "no lines")

    def test_credit_note_without_original(self):
        move = self.draft(self.line(1), move_type="out_refund")
        self.assertTold(move, "which invoice it corrects")

    def test_credit_note_of_itself(self):
        """Whoever links documents in a circle hangs nothing."""
        first = self.draft(self.line(1), move_type="out_refund")
        second = self.draft(self.line(1), move_type="out_refund")
        first.reversed_entry_id, second.reversed_entry_id = second, first
        for move in (first, second):
            self.assertTold(move, "which invoice it corrects")
        first.reversed_entry_id = first
        self.assertTold(first, "which invoice it corrects")

    def test_drafts_are_told_apart(self):
        """They have no number yet."""
        self.buyer.write({"street": False, "zip": False, "city": False})
        self.company.sudo().ksef_environment = "test"
        drafts = self.draft(self.line(100)) | self.draft(self.line(200))
        with self.assertRaises(UserError) as refused:
            drafts._ksef_check_problems()
        for amount in ("123.00", "246.00"):
            self.assertIn(amount, str(refused.exception))
        self.assertEqual(str(refused.exception).count(f"({self.buyer.name}, "), 2)

    def test_nothing_of_another_company_is_named(self):
        other = self.env["res.company"].sudo().create({"name": "Inna"})
        partner = self.buyer.sudo().copy({"company_id": other.id})
        product = (
            self.env["product.product"]
            .sudo()
            .create({"name": "obcy", "company_id": other.id})
        )
        move = self.draft(self.line(100))
        rows = {
            "ksef_third_party_ids": {"partner_id": partner.id, "role": "6"},
            "ksef_order_line_ids": {"product_id": product.id, "price_unit": 1},
        }
        for name, values in rows.items():
            with self.assertRaisesRegex(UserError, "company"):
                move[name] = [Command.create(values)]
        for model, name in (
            ("ksef.settled.advance", "advance_id"),
            ("ksef.corrected.invoice", "original_id"),
            ("account.move.line", "ksef_corrected_line_id"),
        ):
            self.assertTrue(self.env[model]._check_company_auto)
            self.assertTrue(self.env[model]._fields[name].check_company)

    def test_rows_of_lines_of_another_invoice(self):
        sold, other = self.draft(self.line(1)), self.draft(self.line(1))
        vehicle = {
            "first_used": ISSUED,
            "use": "1",
            "line_id": sold.invoice_line_ids.id,
        }
        text = {"key": "a", "value": "b", "line_id": sold.invoice_line_ids.id}
        rows = {"ksef_new_transport_ids": vehicle, "ksef_description_ids": text}
        for name, values in rows.items():
            with self.assertRaisesRegex(UserError, "not of this invoice"):
                other[name] = [Command.create(values)]
            sold[name] = [Command.create(values)]
        sold.action_post()
        refund = sold._reverse_moves([{"invoice_date": ISSUED}])
        kept = refund.ksef_new_transport_ids
        self.assertEqual(kept.line_id, sold.invoice_line_ids, "taken over")
        with self.assertRaisesRegex(UserError, "not of this invoice"):
            refund.ksef_description_ids = [Command.create(text)]
        sold.button_draft()
        sold.invoice_line_ids = [Command.clear()]
        self.assertFalse(sold.ksef_new_transport_ids, "gone with its line")
        self.assertTrue(kept.exists(), "no row of another invoice")

    def test_corrected_line_of_another_invoice(self):
        sold, other = self.posted(self.line(1)), self.posted(self.line(1))
        refund = sold._reverse_moves([{"invoice_date": ISSUED}])
        self.assertEqual(problems(refund), [])
        refund.invoice_line_ids.ksef_corrected_line_id = other.invoice_line_ids
        self.assertTold(refund, "lodówka", other.name, "does not correct")
        refund.invoice_line_ids.ksef_corrected_line_id = False
        self.assertEqual(problems(refund), [])

    def test_bank_account_too_short(self):
        account = self.env["res.partner.bank"].create(
            {"acc_number": "12345", "partner_id": self.company.partner_id.id}
        )
        move = self.draft(self.line(1), partner_bank_id=account.id)
        self.assertTold(move, "Bank account 12345", "10", "34")

    def test_tax_that_is_no_vat(self):
        fee = self.env["account.tax"].create(
            {"name": "opłata", "amount": 2, "amount_type": "fixed"}
        )
        taxes = self.tax("vs_kraj_23") + fee
        move = self.draft(self.line(100, tax_ids=[Command.set(taxes.ids)]))
        self.assertTold(move, "differs from the sum of net and VAT", "125", "123")

    def test_cash_rounding_of_vat(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "na podatku",
                "rounding": 1,
                "rounding_method": "DOWN",
                "strategy": "biggest_tax",
            }
        )
        move = self.draft(self.line(100.4), invoice_cash_rounding_id=rounding.id)
        self.assertTold(move, "changes the VAT")

    def test_discount_that_lowers_the_tax_base(self):
        terms = self.env["account.payment.term"].create(
            {
                "name": "2% za szybką zapłatę",
                "early_discount": True,
                "discount_percentage": 2,
                "early_pay_discount_computation": "mixed",
                "line_ids": [Command.create({"value": "percent", "nb_days": 30})],
            }
        )
        move = self.draft(self.line(100), invoice_payment_term_id=terms.id)
        self.assertTrue(move.line_ids.filtered(lambda e: e.display_type == "epd"))
        self.assertTold(move, terms.name, "reduces the VAT at once")
        terms.early_pay_discount_computation = "included"
        move = self.draft(self.line(100), invoice_payment_term_id=terms.id)
        self.assertEqual(problems(move), [], "the VAT stays until payment")

    def test_told_in_the_language_of_the_user(self):
        """The sentences pass through the translations of the environment."""
        self.env["res.lang"]._activate_lang("pl_PL")
        move = self.draft(self.line(1), invoice_date=ISSUED)
        self.assertEqual(problems(move.with_context(lang="pl_PL")), [])
