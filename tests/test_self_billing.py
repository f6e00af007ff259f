from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
from ..tools import warsaw
from .common import NIP, SUPPLIER_NIP
from .documents import supplier_invoice
from .import_common import ImportCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSelfBilling(ImportCase):
    """The buyer issues the invoice in the name of the seller, under a right that the
    seller gave it in KSeF; the invoice does not come back as a second bill."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].create(
            {
                "name": "Samofakturowanie",
                "code": "SAMO",
                "type": "purchase",
                "is_self_billing": True,
                "default_account_id": cls.company_data["default_account_expense"].id,
            }
        )
        cls.vendor = cls.buyer
        cls.vendor.write({"vat": SUPPLIER_NIP, "ref": "D-7"})

    def setUp(self):
        super().setUp()
        self.simulator.store.sessions.clear()
        self.simulator.revoke_grants(SUPPLIER_NIP)
        self.simulator.grant(SUPPLIER_NIP, "Nip", NIP, ["SelfInvoicing"])

    def bill_of_ours(self, *lines, **values):
        """A draft bill that the company issues itself, made by the accountant."""
        values.setdefault("move_type", "in_invoice")
        values.setdefault("journal_id", self.journal.id)
        lines = lines or (self.line(100.0, "vz_kraj_23"),)
        return self.invoice(*lines, **values)

    def self_billed(self, **values):
        bill = self.bill_of_ours(**values)
        bill.action_post()
        return bill

    def said(self, bill):
        """The document of a bill, as KSeF reads it."""
        return fa3.parse(self.bytes_of(bill.sudo().ksef_document_id))

    def test_parties_and_annotation(self):
        invoice = self.said(self.self_billed())
        self.assertEqual(invoice.seller.nip, SUPPLIER_NIP)
        self.assertEqual(invoice.seller.name, self.vendor.name)
        self.assertEqual(invoice.buyer.nip, NIP)
        self.assertEqual(invoice.buyer.address.line1, "ul. Kwiatowa 1 m. 2")
        self.assertTrue(invoice.annotations.self_billing)
        self.assertFalse(invoice.third_parties, "never role 5")

    def test_amounts_have_the_sign_of_a_sale(self):
        bill = self.self_billed()
        invoice = self.said(bill)
        self.assertAmounts(invoice, "123.00", P_13_1="100.00", P_14_1="23.00")
        self.assertEqual(invoice.lines[0].net, 100)
        self.assertEqual(invoice.number, bill.name, "a sequence of each supplier")

    def test_accepted_with_the_codes_of_the_seller(self):
        bill = self.self_billed()
        self.run_cron("send")
        self.poll()
        document = bill.sudo().ksef_document_id
        self.assertEqual(document.state, "accepted", document.problem)
        self.assertEqual(document.seller_nip, SUPPLIER_NIP)
        self.assertIn(f"/invoice/{SUPPLIER_NIP}/", document.qr_link)
        self.assertEqual(document.qr_label, bill.ksef_number)
        held = self.simulator.invoices[0].facts
        self.assertEqual((held.seller_nip, held.self_billing), (SUPPLIER_NIP, True))

    def test_without_the_right_a_person_is_told_what_to_do(self):
        self.simulator.revoke_grants(SUPPLIER_NIP)
        bill = self.self_billed()
        self.run_cron("send")
        self.poll()
        self.assertEqual(bill.ksef_state, "ready")
        self.assertIn("SelfInvoicing", bill.ksef_problem)
        self.simulator.grant(SUPPLIER_NIP, "Nip", NIP, ["SelfInvoicing"])
        bill.action_ksef_send()
        self.run_cron("send")
        self.poll()
        self.assertEqual(bill.ksef_state, "accepted", bill.ksef_problem)

    def test_it_does_not_come_back_as_a_second_bill(self):
        bill = self.self_billed()
        self.run_cron("send")
        self.poll()
        number = self.put("F/1/2026")
        self.cron()
        self.assertEqual(self.documents().mapped("ksef_number"), [number])
        self.assertEqual(len(self.windows()[-1].document_ids), 1)
        self.assertEqual(bill.ksef_state, "accepted")

    def test_it_does_not_come_back_before_its_verdict_either(self):
        bill = self.self_billed()
        self.simulator.put_invoice(self.bytes_of(bill.sudo().ksef_document_id))
        self.assertFalse(bill.ksef_number, "KSeF has numbered it, Odoo does not know")
        self.cron()
        self.assertEqual(self.windows()[-1].state, "stored")
        self.assertFalse(self.documents(), "the hash tells")

    def test_lost_verdict_is_proven_among_our_purchases(self):
        bill = self.self_billed()
        self.simulator.put_invoice(self.bytes_of(bill.sudo().ksef_document_id))
        self.run_cron("send")
        self.poll()
        self.assertEqual(bill.ksef_state, "accepted", bill.ksef_problem)
        asked = [request.path for request in self.simulator.requests]
        files = [path for path in asked if path.startswith("/v2/invoices/ksef/")]
        self.assertFalse(files, "64 downloads per hour are for the last resort")

    def test_credit_note(self):
        bill = self.self_billed()
        self.run_cron("send")
        self.poll()
        refund = bill._reverse_moves([{"invoice_date": warsaw.today()}])
        refund.action_post()
        invoice = self.said(refund)
        self.assertEqual(invoice.kind, fa3.Kind.CORRECTION)
        self.assertEqual(invoice.corrected[0].ksef_number, bill.ksef_number)
        self.assertAmounts(invoice, "-123.00", P_13_1="-100.00", P_14_1="-23.00")
        self.assertEqual(invoice.seller.nip, SUPPLIER_NIP)

    def test_issued_ones_stay_as_they_are(self):
        bill = self.self_billed()
        self.assertTrue(bill.ksef_locked)
        with self.assertRaisesRegex(UserError, "waits to be sent to KSeF"):
            bill.invoice_date = "2026-01-01"
        with self.assertRaisesRegex(UserError, "waits to be sent to KSeF"):
            bill.ksef_third_party_ids = [Command.clear()]

    def test_only_in_the_journal_and_for_polish_suppliers(self):
        other = self.bill_of_ours(journal_id=self.purchases.id)
        self.assertFalse(other._ksef_is_due(), "a bill of the supplier")
        self.vendor.write(
            {"vat": "DE136695976", "country_id": self.env.ref("base.de").id}
        )
        foreign = self.bill_of_ours()
        self.assertFalse(foreign._ksef_is_due(), "the supplier is not in KSeF")
        self.assertFalse(foreign.ksef_issues)

    def test_bills_received_from_ksef_are_not_issued_again(self):
        self.company.ksef_import_journal_id = self.journal
        number = self.put_file(fa3.build(supplier_invoice()))
        self.cron()
        bill = self.bill(number)
        self.assertEqual(bill.journal_id, self.journal)
        self.assertFalse(bill._ksef_is_due())

    def test_supplier_without_nip(self):
        self.vendor.vat = False
        told = problems(self.bill_of_ours())
        self.assertEqual([one.field for one in told], ["vat"], told)
        self.assertEqual(told[0].record, self.vendor)
        self.assertIn("Vendor", told[0].text)

    def test_third_parties_of_each_side(self):
        factor = self.env["res.partner"].create({"name": "Faktor", "vat": "5265877635"})
        self.vendor.ksef_default_third_party_ids = [
            Command.create({"partner_id": factor.id, "role": "1"}),
            Command.create({"partner_id": factor.id, "role": "6"}),
        ]
        bill = self.bill_of_ours()
        self.assertEqual(
            bill.ksef_third_party_ids.mapped("role"), ["1"], "the seller has no payer"
        )

    def test_the_supplier_gets_it_by_send_and_print(self):
        bill = self.self_billed()
        constraints = self.env["account.move.send"]._get_move_constraints(bill)
        self.assertFalse(constraints)
