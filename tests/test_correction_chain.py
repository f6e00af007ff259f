from odoo.tests import tagged

from ..simulator import judging
from .correction_common import CorrectionCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestChain(CorrectionCase):
    """However often KSeF refuses: each correction names the first refused file, and
    the invoice is in KSeF once."""

    def test_r18_refused_again(self):
        invoice = self.refused()
        first = self.document(invoice)
        second = self.correct(invoice)
        self.refuse_again(invoice)
        third = self.correct(invoice)
        self.assertEqual(third.corrects_id, second)
        self.assertEqual(third._corrected_hash(), first.sha256)
        self.assertEqual(second._corrected_hash(), first.sha256)
        self.assertIsNone(first._corrected_hash())
        self.deliver()
        self.assertAccepted(invoice)
        (held,) = self.simulator.invoices
        self.assertEqual(held.corrected_hash, first.sha256)
        self.assertIn(invoice.ksef_number, self.page(first).text)

    def test_the_chain_is_shown(self):
        invoice = self.refused()
        first = self.document(invoice)
        self.assertFalse(first.chain_ids, "no chain yet")
        second = self.correct(invoice)
        self.refuse_again(invoice)
        third = self.correct(invoice)
        chain = first | second | third
        for document in chain:
            self.assertEqual(document.chain_ids, chain)

    def test_only_the_last_one_is_replaced(self):
        invoice = self.refused()
        first = self.document(invoice)
        self.correct(invoice)
        self.refuse_again(invoice)
        self.assertFalse(first.may_be_corrected)
        self.assertIn("Another file", first._correction_obstacle())

    def test_two_users_at_once(self):
        invoice = self.refused()
        wizards = [self.open(invoice), self.open(invoice)]
        for wizard in wizards:
            wizard.confirmed = True
        wizards[0].action_correct()
        self.env.flush_all()
        self.env.invalidate_all()
        action = wizards[1].action_correct()
        self.assertEqual(action["res_id"], wizards[1].id, "the second one reads why")
        self.assertIn("Another file", wizards[1].obstacle)
        self.assertEqual(len(invoice.sudo().ksef_document_ids), 2)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestHeldByKsef(CorrectionCase):
    """21166, 21167: where KSeF holds a valid file of the invoice already, that one
    becomes the invoice's document."""

    def hold(self, document, root=None):
        """KSeF has accepted this file, and Odoo never learned of it."""
        self.simulator.put_invoice(document._bytes())
        return self.corrects(self.simulator.invoices[-1], root)

    def corrects(self, held, root):
        """KSeF knows what it holds as a correction of the file ``root``."""
        held.corrected_hash = root and root.sha256
        register = self.simulator.store.invoices
        del register[held.ksef_number]
        register[held.ksef_number] = held
        return held

    def test_the_original_is_valid(self):
        invoice = self.refused()
        first = self.document(invoice)
        second = self.correct(invoice)
        held = self.hold(first)
        self.deliver()
        self.assertEqual(self.document(invoice), first, "it was valid all the time")
        self.assertAccepted(invoice)
        self.assertEqual(first.ksef_number, held.ksef_number)
        self.assertEqual(second.state, "rejected")
        self.assertIn("was not needed", second.problem)
        self.assertFalse(first.problem)

    def test_r18_an_earlier_correction_is_valid(self):
        invoice = self.refused()
        first = self.document(invoice)
        second = self.correct(invoice)
        self.refuse_again(invoice)
        third = self.correct(invoice)
        self.hold(second, root=first)
        self.deliver()
        self.assertEqual(self.document(invoice), second)
        self.assertAccepted(invoice)
        self.assertEqual(third.state, "rejected")

    def test_this_very_correction_is_valid(self):
        invoice = self.refused()
        second = self.correct(invoice)
        self.hold(second, root=second.corrects_id)
        self.deliver()
        self.assertEqual(self.document(invoice), second)
        self.assertAccepted(invoice)

    def elsewhere(self, first, xml):
        """Somebody has corrected the invoice with another program."""
        self.simulator.put_invoice(xml)
        return self.corrects(self.simulator.invoices[-1], first)

    def test_corrected_elsewhere(self):
        invoice = self.refused()
        first = self.document(invoice)
        second = self.correct(invoice)
        held = self.elsewhere(first, first._bytes() + b"\n")
        self.deliver()
        self.assertAccepted(invoice)
        third = self.document(invoice)
        self.assertEqual(third._bytes(), held.xml)
        self.assertEqual(third.corrects_id, first)
        self.assertEqual(third.offline_mode, "offline24")
        self.assertIn(third.ksef_number, self.page(third).text)
        self.assertEqual(second.state, "rejected")

    def test_corrected_elsewhere_with_another_content(self):
        invoice = self.refused()
        first = self.document(invoice)
        self.correct(invoice)
        xml = first._bytes().replace(b"Jan Kowalski", b"Anna Nowak")
        held = self.elsewhere(first, xml)
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected")
        self.assertIn(held.ksef_number, invoice.ksef_problem)
        self.assertIn("Anna Nowak", invoice.ksef_problem)
        self.assertFalse(invoice.ksef_may_be_corrected)

    def test_not_shown_yet(self):
        invoice = self.refused()
        first = self.document(invoice)
        second = self.correct(invoice)
        held = self.hold(first)
        held.storage_date, held.never_stored = None, True
        self.deliver()
        self.assertWaits(invoice, "does not show it yet")
        self.assertEqual(second.attempts, 1)
        judging.stored(self.simulator, held, self.simulator.clock.now())
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(self.document(invoice), first)

    def test_ksef_cannot_be_asked(self):
        invoice = self.refused()
        first = self.document(invoice)
        self.correct(invoice)
        self.hold(first)
        for trouble in ("server_error", "too_many_requests", "lost_answer"):
            with self.subTest(trouble=trouble):
                self.simulator.fault(trouble, path="/query/metadata")
                self.deliver()
                self.company.ksef_paused_until = False
                self.assertEqual(invoice.ksef_state, "ready", "nothing is lost")
        self.deliver()
        self.assertAccepted(invoice)
