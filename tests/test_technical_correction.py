from datetime import timedelta

import requests

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..tools import warsaw
from .correction_common import CorrectionCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTechnicalCorrection(CorrectionCase):
    """A refused invoice that the buyer holds reaches KSeF with the same content in
    another file, and the codes that the buyer holds lead to it."""

    def test_r18_the_whole_way(self):
        invoice = self.refused()
        first = self.document(invoice)
        kept = first._bytes(), first.status_text, first.session_ids, first.qr_link
        self.assertEqual(self.page(first).status_code, 404, "KSeF does not know it")
        self.buyer.street = "ul. Polna 1 lok. 3"

        wizard = self.open(invoice)
        self.assertEqual(
            self.rows(wizard),
            [("Podmiot2/Adres/AdresL1", "ul. Polna 1", "ul. Polna 1 lok. 3", False)],
        )
        self.assertIn("Błąd techniczny.", wizard.refusal)
        wizard.confirmed = True
        wizard.action_correct()

        second = self.document(invoice)
        self.assertNotEqual(second, first, "the invoice has a new document")
        self.assertEqual(second.corrects_id, first)
        self.assertEqual(second.state, "ready")
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(self.held(), [invoice.name], "KSeF holds one invoice")
        (held,) = self.simulator.invoices
        self.assertEqual(held.corrected_hash, first.sha256)
        self.assertEqual(second.invoicing_mode, "Offline")
        self.assertTrue(second.upo)
        self.assertEqual(
            (first._bytes(), first.status_text, first.session_ids, first.qr_link),
            kept,
            "the refused document stays as it was",
        )
        self.assertEqual(first.state, "rejected")

    def test_the_code_that_the_buyer_holds_leads_to_it(self):
        invoice = self.refused()
        first = self.document(invoice)
        self.correct(invoice)
        self.deliver()
        for document in (first, self.document(invoice)):
            page = self.page(document)
            self.assertEqual(page.status_code, 200)
            self.assertIn(invoice.ksef_number, page.text)

    def test_the_new_file_has_codes_of_its_own(self):
        invoice = self.refused()
        first = self.document(invoice)
        second = self.correct(invoice)
        self.assertNotEqual(second.sha256, first.sha256)
        self.assertNotEqual(second.qr_link, first.qr_link)
        self.assertNotEqual(second.certificate_link, first.certificate_link)
        self.assertEqual(
            requests.get(second.certificate_link, timeout=10).status_code, 200
        )
        signed = second.certificate_link
        self.deliver()
        self.assertEqual(second.certificate_link, signed, "signed once")

    def test_what_it_takes_over(self):
        invoice = self.refused()
        first = self.document(invoice)
        second = self.correct(invoice)
        for name in ("offline_mode", "offline_reason", "offline_at", "deadline"):
            self.assertEqual(second[name], first[name], name)
        self.assertTrue(second.to_send)
        self.assertTrue(second._is_final())
        self.assertTrue(invoice.ksef_locked, "the buyer still holds it")
        self.assertFalse(invoice.show_reset_to_draft_button)

    def test_a_company_that_sends_by_hand(self):
        self.company.ksef_send_automatically = False
        invoice = self.refused()
        self.correct(invoice)
        self.deliver()
        self.assertAccepted(invoice)

    def test_nothing_differs_but_the_time(self):
        invoice = self.refused()
        wizard = self.open(invoice)
        self.assertFalse(wizard.difference_ids)
        self.assertEqual(
            wizard.possible_count, 1, "the cause may have been a passing one"
        )
        first = self.document(invoice)
        self.assertNotEqual(self.correct(invoice).sha256, first.sha256)
        self.deliver()
        self.assertAccepted(invoice)

    def test_the_answer_is_lost(self):
        invoice = self.refused()
        self.correct(invoice)
        self.simulator.fault("lost_answer", path="/invoices$", after=True)
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(self.held(), [invoice.name])

    def test_without_an_offline_certificate(self):
        invoice = self.refused()
        self.offline_certificate.unlink()
        second = self.correct(invoice)
        self.assertFalse(second.certificate_link)
        self.assertIn("only once it has its KSeF number", second.problem)
        self.deliver()
        self.assertAccepted(invoice)

    def test_the_invoice_tells_of_it(self):
        invoice = self.refused()
        self.buyer.street = "ul. Polna 1 <lok. 3>"
        self.correct(invoice)
        said = " ".join(invoice.message_ids.mapped("body"))
        self.assertIn("Technical correction", said)
        self.assertIn("ul. Polna 1 &lt;lok. 3&gt;", said)

    def test_credit_note(self):
        original = self.sent()
        self.simulator.fault("reject", code=450)
        refund = self.credit_note(original)
        refund.action_ksef_issue_offline()
        self.deliver()
        self.assertEqual(refund.ksef_state, "rejected")
        self.let_a_second_pass()
        self.correct(refund)
        self.deliver()
        self.assertAccepted(refund)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestContent(CorrectionCase):
    """A technical correction never changes the content of the invoice, and the user
    has read and confirmed just the difference that is sent."""

    def test_content_that_differs_is_refused(self):
        invoice = self.refused()
        self.buyer.name = "Anna Nowak"
        wizard = self.open(invoice)
        self.assertEqual(
            self.rows(wizard),
            [
                (
                    "Podmiot2/DaneIdentyfikacyjne/Nazwa",
                    "F.H.U. Jan Kowalski",
                    "Anna Nowak",
                    True,
                )
            ],
        )
        self.assertIn("Podmiot2/DaneIdentyfikacyjne/Nazwa", wizard.obstacle)
        self.assertIn("credit note", wizard.obstacle)
        wizard.confirmed = True
        with self.assertRaisesRegex(UserError, "None of these invoices"):
            wizard.action_correct()
        self.assertEqual(invoice.ksef_state, "rejected")

    def test_another_tax_number_is_refused(self):
        invoice = self.refused()
        self.buyer.vat = "5265877635"
        obstacle = self.open(invoice).obstacle
        self.assertIn("NIP: 1111111111 in the refused file, now 5265877635", obstacle)

    def test_set_back_it_can_be_corrected(self):
        invoice = self.refused()
        name = self.buyer.name
        self.buyer.name = "Anna Nowak"
        self.assertTrue(self.open(invoice).obstacle)
        self.buyer.name = name.upper()
        self.assertFalse(self.open(invoice).obstacle, "only its spelling changes")

    def test_the_law_is_in_the_document(self):
        invoice = self.refused()
        self.buyer.name = "Anna Nowak"
        document = self.document(invoice)
        with self.assertRaisesRegex(UserError, "must not change the content"):
            document._correct_technically(document._propose_correction())

    def test_unconfirmed(self):
        invoice = self.refused()
        wizard = self.open(invoice)
        with self.assertRaisesRegex(UserError, "Confirm"):
            wizard.action_correct()
        self.assertEqual(invoice.ksef_state, "rejected")

    def test_changed_since_it_was_shown(self):
        invoice = self.refused()
        wizard = self.open(invoice)
        wizard.confirmed = True
        self.buyer.street = "ul. Nowa 5"
        action = wizard.action_correct()
        self.assertEqual(action["res_id"], wizard.id, "shown again")
        self.assertEqual(invoice.ksef_state, "rejected", "nothing was sent")
        self.assertTrue(wizard.was_changed)
        self.assertFalse(wizard.confirmed, "to be confirmed again")
        self.assertEqual(len(wizard.difference_ids), 1)
        wizard.confirmed = True
        wizard.action_correct()
        self.assertEqual(invoice.ksef_state, "ready")

    def test_data_that_ksef_would_refuse(self):
        invoice = self.refused()
        self.buyer.country_id = False
        obstacle = self.open(invoice).obstacle
        self.assertIn("choose the country", obstacle)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestNotToBeCorrected(CorrectionCase):
    """What another file cannot cure is explained, each with what to do instead."""

    def obstacle(self, invoice):
        wizard = self.open(invoice)
        self.assertEqual(wizard.possible_count, 0)
        self.assertTrue(wizard.obstacle)
        return wizard.obstacle

    def test_missing_rights(self):
        self.simulator.fault("reject", code=410)
        invoice = self.issued_offline()
        self.deliver()
        self.assertEqual(invoice.ksef_state, "ready", "the same file is sent again")
        self.assertFalse(invoice.ksef_may_be_corrected)
        self.assertIn("Have the right granted", self.obstacle(invoice))

    def test_number_of_another_invoice(self):
        self.simulator.fault("refused_duplicate", original="other")
        invoice = self.issued_offline()
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected")
        self.assertFalse(invoice.ksef_may_be_corrected)
        taken = self.simulator.invoices[0].ksef_number
        for text in (invoice.ksef_problem, self.obstacle(invoice)):
            self.assertIn(taken, text)
            self.assertIn("Do not send to KSeF", text)
        refund = self.credit_note(invoice, ksef_exclude=True)
        self.assertEqual(refund.state, "posted", "what it says can be done")
        self.assertFalse(refund.ksef_state)

    def test_issued_online(self):
        self.simulator.fault("reject", code=450)
        invoice = self.posted()
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected")
        self.assertFalse(invoice.ksef_may_be_corrected)
        self.assertIn("reset it to draft", self.obstacle(invoice))
        invoice.button_draft()
        self.assertEqual(invoice.state, "draft")

    def test_dated_before_today(self):
        yesterday = warsaw.today() - timedelta(days=1)
        self.simulator.fault("reject", code=450, times=2)
        given, kept = (self.posted(invoice_date=yesterday) for _n in range(2))
        given.sudo().is_move_sent = True
        self.deliver()
        self.assertTrue(given.ksef_may_be_corrected, "the buyer has it")
        self.assertFalse(kept.ksef_may_be_corrected)
        self.assertIn("reset it to draft", self.obstacle(kept))
        kept.button_draft()
        self.let_a_second_pass()
        self.correct(given)
        self.deliver()
        self.assertAccepted(given)

    def test_accepted(self):
        invoice = self.sent()
        self.assertIn("KSeF has accepted", self.obstacle(invoice))

    def test_received(self):
        with self.assertRaisesRegex(UserError, "issued in KSeF"):
            self.open(self.invoice())

    def test_not_decided(self):
        self.assertIn("has not refused", self.obstacle(self.issued_offline()))

    def test_another_environment(self):
        invoice = self.refused()
        self.company.ksef_environment = "test"
        self.assertIn("another KSeF environment", self.obstacle(invoice))

    def test_refusals_say_what_to_do(self):
        invoice = self.refused()
        self.assertIn("technical correction", invoice.ksef_problem)
        self.assertNotIn("Reset it to draft", invoice.ksef_problem)
        self.assertIn("Błąd techniczny.", invoice.ksef_problem)
        self.assertTrue(invoice.ksef_may_be_corrected)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSeveral(CorrectionCase):
    """Of several chosen invoices those are corrected whose content is the same; the
    others are listed with the reason."""

    def test_several(self):
        other = self.buyer.copy({"name": "Inny Nabywca", "vat": "5265877635"})
        good = self.refused() | self.refused()
        changed = self.refused(partner_id=other.id)
        accepted = self.sent()
        other.name = "Ktoś Trzeci"
        wizard = self.open(good | changed | accepted)
        self.assertEqual(wizard.invoice_count, 4)
        self.assertEqual(wizard.possible_count, 2)
        reasons = {line.number: line.obstacle for line in wizard.line_ids}
        self.assertIn("Nazwa", reasons[changed.name])
        self.assertIn("KSeF has accepted", reasons[accepted.name])
        wizard.confirmed = True
        wizard.action_correct()
        self.deliver()
        for invoice in good:
            self.assertAccepted(invoice)
        self.assertEqual(changed.ksef_state, "rejected")

    def test_from_the_list_of_documents(self):
        documents = self.document(self.refused()) | self.document(self.refused())
        action = self.env.ref("l10n_pl_ksef.action_ksef_correct_documents")
        opened = (
            action.with_user(self.accountant)
            .with_context(
                active_model="ksef.document",
                active_ids=documents.ids,
                allowed_company_ids=self.company.ids,
            )
            .run()
        )
        wizard = self.env["ksef.technical.correction"].browse(opened["res_id"])
        self.assertEqual(wizard.line_ids.document_id, documents)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestWhoCorrects(CorrectionCase):
    """Accountants of the company correct; others neither see nor start anything."""

    def colleague(self, name, group, company):
        return new_test_user(
            self.env,
            f"ksef_{name}",
            groups=group,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )

    def test_reader_and_stranger(self):
        invoice = self.refused()
        wizard = self.open(invoice)
        wizard.confirmed = True
        readers = "account.group_account_readonly"
        accountants = "account.group_account_invoice"
        for user in (
            self.colleague("reader", readers, self.company),
            self.colleague("stranger", accountants, self.other),
        ):
            with self.subTest(user=user.login):
                document = self.document(invoice).with_user(user)
                with self.assertRaises(AccessError):
                    document.action_correct_technically()
                with self.assertRaises(AccessError):
                    wizard.with_user(user).action_correct()
        colleague = self.colleague("next_desk", accountants, self.company)
        with self.assertRaises(AccessError):
            wizard.with_user(colleague).action_correct()
        self.assertEqual(invoice.ksef_state, "rejected")

    def test_nobody_makes_a_wizard_of_one_s_own(self):
        document = self.document(self.refused())
        mine = self.open(document.move_id)
        accountant = self.env(user=self.accountant)
        for model, values in (
            ("ksef.technical.correction", {}),
            (
                "ksef.technical.correction.line",
                {"wizard_id": mine.id, "document_id": document.id},
            ),
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                accountant[model].create(values)
        with self.assertRaises(AccessError):
            mine.line_ids.obstacle = False
