from decimal import Decimal
from types import SimpleNamespace

from lxml import etree

from odoo import Command
from odoo.tests import tagged

from ..mapping.lines import product_values
from ..mapping.problems import problems
from .mapping_common import MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingLines(MappingCase):
    """Every line that sells something is stated, once, numbered as it is printed, with
    what the product, its unit and its taxes say of it. What is voluntary and does not
    fit is left out; a long name goes on in a note to its line."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fridge = cls.env["product.product"].create(
            {
                "name": "lodówka Zimnotech mk1",
                "default_code": "LOD-1",
                "barcode": "5901234123457",
                "l10n_pl_vat_gtu": "GTU_06",
                "ksef_pkwiu": "27.51.11.0",
                "ksef_cn": "8418 21 91",
                "ksef_pkob": "1110",
                "ksef_annex_15": True,
            }
        )

    def sold(self, *lines, **values):
        return self.document(self.posted(*lines, **values)).lines

    def sells_fridge(self, **values):
        return self.line(100.0, product_id=self.fridge.id, **values)

    def test_f09_numbers_and_order_are_those_of_the_printed_invoice(self):
        move = self.posted(
            self.line(3.0, name="trzecia", sequence=30),
            Command.create(
                {"display_type": "line_section", "name": "A", "sequence": 1}
            ),
            self.line(1.0, name="pierwsza", sequence=10),
            Command.create({"display_type": "line_note", "name": "x", "sequence": 15}),
            Command.create(
                {"display_type": "line_subsection", "name": "B", "sequence": 16}
            ),
            self.line(2.0, name="druga", sequence=20),
        )
        printed = move._get_move_lines_to_report()
        names = printed.filtered(lambda li: li.display_type == "product").mapped("name")
        lines = self.document(move).lines
        self.assertEqual([line.name for line in lines], names)
        self.assertEqual(names, ["pierwsza", "druga", "trzecia"])
        self.assertEqual(
            [line.number for line in lines], [1, 2, 3], "sections do not count"
        )

    def test_f08_no_line_vanishes(self):
        lines = [
            self.line(1.0, name=f"{tax}", tax=tax)
            for tax in ("vs_kraj_23", "vs_kraj_8", "vs_kraj_5", "vs_kraj_0")
        ]
        invoice = self.document(self.posted(*lines))
        self.assertEqual(len(invoice.lines), 4)
        self.assertEqual(sum(line.net for line in invoice.lines), 4)
        draft = self.draft(self.line(100.0), self.line(73.0, tax=None, name="opłata"))
        told = [problem.text for problem in problems(draft)]
        self.assertTrue(
            any("opłata" in text for text in told), "a line without tax is named"
        )

    def test_f23_product_codes(self):
        (line,) = self.sold(self.sells_fridge())
        self.assertEqual(line.code, "LOD-1")
        self.assertEqual(line.gtin, "5901234123457")
        self.assertEqual(line.pkwiu, "27.51.11.0")
        self.assertEqual(line.cn, "8418 21 91")
        self.assertEqual(line.pkob, "1110")
        self.assertEqual(line.gtu, "GTU_06")
        self.assertIs(line.annex_15, True, "regardless of split payment")

    def test_a_line_without_product_has_no_codes(self):
        (line,) = self.sold(self.line(100.0))
        stated = (line.code, line.gtin, line.pkwiu, line.cn, line.gtu, line.excise)
        self.assertEqual(stated, (None,) * 6)
        self.assertIs(line.annex_15, False)

    def test_the_hs_code_stands_in_for_the_cn_code(self):
        values = dict.fromkeys(
            ("default_code", "barcode", "ksef_pkwiu", "ksef_cn", "ksef_pkob"), False
        )
        product = SimpleNamespace(
            **values,
            ksef_annex_15=False,
            l10n_pl_vat_gtu=False,
            hs_code="84182191",
            _fields={"hs_code"},
        )
        self.assertEqual(product_values(product)["cn"], "84182191")
        product.ksef_cn = "8418 40 20"
        self.assertEqual(product_values(product)["cn"], "8418 40 20")

    def test_codes_that_are_none_or_do_not_fit_are_left_out(self):
        self.fridge.write(
            {"barcode": "WEWN-77", "default_code": "x" * 51, "ksef_cn": "9" * 51}
        )
        (line,) = self.sold(self.sells_fridge())
        self.assertEqual((line.gtin, line.code, line.cn), (None, None, None))
        self.fridge.barcode = "123456"
        self.assertIsNone(self.sold(self.sells_fridge())[0].gtin, "too short for one")

    def test_f13_a_long_name_goes_on_in_notes_to_its_line(self):
        words = " ".join(f"słowo{number}" for number in range(1, 150))
        move = self.posted(self.line(1.0), self.line(2.0, name=f"{words}\n\n koniec"))
        invoice = self.document(move)
        line = invoice.lines[1]
        self.assertLessEqual(len(line.name), 512)
        self.assertTrue(words.startswith(f"{line.name} "), "cut between words")
        rest = [note for note in invoice.descriptions if note.line == 2]
        self.assertTrue(all(len(note.value) <= 256 for note in rest))
        whole = " ".join((line.name, *(note.value for note in rest)))
        self.assertEqual(whole, f"{words} koniec", "nothing is lost")

    def test_a_name_of_512_characters_needs_no_note(self):
        invoice = self.document(self.posted(self.line(1.0, name="a" * 512)))
        self.assertEqual(len(invoice.lines[0].name), 512)
        self.assertEqual(invoice.descriptions, ())

    def test_a_line_without_description_is_told(self):
        draft = self.draft(self.line(1.0, name=" "))
        self.assertIn("without description", problems(draft)[0].text)

    def test_f23_excise_of_the_quantity_in_the_unit_of_the_product(self):
        self.fridge.ksef_excise = 1.55
        dozen = self.env.ref("uom.product_uom_dozen").id
        bought, in_dozens = self.sold(
            self.sells_fridge(quantity=3.0),
            self.sells_fridge(quantity=1.0, product_uom_id=dozen),
        )
        self.assertEqual(bought.excise, Decimal("4.65"))
        self.assertEqual(in_dozens.excise, Decimal("18.60"))

    def test_excise_is_in_the_currency_of_the_invoice(self):
        self.fridge.ksef_excise = 9.00
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "name": "2026-03-01",
                "currency_id": euro.id,
                "company_id": self.company.id,
                "inverse_company_rate": 4.5,
            }
        )
        (line,) = self.sold(self.sells_fridge(quantity=2.0), currency_id=euro.id)
        self.assertEqual(line.excise, Decimal("4.00"))

    def test_unit_in_polish(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        unit = self.env["uom.uom"].create({"name": "piece"})
        unit.with_context(lang="pl_PL").name = "sztuka"
        (line,) = self.sold(self.line(1.0, product_uom_id=unit.id))
        self.assertEqual(line.unit, "sztuka")

    def test_f23_procedure_of_the_tax(self):
        german = self.buyer.copy(
            {"vat": "DE136695976", "country_id": self.env.ref("base.de").id}
        )
        for tax, procedure in (("vs_unia_i42", "I_42"), ("vs_unia_i63", "I_63")):
            self.tax(tax).active = True
            (line,) = self.sold(self.line(1.0, tax=tax), partner_id=german.id)
            self.assertEqual((line.rate, line.procedure), ("0 WDT", procedure))

    def test_f23_procedure_chosen_on_the_tax(self):
        tax = self.tax("vs_kraj_23").copy(
            {"name": "23% bon", "ksef_procedure": "B_SPV"}
        )
        line = self.line(1.0)
        line[2]["tax_ids"] = [Command.set(tax.ids)]
        self.assertEqual(self.sold(line)[0].procedure, "B_SPV")

    def test_f23_procedure_of_vouchers(self):
        flags = {
            "l10n_pl_vat_b_spv": "B_SPV",
            "l10n_pl_vat_b_spv_dostawa": "B_SPV_DOSTAWA",
            "l10n_pl_vat_b_mpv_prowizja": "B_MPV_PROWIZJA",
        }
        for flag, procedure in flags.items():
            (line,) = self.sold(self.line(1.0), **{flag: True})
            self.assertEqual(line.procedure, procedure)
        (line,) = self.sold(self.line(1.0), **dict.fromkeys(flags, True))
        self.assertIsNone(line.procedure, "a line has room for one")

    def test_lines_bear_an_identity_of_their_own(self):
        move = self.posted(self.line(1.0), self.line(2.0))
        first, second = self.document(move).lines
        self.assertNotEqual(first.uid, second.uid)
        self.assertTrue(
            first.uid.endswith(f"-{move.invoice_line_ids.sorted('id')[0].id}")
        )

    def test_a_thousand_lines_ask_no_thousand_questions(self):
        few = self.posted(*(self.sells_fridge() for _n in range(2)))
        many = self.posted(*(self.sells_fridge() for _n in range(40)))
        asked = []
        for move in (few, many):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.document(move)
            asked.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(asked[1], asked[0] + 2, "queries per line")

    def test_product_codes_are_for_polish_companies(self):
        form = self.env.ref("product.product_template_only_form_view")
        view = self.env["product.template"].get_view(form.id, "form")
        tree = etree.fromstring(view["arch"])
        (page,) = tree.xpath("//page[@name='ksef']")
        condition = "'PL' not in (fiscal_country_codes or '')"
        self.assertEqual(page.get("invisible"), condition)
        self.assertTrue(page.xpath(".//field[@name='ksef_annex_15']"))
