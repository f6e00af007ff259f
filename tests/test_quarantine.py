from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .documents import supplier_file
from .import_common import ImportCase


class QuarantineCase(ImportCase):
    """Bills have arrived, and an accountant judges them."""

    def arrived(self, number="F/1/2026", **values):
        """The document of an invoice that arrives now, as the accountant sees it."""
        received = self.put(number, **values)
        self.press()
        return self.as_accountant(self.document(received))

    def set_aside(self, records, reason="fraud", note=False):
        """Press the button of documents or bills and answer the wizard."""
        name = "action_set_aside"
        if records._name == "account.move":
            name = "action_ksef_set_aside"
        action = getattr(records, name)()
        wizard = self.as_accountant(self.env[action["res_model"]])
        with Form(wizard.with_context(**action["context"])) as form:
            form.reason = reason
            if note:
                form.note = note
        form.record.action_set_aside()


@tagged("post_install_l10n", "post_install", "-at_install")
class TestQuarantine(QuarantineCase):
    """What is wrong or fraud is set aside by a person: the file stays, the bill goes,
    nothing brings it back but a person (I13, R61)."""

    def test_i13_r61_a_scam_is_set_aside_from_its_bill(self):
        document = self.arrived()
        xml = self.bytes_of(document)
        bill = document.move_id
        self.set_aside(bill, "fraud", "Nigdy u nich nie kupowaliśmy")
        self.assertFalse(bill.exists(), "a draft without number is deleted")
        self.assertEqual(document.state, "quarantined")
        self.assertEqual(document.quarantine_reason, "fraud")
        self.assertEqual(document.quarantine_note, "Nigdy u nich nie kupowaliśmy")
        self.assertEqual(document.quarantined_by_id, self.accountant)
        self.assertTrue(document.quarantined_at)
        self.assertEqual(self.bytes_of(document), xml, "the file is kept")

    def test_it_is_booked_no_more(self):
        document = self.arrived()
        self.set_aside(document)
        self.cron(times=2)
        self.press()
        document.action_book_again()
        self.assertFalse(document.move_id)
        self.assertEqual(document.state, "quarantined")
        self.assertEqual(len(self.documents()), 1, "nor does it arrive again")

    def test_it_may_be_set_aside_before_it_is_booked(self):
        self.purchases.default_account_id = False  # nothing can be booked
        document = self.arrived()
        self.assertEqual(document.state, "received")
        self.set_aside(document, "not_ours")
        self.assertFalse(document.problem, "nobody waits for a bill of it")
        self.assertEqual(document.state, "quarantined")

    def test_it_comes_back(self):
        document = self.arrived()
        self.set_aside(document, "wrong")
        document.action_take_back()
        self.assertEqual(document.state, "booked")
        self.assertEqual(document.move_id.amount_total, 123.0)
        document.action_take_back()
        bills = self.env["account.move"].search(
            [("ksef_number", "=", document.ksef_number)]
        )
        self.assertEqual(len(bills), 1, "asked twice, made once")

    def test_a_bill_that_had_a_number_is_cancelled(self):
        document = self.arrived()
        bill = document.move_id
        bill.action_post()
        with self.assertRaisesRegex(UserError, "is posted. Reset it to draft first"):
            self.set_aside(bill)
        bill.button_draft()
        self.set_aside(bill, "wrong", "Zła cena")
        self.assertEqual(bill.state, "cancel", "its number stays in the books")
        self.assertIn("Zła cena", self.notes(bill))
        self.assertIn("Zła cena", bill._get_alerts()["ksef_quarantine"]["message"])
        self.assertEqual(document.move_id, bill)
        document.action_take_back()
        self.assertEqual((bill.state, document.state), ("draft", "booked"))
        self.assertNotIn("ksef_quarantine", bill._get_alerts())
        self.assertIn("Taken out of quarantine", self.notes(bill))

    def test_a_bill_in_quarantine_is_not_posted(self):
        document = self.arrived()
        bill = document.move_id
        bill.action_post()
        bill.button_draft()
        self.set_aside(bill)
        bill.button_draft()
        with self.assertRaisesRegex(UserError, "is in quarantine"):
            bill.action_post()

    def test_i13_a_deleted_bill_leaves_its_document_in_sight(self):
        document = self.arrived()
        document.move_id.unlink()
        self.cron(times=2)
        self.assertFalse(document.move_id, "it never comes back by itself")
        self.assertTrue(document.is_without_bill)
        views = document.get_views([(False, "search"), (False, "list")])
        self.assertIn("lost_bill", views["views"]["search"]["arch"])
        lost = document.search([("state", "=", "booked"), ("move_id", "=", False)])
        self.assertIn(document, lost)
        self.set_aside(document)
        self.assertEqual(document.state, "quarantined")
        self.assertFalse(document.is_without_bill, "somebody has decided")

    def test_a_dropped_file_set_aside_stays_aside(self):
        xml = supplier_file()
        attachment = self.as_accountant(self.env["ir.attachment"]).create(
            {"name": "f.xml", "raw": xml, "mimetype": "application/xml"}
        )
        journal = self.as_accountant(self.purchases)
        journal = journal.with_context(default_move_type="in_invoice")
        self.set_aside(journal._create_document_from_attachment(attachment.ids))
        received = self.put_file(xml)
        self.press()
        document = self.document(received)
        self.assertEqual(document, self.documents(), "one document for both")
        self.assertEqual(document.state, "quarantined")
        self.assertEqual(document.quarantine_reason, "fraud")
        self.assertEqual(document.quarantined_by_id, self.accountant)
        self.as_accountant(document).action_take_back()
        self.assertEqual(document.move_id.amount_total, 123.0)

    def test_several_at_once(self):
        documents = self.arrived("F/1") | self.arrived("F/2")
        self.set_aside(documents.move_id)
        self.assertEqual(documents.mapped("state"), ["quarantined"] * 2)
        documents.action_take_back()
        self.assertEqual(documents.mapped("state"), ["booked"] * 2)

    def test_only_what_was_received_and_only_once(self):
        document = self.arrived()
        self.set_aside(document)
        with self.assertRaisesRegex(UserError, "cannot be put in quarantine"):
            document.action_set_aside()
        issued = self.posted().ksef_document_id
        with self.assertRaisesRegex(UserError, "cannot be put in quarantine"):
            self.as_accountant(issued).action_set_aside()
        self.as_accountant(issued).action_take_back()
        self.assertEqual(issued.state, "ready", "it was never there")
        bill = self.env["account.move"].with_user(self.accountant).new({})
        with self.assertRaisesRegex(UserError, "was received from KSeF"):
            bill.action_ksef_set_aside()

    def test_who_may_only_read_decides_nothing(self):
        document = self.arrived()
        reader = self.reader()
        with self.assertRaises(AccessError):
            self.env["ksef.quarantine"].with_user(reader).create(
                {"document_ids": [(6, 0, document.ids)], "reason": "fraud"}
            )
        self.set_aside(document)
        with self.assertRaises(AccessError):
            document.with_user(reader).action_take_back()
        self.assertEqual(document.state, "quarantined")

    def test_an_accountant_of_another_company_decides_nothing(self):
        document = self.arrived()
        stranger = new_test_user(
            self.env,
            "ksef_stranger",
            groups="account.group_account_invoice",
            company_id=self.other.id,
            company_ids=[(6, 0, self.other.ids)],
        )
        wizard = self.env["ksef.quarantine"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizard.create(
                {"document_ids": [(6, 0, document.ids)], "reason": "fraud"}
            ).action_set_aside()
        self.assertEqual(document.state, "booked")
        self.set_aside(document)
        with self.assertRaises(AccessError):
            document.with_user(stranger).action_take_back()
        self.assertEqual(document.state, "quarantined")
