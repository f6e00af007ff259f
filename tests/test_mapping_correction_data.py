from datetime import date

from lxml import etree

from odoo import Command
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval
from odoo.tools.view_validation import get_expression_field_names

from ..ksef import fa3
from ..mapping.corrected import originals
from ..mapping.invoice_out import to_fa3
from ..mapping.problems import problems
from .kor_common import NUMBERS, KorMixin
from .mapping_common import CREATED, MappingCase

#: A KSeF number that a user may type: its checksum is right.
TYPED = "9999999999-20251203-8BEF280C8D35-D0"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCorrectionData(KorMixin, MappingCase):
    """Which invoices a correction names, why and from when, and how names and
    addresses are put right without touching an amount."""

    def setUp(self):
        super().setUp()
        self.original = self.accept(
            self.posted(
                self.line(100, quantity=3),
                invoice_date=date(2026, 2, 15),
                taxable_supply_date=date(2026, 1, 27),
            )
        )

    def another(self, number=None, **values):
        """A further invoice, in KSeF under ``number``."""
        values.setdefault("invoice_date", date(2026, 3, 2))
        move = self.posted(self.line(50), **values)
        return self.accept(move, number=number) if number else move

    def refund(self, *rows, **values):
        """A credit note made from nothing, which names ``rows``."""
        return self.draft(
            self.line(10),
            move_type="out_refund",
            ksef_corrected_ids=[Command.create(row) for row in rows],
            **values,
        )

    def told(self, move, *parts):
        (problem,) = problems(move)
        for part in parts:
            self.assertIn(part, problem.text)
        return problem

    # ------------------------------------------------------------------
    # Corrected invoices
    # ------------------------------------------------------------------

    def test_f15_original_in_ksef(self):
        """NrKSeF and its number, not "issued outside KSeF"."""
        invoice = self.document(self.post(self.credit_note(self.original)))
        self.assertEqual(
            invoice.corrected,
            (
                fa3.CorrectedInvoice(
                    issue_date=date(2026, 2, 15),
                    number=self.original.name,
                    ksef_number=NUMBERS[0],
                ),
            ),
        )
        xml = fa3.build(invoice)
        self.assertIn(b"<NrKSeF>1</NrKSeF>", xml)
        self.assertNotIn(b"NrKSeFN", xml)

    def test_f16_credit_note_without_original(self):
        """Refused, with the place to enter it; never an invented number."""
        problem = self.told(self.refund(), "Corrected invoices")
        self.assertEqual(problem.field, "ksef_corrected_ids")

    def test_f16_original_of_another_program(self):
        row = {"number": "FV 7/2025", "issue_date": date(2025, 12, 3)}
        refund = self.refund({**row, "ksef_number": f" {TYPED.lower()} "})
        invoice = self.document(self.post(refund))
        self.assertEqual(
            invoice.corrected,
            (fa3.CorrectedInvoice(**row, ksef_number=TYPED),),
        )
        self.assertIs(invoice.kind, fa3.Kind.CORRECTION)

    def test_original_lawfully_outside_ksef(self):
        row = {"number": "FV 7/2025", "issue_date": date(2025, 12, 3)}
        refund = self.refund({**row, "outside_ksef": True})
        invoice = self.document(self.post(refund))
        self.assertEqual(invoice.corrected, (fa3.CorrectedInvoice(**row),))

    def test_what_is_missing_of_an_original(self):
        right = {
            "number": "FV 7",
            "issue_date": date(2025, 12, 3),
            "ksef_number": TYPED,
        }
        for change, part in (
            ({"number": False}, "its number"),
            ({"number": "n" * 257}, "257"),
            ({"issue_date": False}, "date of issue"),
            ({"ksef_number": False}, "KSeF number"),
            ({"ksef_number": TYPED[:-1] + "1"}, "no KSeF number"),
            ({"ksef_number": "123"}, "no KSeF number"),
        ):
            with self.subTest(change=change):
                self.told(self.refund({**right, **change}), part)
        self.assertEqual(problems(self.refund(right)), [])

    def test_increase_of_an_invoice_of_another_program(self):
        draft = self.draft(self.line(10), ksef_corrects=True)
        self.told(draft, "Corrected invoices")
        draft.ksef_corrected_ids = [
            Command.create(
                {"number": "1", "issue_date": "2025-12-03", "outside_ksef": True}
            )
        ]
        invoice = self.document(self.post(draft))
        self.assertIs(invoice.kind, fa3.Kind.CORRECTION)
        self.assertAmounts(invoice, "12.30", P_13_1="10.00", P_14_1="2.30")

    def test_several_originals(self):
        second = self.another(NUMBERS[1])
        draft = self.credit_note(self.original)
        draft.ksef_corrected_ids = [
            Command.create({"original_id": move.id}) for move in (self.original, second)
        ]
        invoice = self.document(self.post(draft))
        self.assertEqual(
            [(one.number, one.ksef_number) for one in invoice.corrected],
            [(self.original.name, NUMBERS[0]), (second.name, NUMBERS[1])],
        )
        self.assertIsNone(invoice.supply_date, "they have none in common")

    def test_waits_for_each_original(self):
        second = self.another(NUMBERS[1])
        draft = self.refund(
            {"original_id": self.original.id}, {"original_id": second.id}
        )
        self.assertFalse(draft._ksef_awaited_original())
        second.sudo().ksef_document_id.state = "pending"
        self.assertEqual(draft._ksef_awaited_original(), second)
        self.assertEqual(originals(draft), self.original | second)

    def test_rows_are_frozen_with_the_invoice(self):
        refund = self.post(self.refund({"original_id": self.original.id}))
        self.accept(refund, number=NUMBERS[1])
        with self.assertRaisesRegex(Exception, "cannot be changed"):
            refund.ksef_corrected_ids.outside_ksef = True
        for values in (
            {"ksef_correction_type": "3"},
            {"ksef_correction_reason": "inna"},
            {"ksef_corrected_period": "2025"},
        ):
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(Exception, "cannot be changed"),
            ):
                refund.write(values)

    # ------------------------------------------------------------------
    # Reason, type, dates
    # ------------------------------------------------------------------

    def test_reason_of_the_wizard(self):
        draft = self.credit_note(self.original, reason="zwrot towaru")
        self.assertEqual(draft.ksef_correction_reason, "zwrot towaru")
        draft.ksef_correction_reason = "uszkodzenie"
        self.assertIn(self.original.name, draft.ref)
        invoice = self.document(self.post(draft))
        self.assertEqual(invoice.correction_reason, "uszkodzenie")

    def test_reason_taken_away(self):
        draft = self.credit_note(self.original, reason="zwrot towaru")
        draft.ksef_correction_reason = False
        self.assertIsNone(self.document(self.post(draft)).correction_reason)

    def test_type(self):
        reduction = self.post(self.credit_note(self.original))
        self.assertEqual(self.document(reduction).correction_type, "2")
        increase = self.post(
            self.keep(self.debit_note(self.original), {"price_unit": 1})
        )
        self.assertEqual(self.document(increase).correction_type, "2")
        chosen = self.credit_note(self.original)
        chosen.ksef_correction_type = "3"
        self.assertEqual(self.document(self.post(chosen)).correction_type, "3")

    def test_increase_booked_with_the_original(self):
        draft = self.keep(self.debit_note(self.original), {"price_unit": 1})
        draft.date = self.original.date
        self.assertEqual(self.document(self.post(draft)).correction_type, "1")

    def test_wrong_number_of_the_original(self):
        draft = self.credit_note(self.original, ksef_data_only=True)
        draft.ksef_former_parties = False
        draft.ksef_corrected_number = "FV/2026/0150"
        invoice = self.document(self.post(draft))
        self.assertEqual(invoice.corrected_number, "FV/2026/0150")
        self.assertEqual((invoice.total, invoice.lines), (0, ()))

    def test_flags_are_those_of_the_original(self):
        self.original.sudo().ksef_document_id.unlink()
        self.original.button_draft()
        self.original.ksef_split_payment = True
        self.original.action_post()
        invoice = self.document(self.post(self.credit_note(self.original)))
        self.assertTrue(invoice.annotations.split_payment)

    def test_lines_left_out_of_an_ordinary_correction(self):
        draft = self.credit_note(self.original)
        draft.ksef_correction_method = "none"
        self.assertEqual(self.told(draft, "period").field, "ksef_corrected_period")

    # ------------------------------------------------------------------
    # Names and addresses
    # ------------------------------------------------------------------

    def data_correction(self, **values):
        return self.credit_note(self.original, ksef_data_only=True, **values)

    def test_name_and_address_of_the_buyer(self):
        self.buyer.write({"name": "CeDeE s.c.", "street": "ul. Sadowa 1 lok. 3"})
        invoice = self.document(self.post(self.data_correction()))
        (former,) = invoice.former_buyers
        self.assertEqual(former.name, "F.H.U. Jan Kowalski")
        self.assertEqual(former.address.line1, "ul. Polna 1")
        self.assertEqual(former.nip, "1111111111")
        self.assertEqual(invoice.buyer.name, "CeDeE s.c.")
        self.assertTrue(former.link_id)
        self.assertEqual(former.link_id, invoice.buyer.link_id)
        self.assertEqual((invoice.total, invoice.totals, invoice.lines), (0, (), ()))
        self.assertEqual(invoice.correction_type, "1")
        self.assertIsNone(invoice.former_seller)

    def test_name_of_the_seller(self):
        self.company.partner_id.name = "ABC AGD S.A."
        invoice = self.document(self.post(self.data_correction()))
        self.assertEqual(invoice.former_seller.name, "ABC AGD sp. z o.o.")
        self.assertEqual(invoice.seller.name, "ABC AGD S.A.")
        self.assertEqual(invoice.former_buyers, ())

    def test_second_correction_of_the_name(self):
        self.buyer.name = "CeDeE s.c."
        self.accept(self.post(self.data_correction()), number=NUMBERS[1])
        self.buyer.name = "CDE sp. j."
        invoice = self.document(self.post(self.data_correction()))
        self.assertEqual(invoice.former_buyers[0].name, "CeDeE s.c.")

    def test_moved_since(self):
        """An ordinary correction names the buyer of today, and no former data: the
        original had been right."""
        self.buyer.street = "ul. Sadowa 1"
        invoice = self.document(self.post(self.credit_note(self.original)))
        self.assertEqual(invoice.former_buyers, ())
        self.assertEqual(invoice.buyer.address.line1, "ul. Sadowa 1")

    def test_nothing_has_changed(self):
        self.told(self.data_correction(), "names and addresses are the same")

    def test_former_data_not_in_odoo(self):
        self.original.sudo().ksef_document_id.xml = False
        self.told(self.data_correction(), "not known")

    def test_wrong_nip(self):
        self.buyer.vat = "5260001246"
        draft = self.data_correction()
        problem = self.told(draft, "1111111111", "5260001246", "new invoice")
        self.assertEqual((problem.record, problem.field), (self.buyer, "vat"))

    def test_wrong_nip_corrected_to_zero(self):
        """The cure for a wrong NIP states the buyer as the invoice did."""
        self.buyer.write({"vat": "5260001246", "name": "Inna sp. z o.o."})
        refund = self.post(self.credit_note(self.original))
        invoice = self.document(refund)
        self.assertEqual(invoice.buyer.nip, "1111111111")
        self.assertEqual(invoice.buyer.name, "F.H.U. Jan Kowalski")
        self.assertAmounts(invoice, "-369.00", P_13_1="-300.00", P_14_1="-69.00")

    def test_wrong_nip_of_a_part(self):
        self.buyer.vat = "5260001246"
        draft = self.keep(self.credit_note(self.original), {"quantity": 1})
        self.told(draft, "new invoice")

    def test_additional_buyer(self):
        """A former additional buyer (role 4) is linked to the party it has become."""
        other = self.buyer.copy({"name": "Druga sp. z o.o.", "vat": "5260001246"})
        party = {"partner_id": other.id, "role": "4", "share": 40}
        self.original = self.accept(
            self.posted(self.line(10), ksef_third_party_ids=[Command.create(party)]),
            number=NUMBERS[1],
        )
        draft = self.data_correction()
        draft.ksef_third_party_ids = [Command.clear(), Command.create(party)]
        other.name = "Druga S.A."
        invoice = self.document(self.post(draft))
        (former,) = invoice.former_buyers
        (stated,) = invoice.third_parties
        self.assertEqual((former.name, former.nip), ("Druga sp. z o.o.", "5260001246"))
        self.assertEqual(former.link_id, stated.link_id)

    # ------------------------------------------------------------------
    # Wizards
    # ------------------------------------------------------------------

    def test_ordinary_invoices_know_nothing_of_this(self):
        self.assertFalse(self.original.ksef_is_correction)
        stated = to_fa3(self.original, created=CREATED, issue_date=date(2026, 2, 15))
        self.assertEqual(stated.corrected, ())

    def test_typed_on_the_form(self):
        self.use_ksef()
        with Form(self.refund()) as form:
            with form.ksef_corrected_ids.new() as row:
                row.original_id = self.original
            with form.ksef_corrected_ids.new() as row:
                row.number, row.issue_date = "FV 7/2025", date(2025, 12, 3)
                row.ksef_number = TYPED
            form.ksef_correction_reason = "rabat"
            form.ksef_correction_type = "2"
            form.ksef_corrected_period = "2025"
        refund = form.record
        self.use_ksef(False)
        invoice = self.document(self.post(refund))
        self.assertEqual(
            [(one.number, one.ksef_number) for one in invoice.corrected],
            [(self.original.name, NUMBERS[0]), ("FV 7/2025", TYPED)],
        )
        self.assertEqual(invoice.correction_reason, "rabat")

    def test_what_the_form_shows(self):
        """The original is shown, not asked for; nothing that credit notes do not
        state; on a posted invoice no heading above nothing."""
        self.use_ksef()
        note = self.original._reverse_moves([{"invoice_date": date(2026, 3, 16)}])
        alone = self.refund()
        self.assertEqual(
            [self.shown(move) for move in (note, alone, self.original)],
            [
                {"ksef_original_ids", "ksef_dates"},
                {"ksef_corrected_ids", "Corrected invoices", "ksef_dates"},
                set(),
            ],
        )
        note.ksef_corrected_ids = [Command.create({"original_id": self.original.id})]
        listed = {"ksef_corrected_ids", "Further corrected invoices"}
        self.assertLessEqual(listed, self.shown(note))
        self.assertIn("Payment", self.shown(self.draft(self.line(1))))

    def shown(self, move):
        """What of these stands on the tab of ``move``."""
        arch = etree.fromstring(move.get_view(view_type="form")["arch"])
        tab = arch.find(".//page[@name='ksef_tab']")
        names = {"ksef_original_ids", "ksef_corrected_ids", "ksef_dates", "Payment"}
        names |= {"Corrected invoices", "Further corrected invoices"}
        return {
            name
            for node in tab.iter("field", "group", "separator")
            if (name := node.get("name") or node.get("string")) in names
            and not self.is_invisible(move, node)
        }

    def is_invisible(self, move, node):
        """A view writes ``invisible`` in Python over the values of its record."""
        code = node.get("invisible") or "False"
        found = get_expression_field_names(code)
        return safe_eval(code, {name: move[name] for name in found})

    def test_copy_of_a_correction_is_none(self):
        refund = self.post(self.refund({"original_id": self.original.id}))
        copied = refund.copy()
        self.assertFalse(copied.ksef_corrected_ids)
        lines = self.credit_note(self.original).copy().invoice_line_ids
        self.assertFalse(lines.ksef_corrected_line_id)

    def test_reverse_and_new_invoice(self):
        """Odoo's second button: the new invoice corrects nothing."""
        wizard = self.reversal_wizard(self.original).save()
        new = self.original.browse(wizard.modify_moves()["res_id"])
        self.assertFalse(new.ksef_is_correction)
        self.assertFalse(new.invoice_line_ids.ksef_corrected_line_id)
