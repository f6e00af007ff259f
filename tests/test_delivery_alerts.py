from odoo.tests import Form, new_test_user, tagged

from .carried_common import CarriedCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDeliveryAlerts(CarriedCase):
    """The invoice says where it is and what to do, and offers it in one click."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.salesman = new_test_user(
            cls.env,
            "ksef_salesman",
            groups="base.group_user",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def click(self, alert):
        """What the browser does on a click."""
        model, method, ids = alert["action_call"]
        return getattr(self.as_accountant(self.env[model].browse(ids)), method)()

    def alert(self, invoice, name):
        return self.as_accountant(invoice)._get_alerts()[name]

    def test_what_failed_is_tried_again(self):
        invoice = self.posted()
        document = self.document(invoice)
        document.write({"waits_for_person": True, "attempts": 5, "problem": "no"})
        alert = self.alert(invoice, "ksef_problem")
        self.assertEqual(alert["action_text"], "Try again now")
        self.click(alert)
        self.assertFalse(document.waits_for_person)

    def test_what_nobody_sends_is_offered(self):
        self.configure(self.company, ksef_send_automatically=False)
        invoice = self.posted()
        alert = self.alert(invoice, "ksef_ready")
        self.assertEqual(alert["action_text"], "Send now")
        self.click(alert)
        self.assertTrue(self.document(invoice).to_send)
        self.assertNotIn("ksef_ready", invoice._get_alerts())

    def test_a_refused_invoice_is_reset(self):
        invoice = self.posted()
        self.document(invoice).write({"state": "rejected", "problem": "no"})
        self.click(self.alert(invoice, "ksef_problem"))
        self.assertEqual(invoice.state, "draft")

    def test_what_is_on_its_way_asks_ksef(self):
        invoice = self.posted()
        self.send()
        alert = self.alert(invoice, "ksef_pending")
        self.assertIn(self.last_session(invoice).reference_number, alert["message"])
        self.last_session(invoice).lease_until = False
        for _time in range(3):
            self.make_due()
            if "ksef_pending" in invoice._get_alerts():
                self.click(alert)
        self.assertAccepted(invoice)
        self.assertNotIn("ksef_pending", invoice._get_alerts())

    def test_a_batch_tells_its_progress(self):
        invoice = self.posted()
        session = self.batch(accepted=3)
        self.document(invoice).write(
            {
                "state": "pending",
                "session_id": session.id,
                "session_ids": [(4, session.id)],
            }
        )
        message = self.alert(invoice, "ksef_pending")["message"]
        self.assertIn(f"in batch session {session.reference_number}", message)
        self.assertIn("3 of 4 answered", message)

    def test_who_only_reads_gets_the_words_without_the_click(self):
        invoice = self.posted()
        self.document(invoice).write({"waits_for_person": True, "problem": "no"})
        reader = self.reader()
        alert = invoice.with_user(reader)._get_alerts()["ksef_problem"]
        self.assertNotIn("action_call", alert)

    def test_the_form_opens_for_accountants(self):
        for state in ("ready", "pending", "rejected"):
            invoice = self.posted()
            session = self.batch()
            self.document(invoice).write(
                {
                    "state": state,
                    "session_id": session.id,
                    "session_ids": [(4, session.id)],
                }
            )
            with self.subTest(state=state):
                form = Form(self.as_accountant(invoice))
                self.assertEqual(form.ksef_state, state)
                action = self.as_accountant(invoice).action_ksef_open_document()
                document = self.env[action["res_model"]].browse(action["res_id"])
                self.assertEqual(Form(self.as_accountant(document)).state, state)

    def test_a_salesman_reads_the_words(self):
        """Without rights of an accountant: sales lets salespeople open invoices."""
        invoice = self.posted()
        self.env["ir.model.access"].create(
            {
                "name": "as sale grants",
                "model_id": self.env["ir.model"]._get_id("account.move"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        self.env["ir.model.access"].create(
            {
                "name": "as sale grants",
                "model_id": self.env["ir.model"]._get_id("account.move.line"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        session = self.batch()
        self.document(invoice).write(
            {"state": "pending", "session_id": session.id, "problem": False}
        )
        seen = invoice.with_user(self.salesman)
        alert = seen._get_alerts()["ksef_pending"]
        self.assertNotIn("action_call", alert)
        arch = seen.get_view(view_type="form")["arch"]
        self.assertNotIn("action_ksef_support_details", arch)
        self.assertNotIn("action_ksef_download_upo", arch)
