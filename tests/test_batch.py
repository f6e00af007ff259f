import base64
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..ksef import delivery
from ..tools import warsaw
from .batch_common import BatchCase
from .common import NIP


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBatch(BatchCase):
    """Many invoices leave in one batch session, each is in KSeF exactly once, and a
    handful of requests tells what became of all of them."""

    def test_way_of_a_batch(self):
        moves = self.many()
        with self.new_requests():
            self.send()
            session = self.session(moves)
            self.assertEqual(session.session_type, "batch")
            self.assertEqual(session.state, "closed")
            self.assertEqual(session.part_count, 1)
            self.assertEqual(set(moves.mapped("ksef_state")), {"pending"})
            self.poll(times=6)
            self.assertEqual(self.paths("POST", "/sessions/batch"), 1)
            self.assertEqual(self.paths("POST", "/invoices"), 0, "none by itself")
            self.assertEqual(self.paths("GET", "/upo"), 0, "no receipt by itself")
        self.assertAllAccepted(moves)
        self.assertEqual(session.state, "done")
        self.assertTrue(session.finished_at)
        counts = session.invoice_count, session.successful_count, session.failed_count
        self.assertEqual(counts, (5, 5, 0))
        self.assertTrue(all(moves.sudo().ksef_document_id.mapped("stored_at")))

    def test_receipt_of_all(self):
        moves = self.many()
        self.deliver()
        self.poll(times=4)
        documents = moves.sudo().ksef_document_id
        page = documents.upo_id.ensure_one()
        (held,) = self.simulator.sessions[-1].upo_pages
        self.assertEqual(base64.b64decode(page.content), held.xml, "byte for byte")
        self.assertEqual(page.document_ids, documents)
        self.assertFalse(any(documents.mapped("upo")))

    def test_receipt_of_several_pages(self):
        self.simulator.set(upo_page_size=2)
        self.addCleanup(self.simulator.set, upo_page_size=10_000)
        moves = self.many()
        self.deliver()
        self.poll(times=4)
        pages = moves.sudo().ksef_document_id.upo_id
        self.assertEqual(len(pages), 3)
        self.assertEqual(self.session(moves).state, "done")

    def test_few_never_wait_for_a_batch(self):
        moves = self.many(2)
        self.deliver()
        self.assertAllAccepted(moves)
        self.assertEqual(self.session(moves).session_type, "online")

    def test_one_refused_among_many(self):
        moves = self.many()
        self.simulator.fault("reject", code=450, details=("Pole P_12 jest złe",))
        self.deliver()
        self.poll(times=4)
        states = sorted(moves.mapped("ksef_state"))
        self.assertEqual(states, ["accepted"] * 4 + ["rejected"])
        refused = moves.filtered(lambda m: m.ksef_state == "rejected")
        self.assertIn("Pole P_12 jest złe", refused.ksef_problem)
        self.assertEqual(self.session(moves).state, "done")
        self.assertEqual(self.session(moves).failed_count, 1)

    def test_r17_all_refused(self):
        moves = self.many()
        self.simulator.fault("reject", code=450, times=5)
        self.deliver()
        self.poll(times=4)
        self.assertEqual(set(moves.mapped("ksef_state")), {"rejected"})
        session = moves.sudo().ksef_document_id.session_ids
        self.assertEqual(session.state, "done", "445 is an end")

    def test_archive_is_capped_by_bytes(self):
        moves = self.many()
        sizes = moves.sudo().ksef_document_id.mapped("size")
        with self.limit("BATCH_BYTES", sum(sizes[:3]) + 10):
            self.send()
        self.poll(times=6)
        self.assertAllAccepted(moves)
        sessions = moves.sudo().ksef_document_id.session_ids
        self.assertEqual(sorted(sessions.mapped("document_count")), [2, 3])

    def test_companies_take_turns(self):
        self.connect_other()
        moves, other = self.many(5), self.other_posted()
        with self.limit("BATCH_AT_MOST", 2):
            self.send()
        sessions = self.env["ksef.session"].search([], order="id")
        self.assertIn(
            other.company_id,
            sessions[:2].mapped("company_id"),
            "nobody waits for the thousands of another",
        )
        self.poll(times=6)
        self.assertAllAccepted(moves | other)

    def limit(self, name, value):
        return patch.object(delivery, name, value)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestModeOfBatch(BatchCase):
    """A batch is offline as a whole or not at all; what was issued today leaves as of
    today or as what it then is."""

    def test_offline_and_online_are_parted(self):
        self.upload(self.company, "Offline", nip=NIP)
        late = self.many(3, invoice_date=warsaw.today() - timedelta(days=1))
        today = self.many(3)
        self.deliver()
        self.poll(times=6)
        self.assertAllAccepted(late | today)
        self.assertNotEqual(self.session(late), self.session(today))
        modes = {
            invoice.facts.number: invoice.mode for invoice in self.simulator.invoices
        }
        self.assertEqual({modes[m.name] for m in late}, {"Offline"})
        self.assertEqual({modes[m.name] for m in today}, {"Online"})

    def test_an_attachment_goes_by_batch_alone(self):
        values = {"details": "Nr punktu poboru: 12345"}
        attached = self.posted(ksef_attachment_ids=[(0, 0, values)])
        plain = self.posted()
        self.deliver()
        self.poll(times=4)
        self.assertAllAccepted(attached | plain)
        self.assertEqual(self.session(attached).session_type, "batch")
        self.assertEqual(self.session(plain).session_type, "online", "it never waits")

    def test_r15_midnight_while_a_batch_is_opened(self):
        self.upload(self.company, "Offline", nip=NIP)
        late = warsaw.start_of_day(warsaw.today() + timedelta(days=1))
        with freeze_time(late - timedelta(seconds=2)) as clock:
            moves = self.many(3)
            self.simulator.record(
                lambda asked: (
                    asked["path"] == "/sessions/batch" and clock.move_to(late)
                )
            )
            self.addCleanup(self.simulator.recorders.pop)
            self.send()
            self.assertEqual(
                set(moves.mapped("ksef_state")), {"ready"}, "not of today any more"
            )
            self.send()
            modes = moves.sudo().ksef_document_id.mapped("offline_mode")
            self.assertEqual(set(modes), {"offline24"}, "by law")
            self.poll(times=6)
        self.assertAllAccepted(moves)
        self.assertEqual({i.mode for i in self.simulator.invoices}, {"Offline"})
