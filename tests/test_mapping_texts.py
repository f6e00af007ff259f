import random
from datetime import date

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from ..ksef import fa3
from ..mapping.attachment import column_type
from ..mapping.plain import chunks, plain
from ..mapping.problems import problems
from .mapping_common import MappingCase

METER = (
    "Opłaty\tData od\tWskazanie\tZużycie [m3]\tNr licznika\r\n"
    "Paliwo gazowe\t01.01.2026\t43529\t11,112\t00123\r\n"
    '"Opłata\nhandlowa"\t31.01.2026\t-\t1 234,5\t00123\r\n'
    "Razem\t\t43529\t1 245,612\r\n"
)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingTexts(MappingCase):
    """What the printed invoice tells in words stands in FA(3) too, and which order and
    contract it belongs to: nothing is lost, no word is cut, and every text is of the
    line that it belongs to."""

    def described(self, move):
        """DodatkowyOpis as (line, key, value)."""
        if move.state == "draft":
            move.action_post()
        rows = self.document(move).descriptions
        return [(row.line, row.key, row.value) for row in rows]

    def settings(self, **values):
        """As an administrator saves them."""
        self.company.write(values)

    def texts(self, move):
        return " ".join(problem.text for problem in problems(move))

    # ------------------------------------------------------------------
    # DodatkowyOpis
    # ------------------------------------------------------------------

    def test_f23_notes_belong_to_the_line_above(self):
        note = {"display_type": "line_note"}
        section = {"display_type": "line_section", "name": "Sprzęt"}
        move = self.draft(
            Command.create({**note, "name": "na początku", "sequence": 1}),
            self.line(1, sequence=2),
            self.line(2, sequence=4),
            Command.create({**note, "name": "do drugiej\n\npozycji", "sequence": 5}),
            Command.create({**section, "sequence": 6}),
            Command.create({**note, "name": "do części", "sequence": 7}),
        )
        self.assertEqual(
            self.described(move),
            [
                (None, "Uwagi", "na początku"),
                (2, "Uwagi", "do drugiej"),
                (2, "Uwagi (2)", "pozycji"),
                (None, "Uwagi", "do części"),
            ],
        )

    def test_f23_narration(self):
        narration = (
            "<p>Towar <b>pozostaje</b> własnością<br>sprzedawcy.</p>"
            "<ul><li>pierwszy</li><li>drugi &amp; trzeci</li></ul>"
            '<div>Regulamin: <a href="https://example.com/r">tutaj</a></div><p></p>'
        )
        told = self.described(self.draft(self.line(1), narration=narration))
        self.assertEqual(
            {key.partition(" (")[0] for _line, key, _value in told},
            {"Informacje dodatkowe"},
        )
        self.assertEqual(
            [value for _line, _key, value in told],
            [
                "Towar pozostaje własnością",
                "sprzedawcy.",
                "pierwszy",
                "drugi & trzeci",
                "Regulamin: tutaj (https://example.com/r)",
            ],
        )

    def test_long_texts_are_parted_between_words(self):
        sentence = "Zamówienie realizujemy w ciągu trzech dni roboczych. "
        told = self.described(self.draft(self.line(1), narration=sentence * 20))
        values = [value for _line, _key, value in told]
        self.assertGreater(len(values), 1)
        self.assertEqual(" ".join(values), (sentence * 20).strip())
        self.assertTrue(all(value.endswith("roboczych.") for value in values))

    def test_pieces_of_any_text_give_it_back(self):
        chance = random.Random(4)
        signs = "aął żź.:; \n\t\x92\ufdd0\U0001f469\u200d\U0001f680e\u0301"
        for _text in range(300):
            text = "".join(chance.choices(signs, k=chance.randint(0, 2000)))
            limit = chance.randint(10, 300)
            pieces = chunks(text, limit)
            self.assertLessEqual(max(map(len, pieces), default=0), limit)
            self.assertEqual(
                "".join(pieces).replace(" ", ""), fa3.token(text).replace(" ", "")
            )
            if max(map(len, fa3.token(text).split(" ")), default=0) <= limit:
                self.assertEqual(" ".join(pieces), fa3.token(text), "a word is cut")

    def test_f23_rows_of_the_invoice_and_of_every_invoice(self):
        self.settings(
            ksef_descriptions="godziny dowozu: 8:00 - 16\n\nReklamacje: r@example.com"
        )
        move = self.draft(self.line(1), self.line(2))
        move.ksef_description_ids = [
            Command.create({"key": "Projekt", "value": "Dom, ul. Słoneczna 15"}),
            Command.create(
                {
                    "key": "Akcyza",
                    "value": "x " * 200,
                    "line_id": move.invoice_line_ids[1].id,
                }
            ),
            Command.create({"key": "Godziny dowozu", "value": "17:00 - 20:00"}),
        ]
        self.assertEqual(
            self.described(move),
            [
                (None, "Projekt", "Dom, ul. Słoneczna 15"),
                (2, "Akcyza", ("x " * 128).strip()),
                (2, "Akcyza (2)", ("x " * 72).strip()),
                (None, "Godziny dowozu", "17:00 - 20:00"),
                (None, "Reklamacje", "r@example.com"),
            ],
        )

    def test_rows_that_say_nothing_are_told(self):
        move = self.draft(self.line(1))
        move.ksef_description_ids = [
            Command.create({"key": "x" * 257, "value": "ok"}),
            Command.create({"key": "Projekt", "value": "\ufdd0 "}),
        ]
        told = self.texts(move)
        self.assertIn("257", told)
        self.assertIn("“Projekt”: enter a name and a text", told)

    def test_texts_of_every_invoice_have_a_name(self):
        for text in ("bez nazwy", ": bez nazwy", "Nazwa:", "x" * 257 + ": za długa"):
            with self.assertRaises(ValidationError):
                self.settings(ksef_descriptions=text)

    def test_what_is_issued_stays(self):
        self.company.sudo().ksef_environment = "test"
        with Form(self.draft(self.line(1), ref="ZAM 7")) as form:
            form.ksef_payment_method = "6"
            form.ksef_more = True
            with form.ksef_description_ids.new() as row:
                row.key, row.value = "a", "b"
            move = form.save()
        move.action_post()
        self.assertEqual(move.ksef_state, "ready")
        changes = (
            {"narration": "inna treść"},
            {"ref": "ZAM 8"},
            {"ksef_order_number": "7"},
            {"ksef_payment_method": "1"},
            {"ksef_description_ids": [Command.clear()]},
        )
        for values in changes:
            with self.subTest(**values), self.assertRaises(UserError):
                move.write(values)
        with self.assertRaises(UserError):
            move.ksef_description_ids.value = "c"
        typed = self.posted(self.line(1), ref="ZAM 7", ksef_order_number="9")
        typed.ref = "our own note"
        typed.ref = "9"
        typed.ref = "another note"

    def test_reference_that_was_not_stated_stays_free(self):
        """What the document says decides, not what stands there now."""
        self.company.sudo().ksef_environment = "test"
        for origin in (False, "S00001"):
            move = self.posted(self.line(1), invoice_origin=origin)
            for note in ("a", "b", "S00001", "c"):
                move.ref = note
            self.assertEqual(move.ref, "c")

    # ------------------------------------------------------------------
    # Stopka
    # ------------------------------------------------------------------

    def test_footer_and_registers(self):
        self.settings(
            report_footer="<p>z wydruku</p>",
            ksef_footer="Kapitał zakładowy 5 000 000\r\nSąd Rejonowy\x92",
            ksef_krs="0000099999",
            ksef_regon="123456785",
            ksef_bdo="000099999",
        )
        footer = self.document(self.posted(self.line(1))).footer
        self.assertEqual(footer.texts, ("Kapitał zakładowy 5 000 000\nSąd Rejonowy",))
        self.assertEqual(
            footer.registers,
            (fa3.Register(krs="0000099999", regon="123456785", bdo="000099999"),),
        )

    def test_footer_of_printed_documents(self):
        self.settings(
            report_footer="<p>abc@abc.pl<br>+48 1</p>", company_registry="0000099999"
        )
        footer = self.document(self.posted(self.line(1))).footer
        self.assertEqual(footer.texts, ("abc@abc.pl\n+48 1",))
        self.assertEqual(footer.registers, (fa3.Register(krs="0000099999"),))
        self.settings(report_footer=False, company_registry="12/34")
        self.assertIsNone(self.document(self.posted(self.line(1))).footer)

    def test_long_footer(self):
        words = "słowo " * 1500
        self.settings(ksef_footer=words)
        texts = self.document(self.posted(self.line(1))).footer.texts
        self.assertEqual(" ".join(texts), words.strip())
        with self.assertRaises(ValidationError):
            self.settings(ksef_footer="x" * 10501)

    def test_registers_are_checked(self):
        for values in (
            {"ksef_krs": "99999"},
            {"ksef_regon": "123456786"},
            {"ksef_bdo": "E0001"},
        ):
            with self.subTest(**values), self.assertRaises(ValidationError):
                self.settings(**values)

    # ------------------------------------------------------------------
    # Zalacznik
    # ------------------------------------------------------------------

    def attached(self, **values):
        values = {"details": "Nr punktu poboru: 12345", **values}
        return self.draft(self.line(1), ksef_attachment_ids=[Command.create(values)])

    def test_f23_attachment(self):
        move = self.attached(
            heading="1. Rozliczenie punktu poboru",
            details="Rok umowny: 2026\nAdres: ul. Polna 1, 00-001 Warszawa",
            paragraphs="Pierwszy akapit.\n\nDrugi.",
            table=METER,
            table_description="Odczyty",
            table_details="Nr gazomierza: GM1",
            table_has_totals=True,
        )
        move.action_post()
        invoice = self.document(move)
        (block,) = invoice.attachment.blocks
        self.assertEqual(block.heading, "1. Rozliczenie punktu poboru")
        self.assertEqual(
            block.metadata,
            (
                fa3.MetaData(key="Rok umowny", value="2026"),
                fa3.MetaData(key="Adres", value="ul. Polna 1, 00-001 Warszawa"),
            ),
        )
        self.assertEqual(block.paragraphs, ("Pierwszy akapit.", "Drugi."))
        (table,) = block.tables
        self.assertEqual(
            [(column.name, column.type) for column in table.columns],
            [
                ("Opłaty", "txt"),
                ("Data od", "date"),
                ("Wskazanie", "int"),
                ("Zużycie [m3]", "dec"),
                ("Nr licznika", "txt"),
            ],
        )
        self.assertEqual(
            table.rows[1],
            ("Opłata handlowa", "31.01.2026", "-", "1 234,5", "00123"),
        )
        self.assertEqual(table.totals, ("Razem", "", "43529", "1 245,612", ""))
        self.assertEqual(
            table.metadata, (fa3.TableData(key="Nr gazomierza", value="GM1"),)
        )
        values = self.env["ksef.document"]._values_of_invoice(invoice)
        self.assertTrue(values["needs_batch"])

    def test_attachment_needs_a_batch_session(self):
        attached = self.attached(table=METER)
        attached.action_post()
        for move, needs in ((attached, True), (self.posted(self.line(1)), False)):
            invoice = self.document(move)
            values = self.env["ksef.document"]._values_of_invoice(invoice)
            self.assertEqual(values["needs_batch"], needs)

    def test_types_of_columns(self):
        cases = (
            ("date", "2026-01-31", "1.02.2026"),
            ("datetime", "2026-01-31 10:00", "2026-01-31T10:00:59"),
            ("time", "7:05", "23:59:59"),
            ("int", "0", "-12", "1 000", "-"),
            ("dec", "1", "1.5", "-1\u00a0000,25"),
            ("txt", "007"),
            ("txt", "12345678901234567890"),
            ("txt", "1", "2026-01-31"),
            ("txt", "", "-"),
        )
        for name, *values in cases:
            with self.subTest(values=values):
                self.assertEqual(column_type(values), name)

    def test_attachments_that_do_not_fit(self):
        cases = (
            ({"details": " "}, "at least one detail"),
            ({"details": "bez wartości"}, "write “name: value”"),
            ({"details": "x" * 257 + ": y"}, "257 characters"),
            ({"heading": "x" * 513}, "513 characters"),
            ({"paragraphs": "akapit\n" * 11}, "11 paragraphs"),
            ({"paragraphs": "x" * 513}, "513 characters"),
            ({"table": "a;b\n1;2;3"}, "longer than its first row"),
            ({"table": "a;b"}, "needs a row"),
            ({"table": "a;b\n1;2", "table_has_totals": True}, "needs a row"),
            ({"table": ";".join("abcdefghijklmnopqrstu") + "\n1"}, "21 columns"),
            ({"table": "a\n" + "1\n" * 1001}, "1001 rows"),
            ({"table": f"a\n{'x' * 257}"}, "257 characters"),
            ({"table": "a\n1", "table_details": "x"}, "write “name: value”"),
        )
        for values, words in cases:
            with self.subTest(**values):
                self.assertIn(words, self.texts(self.attached(**values)))

    def test_markup(self):
        for markup, text in (
            (False, ""),
            ("bez znaczników", "bez znaczników"),
            ("a &lt; b<!-- nic -->", "a < b"),
            ("<table><tr><td>1</td><td>2</td></tr></table>", "1 2"),
            (f"<p>{date(2026, 1, 1)}</p><p><br></p><p>x</p>", "2026-01-01\n\nx"),
        ):
            self.assertEqual(plain(markup), text)

    # ------------------------------------------------------------------
    # Terms
    # ------------------------------------------------------------------

    def test_order_and_contract(self):
        terms = self.document(
            self.posted(
                self.line(100),
                ref="zamówienie 7",
                ksef_order_number="4354343",
                ksef_order_date="2026-01-26",
                ksef_contract_number="U/1",
                ksef_contract_date="2025-12-01",
                ksef_intermediary=True,
            )
        ).terms
        self.assertEqual(
            terms.orders, (fa3.Order(number="4354343", day=date(2026, 1, 26)),)
        )
        self.assertEqual(
            terms.contracts, (fa3.Contract(number="U/1", day=date(2025, 12, 1)),)
        )
        self.assertTrue(terms.intermediary)

    def test_reference_of_the_customer_is_the_order(self):
        for values, number in (
            ({"ref": "ZAM 7", "invoice_origin": "S1"}, "ZAM 7"),
            ({"invoice_origin": "S1"}, "S1"),
        ):
            terms = self.document(self.posted(self.line(100), **values)).terms
            self.assertEqual(terms.orders, (fa3.Order(number=number),))
        self.assertIsNone(self.document(self.posted(self.line(100))).terms)

    def test_reference_of_a_correction_is_its_reason(self):
        refund = self.reversal(self.posted(self.line(100)), ref="zwrot towaru")
        self.assertIsNone(self.document(refund).terms)

    def test_delivery_terms(self):
        incoterm = self.env.ref("account.incoterm_CIP")
        invoice = self.posted(
            self.line(100),
            invoice_incoterm_id=incoterm.id,
            incoterm_location="Kraków",
        )
        self.assertEqual(self.document(invoice).terms.delivery, "CIP Kraków")

    def test_terms_outside_the_schema(self):
        draft = self.draft(
            self.line(100),
            ksef_order_number="x" * 257,
            ksef_contract_date="1989-12-31",
        )
        fields = {problem.field for problem in problems(draft)}
        self.assertEqual(fields, {"ksef_order_number", "ksef_contract_date"})
