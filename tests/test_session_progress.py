from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..models import ksef_session_progress
from .carried_common import CarriedCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSessionProgress(CarriedCase):
    """A session tells what became of its documents, in counts that cost the same for
    ten documents and for ten thousand."""

    def test_counts(self):
        session = self.as_accountant(self.batch(accepted=3, rejected=2, pending=4))
        self.assertEqual(session.document_count, 9)
        self.assertEqual(session.accepted_count, 3)
        self.assertEqual(session.rejected_count, 2)
        self.assertEqual(session.pending_count, 4)
        self.assertEqual(session.progress, 55)
        self.assertEqual(session.progress_text, "5 of 9 answered")

    def test_thousands_are_readable(self):
        session = self.batch(pending=1)
        session.write(
            {"invoice_count": 10000, "successful_count": 6100, "failed_count": 100}
        )
        self.assertEqual(session.progress_text, "6,200 of 10,000 answered")
        self.assertEqual(session.progress, 62)

    def test_what_another_session_carries_is_not_counted_twice(self):
        first, second = self.batch(pending=1), self.batch(pending=1)
        document = first.document_ids
        document.write({"session_id": second.id, "session_ids": [(4, second.id)]})
        self.assertEqual((first.document_count, first.pending_count), (1, 0))
        self.assertEqual((second.document_count, second.pending_count), (2, 2))

    def test_the_list_counts_in_one_go(self):
        few = self.batch(accepted=1)
        many = self.batch(accepted=2) | self.batch(pending=3) | self.batch()
        costs = [self.cost_of_the_list(sessions) for sessions in (few, few, many)]
        self.assertEqual(costs[2], costs[1])
        self.assertEqual(many.mapped("document_count"), [2, 3, 0])
        self.assertEqual(many.mapped("accepted_count"), [2, 0, 0])

    def cost_of_the_list(self, sessions):
        """How many queries the list of sessions takes."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        counts = ("document_count", "accepted_count", "progress_text", "progress")
        self.as_accountant(sessions).web_read({name: {} for name in counts})
        return self.cr.sql_log_count - before

    def test_the_form_shows_what_needs_attention_first_and_not_all(self):
        self.patch(ksef_session_progress, "MOST_SHOWN", 3)
        session = self.as_accountant(self.batch(accepted=4, rejected=1))
        shown = session.shown_document_ids
        self.assertEqual(shown.mapped("state"), ["rejected", "accepted", "accepted"])
        self.assertEqual(session.left_out_count, 2)
        form = Form(session)
        self.assertEqual(len(form.shown_document_ids), 3)
        view = session.get_view(view_type="form")["arch"]
        self.assertNotIn('"document_ids"', view, "10,000 are not loaded")

    def test_each_count_opens_its_list(self):
        session = self.as_accountant(self.batch(accepted=1, rejected=2, pending=3))
        for name, count in (("documents", 6), ("accepted", 1), ("rejected", 2)):
            action = getattr(session, f"action_open_{name}")()
            self.assertEqual(self.found(action), count, name)
        self.assertEqual(self.found(session.action_open_waiting()), 3)
        self.assertEqual(self.found(session.action_open_unsent()), 0)

    def found(self, action):
        """How many documents the list shows at first."""
        documents = self.as_accountant(self.env["ksef.document"])
        search = documents.get_view(
            self.env.ref("l10n_pl_ksef.view_ksef_document_search").id, "search"
        )["arch"]
        domain = list(action["domain"])
        for name in action["context"]:
            filter_name = name.removeprefix("search_default_")
            self.assertIn(f'name="{filter_name}"', search)
            domain += [("state", "=", filter_name)]
        return documents.search_count(domain)

    def test_send_again(self):
        session = self.batch(pending=1, accepted=1)
        released = session.document_ids.filtered(lambda d: d.state == "pending")
        released.write(
            {"state": "ready", "session_id": False, "waits_for_person": True}
        )
        self.assertEqual(session.unsent_count, 1)
        self.as_accountant(session).action_send_again()
        self.assertFalse(released.waits_for_person)
        self.assertTrue(released.to_send)

    def test_send_again_with_nothing_to_send(self):
        session = self.as_accountant(self.batch(accepted=1))
        with self.assertRaisesRegex(UserError, "Nothing of this session"):
            session.action_send_again()

    def test_readers_look_and_send_nothing(self):
        session = self.batch(pending=1)
        session.document_ids.write({"state": "ready", "session_id": False})
        reader = self.reader()
        seen = session.with_user(reader)
        self.assertEqual(seen.unsent_count, 1)
        with self.assertRaises(AccessError):
            seen.action_send_again()

    def test_others_see_nothing(self):
        session, page = self.batch(accepted=1), None
        page = self.page(session)
        stranger = new_test_user(
            self.env,
            "ksef_stranger",
            groups="account.group_account_invoice",
            company_id=self.other.id,
            company_ids=[(6, 0, self.other.ids)],
        )
        for record in (session, page):
            self.assertFalse(
                record.with_user(stranger).search([("id", "=", record.id)])
            )
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["reference_number"])
        for method in ("action_open_documents", "action_support_details"):
            action = getattr(session.with_user(stranger), method)
            if method == "action_support_details":
                with self.assertRaises(AccessError):
                    action()
            else:
                self.assertFalse(
                    self.env["ksef.document"]
                    .with_user(stranger)
                    .search(action()["domain"])
                )
