from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests import tagged

from ..models import ksef_session_proof
from ..tools import warsaw
from .batch_common import BatchCase
from .common import NIP


@tagged("post_install_l10n", "post_install", "-at_install")
class TestDuplicatesByBatch(BatchCase):
    """A batch of duplicates is accepted only with proof by hash, and a handful of
    requests proves all of it (R02, R03, R04)."""

    def test_r02_proven_by_our_own_session(self):
        moves = self.many(8)
        self.deliver()
        self.poll(times=4)
        documents = moves.sudo().ksef_document_id
        numbers = moves.mapped("ksef_number")
        first = documents.session_id
        documents.write({"state": "ready", "session_id": False, "ksef_number": False})
        with self.new_requests():
            self.deliver()
            self.poll(times=4)
            self.assertEqual(self.paths("POST", "/metadata"), 0)
            self.assertEqual(self.paths("POST", "/exports"), 0)
        self.assertAllAccepted(moves)
        self.assertEqual(moves.mapped("ksef_number"), numbers)
        self.assertEqual(documents.session_id, first)

    def test_r04_proven_by_a_list_of_sales(self):
        moves = self.many(8)
        self.simulator.fault("refused_duplicate", original="same", times=8)
        with self.new_requests():
            self.deliver()
            self.poll(times=6)
            self.assertEqual(self.paths("POST", "/exports"), 1, "one for all")
            self.assertEqual(self.paths("POST", "/metadata"), 0)
            self.assertEqual(self.paths("GET", "/ksef/"), 0, "no file is fetched")
        self.assertAllAccepted(moves)

    def test_r03_somebody_elses(self):
        moves = self.many(8)
        self.simulator.fault("refused_duplicate", original="other", times=8)
        self.deliver()
        self.poll(times=6)
        self.assertEqual(set(moves.mapped("ksef_state")), {"rejected"})
        self.assertFalse(any(moves.mapped("ksef_number")))
        for move in moves:
            self.assertIn(move.name, move.ksef_problem)

    def test_originals_unseen(self):
        moves = self.many(8)
        self.simulator.fault("refused_duplicate", original="none", times=8)
        self.deliver()
        self.poll(times=2)
        self.assertEqual(set(moves.mapped("ksef_state")), {"pending"})
        self.assertIn("does not show", moves[0].ksef_problem)

    def test_each_day_has_its_turn(self):
        self.upload(self.company, "Offline", nip=NIP)
        today = warsaw.today()
        seen = self.many(3, invoice_date=today - timedelta(days=6))
        unseen = self.many(7, invoice_date=today - timedelta(days=2))
        for move in seen:
            self.simulator.put_invoice(self.document(move)._bytes())
        self.simulator.fault("refused_duplicate", original="none", times=10)
        self.deliver()
        self.poll(times=8)
        self.assertAllAccepted(seen)
        self.assertEqual(set(unseen.mapped("ksef_state")), {"pending"})

    def test_a_number_of_another_seller_refutes_nothing(self):
        moves = self.many(3)
        self.send()
        document = moves[0].sudo().ksef_document_id
        status = SimpleNamespace(code=440, original_ksef_number=None)
        other = SimpleNamespace(
            invoice_hash="x",
            invoice_number=document.number,
            invoice_type="Vat",
            ksef_number="5265877635-20261128-AAAAAA-BBBBBB-00",
            seller_nip="5265877635",
        )
        unproven = self.session(moves)._apply_proof({document: status}, [other])
        self.assertEqual(list(unproven), [document])
        self.assertEqual(document.state, "pending")

    def test_the_list_outlives_its_run(self):
        moves = self.ordered()
        session = self.session(moves)
        ordered = session.proof_reference
        self.assertNotIn(b"\x00", session.sudo().proof_key or b"", "sealed, in Base64")
        self.simulator.set_delay(steps=0)
        with self.new_requests():
            self.poll(times=2)
            self.assertEqual(self.paths("POST", "/exports"), 0, ordered)
        self.assertAllAccepted(moves)
        self.assertFalse(session.sudo().proof_key, "forgotten once it is read")

    def test_nothing_is_listed_while_the_list_of_sales_is_made(self):
        moves = self.ordered()
        with self.new_requests():
            self.poll(times=3)
            self.assertEqual(self.paths("GET", "/invoices"), 0)
        self.simulator.set_delay(steps=0)
        with self.new_requests():
            self.poll(times=2)
            self.assertEqual(self.paths("GET", "/invoices"), 1, "and once for all")
        self.assertAllAccepted(moves)

    def ordered(self):
        """Duplicates of which KSeF is still making the list that proves them."""
        moves = self.many(8)
        self.simulator.fault("refused_duplicate", original="same", times=8)
        self.send()
        session = self.session(moves)
        self.simulator.set_delay(steps=40)
        with self.patience():
            while not session.proof_reference:
                self.poll(times=1)
        return moves

    def patience(self):
        return patch.object(ksef_session_proof, "PROOF_PAUSES", ())
