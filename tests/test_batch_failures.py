from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..ksef.errors import ProtocolError
from ..ksef.messages import InvoicePage
from .batch_common import BatchCase
from .common import NIP

OPEN = r"/sessions/batch$"
CLOSE = r"/sessions/batch/[^/]+/close$"
UPLOAD = r"/storage/"
STATUS = r"/sessions/[^/]+$"
LISTING = r"/sessions/[^/]+/invoices$"
UPO = r"/sessions/[^/]+/upo/"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBadLineOfBatch(BatchCase):
    """No answer that is lost, late or unusable can lose or double an invoice of a
    batch (R01, R07, R08, R09)."""

    def deliver_in_the_end(self):
        for _time in range(3):
            self.deliver()
        self.poll(times=4)

    def test_r01_lost_answers(self):
        for path in (OPEN, UPLOAD, CLOSE, STATUS, LISTING, UPO):
            for fault in ("lost_answer", "lost_request"):
                with self.subTest(path=path, fault=fault):
                    self.simulator.fault(fault, path=path)
                    moves = self.many(3)
                    self.deliver_in_the_end()
                    self.assertAllAccepted(moves)
                    self.assertTrue(moves.sudo().ksef_document_id.upo_id)
                    self.assertFalse(self.simulator.faults.waiting, "it struck")

    def test_trouble_of_ksef(self):
        for path in (OPEN, CLOSE, STATUS, LISTING, UPO):
            for fault in ("server_error", "bad_gateway_html", "script_page"):
                with self.subTest(path=path, fault=fault):
                    self.simulator.fault(fault, path=path)
                    moves = self.many(3)
                    self.deliver_in_the_end()
                    self.assertAllAccepted(moves)
                    documents = moves.sudo().ksef_document_id
                    self.assertEqual(set(documents.mapped("attempts")), {0})

    def test_r01_close_is_repeated(self):
        self.simulator.fault("lost_request", path=CLOSE)
        moves = self.many(3)
        self.send()
        session = self.session(moves)
        self.assertEqual(session.state, "closing")
        self.poll(times=1)
        self.assertNotEqual(session.state, "closing")
        self.poll(times=4)
        self.assertAllAccepted(moves)
        self.assertEqual(self.session(moves), session, "nothing was sent twice")

    def test_r32_one_page_of_the_receipt_is_unusable(self):
        self.simulator.set(upo_page_size=2)
        self.addCleanup(self.simulator.set, upo_page_size=10_000)
        moves = self.many(5)
        self.send()
        self.simulator.fault("script_page", path=UPO, times=99)
        self.poll(times=3)
        documents, session = moves.sudo().ksef_document_id, self.session(moves)
        self.assertEqual(set(documents.mapped("state")), {"accepted"})
        self.assertFalse(documents.upo_id)
        self.assertTrue(session.problem, "somebody is told")
        self.simulator.clear_faults()
        self.simulator.fault("script_page", path=UPO)
        self.poll(times=1)
        self.assertEqual(len(documents.upo_id), 2, "one page keeps no other back")
        session.opened_at -= timedelta(hours=2)
        self.simulator.fault("script_page", path=UPO, times=99)
        self.poll(times=1)
        missing = documents.filtered(lambda d: not d.upo_id)
        self.assertTrue(missing)
        self.assertTrue(all(missing.mapped("upo")), "asked for one by one")
        self.simulator.clear_faults()
        self.poll(times=2)
        self.assertEqual(session.state, "done")

    def test_r07_a_batch_whose_sender_died(self):
        moves = self.many(3)
        documents = moves.sudo().ksef_document_id
        session = (
            self.env["ksef.session"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "environment": "own",
                    "reference_number": "20260316-SB-0000000000-0000000000-00",
                    "state": "open",
                    "session_type": "batch",
                    "opened_at": fields.Datetime.now(),
                    "poll_at": fields.Datetime.now(),
                }
            )
        )
        documents._hand_over(session)
        with self.new_requests() as asked:
            self.poll(times=1)
            self.assertFalse(asked, "KSeF can never read it: nothing to ask")
        self.assertEqual(session.state, "failed")
        self.assertEqual(set(moves.mapped("ksef_state")), {"ready"})
        self.deliver_in_the_end()
        self.assertAllAccepted(moves)
        self.assertEqual(set(documents.mapped("attempts")), {0}, "nobody's fault")

    def test_a_live_sender_is_left_alone(self):
        moves = self.many(3)
        self.send()
        session = self.session(moves)
        session.state = "open"
        session.lease_until = fields.Datetime.now() + timedelta(minutes=1)
        session.poll_at = self.in_past()
        self.run_cron("poll")
        self.assertEqual(set(moves.mapped("ksef_state")), {"pending"})

    def test_an_archive_of_which_another_process_took_a_part_does_not_leave(self):
        moves = self.many(3)
        documents = self.registry["ksef.document"]
        take = documents._take
        with patch.object(documents, "_take", lambda chosen: take(chosen)[1:]):
            self.send()
        self.assertEqual(set(moves.mapped("ksef_state")), {"ready"})
        self.assertFalse(moves.sudo().ksef_document_id.session_ids)
        self.assertFalse(self.simulator.invoices, "else one of them arrives twice")
        self.deliver_in_the_end()
        self.assertAllAccepted(moves)

    def test_r09_part_refused(self):
        moves = self.many(3)
        self.simulator.fault("part_refused")
        self.send()
        first = moves.sudo().ksef_document_id.session_ids
        self.assertEqual(first.state, "failed")
        self.assertTrue(first.problem)
        self.assertEqual(set(moves.mapped("ksef_state")), {"ready"})
        self.deliver_in_the_end()
        self.assertAllAccepted(moves)

    def test_r09_a_line_too_bad_for_the_batch_gets_smaller_ones_later(self):
        moves = self.many(3)
        self.simulator.fault("lost_request", path=UPLOAD, times=9)
        sessions = self.env["ksef.session"].sudo()
        for lost in range(3):
            self.assertEqual(sessions._lost_batches(self.company), lost)
            self.send()
        self.simulator.clear_faults()
        self.deliver_in_the_end()
        self.assertAllAccepted(moves)
        self.assertEqual(sessions._lost_batches(self.company), 0, "and is forgotten")

    def test_r09_a_bad_line_is_forgotten(self):
        now = fields.Datetime.now()
        values = {
            "company_id": self.company.id,
            "environment": "own",
            "session_type": "batch",
            "state": "failed",
            "opened_at": now,
        }
        sessions = self.env["ksef.session"].sudo()
        lost = sessions.create(
            [{**values, "reference_number": f"lost-{number}"} for number in range(9)]
        )
        self.assertEqual(sessions._lost_batches(self.company), 9)
        lost.opened_at = now - timedelta(hours=7)
        self.assertEqual(sessions._lost_batches(self.company), 0, "another day")

    def test_session_that_fails(self):
        for code in (405, 415, 420, 430, 435, 440, 500):
            with self.subTest(code=code):
                moves = self.many(3)
                self.simulator.fault("session_ends", code=code)
                self.deliver()
                documents = moves.sudo().ksef_document_id
                self.assertEqual(set(moves.mapped("ksef_state")), {"ready"})
                self.assertEqual(set(documents.mapped("attempts")), {1})
                self.assertEqual(documents.session_ids.state, "failed")
                self.deliver_in_the_end()
                self.assertAllAccepted(moves)

    def test_r08_session_that_ksef_forgot(self):
        moves = self.many(3)
        self.send()
        held = self.simulator.store.sessions
        lost = self.session(moves).reference_number
        forgotten = held.pop(lost)
        self.simulator.store.invoices.clear()
        self.poll(times=1)
        self.assertEqual(set(moves.mapped("ksef_state")), {"ready"})
        self.deliver_in_the_end()
        self.assertAllAccepted(moves)
        self.assertTrue(forgotten)

    def test_r10_r11_key_withdrawn(self):
        moves = self.many(3)
        self.simulator.fault("session_refused_key")
        self.deliver()
        self.assertEqual(set(moves.mapped("ksef_state")), {"ready"})
        self.simulator.rotate_keys()
        self.deliver_in_the_end()
        self.assertAllAccepted(moves)

    def test_r06_session_that_hangs(self):
        moves = self.many(3)
        self.simulator.fault("session_stuck")
        self.deliver()
        session = self.session(moves)
        self.assertEqual(set(moves.mapped("ksef_state")), {"pending"})
        self.assertFalse(session.problem)
        session.opened_at -= timedelta(hours=3)
        with self.new_requests():
            self.poll(times=1)
            self.assertEqual(self.paths("GET", "/invoices"), 0, "nothing to list yet")
        self.assertIn("3 hours", session.problem, "people are told")
        self.assertEqual(set(moves.mapped("ksef_state")), {"pending"}, "not resent")

    def test_pause_while_a_batch_is_on_its_way(self):
        for path in (OPEN, CLOSE, STATUS, LISTING):
            with self.subTest(path=path):
                self.simulator.fault("too_many_requests", path=path, retry_after=300)
                moves = self.many(3)
                self.send()
                self.poll()
                self.assertTrue(self.company.ksef_paused_until)
                before = self.asked()
                self.send()
                self.poll()
                self.assertEqual(self.asked(), before, "not one request in the pause")
                self.company.ksef_paused_until = self.in_past()
                self.deliver_in_the_end()
                self.assertAllAccepted(moves)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestStrangeSessions(BatchCase):
    """What a session says counts only where it comes from KSeF, and has an end."""

    def test_another_environment_does_not_know_it(self):
        moves = self.many(3)
        self.send()
        session = self.session(moves)
        session.environment = "demo"
        with self.new_requests() as asked:
            self.poll(times=1)
            self.assertFalse(asked)
        self.assertEqual(set(moves.mapped("ksef_state")), {"pending"})
        self.assertIn("environment", session.problem)
        session.environment = "own"
        self.poll(times=5)
        self.assertAllAccepted(moves)

    def test_a_list_without_end(self):
        moves = self.many(3)
        self.send()
        page = InvoicePage(invoices=(), continuation="again")
        endless = SimpleNamespace(session_invoices=lambda *args, **options: page)
        with self.assertRaises(ProtocolError):
            list(self.session(moves)._pages(endless))

    def test_a_row_held_by_somebody_is_not_forgotten(self):
        moves = self.many(3)
        self.send()
        session, documents = self.session(moves), moves.sudo().ksef_document_id
        session.state = "open"
        nobody = patch.object(type(documents), "_of_session", lambda docs, s: docs[:0])
        with nobody:
            session._abandon()
        self.assertEqual(set(moves.mapped("ksef_state")), {"pending"})
        self.assertTrue(session.poll_at, "it is looked at again")
        self.simulator.store.sessions.clear()
        self.simulator.store.invoices.clear()
        self.poll(times=1)
        self.assertEqual(set(moves.mapped("ksef_state")), {"ready"})

    def test_a_sender_that_was_given_up_stops(self):
        moves = self.many(3)
        self.send()
        session = self.session(moves)
        session.state = "failed"
        with self.assertRaises(ProtocolError):
            session._renew_upload_lease()

    def test_a_company_switched_off_stops_no_other(self):
        self.connect_other()
        mine = self.many(3)
        self.send()
        self.company.sudo().ksef_environment = False
        theirs = self.other_posted()
        self.send()
        self.poll()
        self.assertAccepted(theirs)
        self.company.sudo().ksef_environment = "own"
        self.poll(times=5)
        self.assertAllAccepted(mine)

    def test_accepted_without_a_number_is_not_accepted(self):
        moves = self.many(3)
        self.send()
        documents = moves.sudo().ksef_document_id
        status = SimpleNamespace(code=200, ksef_number=None)
        session = self.session(moves)
        documents._apply_verdicts(session, dict.fromkeys(documents, status))
        self.assertEqual(set(moves.mapped("ksef_state")), {"pending"})
        self.poll(times=5)
        self.assertAllAccepted(moves)

    def test_an_acceptance_outranks_a_duplicate_of_the_same_bytes(self):
        moves = self.many(3)
        self.send()
        session, document = self.session(moves), self.document(moves[0])
        accepted = SimpleNamespace(
            code=200,
            ksef_number=f"{NIP}-20261128-AAAAAA-BBBBBB-00",
            invoice_hash=document.sha256,
            acquisition_date=None,
            permanent_storage_date=None,
            invoicing_mode="Online",
            reference_number="ref",
        )
        twice = SimpleNamespace(code=440, invoice_hash=document.sha256)
        for page in ([twice, accepted], [accepted, twice]):
            document.write({"state": "pending", "ksef_number": False})
            self.assertFalse(session._apply_page(page), "nothing to prove")
            self.assertEqual(document.state, "accepted")

    def test_an_attachment_of_another_environment_stays(self):
        values = {"details": "Nr punktu poboru: 12345"}
        move = self.posted(ksef_attachment_ids=[(0, 0, values)])
        document = move.sudo().ksef_document_id
        document.environment = "demo"
        self.assertFalse(self.env["ksef.session"]._send_now(document))
        self.assertFalse(self.held())
        self.assertIn("another KSeF environment", move.ksef_problem)

    def test_the_company_is_connected_elsewhere_meanwhile(self):
        moves = self.many(3)

        def switch(asked):
            if asked["path"] == "/sessions/batch":
                self.company.sudo().ksef_environment = "demo"

        self.simulator.record(switch)
        self.addCleanup(self.simulator.recorders.pop)
        self.send()
        self.assertEqual(set(moves.mapped("ksef_state")), {"ready"})
        self.assertFalse(moves.sudo().ksef_document_id.session_ids)
