from dataclasses import replace
from datetime import timedelta

from odoo.tests import tagged

from ..ksef import fa3
from ..simulator.store import Identity
from .common import NIP
from .import_common import ImportCase
from .test_import_roles import CUSTOMER

UNIT = f"{NIP}-12345"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportKept(ImportCase):
    """An invoice between others is kept and can be read. A bill is made of it where the
    company gets what was sold, where a rule or a person asks for it, and once KSeF
    lists it to the company as its buyer."""

    LATER = timedelta(hours=7)

    def setUp(self):
        super().setUp()
        self.company.ksef_import_third_party = True
        self.company.ksef_import_authorized = True

    def with_us(self, role="1", **identity):
        row = fa3.ThirdParty(name="My", role=role, **(identity or {"nip": NIP}))
        return {"third_parties": (row,)}

    def between_others(self, number="T/1", role="1", **identity):
        """KSeF holds an invoice to a customer, with us as a third party."""
        return self.put(number, buyer=CUSTOMER, **self.with_us(role, **identity))

    def authorized(self):
        number = self.put("E/1", buyer=CUSTOMER)
        held = self.simulator.store.invoices[number]
        held.facts = replace(held.facts, authorized=(NIP, "Komornik", 2))
        return number

    def assertKept(self, number):
        document = self.as_accountant(self.document(number))
        self.assertEqual(document.state, "kept")
        self.assertFalse(document.move_id)
        self.assertTrue(document.is_without_bill)
        return document

    def assertBooked(self, number):
        self.assertEqual(self.bill(number).amount_total, 123.0)
        self.assertEqual(self.document(number).state, "booked")

    def test_a_factor_has_no_cost(self):
        number = self.between_others()
        self.cron(times=2)
        document = self.assertKept(number)
        self.assertEqual((document.number, document.amount), ("T/1", 123.0))
        self.assertEqual(document.seller_nip, "5265877635")

    def test_nor_has_a_bailiff(self):
        number = self.authorized()
        self.cron()
        self.assertKept(number)

    def test_who_gets_what_was_sold_gets_the_bill(self):
        roles = ("2", "4", "8", "10")
        numbers = [self.between_others(f"T/{role}", role=role) for role in roles]
        self.cron()
        for number in numbers:
            self.assertBooked(number)

    def test_a_unit_of_the_company_does_so_too(self):
        number = self.between_others(role="2", internal_id=UNIT)
        held = self.simulator.store.invoices[number]
        held.facts = replace(held.facts, thirds=((Identity("Nip", NIP), "My", 2),))
        self.cron()
        self.assertBooked(number)

    def test_a_person_asks(self):
        number = self.between_others()
        self.cron()
        self.assertKept(number).action_book_again()
        self.assertBooked(number)

    def test_a_rule_for_the_role_asks(self):
        rules = self.env["ksef.route"].sudo()
        rules.create({"name": "Faktoring", "role": "Subject3"})
        third, bailiff = self.between_others(), self.authorized()
        self.cron()
        self.assertBooked(third)
        self.assertKept(bailiff)

    def test_a_rule_for_all_asks_for_no_more(self):
        self.env["ksef.route"].sudo().create({"name": "Wszystko"})
        number = self.between_others()
        self.cron()
        self.assertKept(number)

    def test_the_buyer_after_all(self):
        """KSeF lists it to us as a third party first, as the buyer later."""
        self.company.ksef_import_bills = False
        number = self.put(**self.with_us())
        self.cron()
        self.assertKept(number)
        self.company.ksef_import_bills = True
        self.cron()
        self.assertBooked(number)
        self.assertEqual(self.document(number).role, "Subject2")

    def test_the_buyer_after_a_bill_was_deleted(self):
        self.company.ksef_import_bills = False
        number = self.put(**self.with_us(role="2"))
        self.cron()
        self.bill(number).unlink()
        self.company.ksef_import_bills = True
        self.cron()
        self.assertBooked(number)
        self.bill(number).unlink()
        self.cron(later=self.LATER)
        self.assertFalse(self.document(number).move_id, "it is known by now")

    def test_quarantine_and_back(self):
        number = self.between_others()
        self.cron()
        document = self.document(number)
        document._set_aside("fraud", "")
        self.assertEqual(document.state, "quarantined")
        document._take_back()
        self.cron()
        self.assertKept(number)

    def test_a_file_that_cannot_be_read(self):
        number = self.between_others()
        self.simulator.store.invoices[number].xml = b"<nothing/>"
        self.cron()
        document = self.assertKept(number)
        self.assertTrue(document.problem, "it says why")
        document.action_book_again()
        self.assertTrue(self.bill(number), "an empty bill, if a person wants it")

    def test_it_is_no_gap(self):
        number = self.between_others()
        self.cron()
        periods = self.env["ksef.period"].sudo().search([("role", "=", "Subject3")])
        periods.next_at = self.ago(hours=1)
        self.cron()
        self.assertKept(number)
        self.assertEqual(sum(periods.mapped("listed_count")), 1)
        self.assertEqual(sum(periods.mapped("held_count")), 1)
