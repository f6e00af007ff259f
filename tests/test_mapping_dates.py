from datetime import date

from odoo import Command
from odoo.tests import Form, tagged

from ..mapping.problems import problems
from .kor_common import NUMBERS, KorMixin
from .mapping_common import ISSUED, MappingCase

SUPPLIED = date(2026, 3, 2)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingDates(KorMixin, MappingCase):
    """The day of supply is stated where it is not the day of issue: once for the whole
    invoice, line by line where they differ, or as the period of continuous supplies. A
    correction keeps the days of the invoice that it corrects."""

    def dates(self, move):
        """P_6, the period, and P_6A of each line."""
        invoice = self.document(move)
        return (
            invoice.supply_date,
            (invoice.period_from, invoice.period_to),
            [line.supply_date for line in invoice.lines],
        )

    def test_nothing_to_say_on_the_day_of_issue(self):
        nothing = (None, (None, None), [None])
        self.assertEqual(self.dates(self.posted(self.line(1.0))), nothing)
        for name in ("taxable_supply_date", "delivery_date"):
            move = self.posted(self.line(1.0), **{name: ISSUED})
            self.assertEqual(self.dates(move), nothing, name)

    def test_f19_day_of_taxable_supply(self):
        move = self.posted(self.line(1.0), taxable_supply_date=SUPPLIED)
        self.assertEqual(self.dates(move), (SUPPLIED, (None, None), [None]))
        later = date(2026, 4, 2)
        move = self.posted(self.line(1.0), taxable_supply_date=later)
        self.assertEqual(self.dates(move)[0], later, "it may be after the issue")

    def test_f19_day_of_delivery_where_no_other_is_given(self):
        move = self.posted(self.line(1.0), delivery_date=SUPPLIED)
        self.assertEqual(self.dates(move)[0], SUPPLIED)
        move = self.posted(
            self.line(1.0), delivery_date=ISSUED, taxable_supply_date=SUPPLIED
        )
        self.assertEqual(self.dates(move)[0], SUPPLIED)

    def test_f19_days_of_lines(self):
        other = date(2026, 3, 5)
        move = self.posted(
            self.line(1.0, ksef_supply_date=SUPPLIED),
            self.line(2.0, ksef_supply_date=other),
            self.line(3.0),
        )
        self.assertEqual(
            self.dates(move), (None, (None, None), [SUPPLIED, other, ISSUED])
        )
        move = self.posted(
            self.line(1.0, ksef_supply_date=other),
            self.line(2.0),
            taxable_supply_date=SUPPLIED,
        )
        self.assertEqual(
            self.dates(move)[2], [other, SUPPLIED], "others as on the invoice"
        )

    def test_lines_of_one_day_are_said_once(self):
        move = self.posted(
            self.line(1.0, ksef_supply_date=SUPPLIED),
            self.line(2.0, ksef_supply_date=SUPPLIED),
        )
        self.assertEqual(self.dates(move), (SUPPLIED, (None, None), [None, None]))

    def test_f19_billing_period(self):
        start, end = date(2026, 2, 1), date(2026, 2, 28)
        move = self.posted(
            self.line(1.0),
            ksef_period_from=start,
            ksef_period_to=end,
            taxable_supply_date=end,
        )
        self.assertEqual(self.dates(move), (None, (start, end), [None]))
        refund = self.reversal(move, self.line(0.5))
        self.assertEqual(self.dates(refund)[1], (start, end))
        self.assertFalse(move.copy().ksef_period_from, "the next has another period")

    def test_half_or_reversed_periods_are_told(self):
        for values in (
            {"ksef_period_from": SUPPLIED},
            {"ksef_period_to": SUPPLIED},
            {"ksef_period_from": ISSUED, "ksef_period_to": SUPPLIED},
        ):
            (problem,) = problems(self.draft(self.line(1.0), **values))
            self.assertIn("Billing period", problem.text)
            self.assertIn("ksef_period", problem.field)

    def test_a_correction_keeps_the_day_of_its_original(self):
        move = self.posted(self.line(10.0), taxable_supply_date=SUPPLIED)
        refund = self.reversal(move, self.line(1.0))
        self.assertEqual(self.dates(refund)[0], SUPPLIED)
        move = self.posted(self.line(10.0))
        refund = self.reversal(move, self.line(1.0), invoice_date=date(2026, 3, 18))
        self.assertIsNone(self.dates(refund)[0], "the original has none")

    def test_a_correction_keeps_the_days_of_lines(self):
        move = self.posted(self.line(10.0, ksef_supply_date=SUPPLIED), self.line(20.0))
        refund = self.reversal(move)
        self.assertEqual(
            refund.invoice_line_ids.mapped("ksef_supply_date"), [SUPPLIED, False]
        )
        days = {line.supply_date for line in self.document(refund).lines}
        self.assertEqual(days, {SUPPLIED, ISSUED})
        copied = move.copy().invoice_line_ids.mapped("ksef_supply_date")
        self.assertEqual(copied, [False, False], "another invoice, another day")

    def test_a_correction_of_one_line_bears_its_day_only(self):
        other = date(2026, 3, 5)
        for kept in (1, 2):
            move = self.posted(
                self.line(10.0, quantity=5, ksef_supply_date=SUPPLIED),
                self.line(20.0, ksef_supply_date=other),
            )
            self.accept(move, NUMBERS[kept])
            draft = self.credit_note(move)
            draft.ksef_correction_method = "before_after"
            note = self.post(self.keep(draft, *[{"quantity": 1.0}] * kept))
            stated, period, days = self.dates(note)
            self.assertEqual((stated, period), (None, (None, None)))
            self.assertEqual(days, [SUPPLIED] * 2 + [other] * 2 * (kept - 1))

    def test_days_beyond_the_schema_are_told(self):
        early, late = date(26, 3, 1), date(2062, 3, 1)
        for values, field in (
            ({"invoice_date": date(2005, 12, 31)}, "invoice_date"),
            ({"taxable_supply_date": early}, "taxable_supply_date"),
            ({"taxable_supply_date": late}, "taxable_supply_date"),
            ({"delivery_date": early}, "delivery_date"),
            (
                {"ksef_period_from": early, "ksef_period_to": SUPPLIED},
                "ksef_period_from",
            ),
            ({"ksef_period_from": SUPPLIED, "ksef_period_to": late}, "ksef_period_to"),
        ):
            told = problems(self.draft(self.line(1.0), **values))
            self.assertEqual([one.field for one in told], [field], values)
            self.assertIn("2006-01-01", told[0].text)
        told = problems(self.draft(self.line(1.0, ksef_supply_date=late, name="kot")))
        self.assertEqual([one.field for one in told], ["invoice_line_ids"])
        self.assertIn("“kot”: Supply date 2062-03-01", told[0].text)

    def test_days_of_rows_beyond_the_schema_are_told(self):
        row = {"number": "FV/1", "outside_ksef": True, "issue_date": date(206, 3, 1)}
        draft = self.draft(
            self.line(1.0),
            move_type="out_refund",
            ksef_corrected_ids=[Command.create(row)],
        )
        told = problems(draft)
        self.assertEqual([one.field for one in told], ["ksef_corrected_ids"])
        self.assertIn("Issue date 0206-03-01", told[0].text)

    def test_days_that_are_not_stated_may_be_anything(self):
        move = self.draft(
            self.line(1.0), taxable_supply_date=SUPPLIED, delivery_date=date(26, 3, 1)
        )
        self.assertEqual(problems(move), [])
        move.taxable_supply_date = date(2006, 1, 1)
        self.assertEqual(problems(move), [], "the first day that there is")

    def test_a_person_enters_the_period_on_the_form(self):
        move = self.draft(self.line(1.0))
        with Form(move.with_user(self.accountant)) as form:
            form.taxable_supply_date = SUPPLIED
        self.assertEqual(move.taxable_supply_date, SUPPLIED)
        self.assertFalse(move.ksef_period_from)
