from decimal import Decimal

from odoo.tests import tagged

from ..ksef import fa3
from .mapping_common import MappingCase

# fa3.md section 4: every sale tax of l10n_pl, P_12, the total it belongs to.
SALES = {
    "vs_kraj_23": ("23", "P_13_1"),
    "vs_kraj_usl_23": ("23", "P_13_1"),
    "vs_kraj_8": ("8", "P_13_2"),
    "vs_kraj_5": ("5", "P_13_3"),
    "vs_kraj_0": ("0 KR", "P_13_6_1"),
    "vs_zwrot_podróżnych_0": ("0 KR", "P_13_6_1"),
    "vs_kraj_zw": ("zw", "P_13_7"),
    "vs_kraj_zw_gold": ("zw", "P_13_7"),
    "vs_stal": ("oo", "P_13_10"),
    "vs_unia": ("0 WDT", "P_13_6_2"),
    "vs_unia_i42": ("0 WDT", "P_13_6_2"),
    "vs_unia_i63": ("0 WDT", "P_13_6_2"),
    "vs_unia_triangular": ("np I", "P_13_8"),
    "vs_dostu": ("np II", "P_13_9"),
    "vs_eksp_tow": ("0 EX", "P_13_6_3"),
    "vs_ekspu": ("np I", "P_13_8"),
}
PURCHASES = {
    "vz_kraj_23": "23",
    "vz_kraj_usl_23": "23",
    "vz_kraj_8": "8",
    "vz_kraj_5": "5",
    "vz_kraj_0": "0 KR",
    "vz_kraj_zw": "zw",
    "vp_leas_purchase": False,
    "vz_stal": "oo",
    "vz_unia_triangular": False,
    "vz_unia": False,
    "vz_nabu": False,
    "vz_imp_tow": False,
    "vz_impu": False,
}
PERCENTS = {"23": 23, "8": 8, "5": 5}


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingRates(MappingCase):
    """Every tax of l10n_pl has its KSeF rate without anybody's doing."""

    def company_taxes(self, use):
        taxes = self.env["account.tax"].with_context(active_test=False)
        found = taxes.search(
            [("company_id", "=", self.company.id), ("type_tax_use", "=", use)]
        )
        prefix = f"account.{self.company.id}_"
        return {
            xmlid.removeprefix(prefix): found.browse(tax_id)
            for tax_id, xmlid in found.get_external_id().items()
            if xmlid
        }

    def test_sale_taxes(self):
        rates = {name: t.ksef_rate for name, t in self.company_taxes("sale").items()}
        self.assertEqual(rates, {name: rate for name, (rate, _total) in SALES.items()})

    def test_purchase_taxes(self):
        taxes = self.company_taxes("purchase")
        self.assertEqual({n: t.ksef_rate for n, t in taxes.items()}, PURCHASES)

    def test_a_rate_finds_its_purchase_tax(self):
        for rate, name in (
            ("23", "vz_kraj_23"),
            ("8", "vz_kraj_8"),
            ("zw", "vz_kraj_zw"),
        ):
            tax = self.env["account.tax"]._ksef_purchase_tax(self.company, rate)
            self.assertEqual(tax, self.tax(name), rate)
        self.assertFalse(self.env["account.tax"]._ksef_purchase_tax(self.company, "3"))

    def test_the_rate_is_the_users_to_change(self):
        own = self.tax("vs_kraj_zw").copy({"name": "np I, own"})
        self.assertEqual(own.ksef_rate, "zw", "a copy bears the same tags")
        own.ksef_rate = "np I"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(own.ksef_rate, "np I")

    def test_a_tax_without_tags_is_known_by_its_percentage(self):
        plain = self.env["account.tax"].create({"name": "7", "amount": 7})
        zero = self.env["account.tax"].create({"name": "0", "amount": 0})
        self.assertEqual(plain.ksef_rate, "7")
        self.assertFalse(zero.ksef_rate, "zero may be any of seven rates")

    def test_every_rate_on_an_invoice(self):
        self.tax("vs_kraj_zw").ksef_exemption = "art. 43 ust. 1 pkt 37 ustawy o VAT"
        for name, (rate, total) in SALES.items():
            with self.subTest(name):
                self.tax(name).active = True
                invoice = self.document(self.posted(self.line(100, name)))
                self.assertEqual(invoice.lines[0].rate, rate)
                vat = Decimal(PERCENTS.get(rate, 0))
                self.assertEqual(self.amounts(invoice)[total], 100)
                self.assertEqual(invoice.total, 100 + vat)
                exempt = invoice.annotations.exemption is not None
                self.assertEqual(exempt, rate == "zw", "P_19 belongs to exempt sales")

    def test_all_domestic_rates_at_once(self):
        self.tax("vs_kraj_zw").ksef_exemption = "art. 43 ust. 1 pkt 37 ustawy o VAT"
        invoice = self.document(
            self.posted(
                self.line(1626.01),
                self.line(40.65, "vs_kraj_usl_23"),
                self.line(100.1, "vs_kraj_8"),
                self.line(0.95, "vs_kraj_5", quantity=3),
                self.line(7, "vs_kraj_0"),
                self.line(8, "vs_kraj_zw"),
            )
        )
        self.assertAmounts(
            invoice,
            "2176.09",
            P_13_1="1666.66",
            P_14_1="383.33",
            P_13_2="100.10",
            P_14_2="8.01",
            P_13_3="2.85",
            P_14_3="0.14",
            P_13_6_1="7.00",
            P_13_7="8.00",
        )

    def test_exempt_sales_name_their_provision(self):
        self.tax("vs_kraj_zw").write(
            {"ksef_exemption_basis": "P_19B", "ksef_exemption": "art. 132"}
        )
        invoice = self.document(self.posted(self.line(100, "vs_kraj_zw")))
        expected = fa3.Exemption(basis=fa3.Basis.DIRECTIVE, text="art. 132")
        self.assertEqual(invoice.annotations.exemption, expected)

    def test_gold_has_its_provision(self):
        invoice = self.document(self.posted(self.line(100, "vs_kraj_zw_gold")))
        self.assertIn("art. 122", invoice.annotations.exemption.text)

    def test_buyer_accounts_for_vat(self):
        self.tax("vs_stal").active = True
        for name, expected in (
            ("vs_kraj_23", False),
            ("vs_stal", True),
            ("vs_dostu", True),
            ("vs_ekspu", True),
            ("vs_unia", False),
            ("vs_eksp_tow", False),
        ):
            invoice = self.document(self.posted(self.line(100, name)))
            self.assertEqual(invoice.annotations.reverse_charge, expected, name)

    def test_triangular_and_procedures(self):
        for name, procedure in (
            ("vs_unia_triangular", "TT_D"),
            ("vs_unia_i42", "I_42"),
            ("vs_unia_i63", "I_63"),
            ("vs_unia", None),
        ):
            self.tax(name).active = True
            invoice = self.document(self.posted(self.line(100, name)))
            self.assertEqual(invoice.lines[0].procedure, procedure, name)
            self.assertEqual(invoice.annotations.triangular, procedure == "TT_D", name)
            self.assertEqual(invoice.seller.vat_prefix, "PL", name)

    def test_cash_accounting_items_bear_no_tags(self):
        self.company.tax_exigibility = True
        transition = self.copy_account(self.company_data["default_account_tax_sale"])
        transition.reconcile = True
        self.tax("vs_kraj_23").write(
            {
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": transition.id,
            }
        )
        invoice = self.document(self.posted(self.line(100)))
        self.assertTrue(invoice.annotations.cash_accounting)
        self.assertAmounts(invoice, "123.00", P_13_1="100.00", P_14_1="23.00")
