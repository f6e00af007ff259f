from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..tools import warsaw
from .common import NIP
from .delivery_common import DeliveryCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestNumbers(DeliveryCase):
    """R05: a number of a NIP goes to KSeF once, whatever journal, kind or company it
    was given in: KSeF tells too late, and not for every kind."""

    def in_other_company(self, name):
        moves = self.env["account.move"].with_company(self.other)
        tax = moves.env["account.chart.template"].ref("vs_kraj_23")
        line = {"name": "pralka", "price_unit": 50.0, "tax_ids": [Command.set(tax.ids)]}
        return moves.with_user(self.accountant).create(
            {
                "move_type": "out_invoice",
                "name": name,
                "partner_id": self.buyer.id,
                "invoice_date": warsaw.today(),
                "invoice_line_ids": [Command.create(line)],
            }
        )

    def second_journal(self):
        journals = self.env["account.journal"].sudo()
        values = {"name": "Drugi", "code": "FV2", "type": "sale"}
        return journals.create(values | {"company_id": self.company.id})

    def test_r05_another_journal(self):
        first = self.posted()
        second = self.invoice(journal_id=self.second_journal().id, name=first.name)
        with (
            self.assertRaisesRegex(UserError, first.name),
            self.env.cr.savepoint(),
        ):
            second.action_post()
        second.name = "FV2/2026/77"
        second.action_post()
        self.deliver()
        self.assertAccepted(first)
        self.assertAccepted(second)

    def test_r05_both_at_once(self):
        journal = self.second_journal()
        first = self.invoice(name="FV/2026/7777")
        second = self.invoice(journal_id=journal.id, name="FV/2026/7777")
        with self.assertRaisesRegex(UserError, "FV/2026/7777"):
            (first | second).action_post()

    def test_r05_a_company_with_the_same_nip(self):
        self.configure(self.other)
        self.other.partner_id.vat = f"PL{NIP}"
        self.upload(self.other, nip=NIP)
        first = self.posted()
        with self.assertRaisesRegex(UserError, "another company|INV"):
            self.in_other_company(first.name).action_post()

    def test_other_sellers_have_their_own_numbers(self):
        self.connect_other()
        first = self.posted()
        second = self.in_other_company(first.name)
        second.action_post()
        self.assertTrue(second.sudo().ksef_document_id)

    def test_a_refused_number_is_free(self):
        self.simulator.fault("reject", code=450)
        invoice = self.posted()
        self.deliver()
        name = invoice.name
        invoice.button_draft()
        invoice.action_post()
        self.assertEqual(invoice.name, name)
        self.deliver()
        self.assertAccepted(invoice)
