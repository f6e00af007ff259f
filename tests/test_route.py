from decimal import Decimal

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ..ksef import fa3
from ..models.ksef_document_route import ACTIVITY
from ..tools import warsaw
from .common import OTHER_NIP
from .documents import address
from .test_quarantine import QuarantineCase

UNIT = "9999999999-12345"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRoute(QuarantineCase):
    """The first rule that fits a received invoice decides about its journal, who is
    responsible, its tags and who gets it by e-mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = cls.new_user("manager", "account.group_account_manager")
        cls.clerk = cls.new_user("clerk", "account.group_account_invoice")
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Paliwa", "vat": f"PL{OTHER_NIP}", "is_company": True}
        )
        cls.branch = cls.purchases.copy({"name": "Oddział Gdańsk", "code": "GDA"})
        cls.branch.default_account_id = cls.purchases.default_account_id

    @classmethod
    def new_user(cls, name, group, company=None):
        company = company or cls.company
        return new_test_user(
            cls.env,
            f"ksef_{name}",
            groups=f"base.group_user,{group}",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def rule(self, **values):
        """A rule that an accounting manager makes."""
        rules = self.env["ksef.route"].with_user(self.manager)
        return rules.create({"name": "Reguła", "user_id": self.clerk.id} | values)

    def third(self, **values):
        party = fa3.ThirdParty(name="Filia", role="8", **values)
        return {"third_parties": (party,)}

    def order(self, number):
        return {"terms": fa3.Terms(orders=(fa3.Order(number=number),))}

    def activities(self, bill):
        return bill.sudo().activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref(ACTIVITY)
        )

    def test_what_a_rule_decides(self):
        tag = self.env["ksef.tag"].with_user(self.accountant).create({"name": "Flota"})
        rule = self.rule(
            partner_id=self.supplier.id,
            journal_id=self.branch.id,
            tag_ids=[Command.set(tag.ids)],
        )
        document = self.arrived()
        bill = document.move_id
        self.assertEqual(document.route_id, rule)
        self.assertEqual(bill.journal_id, self.branch)
        self.assertEqual(bill.invoice_user_id, self.clerk)
        self.assertEqual(bill.ksef_tag_ids, tag)
        self.assertEqual(bill.amount_total, 123.0)
        (activity,) = self.activities(bill)
        self.assertEqual(activity.user_id, self.clerk)
        self.assertIn("F/1/2026", activity.summary)

    def test_one_activity_for_a_bill(self):
        self.rule()
        document = self.arrived()
        document.sudo()._tell_people()
        self.cron()
        self.assertEqual(len(self.activities(document.move_id)), 1)

    def test_conditions(self):
        cases = {
            "supplier": ({"partner_id": self.supplier.id}, {}, True),
            "another supplier": ({"partner_id": self.buyer.id}, {}, False),
            "unit": ({"third_party": UNIT}, self.third(internal_id=UNIT), True),
            "NIP of a unit": (
                {"third_party": "999-999-99-99"},
                self.third(internal_id=UNIT),
                True,
            ),
            "third party": (
                {"third_party": "PL5261040828"},
                self.third(nip="5261040828"),
                True,
            ),
            "another unit": (
                {"third_party": "9999999999-54321"},
                self.third(internal_id=UNIT),
                False,
            ),
            "no third party": ({"third_party": UNIT}, {}, False),
            "order": ({"order_pattern": "po0"}, self.order("PO007"), True),
            "whole order": ({"order_pattern": "PO?07"}, self.order("PO007"), True),
            "part of it": ({"order_pattern": "PO?"}, self.order("PO007"), False),
            "delivery": ({"order_pattern": "WZ"}, {"delivery_notes": ("WZ/1",)}, True),
            "brackets": ({"order_pattern": "PO[1]"}, self.order("PO[1]"), True),
            "no order": ({"order_pattern": "PO"}, {}, False),
            "amount": ({"amount_from": 123, "amount_to": 123}, {}, True),
            "too little": ({"amount_from": 123.01}, {}, False),
            "too much": ({"amount_to": 122.99}, {}, False),
            "role": ({"role": "Subject2"}, {}, True),
            "another role": ({"role": "Subject3"}, {}, False),
        }
        for index, (why, (condition, values, fits)) in enumerate(cases.items()):
            with self.subTest(why):
                rule = self.rule(**condition)
                document = self.arrived(f"W/{index}", **values)
                self.assertEqual(document.route_id == rule, fits)
                rule.active = False

    def test_the_amount_of_a_correction(self):
        rule = self.rule(amount_from=100)
        document = self.arrived(
            kind=fa3.Kind.CORRECTION,
            corrected=(fa3.CorrectedInvoice(number="F/0", issue_date=warsaw.today()),),
            lines=(),
            totals=(
                fa3.RateTotal(
                    bucket=fa3.BUCKETS["23"], net=Decimal(-100), tax=Decimal(-23)
                ),
            ),
            total=Decimal(-123),
        )
        self.assertEqual(document.route_id, rule)

    def test_the_first_that_fits(self):
        general = self.rule(name="Reszta", sequence=20)
        special = self.rule(partner_id=self.supplier.id, sequence=10)
        self.assertEqual(self.arrived("F/1").route_id, special)
        special.sequence = 30
        self.assertEqual(self.arrived("F/2").route_id, general)

    def test_rules_of_another_company_do_not_count(self):
        other = self.env["ksef.route"].create(
            {"name": "Obca", "company_id": self.other.id}
        )
        self.assertFalse(self.arrived().route_id)
        rules = self.env["ksef.route"].with_user(self.clerk)
        self.assertNotIn(other, rules.search([]))

    def test_who_cannot_read_bills_is_not_responsible(self):
        driver = self.new_user("driver", "base.group_user")
        with self.assertRaisesRegex(ValidationError, "cannot read bills"):
            self.rule(user_id=driver.id)
        stranger = self.new_user("far", "account.group_account_invoice", self.other)
        with self.assertRaisesRegex(ValidationError, "cannot read bills"):
            self.rule(user_id=stranger.id)

    def test_a_responsible_who_has_left_stops_nothing(self):
        self.rule(journal_id=self.branch.id)
        self.clerk.active = False
        bill = self.arrived().move_id
        self.assertEqual(bill.journal_id, self.branch)
        self.assertEqual(bill.amount_total, 123.0)
        self.assertFalse(self.activities(bill))

    def test_amounts_that_fit_nothing(self):
        with self.assertRaisesRegex(ValidationError, "fit no invoice"):
            self.rule(amount_from=2, amount_to=1)

    def test_managers_make_rules(self):
        with self.assertRaises(AccessError):
            self.rule().with_user(self.clerk).name = "Moja"

    def test_the_invoice_by_mail(self):
        driver = self.env["res.partner"].create(
            {"name": "Kierowca", "email": "kierowca@abc.example"}
        )
        self.rule(user_id=False, recipient_ids=[Command.set(driver.ids)])
        document = self.arrived("F/1", seller=self.seller())
        self.assertEqual(document.mail_state, "waiting", "not while it is booked")
        self.run_cron("mail")
        self.assertEqual(document.mail_state, "sent")
        mail = self.env["mail.mail"].search([("recipient_ids", "in", driver.ids)])
        self.assertEqual(len(mail), 1)
        self.assertIn("F/1", mail.subject)
        self.assertIn(document.ksef_number, mail.body_html)
        (file,) = mail.attachment_ids
        self.assertEqual(file.name, f"{document.ksef_number}.pdf")
        self.assertIn("Paliwa &amp; Oleje", file.raw.decode(), "as HTML in tests")
        self.run_cron("mail")
        again = self.env["mail.mail"].search([("recipient_ids", "in", driver.ids)])
        self.assertEqual(again, mail, "once")
        self.assertIn("by e-mail to Kierowca", self.notes(document.move_id))

    def test_what_is_set_aside_is_not_mailed(self):
        driver = self.env["res.partner"].create({"name": "Ktoś", "email": "a@b.pl"})
        self.rule(user_id=False, recipient_ids=[Command.set(driver.ids)])
        document = self.arrived()
        self.set_aside(document)
        self.run_cron("mail")
        self.assertFalse(
            self.env["mail.mail"].search([("recipient_ids", "in", driver.ids)])
        )
        document.action_take_back()
        self.run_cron("mail")
        self.assertEqual(document.mail_state, "sent")
        self.set_aside(document)
        document.action_take_back()
        self.run_cron("mail")
        mails = self.env["mail.mail"].search([("recipient_ids", "in", driver.ids)])
        self.assertEqual(len(mails), 1, "once, whatever becomes of its bill")

    def test_a_bill_made_anew_has_the_rule_of_now(self):
        rule = self.rule()
        document = self.arrived()
        document.move_id.unlink()
        rule.active = False
        document.action_book_again()
        self.assertFalse(document.route_id)

    def seller(self):
        return fa3.Seller(nip=OTHER_NIP, name="Paliwa & Oleje", address=address("1"))

    def test_a_recipient_without_address_stops_nobody(self):
        nobody = self.env["res.partner"].create({"name": "Nikt"})
        driver = self.env["res.partner"].create({"name": "Ktoś", "email": "a@b.pl"})
        self.rule(amount_to=200, user_id=False, recipient_ids=[Command.set(nobody.ids)])
        self.rule(
            amount_from=201,
            user_id=False,
            recipient_ids=[Command.set(driver.ids)],
        )
        failed = self.arrived("F/1")
        totals = (
            fa3.RateTotal(bucket=fa3.BUCKETS["23"], net=Decimal(200), tax=Decimal(46)),
        )
        sent = self.arrived("F/2", totals=totals, total=Decimal(246), lines=())
        self.run_cron("mail")
        self.assertEqual(failed.mail_state, "failed")
        self.assertIn("not sent by e-mail", self.notes(failed.move_id))
        self.assertEqual(sent.mail_state, "sent")

    def test_rules_are_read_once_for_a_batch(self):
        for index in range(5):
            self.rule(sequence=index, amount_from=1000)
        self.rule()
        few = self.queries(2, "A")
        many = self.queries(12, "B")
        self.assertLess((many - few) / 10, 14, (few, many))

    def queries(self, count, prefix):
        for index in range(count):
            self.put(f"{prefix}/{index}")
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.press()
        return self.env.cr.sql_log_count - before
