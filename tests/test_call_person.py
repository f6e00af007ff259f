import runpy
from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import file_path

from ..models.ksef_document_call import ATTENTION
from ..tools import warsaw
from ..tools.reminder import MOST_MAILS, remind
from .delivery_common import DeliveryCase

TODO = "mail.mail_activity_data_todo"


class CallCase(DeliveryCase):
    def calls(self, invoices):
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("res_model", "=", "account.move"),
                    ("res_id", "in", invoices.ids),
                    ("activity_type_id", "=", self.env.ref(ATTENTION).id),
                ]
            )
        )


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCallPerson(CallCase):
    """What waits for a person is an activity of the responsible user at once: one per
    invoice, never twice, gone as soon as the invoice can go on."""

    def held(self, count=1):
        """Invoices that KSeF did not take for a missing right."""
        invoices = self.env["account.move"]
        for _number in range(count):
            invoices |= self.posted()
        self.document(invoices).write(
            {"waits_for_person": True, "problem": "Have the right <granted> & go on."}
        )
        return invoices

    def test_a_held_invoice_calls_its_salesperson(self):
        invoice = self.held()
        self.document(invoice)._call_person()
        self.document(invoice)._call_person()
        call = self.calls(invoice)
        self.assertEqual(len(call), 1, "never twice")
        self.assertEqual(call.user_id, self.accountant)
        self.assertEqual(call.summary, f"KSeF: invoice {invoice.name} needs attention")
        self.assertIn("Have the right &lt;granted&gt; &amp; go on.", call.note)

    def test_a_rejected_invoice_calls_and_the_watch_adds_nothing(self):
        invoice = self.posted()
        self.document(invoice).write({"state": "rejected", "problem": "no"})
        self.document(invoice)._call_person()
        self.run_cron("watch")
        self.assertEqual(len(self.calls(invoice)), 1)

    def test_the_call_speaks_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        self.accountant.lang = "pl_PL"
        self.env["ir.module.module"]._load_module_terms(["l10n_pl_ksef"], ["pl_PL"])
        invoice = self.held()
        self.document(invoice)._call_person()
        self.assertIn("wymaga", self.calls(invoice).summary)

    def test_sending_again_takes_the_call_back(self):
        invoice = self.held()
        self.document(invoice)._call_person()
        self.as_accountant(invoice).action_ksef_send()
        self.assertFalse(self.calls(invoice))

    def test_acceptance_takes_the_call_back(self):
        invoice = self.held()
        self.document(invoice)._call_person()
        self.document(invoice).write({"state": "accepted", "waits_for_person": False})
        self.document(invoice)._call_person()
        self.assertFalse(self.calls(invoice))

    def test_reset_to_draft_takes_the_call_back(self):
        invoice = self.posted()
        self.document(invoice).write({"state": "rejected", "problem": "no"})
        self.document(invoice)._call_person()
        self.as_accountant(invoice).button_draft()
        self.assertFalse(self.calls(invoice))

    def test_the_replaced_document_takes_no_call_of_its_successor(self):
        invoice = self.posted()
        first = self.document(invoice)
        first.write({"state": "rejected", "problem": "no"})
        self.env.flush_all()
        self.as_accountant(invoice).button_draft()
        self.as_accountant(invoice).action_post()
        second = self.document(invoice)
        self.assertNotEqual(first, second)
        second.write({"state": "rejected", "problem": "no again"})
        second._call_person()
        first._call_person()
        self.assertEqual(len(self.calls(invoice)), 1)

    def test_the_watch_takes_back_what_was_settled_without_word(self):
        invoice = self.held()
        self.document(invoice)._call_person()
        self.document(invoice).write({"state": "accepted", "waits_for_person": False})
        self.run_cron("watch")
        self.assertFalse(self.calls(invoice))

    def test_calls_of_the_version_before_are_known_after_the_update(self):
        """They were to-dos: after the update they are planned no second time, and go
        once the invoice can go on. To-dos of people stay theirs."""
        self.env["res.lang"]._activate_lang("pl_PL")
        self.env["ir.module.module"]._load_module_terms(["l10n_pl_ksef"], ["pl_PL"])
        held, called = self.held(2)
        self.document(called)._call_person()
        for invoice, lang in ((held, "pl_PL"), (called, "en_US")):
            self.accountant.lang = lang
            remind(invoice, self.accountant, invoice._ksef_attention_words())
        mine = held.activity_schedule(TODO, summary="KSeF: ask the customer")
        self.update_from("19.0.1.2.0")
        self.run_cron("watch")
        self.assertEqual(len(self.calls(held)), 1)
        self.assertEqual(len(self.calls(called)), 1)
        self.assertEqual(held.activity_ids - self.calls(held), mine)
        self.assertFalse(called.activity_ids - self.calls(called))
        self.as_accountant(held | called).action_ksef_send()
        self.assertEqual((held | called).activity_ids, mine)

    def update_from(self, version):
        """What an update does to what is there."""
        script = file_path("l10n_pl_ksef/migrations/19.0.1.3.0/post-calls.py")
        runpy.run_path(script)["migrate"](self.env.cr, version)
        self.env.invalidate_all()

    def test_many_are_called_for_in_one_go(self):
        few, many = self.held(MOST_MAILS + 1), self.held(2 * MOST_MAILS + 2)
        mails = self.env["mail.message"].search_count([])
        for _time in range(2):  # the first time makes people followers
            costs = [self.cost_of_settling(invoices) for invoices in (few, many)]
        self.assertLessEqual(costs[1], costs[0], "it does not grow")
        self.assertEqual(self.env["mail.message"].search_count([]), mails)

    def cost_of_settling(self, invoices):
        """How many queries it takes to call for documents, and to take it back."""
        documents = self.document(invoices)
        self.start_anew()
        before = self.cr.sql_log_count
        documents._call_person()
        self.start_anew()
        called = self.cr.sql_log_count - before
        self.assertEqual(len(self.calls(invoices)), len(invoices))
        documents.waits_for_person = False
        self.start_anew()
        before = self.cr.sql_log_count
        documents._call_person()
        self.start_anew()
        taken_back = self.cr.sql_log_count - before
        self.assertFalse(self.calls(invoices))
        documents.waits_for_person = True
        return called + taken_back

    def start_anew(self):
        self.env.flush_all()
        self.env.invalidate_all()


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBeforeMidnight(CallCase):
    """Who issues today learns today that KSeF does not have it (R07, R15): midnight
    makes it offline24."""

    def at(self, hour):
        day = warsaw.start_of_day(warsaw.today())
        return freeze_time(day + timedelta(hours=hour))

    def test_r15_told_late_in_the_evening(self):
        with self.at(21):
            self.simulator.away(how="hang_up")
            self.addCleanup(self.simulator.away, False)
            invoice = self.posted()
            self.send()
            self.assertFalse(self.calls(invoice), "there is time")
        with self.at(22):
            self.send()
            self.send()
            call = self.calls(invoice)
            self.assertEqual(len(call), 1, "told once")
            self.assertIn("midnight", call.note)
            self.assertIn("no offline certificate", call.note)
            self.simulator.away(False)
            self.deliver()
            self.assertAccepted(invoice)
            self.assertFalse(self.calls(invoice), "and taken back")

    def test_r15_also_what_nobody_has_sent(self):
        self.configure(self.company, ksef_send_automatically=False)
        with self.at(23):
            invoice = self.posted()
            self.send()
            self.assertEqual(invoice.ksef_state, "ready")
            note = self.calls(invoice).note
            self.assertIn("Send it", note)
            self.assertNotIn("by itself", note, "nobody would send it")

    def test_r15_told_in_the_language_of_the_person(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        self.accountant.lang = "pl_PL"
        self.configure(self.company, ksef_send_automatically=False)
        with self.at(23):
            invoice = self.posted()
            self.send()
            self.assertIn("Od północy", self.calls(invoice).note)

    def test_r15_nobody_is_told_of_what_leaves_at_once(self):
        with self.at(23):
            invoice = self.posted()
            self.send()
            self.assertEqual(invoice.ksef_state, "pending", "it has left")
            self.assertFalse(self.calls(invoice), "and nobody had to know")

    def test_r15_what_a_person_has_marked_as_done_stays_done(self):
        self.configure(self.company, ksef_send_automatically=False)
        with self.at(23):
            invoice = self.posted()
            self.send()
            self.calls(invoice).action_done()
            self.send()
            self.assertFalse(self.calls(invoice), "told once")

    def test_r15_an_offline_invoice_is_told_nothing(self):
        self.configure(self.company, ksef_send_automatically=False)
        with self.at(23):
            invoice = self.posted()
            self.document(invoice).offline_mode = "offline24"
            self.send()
            self.assertFalse(self.calls(invoice), "midnight changes nothing for it")
