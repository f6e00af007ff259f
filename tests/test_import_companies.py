from dataclasses import replace

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..ksef import fa3
from ..simulator.store import Identity
from .common import NIP, OTHER_NIP
from .documents import address
from .import_common import ImportCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportCompanies(ImportCase):
    """Companies of one database do not mix: each has its own windows, documents and
    bills, also when one sells to the other."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive(cls.other, since=10)
        cls.upload(cls.other, nip=OTHER_NIP)

    def to_other(self, number):
        other = self.other.partner_id
        return self.put(
            number,
            seller_nip=NIP,
            buyer=fa3.Buyer(nip=OTHER_NIP, name=other.name, address=address("ul. 5")),
        )

    def test_each_company_gets_its_own(self):
        mine, theirs = self.put(), self.to_other("F/2")
        self.cron()
        self.assertEqual(self.documents().ksef_number, mine)
        self.assertEqual(self.documents(self.other).ksef_number, theirs)
        self.assertEqual(len(self.windows()), len(self.windows(self.other)))
        self.assertOwnBills()

    def test_each_company_books_its_own(self):
        """Both have files that wait: one batch never holds those of two companies."""
        self.put()
        self.to_other("F/2")
        self.cron()
        waiting = self.documents() | self.documents(self.other)
        waiting.move_id.unlink()
        waiting.state = "received"
        self.cron()
        self.assertOwnBills()

    def assertOwnBills(self):
        for company in self.company | self.other:
            move = self.documents(company).move_id
            self.assertEqual(move.company_id, company)
            self.assertEqual(move.journal_id.company_id, company)
            self.assertEqual(move.line_ids.account_id.company_ids, company)
            self.assertEqual(move.invoice_line_ids.tax_ids.company_id, company)

    def test_what_one_company_sells_the_other_receives(self):
        self.buyer = self.other.partner_id
        invoice = self.sent()
        sold = invoice.ksef_document_id
        self.run_cron("import")
        received = self.documents(self.other)
        self.assertEqual(received.ksef_number, sold.ksef_number)
        self.assertEqual(received.xml, sold.xml, "one file, two documents")
        self.assertNotEqual(received, sold)
        bill = received.move_id
        self.assertEqual(bill.company_id, self.other)
        self.assertEqual(bill.partner_id, self.company.partner_id)
        self.assertEqual(bill.amount_total, invoice.amount_total)
        self.assertEqual(invoice.ksef_document_id, sold, "the sale keeps its own")

    def test_the_same_number_in_two_companies(self):
        self.other.ksef_import = False
        number = self.put()
        self.cron()
        self.other.ksef_import = True
        held = self.simulator.store.invoices[number]
        held.facts = replace(held.facts, buyer=Identity("Nip", OTHER_NIP))
        self.cron()
        self.assertTrue(self.document(number))
        self.assertTrue(self.document(number, self.other))

    def test_a_user_of_one_company_sees_nothing_of_the_other(self):
        number = self.to_other("F/2")
        self.cron()
        stranger = new_test_user(
            self.env,
            "ksef_stranger",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        documents = self.env["ksef.document"].with_user(stranger)
        self.assertFalse(documents.search([("ksef_number", "=", number)]))
        windows = self.env["ksef.import"].with_user(stranger)
        self.assertFalse(windows.search([("company_id", "=", self.other.id)]))
        theirs = self.document(number, self.other).with_user(stranger)
        with self.assertRaises(AccessError):
            theirs.action_book_again()
        journals = self.env["account.journal"].with_user(stranger)
        purchases = self.documents(self.other).move_id.journal_id
        with self.assertRaises(AccessError):
            journals.browse(purchases.id).button_fetch_in_einvoices()

    def test_a_company_that_does_not_receive_is_not_asked_for(self):
        self.other.ksef_import = False
        self.to_other("F/2")
        self.cron()
        self.assertFalse(self.windows(self.other))
        self.other.ksef_import = True
        self.cron()
        self.assertEqual(len(self.documents(self.other)), 1)

    def test_another_environment_begins_its_own_chain(self):
        self.put()
        self.cron()
        self.windows().environment = "test"
        self.documents().environment = "test"
        self.cron()
        self.assertEqual(len(self.windows()), 2)
        self.assertEqual(
            self.windows()[0].date_from,
            self.windows()[1].date_from,
            "marks of the test environment say nothing about another",
        )
