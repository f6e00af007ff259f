from odoo import Command
from odoo.tests import Form, tagged

from ..ksef import fa3
from ..mapping.annotations import sentences
from ..mapping.facts import Facts
from ..mapping.problems import problems
from .mapping_common import ISSUED, MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingFlags(MappingCase):
    """What art. 106e(1)(16)-(24), (2) and (3) want said of a sale is said, in the
    document and in the words of the law on the printed invoice, and nothing else is.
    What Odoo can know sets it; what a person has chosen stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steel = cls.env["product.product"].create(
            {
                "name": "pręty stalowe",
                "ksef_annex_15": True,
                "taxes_id": [Command.set(cls.tax("vs_kraj_23").ids)],
            }
        )
        cls.german = cls.party("de", "DE136695976")
        cls.consumer = cls.party("pl", "/")

    @classmethod
    def party(cls, country, vat):
        partner = cls.buyer.copy({"vat": False})
        partner.write({"country_id": cls.env.ref(f"base.{country}").id, "vat": vat})
        return partner

    def annotations(self, *lines, **values):
        return self.document(self.posted(*lines, **values)).annotations

    def steel_line(self, price, **values):
        return self.line(price, product_id=self.steel.id, **values)

    def printed(self, move):
        return sentences(Facts(move))

    # ------------------------------------------------------------------
    # P_16 to P_18
    # ------------------------------------------------------------------

    def test_common_invoice_says_nothing(self):
        move = self.posted(self.line(100.0))
        invoice = self.document(move)
        self.assertEqual(invoice.annotations, fa3.Annotations())
        self.assertFalse(invoice.receipt)
        self.assertFalse(invoice.related_parties)
        self.assertEqual(self.printed(move), [])

    def test_f23_cash_accounting(self):
        self.company.tax_exigibility = True
        account = self.company_data["default_account_tax_sale"].copy()
        account.reconcile = True
        tax = self.tax("vs_kraj_23").copy(
            {
                "name": "23% metoda kasowa",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": account.id,
            }
        )
        line = self.line(100.0)
        line[2]["tax_ids"] = [Command.set(tax.ids)]
        move = self.posted(line)
        invoice = self.document(move)
        self.assertIs(invoice.annotations.cash_accounting, True)
        self.assertAmounts(invoice, "123.00", P_13_1="100.00", P_14_1="23.00")
        self.assertEqual(self.printed(move), ["metoda kasowa"])

    def test_reverse_charge_where_the_buyer_accounts_for_vat(self):
        swiss = self.party("ch", "CHE-123.456.788 TVA")
        swiss_consumer = self.party("ch", "/")
        self.tax("vs_stal").active = True
        for tax, buyer, expected in (
            ("vs_kraj_23", self.buyer, False),
            ("vs_dostu", self.german, True),
            ("vs_unia", self.german, False),
            ("vs_eksp_tow", swiss, False),
            ("vs_ekspu", swiss, True),
            ("vs_ekspu", swiss_consumer, False),
            ("vs_stal", self.buyer, True),
        ):
            with self.subTest(tax=tax, buyer=buyer.vat):
                move = self.posted(self.line(9.0, tax=tax), partner_id=buyer.id)
                made = self.document(move).annotations
                self.assertIs(made.reverse_charge, expected)
                said = "odwrotne obciążenie" in self.printed(move)
                self.assertIs(said, expected)

    def test_triangular_transaction_of_the_second_taxpayer(self):
        self.tax("vs_unia_triangular").active = True
        move = self.posted(
            self.line(9.0, tax="vs_unia_triangular"), partner_id=self.german.id
        )
        invoice = self.document(move)
        self.assertIs(invoice.annotations.triangular, True)
        self.assertIs(invoice.annotations.reverse_charge, True)
        self.assertEqual(invoice.lines[0].procedure, "TT_D")
        self.assertEqual(
            self.printed(move),
            [
                "odwrotne obciążenie",
                "VAT: Faktura WE uproszczona na mocy art. 135-138 ustawy o ptu",
            ],
        )

    # ------------------------------------------------------------------
    # P_18A
    # ------------------------------------------------------------------

    def test_f23_split_payment_over_15000_with_annex_15_to_a_taxpayer(self):
        move = self.posted(self.steel_line(12_195.13))
        self.assertEqual(move.amount_total, 15_000.01)
        invoice = self.document(move)
        self.assertIs(invoice.annotations.split_payment, True)
        self.assertIs(invoice.lines[0].annex_15, True)
        self.assertEqual(self.printed(move), ["mechanizm podzielonej płatności"])

    def test_split_payment_looks_at_the_whole_invoice(self):
        move = self.posted(self.steel_line(1.0), self.line(20_000.0))
        self.assertIs(move.ksef_split_payment, True)

    def test_no_split_payment_where_a_condition_is_missing(self):
        for reason, line, values in (
            ("exactly 15 000", self.steel_line(12_195.12), {}),
            ("no annex 15", self.line(20_000.0), {}),
            (
                "a consumer",
                self.steel_line(20_000.0),
                {"partner_id": self.consumer.id},
            ),
            (
                "no Polish VAT to pay apart",
                self.steel_line(20_000.0, tax="vs_unia"),
                {"partner_id": self.german.id},
            ),
        ):
            with self.subTest(reason):
                made = self.annotations(line, **values)
                self.assertIs(made.split_payment, False)

    def test_split_payment_of_a_foreign_currency_at_the_rate_of_its_vat(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "name": "2026-03-01",
                "currency_id": euro.id,
                "company_id": self.company.id,
                "inverse_company_rate": 4.0,
            }
        )
        for price, expected in ((3_048.0, False), (3_049.0, True)):
            move = self.draft(self.steel_line(price), currency_id=euro.id)
            self.assertIs(move.ksef_split_payment, expected, f"{move.amount_total} EUR")

    def test_split_payment_follows_the_lines_of_a_draft(self):
        move = self.draft(self.steel_line(1_000.0))
        self.assertIs(move.ksef_split_payment, False)
        move.invoice_line_ids.price_unit = 20_000.0
        self.assertIs(move.ksef_split_payment, True)
        move.partner_id = self.consumer
        self.assertIs(move.ksef_split_payment, False)

    def test_split_payment_chosen_by_hand_stays(self):
        move = self.draft(self.steel_line(20_000.0))
        move.ksef_split_payment = False
        move.invoice_line_ids.price_unit = 30_000.0
        self.assertIs(move.ksef_split_payment, False, "refused by hand")
        move.action_post()
        self.assertIs(self.document(move).annotations.split_payment, False)

        move = self.draft(self.line(10.0))
        move.ksef_split_payment = True
        move.invoice_line_ids.price_unit = 20.0
        self.assertIs(move.ksef_split_payment, True, "wanted by hand")
        move = self.draft(self.line(10.0), ksef_split_payment=True)
        move.action_post()
        self.assertIs(move.ksef_split_payment, True, "wanted from the beginning")

    def test_split_payment_on_the_form(self):
        moves = self.env["account.move"].with_user(self.accountant)
        form = Form(moves.with_context(default_move_type="out_invoice"))
        form.partner_id = self.buyer
        with form.invoice_line_ids.new() as line:
            line.product_id = self.steel
            line.price_unit = 20_000.0
        move = form.save()
        self.assertIs(move.ksef_split_payment, True)
        with Form(move) as form, form.invoice_line_ids.edit(0) as line:
            line.price_unit = 10.0
        self.assertIs(move.ksef_split_payment, False, "nobody has chosen yet")

    def test_split_payment_of_a_posted_invoice_stays(self):
        move = self.posted(self.line(20_000.0, product_id=self.steel.id))
        self.steel.ksef_annex_15 = False
        move.invoice_line_ids.modified(["product_id"])
        self.assertIs(move.ksef_split_payment, True)

    def test_a_correction_states_the_taxes_after_it(self):
        """Services that were sold as taxed in Germany bear Polish VAT after all."""
        buyer = {"partner_id": self.german.id}
        move = self.posted(self.line(100.0, "vs_dostu"), **buyer)
        changed = self.reversal(
            move, self.line(100.0, "vs_dostu"), self.line(1.0, quantity=-1.0)
        )
        invoice = self.document(changed)
        self.assertFalse(invoice.annotations.reverse_charge)
        self.assertIsNone(invoice.seller.vat_prefix)
        less = self.document(self.reversal(move, self.line(10.0, "vs_dostu")))
        self.assertTrue(less.annotations.reverse_charge)
        whole = self.document(self.reversal(move))
        self.assertTrue(whole.annotations.reverse_charge, "of what it takes back")

    def test_a_correction_of_some_lines_states_the_taxes_of_all(self):
        lines = self.line(100.0, "vs_dostu"), self.line(50.0)
        move = self.posted(*lines, partner_id=self.german.id)
        refund = self.reversal(move, self.line(5.0))
        invoice, original = self.document(refund), self.document(move)
        self.assertEqual(invoice.annotations, original.annotations)
        self.assertTrue(invoice.annotations.reverse_charge)
        self.assertEqual(invoice.buyer, original.buyer)

    def test_a_correction_keeps_split_payment(self):
        move = self.posted(self.steel_line(20_000.0))
        refund = self.reversal(move, self.steel_line(1.0))
        self.assertIs(self.document(refund).annotations.split_payment, True)

    # ------------------------------------------------------------------
    # Margin schemes
    # ------------------------------------------------------------------

    def margin_line(self, price, scheme=None):
        tax = self.tax("vs_kraj_0").copy(
            {"name": f"marża {scheme}", "ksef_rate": "margin"}
        )
        if scheme:
            tax.ksef_margin = scheme
        line = self.line(price)
        line[2]["tax_ids"] = [Command.set(tax.ids)]
        return line

    def test_f23_margin_schemes_and_their_words(self):
        for scheme, words in (
            (None, "procedura marży - towary używane"),
            ("P_PMarzy_2", "procedura marży dla biur podróży"),
            ("P_PMarzy_3_1", "procedura marży - towary używane"),
            ("P_PMarzy_3_2", "procedura marży - dzieła sztuki"),
            (
                "P_PMarzy_3_3",
                "procedura marży - przedmioty kolekcjonerskie i antyki",
            ),
        ):
            with self.subTest(scheme):
                move = self.posted(self.margin_line(100.0, scheme), self.line(10.0))
                invoice = self.document(move)
                expected = fa3.Margin(scheme or "P_PMarzy_3_1")
                self.assertIs(invoice.annotations.margin, expected)
                self.assertEqual(self.printed(move), [words])
                line = invoice.lines[0]
                self.assertEqual((line.gross_price, line.gross), (100, 100))
                self.assertIsNone(line.rate, "a margin line has no P_12")

    def test_two_margin_schemes_are_told_before_posting(self):
        draft = self.draft(
            self.margin_line(1.0, "P_PMarzy_2"), self.margin_line(1.0, "P_PMarzy_3_2")
        )
        (problem,) = problems(draft)
        self.assertIn("different margin schemes", problem.text)
        self.assertEqual(problem.field, "ksef_margin")

    # ------------------------------------------------------------------
    # New means of transport
    # ------------------------------------------------------------------

    def vehicle(self, **values):
        return Command.create({"first_used": ISSUED, "use": "120", **values})

    def sold_vehicle(self, *vehicles, **values):
        values.setdefault("partner_id", self.german.id)
        move = self.posted(
            self.line(90_000.0, tax="vs_unia"),
            ksef_new_transport_ids=list(vehicles),
            **values,
        )
        return move, self.document(move).annotations.new_transport

    def test_f23_new_land_vehicle(self):
        move, stated = self.sold_vehicle(
            self.vehicle(
                make="Autex",
                model="X1",
                color="czerwony",
                registration="WA 12345",
                year="2026",
                serial="WAUZZZ8K9BA123456",
                type="osobowy",
            ),
            ksef_new_transport_duty=True,
        )
        self.assertIs(stated.obligation, True)
        (one,) = stated.vehicles
        self.assertEqual(
            one,
            fa3.Vehicle(
                first_used=ISSUED,
                line=1,
                make="Autex",
                model="X1",
                color="czerwony",
                registration="WA 12345",
                year="2026",
                mileage="120",
                vin="WAUZZZ8K9BA123456",
                type="osobowy",
            ),
        )
        (words,) = self.printed(move)
        self.assertIn("WAUZZZ8K9BA123456", words)
        self.assertIn("120 km", words)

    def test_new_land_vehicle_known_by_another_number(self):
        for kind in ("body_number", "chassis_number", "frame_number"):
            _move, stated = self.sold_vehicle(
                self.vehicle(number_kind=kind, serial="N1")
            )
            (one,) = stated.vehicles
            self.assertEqual((getattr(one, kind), one.vin), ("N1", None))

    def test_new_vessel_and_aircraft(self):
        _move, stated = self.sold_vehicle(
            self.vehicle(kind="vessel", serial="H1", type="jacht"),
            self.vehicle(kind="aircraft", serial="F1"),
        )
        vessel, aircraft = stated.vehicles
        self.assertIs(stated.obligation, False)
        self.assertEqual((vessel.vessel_hours, vessel.hull_number), ("120", "H1"))
        self.assertEqual(
            (aircraft.aircraft_hours, aircraft.factory_number), ("120", "F1")
        )
        self.assertEqual((vessel.mileage, vessel.vin, vessel.type), (None,) * 3)

    def test_new_vehicle_of_one_of_several_lines(self):
        draft = self.draft(
            self.line(1.0, tax="vs_unia", name="dywaniki"),
            self.line(90_000.0, tax="vs_unia", name="samochód"),
            partner_id=self.german.id,
            ksef_new_transport_ids=[self.vehicle(serial="V1")],
        )
        (problem,) = problems(draft)
        self.assertIn("V1", problem.text)
        car = draft.invoice_line_ids.filtered(lambda line: line.name == "samochód")
        draft.ksef_new_transport_ids.line_id = car
        draft.action_post()
        (one,) = self.document(draft).annotations.new_transport.vehicles
        self.assertEqual(one.line, 2)

    def test_a_correction_still_names_the_vehicle(self):
        move, _stated = self.sold_vehicle(self.vehicle(serial="V1"))
        move.ksef_new_transport_ids.line_id = move.invoice_line_ids
        refund = self.reversal(move)
        (one,) = self.document(refund).annotations.new_transport.vehicles
        self.assertEqual((one.vin, one.line), ("V1", 1))
        self.assertFalse(move.copy().ksef_new_transport_ids, "another sells another")

    # ------------------------------------------------------------------
    # FP, TP
    # ------------------------------------------------------------------

    def test_f23_invoice_to_a_receipt(self):
        move = self.posted(self.line(10.0), ksef_receipt=True)
        self.assertIs(self.document(move).receipt, True)
        self.assertIs(self.document(self.reversal(move)).receipt, True)
        self.assertIs(move.copy().ksef_receipt, False)

    def test_f23_related_parties(self):
        self.buyer.l10n_pl_links_with_customer = True
        invoice = self.document(self.posted(self.line(10.0)))
        self.assertIs(invoice.related_parties, True)
        contact = self.buyer.copy({"parent_id": self.buyer.id, "is_company": False})
        contact.l10n_pl_links_with_customer = False
        invoice = self.document(self.posted(self.line(1.0), partner_id=contact.id))
        self.assertIs(invoice.related_parties, True, "the company of the contact")
