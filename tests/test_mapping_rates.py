from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
from .mapping_common import MappingCase

# fa3.md section 4: every sale tax of l10n_pl, its KSeF rate, the total it belongs to,
# who accounts for the VAT (P_18), the procedure.
SALES = {
    "vs_kraj_23": ("23", "P_13_1", False, None),
    "vs_kraj_usl_23": ("23", "P_13_1", False, None),
    "vs_kraj_8": ("8", "P_13_2", False, None),
    "vs_kraj_5": ("5", "P_13_3", False, None),
    "vs_kraj_0": ("0 KR", "P_13_6_1", False, None),
    "vs_zwrot_podróżnych_0": ("0 KR", "P_13_6_1", False, None),
    "vs_kraj_zw": ("zw", "P_13_7", False, None),
    "vs_kraj_zw_gold": ("zw", "P_13_7", False, None),
    "vs_stal": ("oo", "P_13_10", True, None),
    "vs_unia": ("0 WDT", "P_13_6_2", False, None),
    "vs_unia_i42": ("0 WDT", "P_13_6_2", False, "I_42"),
    "vs_unia_i63": ("0 WDT", "P_13_6_2", False, "I_63"),
    "vs_unia_triangular": ("np I", "P_13_8", True, "TT_D"),
    "vs_dostu": ("np II", "P_13_9", True, None),
    "vs_eksp_tow": ("0 EX", "P_13_6_3", False, None),
    "vs_ekspu": ("np I", "P_13_8", True, None),
}
IN_EU = ("vs_unia", "vs_unia_i42", "vs_unia_i63", "vs_unia_triangular", "vs_dostu")
ABROAD = ("vs_eksp_tow", "vs_ekspu")
# Taxes that l10n_pl lacks, by their percentage.
CUSTOM = {22: "P_13_1", 7: "P_13_2", 4: "P_13_4", 3: "P_13_4"}
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
PROVISION = "art. 43 ust. 1 pkt 37 ustawy o VAT"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingRates(MappingCase):
    """Every tax has its KSeF rate without anybody's doing, or says that it has none;
    an invoice with it is right in lines, totals and annotations."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax("vs_kraj_zw").ksef_exemption = PROVISION
        address = {"is_company": True, "street": "Unter den Linden 1", "city": "Berlin"}
        cls.german, cls.american = cls.env["res.partner"].create(
            [
                {
                    **address,
                    "name": "Käufer GmbH",
                    "country_id": cls.env.ref("base.de").id,
                    "vat": "DE136695976",
                },
                {
                    **address,
                    "name": "Buyer Inc.",
                    "country_id": cls.env.ref("base.us").id,
                    "vat": "123456789",
                },
            ]
        )

    def buyer_for(self, name):
        """A buyer to whom a sale with the tax is made."""
        if name in IN_EU:
            return self.german
        return self.american if name in ABROAD else self.buyer

    def sale(self, name, tax=None):
        """The document of an invoice over 100 with one tax."""
        tax = tax or self.tax(name)
        tax.active = True
        lines = self.line(100, tax_ids=[Command.set(tax.ids)])
        move = self.posted(lines, partner_id=self.buyer_for(name).id)
        return self.document(move)

    def assertRow(self, name, invoice):
        """The document says what the table says of the tax."""
        rate, total, reverse, procedure = SALES[name]
        self.assertEqual(invoice.lines[0].rate, rate)
        self.assertEqual(invoice.lines[0].procedure, procedure)
        vat = Decimal(PERCENTS.get(rate, 0))
        self.assertEqual(self.amounts(invoice)[total], 100)
        self.assertEqual(len(invoice.totals), 1, "the sale is told once")
        self.assertEqual(invoice.totals[0].tax or 0, vat)
        self.assertEqual(invoice.total, 100 + vat)
        said = invoice.annotations
        self.assertEqual(said.exemption is not None, rate == "zw", "P_19")
        self.assertEqual(said.reverse_charge, reverse, "P_18")
        self.assertEqual(said.triangular, procedure == "TT_D", "P_23")
        in_eu = "PL" if name in IN_EU else None
        self.assertEqual(invoice.seller.vat_prefix, in_eu)

    def made_by_hand(self, name):
        """A tax that a user has made like one of l10n_pl: no xmlid, the same tags."""
        tax = self.tax(name)
        return self.env["account.tax"].create(
            {
                "name": f"własny {name}",
                "amount": tax.amount,
                "type_tax_use": tax.type_tax_use,
                "country_id": tax.country_id.id,
                "tax_group_id": tax.tax_group_id.id,
                "repartition_line_ids": [
                    Command.create(
                        {
                            "document_type": line.document_type,
                            "repartition_type": line.repartition_type,
                            "factor_percent": line.factor_percent,
                            "account_id": line.account_id.id,
                            "tag_ids": [Command.set(line.tag_ids.ids)],
                        }
                    )
                    for line in tax.repartition_line_ids
                ],
            }
        )

    def custom(self, rate, amount=0.0, **values):
        """A tax whose KSeF rate the user has chosen."""
        return self.env["account.tax"].create(
            {
                "name": f"{rate} {amount}",
                "amount": amount,
                "type_tax_use": "sale",
                "ksef_rate": rate,
                **values,
            }
        )

    def oss_tax(self, amount, **values):
        """A tax as l10n_eu_oss makes them: one tag on base and VAT."""
        tag = self.env["account.account.tag"].create(
            {"name": "OSS", "applicability": "taxes"}
        )
        repartition = [
            Command.create(
                {"repartition_type": kind, "tag_ids": [Command.set(tag.ids)]}
            )
            for kind in ("base", "tax")
        ]
        return self.env["account.tax"].create(
            {
                "name": f"{amount}% DE VAT",
                "amount": amount,
                "type_tax_use": "sale",
                "country_id": self.env.ref("base.pl").id,
                "invoice_repartition_line_ids": repartition,
                "refund_repartition_line_ids": repartition,
                **values,
            }
        )

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
        self.assertEqual(rates, {name: row[0] for name, row in SALES.items()})

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

    def test_taxes_made_by_hand(self):
        """Tags decide, not names or identifiers."""
        for name, (rate, *_rest) in SALES.items():
            with self.subTest(name):
                self.assertEqual(self.made_by_hand(name).ksef_rate, rate)
                copy = self.tax(name).copy({"name": f"kopia {name}"})
                self.assertEqual(copy.ksef_rate, rate)

    def test_taxes_made_by_hand_on_an_invoice(self):
        for name in ("vs_kraj_23", "vs_unia_triangular", "vs_dostu", "vs_stal"):
            with self.subTest(name):
                tax = self.made_by_hand(name)
                self.assertRow(name, self.sale(name, tax))

    def test_the_rate_is_the_users_to_change(self):
        own = self.tax("vs_kraj_zw").copy({"name": "np I, own"})
        self.assertEqual(own.ksef_rate, "zw", "a copy bears the same tags")
        own.ksef_rate = "np I"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(own.ksef_rate, "np I")

    def test_a_rate_given_with_the_tax_holds(self):
        """Also after Odoo has added the repartition, and after a later edit of it."""
        for rate in ("margin", "outside", "np I", "0 EX"):
            tax = self.custom(rate)
            self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(tax.ksef_rate, rate)
            account = self.company_data["default_account_tax_sale"]
            tax.repartition_line_ids[:1].account_id = account
            tax.invoice_repartition_line_ids[:1].tag_ids = False
            self.assertEqual(tax.ksef_rate, rate)

    def test_a_tax_without_tags_is_known_by_its_percentage(self):
        plain = self.env["account.tax"].create({"name": "7", "amount": 7})
        zero = self.env["account.tax"].create({"name": "0", "amount": 0})
        self.assertEqual(plain.ksef_rate, "7")
        self.assertFalse(zero.ksef_rate, "zero may be any of seven rates")

    def test_every_tax_on_an_invoice(self):
        for name in SALES:
            with self.subTest(name):
                self.assertRow(name, self.sale(name))

    def test_every_percentage_on_an_invoice(self):
        for percent, total in CUSTOM.items():
            with self.subTest(percent):
                tax = self.custom(str(percent), percent)
                invoice = self.sale("custom", tax)
                self.assertEqual(invoice.lines[0].rate, str(percent))
                self.assertEqual(self.amounts(invoice)[total], 100)
                self.assertEqual(invoice.total, 100 + percent)

    def test_all_domestic_rates_at_once(self):
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

    def test_f01_five_percent_is_not_exempt(self):
        line = self.sale("vs_kraj_5").lines[0]
        self.assertEqual(line.rate, "5")

    def test_f02_sales_to_travellers_are_in_the_totals(self):
        invoice = self.sale("vs_zwrot_podróżnych_0")
        self.assertAmounts(invoice, "100", P_13_6_1="100")

    def test_f04_exempt_sales_name_their_provision(self):
        exempt = self.tax("vs_kraj_zw")
        exempt.write({"ksef_exemption_basis": "P_19B", "ksef_exemption": "art. 132"})
        said = self.sale("vs_kraj_zw").annotations
        expected = fa3.Exemption(basis=fa3.Basis.DIRECTIVE, text="art. 132")
        self.assertEqual(said.exemption, expected)
        exempt.ksef_exemption = False
        [told] = problems(self.draft(self.line(1, "vs_kraj_zw")))
        self.assertEqual((told.record, told.field), (exempt, "ksef_exemption"))

    def test_f05_domestic_reverse_charge(self):
        invoice = self.sale("vs_stal")
        self.assertAmounts(invoice, "100", P_13_10="100")
        self.assertTrue(invoice.annotations.reverse_charge)

    def test_f06_services_in_the_eu_are_told_once(self):
        """The tax bears K_11 and K_12."""
        self.assertAmounts(self.sale("vs_dostu"), "100", P_13_9="100")
        self.assertAmounts(self.sale("vs_ekspu"), "100", P_13_8="100")

    def test_f20_oss(self):
        tax = self.oss_tax(19)
        self.assertEqual(tax.ksef_rate, "oss")
        invoice = self.sale("oss", tax)
        self.assertAmounts(invoice, "119", P_13_5="100", P_14_5="19")
        self.assertEqual(invoice.lines[0].oss_rate, 19)
        self.assertIsNone(invoice.lines[0].rate)

    def test_oss_with_decimals_and_prices_including_tax(self):
        tax = self.oss_tax(25.5, price_include_override="tax_included")
        line = self.line(125.5, tax_ids=[Command.set(tax.ids)])
        invoice = self.document(self.posted(line))
        self.assertEqual(invoice.lines[0].oss_rate, Decimal("25.5"))
        self.assertEqual(invoice.lines[0].gross, Decimal("125.5"))
        self.assertAmounts(invoice, "125.50", P_13_5="100", P_14_5="25.50")

    # ------------------------------------------------------------------
    # Exemption
    # ------------------------------------------------------------------

    def test_the_invoice_overrules_the_provision_of_the_tax(self):
        move = self.posted(
            self.line(100, "vs_kraj_zw"),
            ksef_exemption_basis="P_19C",
            ksef_exemption="art. 5",
        )
        self.assertTrue(move.ksef_exempt)
        self.assertEqual(move.ksef_default_exemption, PROVISION)
        expected = fa3.Exemption(basis=fa3.Basis.OTHER, text="art. 5")
        self.assertEqual(self.document(move).annotations.exemption, expected)
        self.assertLessEqual(
            {"ksef_exemption_basis", "ksef_exemption"}, move._ksef_frozen_fields()
        )

    def test_the_invoice_decides_between_two_kinds_of_basis(self):
        gold = self.tax("vs_kraj_zw_gold")
        gold.ksef_exemption_basis = "P_19B"
        lines = (self.line(1, "vs_kraj_zw"), self.line(1, "vs_kraj_zw_gold"))
        [told] = problems(self.draft(*lines))
        self.assertEqual(told.field, "ksef_exemption_basis")
        move = self.posted(*lines, ksef_exemption_basis="P_19A")
        said = self.document(move).annotations.exemption
        self.assertEqual(said.basis, fa3.Basis.ACT)
        self.assertEqual(said.text, f"{PROVISION}; {gold.ksef_exemption}")

    def test_a_credit_note_keeps_the_provision_of_the_invoice(self):
        move = self.posted(self.line(100, "vs_kraj_zw"), ksef_exemption="art. 5")
        refund = move._reverse_moves()
        self.assertEqual(refund.ksef_exemption, "art. 5")

    def test_no_exemption_without_exempt_sales(self):
        move = self.posted(self.line(100), ksef_exemption="art. 5")
        self.assertFalse(move.ksef_exempt)
        self.assertIsNone(self.document(move).annotations.exemption)

    def test_gold_has_its_provision(self):
        invoice = self.sale("vs_kraj_zw_gold")
        self.assertIn("art. 122", invoice.annotations.exemption.text)

    # ------------------------------------------------------------------
    # What cannot be decided blocks
    # ------------------------------------------------------------------

    def test_a_tax_that_cannot_be_decided_blocks_by_its_name(self):
        tax = self.env["account.tax"].create({"name": "zero?", "amount": 0})
        move = self.draft(self.line(1, name="bilet", tax_ids=[Command.set(tax.ids)]))
        [told] = problems(move)
        self.assertIn("bilet", told.text)
        self.assertIn("zero?", told.text)
        self.assertEqual((told.record, told.field), (tax, "ksef_rate"))

    def test_a_rate_that_is_not_what_odoo_computes_blocks(self):
        tax = self.custom("23", 8)
        move = self.draft(self.line(1, tax_ids=[Command.set(tax.ids)]))
        [told] = problems(move)
        self.assertIn("8%", told.text)
        self.assertEqual((told.record, told.field), (tax, "ksef_rate"))

    def test_a_rate_in_a_group_of_taxes(self):
        group = self.env["account.tax"].create(
            {
                "name": "grupa",
                "amount_type": "group",
                "type_tax_use": "sale",
                "children_tax_ids": [Command.set(self.tax("vs_kraj_8").ids)],
            }
        )
        self.assertFalse(group.ksef_rate)
        invoice = self.sale("group", group)
        self.assertEqual(invoice.lines[0].rate, "8")
        self.assertAmounts(invoice, "108", P_13_2="100", P_14_2="8")
