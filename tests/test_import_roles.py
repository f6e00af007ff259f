from dataclasses import replace
from datetime import timedelta

from odoo.tests import tagged

from ..ksef import fa3
from ..simulator.store import Identity
from .common import NIP, OTHER_NIP
from .documents import address
from .import_common import ImportCase

CUSTOMER = fa3.Buyer(nip=OTHER_NIP, name="Klient sp. z o.o.", address=address("ul. 5"))
ALL = ("bills", "sales", "third_party", "authorized")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportRoles(ImportCase):
    """I12: a company receives invoices in every role that is switched on, each role
    with a ledger of its own; an invoice listed in several roles is here once."""

    LONG = timedelta(hours=7)

    def switch(self, *names):
        self.company.write({f"ksef_import_{name}": name in names for name in ALL})

    def third_party(self, nip=NIP, **values):
        row = fa3.ThirdParty(nip=nip, name="Faktor S.A.", role="1", **values)
        return {"third_parties": (row,)}

    def sale(self, number="S/1", **values):
        """KSeF holds an invoice of ours that Odoo has not issued."""
        return self.put(number, seller_nip=NIP, buyer=CUSTOMER, **values)

    def roles(self, number):
        document = self.document(number)
        return document.role, document.listed_roles

    def test_i12_only_what_is_switched_on(self):
        self.sale()
        bill = self.put()
        self.cron()
        self.assertEqual(self.documents().ksef_number, bill, "the default: bills")
        self.assertEqual(self.roles(bill), ("Subject2", "Subject2"))
        self.switch("sales")
        self.cron()
        self.assertEqual(len(self.documents()), 2)
        self.put("F/2")
        self.cron(times=2)
        self.assertEqual(len(self.documents()), 2, "bills are switched off")

    def test_i12_each_role_has_its_own_ledger(self):
        self.cron()
        self.switch("bills", "sales")
        sold = self.sale(days_ago=8)
        self.cron()
        self.assertEqual(self.roles(sold), ("Subject1", "Subject1"))
        sales = self.windows().filtered(lambda w: w.role == "Subject1")
        bills = self.windows() - sales
        self.assertEqual(
            sales[0].date_from,
            bills[0].date_from,
            "sales begin on the start date, however far bills are",
        )
        self.assertEqual(bills[1].date_from, bills[0].date_to, "nor do bills go back")

    def test_self_billed_by_the_buyer_is_our_sale(self):
        self.switch("sales")
        number = self.sale(annotations=fa3.Annotations(self_billing=True))
        self.cron()
        document = self.document(number)
        self.assertEqual(document.role, "Subject1")
        self.assertTrue(document.self_billing)

    def test_three_roles_for_one_invoice(self):
        number = self.put(**self.third_party())
        held = self.simulator.store.invoices[number]
        held.facts = replace(held.facts, authorized=(NIP, "ABC", 1))
        self.switch(*ALL)
        self.cron()
        self.assertEqual(len(self.documents()), 1, "one document")
        self.assertEqual(
            self.roles(number), ("Subject2", "Subject2,Subject3,SubjectAuthorized")
        )
        self.assertEqual(len(self.documents().move_id), 1, "one bill")
        self.cron(later=self.LONG)
        self.assertEqual(len(self.documents()), 1)

    def test_the_role_that_matters_most_comes_later(self):
        number = self.put(**self.third_party())
        self.switch("third_party")
        self.cron()
        self.assertEqual(self.roles(number), ("Subject3", "Subject3"))
        self.switch("third_party", "bills")
        self.cron(later=self.LONG)
        self.assertEqual(self.roles(number), ("Subject2", "Subject2,Subject3"))
        words = self.as_accountant(self.document(number)).role_names
        self.assertEqual(words, "Buyer, Third party", "a person reads all of them")

    def test_own_sales_issued_here_are_known(self):
        invoice = self.sent()
        self.switch("bills", "sales")
        self.cron()
        self.assertFalse(self.documents(), "it has its document: the one we sent")
        self.assertEqual(len(self.company_documents(invoice)), 1)

    def test_own_sales_whose_verdict_is_not_known_yet(self):
        invoice = self.posted()
        self.simulator.set_delay(steps=9)
        self.run_cron("send")
        self.simulator.set_delay(steps=0)
        self.assertEqual(invoice.ksef_state, "pending")
        self.assertFalse(invoice.ksef_number, "only the hash tells")
        self.simulator.put_invoice(invoice.ksef_document_id._bytes())
        self.switch("sales")
        self.cron()
        self.assertFalse(self.documents())

    def test_own_sales_that_l10n_pl_edi_has_sent(self):
        if "l10n_pl_edi_number" not in self.env["account.move"]._fields:
            return
        number = self.sale()
        invoice = self.invoice()
        invoice.sudo().write({"l10n_pl_edi_number": number})
        self.switch("sales")
        self.cron()
        self.assertFalse(self.documents(), "it has its invoice")

    def company_documents(self, invoice):
        found = self.env["ksef.document"].sudo()
        return found.search([("ksef_number", "=", invoice.ksef_number)])

    def test_r58_companies_that_trade_with_each_other(self):
        """Each holds the invoice once: the seller as issued, the buyer as received."""
        self.receive(self.other, since=10, ksef_import_sales=True)
        self.upload(self.other, nip=OTHER_NIP)
        self.switch("bills", "sales")
        self.buyer = self.other.partner_id
        invoice = self.sent()
        self.cron(later=self.LONG)
        self.cron(later=self.LONG)
        documents = self.company_documents(invoice)
        self.assertEqual(
            set(documents.mapped(lambda d: (d.company_id, d.direction))),
            {(self.company, "issued"), (self.other, "received")},
        )
        self.assertEqual(len(documents), 2)
        self.assertEqual(self.documents(self.other).role, "Subject2")

    def test_trouble_of_one_role_stops_no_other(self):
        self.switch(*ALL)
        third = self.put("T/1", buyer=CUSTOMER, **self.third_party())
        self.cron()
        self.assertTrue(self.document(third))
        refused = self.windows().filtered(lambda w: w.role == "Subject1")[-1]
        # KSeF gives no more than three months at once.
        span = {"date_from": "2020-01-01T00:00:00Z", "date_to": "2020-06-01T00:00:00Z"}
        wrong = refused.copy({"state": "planned", **span})
        later = self.put("F/9")
        self.cron(later=self.LONG)
        self.assertTrue(self.document(later), "bills arrive all the same")
        self.assertIn("21405", wrong.problem, "KSeF's own words")

    def test_third_parties_are_asked_for_seldom(self):
        self.switch("bills", "third_party")
        self.cron()
        self.cron()
        self.assertEqual(
            self.windows().mapped("role"), ["Subject2", "Subject3", "Subject2"]
        )

    def test_r60_a_buyer_told_by_other_means(self):
        """Whose invoice it is, KSeF says: not what the file seems to say (R60)."""
        number = self.put(buyer=CUSTOMER)
        held = self.simulator.store.invoices[number]
        held.facts = replace(held.facts, buyer=Identity("Nip", NIP))
        self.cron()
        self.assertEqual(self.document(number).role, "Subject2")
