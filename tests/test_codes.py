import base64
import time
from datetime import timedelta

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from odoo import fields
from odoo.tests import tagged

from ..ksef import qr
from ..tools import warsaw
from .codes_common import CodesCase

#: The least side of a module on paper that phones read without trouble.
LEAST_MODULE = 0.33
QUIET_ZONE = 4


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCodes(CodesCase):
    """An invoice issued offline carries KOD I with OFFLINE and KOD II with CERTYFIKAT
    side by side, the same on every print, until KSeF has numbered it: then the number,
    and no KOD II. Both lead to pages of KSeF that confirm the invoice."""

    def assertBothCodes(self, content, invoice):
        """Read from the pixels, clickable, labelled, and large enough."""
        document = self.document(invoice)
        links = [document.qr_link, document.certificate_link]
        self.assertEqual([code[0] for code in self.codes(content)], links)
        for link, _left, _top, width in self.codes(content):
            printed = qr.modules(link) - 2 * QUIET_ZONE
            self.assertGreater(width / printed, LEAST_MODULE, "a phone reads it")
            self.assertIn(link, self.links(content))
        text = self.text(content)
        self.assertIn("OFFLINE", text)
        self.assertIn("CERTYFIKAT", text)

    def assertNumberOnly(self, content, invoice):
        self.assertEqual(
            [code[0] for code in self.codes(content)], [self.document(invoice).qr_link]
        )
        text = self.text(content)
        self.assertIn(invoice.ksef_number, text)
        self.assertNotIn("OFFLINE", text)
        self.assertNotIn("CERTYFIKAT", text)

    def assertSigned(self, link, certificate):
        """The signature of KOD II, checked with nothing but `cryptography`."""
        signed, _slash, signature = link.partition("://")[2].rpartition("/")
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        der = base64.b64decode(certificate.sudo().certificate)
        key = x509.load_der_x509_certificate(der).public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            self.assertEqual(len(raw), 64, "R and S side by side (P1363)")
            r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
            in_der = utils.encode_dss_signature(r, s)
            key.verify(in_der, signed.encode(), ec.ECDSA(hashes.SHA256()))
        else:
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
            key.verify(raw, signed.encode(), pss, hashes.SHA256())

    def confirmed(self, link):
        """The page that a scan of the code opens."""
        page = requests.get(link, timeout=10)
        self.assertEqual(page.status_code, 200, page.text)
        return page.text

    def test_both_kinds_of_key(self):
        for key in ("RSA", "EC"):
            certificate = self.use_offline_certificate(key)
            invoice = self.issued_offline()
            content = self.printed(invoice)
            self.assertBothCodes(content, invoice)
            first, second = (code[0] for code in self.codes(content))
            self.assertIn("jest prawidłowy", self.confirmed(second))
            self.assertSigned(second, certificate)
            self.deliver()
            self.assertAccepted(invoice)
            self.assertIn(invoice.ksef_number, self.confirmed(first), "the old print")
            self.assertNumberOnly(self.printed(invoice), invoice)

    def test_side_by_side_with_a_quiet_zone(self):
        self.use_offline_certificate("RSA")
        (_f, left, top, width), (_s, left2, top2, width2) = self.codes(
            self.printed(self.issued_offline())
        )
        self.assertLess(abs(top - top2), 4, "next to each other")
        module = width2 / (85 + 2 * QUIET_ZONE)
        self.assertGreater(left2 - left - width, 2 * QUIET_ZONE * module)
        self.assertLess(left2 + width2, 200, "inside the page")

    def test_finer_code_is_printed_larger(self):
        """As an RSA key of 4096 bits would make it: its signature is twice as long."""
        self.use_offline_certificate("RSA")
        invoice = self.issued_offline()
        self.document(invoice).certificate_link += "A" * 341
        self.assertBothCodes(self.printed(invoice), invoice)

    def test_same_on_every_print(self):
        invoice = self.issued_offline()
        prints = [self.codes(self.printed(invoice)) for _time in range(2)]
        stored = self.stored(invoice)
        prints.append(self.codes(stored.raw))
        links = {tuple(code[0] for code in codes) for codes in prints}
        self.assertEqual(len(links), 1, "signed once, not at each print")

    def test_certificate_gone_after_issue(self):
        invoice = self.issued_offline()
        self.offline_certificate.unlink()
        self.assertBothCodes(self.printed(invoice), invoice)

    def test_dated_before_today(self):
        invoice = self.posted(invoice_date=warsaw.today() - timedelta(days=1))
        self.assertEqual(self.document(invoice).offline_mode, "offline24")
        self.assertBothCodes(self.printed(invoice), invoice)

    def test_dated_before_today_without_certificate(self):
        self.offline_certificate.unlink()
        invoice = self.posted(invoice_date=warsaw.today() - timedelta(days=1))
        content = self.printed(invoice)
        self.assertEqual(len(self.codes(content)), 1)
        self.assertNotIn("CERTYFIKAT", self.text(content))

    def test_credit_note(self):
        self.use_offline_certificate("RSA")
        refund = self.credit_note(self.sent())
        refund.action_ksef_issue_offline()
        self.assertBothCodes(self.printed(refund), refund)
        self.deliver()
        self.assertNumberOnly(self.printed(refund), refund)

    def test_total_failure(self):
        self.env["ksef.outage"].sudo().create(
            {
                "environment": "own",
                "kind": "total_failure",
                "start": fields.Datetime.now() - timedelta(hours=1),
                "name": "Awaria całkowita",
            }
        )
        invoice = self.posted()
        self.assertTrue(invoice.ksef_total_failure)
        content = self.printed(invoice)
        self.assertFalse(self.codes(content), "paper outside KSeF")
        self.assertNotIn("OFFLINE", self.text(content))
        self.assertFalse(invoice._ksef_drawn_codes())

    def test_stored_online_then_offline(self):
        invoice = self.posted()
        self.assertEqual(len(self.codes(self.stored(invoice).raw)), 1)
        invoice.action_ksef_issue_offline()
        rendered = invoice.with_context(force_report_rendering=True)
        content = rendered._get_invoice_legal_documents("pdf")["content"]
        self.assertBothCodes(content, invoice)
        renewed = invoice.invoice_pdf_report_id
        rendered._ksef_refresh_pdf()
        self.assertEqual(invoice.invoice_pdf_report_id, renewed, "made once")
        self.deliver()
        content = rendered._get_invoice_legal_documents("pdf")["content"]
        self.assertNumberOnly(content, invoice)

    def test_stored_then_technically_corrected(self):
        """A new document has other bytes and other codes under the same labels."""
        invoice = self.issued_offline()
        self.stored(invoice)
        refused = self.document(invoice)
        self.simulator.fault("reject", code=450)
        self.deliver()
        self.assertEqual(invoice.ksef_state, "rejected")
        self.assertBothCodes(self.printed(invoice), invoice)  # the buyer holds these
        corrected = self.corrected(invoice, refused)
        rendered = invoice.with_context(force_report_rendering=True)
        content = rendered._get_invoice_legal_documents("pdf")["content"]
        self.assertBothCodes(content, invoice)
        self.assertNotIn(refused.qr_link, self.links(content))
        self.deliver()
        self.assertAccepted(invoice)
        self.assertEqual(self.document(invoice), corrected)
        page = self.confirmed(refused.qr_link)
        self.assertIn("skorygowana technicznie", page, "where the old print leads now")
        self.assertIn(invoice.ksef_number, page)

    def corrected(self, invoice, refused):
        """Send the invoice again with a technical correction."""
        time.sleep(1 - time.time() % 1)  # files tell the second in which they were made
        action = self.as_accountant(invoice).action_ksef_correct_technically()
        wizards = self.env[action["res_model"]].with_user(self.accountant)
        wizard = wizards.browse(action["res_id"])
        wizard.confirmed = True
        wizard.action_correct()
        self.assertNotEqual(self.document(invoice), refused)
        return self.document(invoice)

    def test_rejected_online_stored_pdf(self):
        self.simulator.fault("reject", code=450)
        invoice = self.posted()
        self.stored(invoice)
        self.deliver()
        rendered = invoice.with_context(force_report_rendering=True)
        content = rendered._get_invoice_legal_documents("pdf")["content"]
        self.assertFalse(self.codes(content), "it leads nowhere")
