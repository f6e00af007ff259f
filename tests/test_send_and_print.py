from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import account_move_send
from .delivery_common import DeliveryCase
from .offline_common import OfflineCase


class SendAndPrintCase(DeliveryCase):
    """The wizard as an accountant drives it, and what left for the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer.email = "nabywca@example.com"
        cls.env.user.email = "admin@example.com"
        cls.accountant.email = "ksiegowa@example.com"

    def send_wizard(self, invoice, **values):
        self.env.invalidate_all()  # as in a request of its own
        wizards = self.env["account.move.send.wizard"].with_user(self.accountant)
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        return wizards.with_context(**context, force_report_rendering=True).create(
            {"sending_methods": ["email"], **values}
        )

    def mails(self, invoice):
        """The messages that left for the customer."""
        messages = invoice.sudo().message_ids
        return messages.filtered(lambda m: self.buyer in m.partner_ids)

    def pdf_label(self, invoice):
        """What stands under KOD I of the stored PDF."""
        return invoice.sudo().invoice_pdf_report_id.description.partition(" ")[0]

    def told(self, wizard):
        """What the user reads. Without a savepoint: what was committed stays."""
        try:
            wizard.action_send_and_print()
        except UserError as error:
            return str(error)
        return ""


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSendAndPrint(SendAndPrintCase):
    """Send & Print offers KSeF: the e-mail leaves with the number, or says why it
    waits."""

    def test_option(self):
        invoice = self.posted()
        boxes = self.send_wizard(invoice).extra_edi_checkboxes
        self.assertTrue(boxes["ksef"]["checked"])
        self.assertNotIn("pl_ksef", boxes, "two ways would send it twice")
        excluded = self.posted(ksef_exclude=True)
        self.assertNotIn("ksef", self.send_wizard(excluded).extra_edi_checkboxes or {})
        accepted = self.sent()
        self.assertNotIn("ksef", self.send_wizard(accepted).extra_edi_checkboxes or {})

    def test_sent_while_the_user_waits(self):
        invoice = self.posted()
        self.assertEqual(self.told(self.send_wizard(invoice)), "")
        self.assertAccepted(invoice)
        self.assertEqual(self.pdf_label(invoice), invoice.ksef_number)
        (mail,) = self.mails(invoice)
        (pdf,) = mail.attachment_ids.filtered(lambda a: a.name.endswith(".pdf"))
        self.assertEqual(pdf.raw, invoice.sudo().invoice_pdf_report_id.raw)

    def test_company_that_sends_by_hand(self):
        self.company.ksef_send_automatically = False
        invoice = self.posted()
        self.assertEqual(self.told(self.send_wizard(invoice)), "")
        self.assertAccepted(invoice)

    def test_posted_before_ksef_was_used(self):
        self.company.ksef_environment = False
        invoice = self.posted()
        self.configure(self.company)
        self.assertFalse(invoice.ksef_state)
        self.assertEqual(self.told(self.send_wizard(invoice)), "")
        self.assertAccepted(invoice)

    def test_not_accepted_in_time(self):
        self.simulator.set_delay(steps=1, seconds=3600)
        invoice = self.posted()
        with patch.object(account_move_send, "WAIT_SECONDS", 2):
            told = self.told(self.send_wizard(invoice))
        self.assertIn("not been sent to the customer", told)
        self.assertEqual(invoice.ksef_state, "pending")
        self.assertFalse(self.mails(invoice))
        self.simulator.advance(4000)
        self.simulator.set_delay()
        self.poll()
        self.assertAccepted(invoice)
        self.assertEqual(self.told(self.send_wizard(invoice)), "")
        self.assertTrue(self.mails(invoice))
        self.assertEqual(self.pdf_label(invoice), invoice.ksef_number)

    def test_ksef_down(self):
        invoice, url = self.posted(), self.company.ksef_api_url
        self.company.ksef_api_url = "http://127.0.0.1:9/v2"
        told = self.told(self.send_wizard(invoice))
        self.assertIn("waits to be sent", told)
        self.assertIn("cannot be reached", told)
        self.assertFalse(self.mails(invoice))
        self.company.ksef_api_url = url
        self.deliver()
        self.assertAccepted(invoice)

    def test_rejected(self):
        self.simulator.fault("reject", code=450, details=("Zły numer konta",))
        invoice = self.posted()
        told = self.told(self.send_wizard(invoice))
        self.assertIn("rejected", told)
        self.assertIn("Zły numer konta", told)
        self.assertFalse(self.mails(invoice))

    def test_problems_are_told(self):
        self.company.ksef_environment = False
        invoice = self.posted(self.line(1.0, tax=None, name="bez podatku"))
        self.configure(self.company)
        told = self.told(self.send_wizard(invoice))
        self.assertIn("bez podatku", told)
        self.assertFalse(invoice.ksef_state)

    def test_user_does_not_want_to_wait(self):
        invoice = self.posted()
        wizard = self.send_wizard(invoice)
        wizard.extra_edi_checkboxes = {"ksef": {"checked": False, "label": "KSeF"}}
        self.assertEqual(self.told(wizard), "")
        self.assertEqual(invoice.ksef_state, "ready")
        self.assertEqual(self.pdf_label(invoice), "OFFLINE")
        self.assertTrue(self.mails(invoice))
        self.deliver()
        self.assertAccepted(invoice)

    def test_no_pro_forma_instead(self):
        self.simulator.set_delay(steps=1, seconds=3600)
        invoice = self.posted()
        context = invoice.with_context(force_report_rendering=True)
        with patch.object(account_move_send, "WAIT_SECONDS", 1), suppress(UserError):
            context._generate_and_send(sending_methods=["email"])
        self.assertFalse(self.mails(invoice), "nothing but the invoice itself")

    def test_several(self):
        invoices = self.posted() | self.posted(self.line(20.0))
        wizards = self.env["account.move.send.batch.wizard"].with_user(self.accountant)
        self.env.invalidate_all()
        wizard = wizards.with_context(
            active_model="account.move", active_ids=invoices.ids
        ).create({})
        self.buyer.invoice_sending_method = "email"
        wizard.action_send_and_print()
        notes = len(invoices.sudo().message_ids)
        self.send_queue()
        for invoice in invoices:
            self.assertTrue(invoice.sending_data, "it stays in the queue")
            self.assertFalse(self.mails(invoice))
        self.assertEqual(len(invoices.sudo().message_ids), notes, "nobody is alarmed")
        woken = self.wakes()
        self.deliver()
        self.assertGreater(self.wakes(), woken, "woken as soon as there are numbers")
        self.send_queue()
        for invoice in invoices:
            self.assertAccepted(invoice)
            self.assertFalse(invoice.sending_data)
            self.assertTrue(self.mails(invoice))
            self.assertEqual(self.pdf_label(invoice), invoice.ksef_number)

    def wakes(self):
        """How often Odoo's cron for Send & Print was woken up."""
        cron = self.env.ref("account.ir_cron_account_move_send")
        triggers = self.env["ir.cron.trigger"].sudo()
        return triggers.search_count([("cron_id", "=", cron.id)])

    def send_queue(self):
        """Odoo's own cron for Send & Print."""
        cron = self.env.ref("account.ir_cron_account_move_send")
        moves = self.env["account.move"].with_user(cron.user_id)
        moves = moves.with_context(force_report_rendering=True)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
            moves._cron_account_move_send()


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSendOffline(SendAndPrintCase, OfflineCase):
    """Send & Print offers to give the invoice to the customer at once, offline; nobody
    chooses it but a person."""

    def test_offered_but_not_ticked(self):
        boxes = self.send_wizard(self.posted()).extra_edi_checkboxes
        self.assertFalse(boxes["ksef_offline"]["checked"])
        self.offline_certificate.unlink()
        boxes = self.send_wizard(self.posted()).extra_edi_checkboxes
        self.assertNotIn("ksef_offline", boxes, "there is nothing to sign with")

    def test_leaves_at_once_with_both_codes(self):
        self.leave()
        invoice = self.posted()
        wizard = self.send_wizard(invoice, extra_edis=["ksef", "ksef_offline"])
        self.assertEqual(self.told(wizard), "")
        self.assertEqual(invoice.ksef_offline_mode, "offline24")
        (mail,) = self.mails(invoice)
        self.assertIn(self.document(invoice).certificate_link, mail.body)
        self.come_back()
        self.deliver()
        self.assertAccepted(invoice)

    def test_total_failure_announced_meanwhile(self):
        invoice = self.posted()
        wizard = self.send_wizard(invoice, extra_edis=["ksef", "ksef_offline"])
        outage = {"environment": "own", "kind": "total_failure"}
        self.env["ksef.outage"].create({**outage, "start": self.in_past()})
        self.assertEqual(self.told(wizard), "")
        self.assertTrue(invoice.ksef_total_failure)
        (mail,) = self.mails(invoice)
        self.assertNotIn("OFFLINE", mail.body)

    def test_a_waiting_correction_stays(self):
        invoice = self.issued_offline()
        refund = self.credit_note(invoice)
        told = self.told(self.send_wizard(refund))
        self.assertIn(f"waits until {invoice.name} has its KSeF number", told)
        self.assertFalse(self.mails(refund))
