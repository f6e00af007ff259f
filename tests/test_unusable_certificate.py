from datetime import datetime, timedelta, timezone

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import file_open

from .administration_common import SPECIFICATION, UploadCase, der_key, p12
from .common import PASSWORD
from .secrets import traces


@tagged("post_install_l10n", "post_install", "-at_install")
class TestUnusableCertificate(UploadCase):
    """What cannot be used is refused with a sentence that names the field and says
    what to do, before anything is kept: the form stays as it was filled in."""

    def assertRefused(self, sentence, **values):
        attachments = self.env["ir.attachment"].sudo().search_count([])
        self.assertEqual(self.refusal(**values), sentence)
        self.assertFalse(self.stored(), "no half-done certificate")
        wizards = self.env["ksef.certificate.upload"].sudo().search([])
        self.assertFalse(any(wizards.mapped("sealed_secret")), "no secret is kept")
        self.assertFalse(any(wizards.mapped("certificate_file")), "and no file")
        self.assertEqual(self.env["ir.attachment"].sudo().search_count([]), attachments)
        self.assertFalse(self.simulator.requests, "KSeF was not bothered")

    def refusal(self, **values):
        """What the user reads; saving and the button are two requests."""
        wizard, vals = self.form(**values)
        try:
            with self.env.cr.savepoint():
                (saved,) = wizard.web_save(vals, SPECIFICATION)
        except UserError as error:
            return str(error)
        with self.assertRaises(UserError) as refusal:
            wizard.browse(saved["id"]).action_save()
        return str(refusal.exception)

    def test_wrong_password(self):
        crt, key = self.issue()
        self.assertRefused(
            "Password: it does not open the private key.",
            certificate_file=crt,
            key_file=key,
            password="other-password-99",
        )
        clear = der_key(key, encrypted=False)
        self.assertEqual(traces(self.env, b"other-password-99", key, clear), set())

    def test_wrong_password_of_a_p12(self):
        self.assertRefused(
            "Password: it does not open the private key.",
            certificate_file=p12(*self.issue()),
            password="other-password-99",
        )

    def test_missing_password(self):
        crt, key = self.issue()
        self.assertRefused(
            "Password: the private key is protected. Enter the password that was set"
            " when the certificate was applied for.",
            certificate_file=crt,
            key_file=key,
        )

    def test_key_of_another_certificate(self):
        crt, _key = self.issue()
        _crt, key = self.issue()
        self.assertRefused(
            "Private key: it belongs to another certificate. Choose the .key file that"
            " was saved together with this certificate.",
            certificate_file=crt,
            key_file=key,
            password=PASSWORD,
        )

    def test_expired(self):
        past = datetime.now(timezone.utc) - timedelta(days=800)
        crt, key = self.issue(not_before=past, not_after=past + timedelta(days=730))
        self.assertRefused(
            "Certificate: it has expired. Upload a valid one.",
            certificate_file=crt,
            key_file=key,
            password=PASSWORD,
        )

    def test_not_yet_valid(self):
        future = datetime.now(timezone.utc) + timedelta(days=2)
        crt, key = self.issue(not_before=future)
        self.assertRefused(
            "Certificate: it is not valid yet. Upload it once its validity has begun.",
            certificate_file=crt,
            key_file=key,
            password=PASSWORD,
        )

    def test_offline_certificate_for_login(self):
        crt, key = self.issue("Offline")
        self.assertRefused(
            "Certificate: this is an Offline certificate; it signs QR codes and cannot"
            " log in. Upload the authentication certificate (purpose"
            " “Uwierzytelnienie w systemie KSeF”).",
            certificate_file=crt,
            key_file=key,
            password=PASSWORD,
        )

    def test_authentication_certificate_for_offline_work(self):
        crt, key = self.issue()
        self.assertRefused(
            "Certificate: this is an authentication certificate; it cannot sign QR"
            " codes offline. Upload the Offline certificate (purpose “Podpis linku do"
            " weryfikacji wystawcy”).",
            type="offline",
            certificate_file=crt,
            key_file=key,
            password=PASSWORD,
        )

    def test_picture(self):
        _crt, key = self.issue()
        with file_open("web/static/img/logo.png", "rb") as picture:
            content = picture.read()
        self.assertRefused(
            "Certificate: this file is no certificate. Choose the .crt file (or .p12)."
            " The file is a picture.",
            certificate_file=content,
            key_file=key,
            password=PASSWORD,
        )

    def test_picture_for_a_key(self):
        crt, _key = self.issue()
        with file_open("web/static/img/logo.png", "rb") as picture:
            content = picture.read()
        self.assertRefused(
            "Private key: this file is no private key. Choose the .key file that was"
            " saved when the certificate was applied for. The file is a picture.",
            certificate_file=crt,
            key_file=content,
        )

    def test_files_the_wrong_way_round(self):
        crt, key = self.issue()
        self.assertRefused(
            "Certificate: this file is no certificate. Choose the .crt file (or .p12)."
            " The file is a private key.",
            certificate_file=key,
            key_file=crt,
            password=PASSWORD,
        )

    def test_empty_file(self):
        _crt, key = self.issue()
        self.assertRefused(
            "Certificate: this file is no certificate. Choose the .crt file (or .p12)."
            " The file is empty.",
            certificate_file=b"\n",
            key_file=key,
            password=PASSWORD,
        )

    def test_missing_key(self):
        crt, _key = self.issue()
        self.assertRefused(
            "Private key: choose the .key file.",
            certificate_file=crt,
            password=PASSWORD,
        )

    def test_missing_certificate(self):
        _crt, key = self.issue()
        self.assertRefused(
            "Certificate: choose the .crt file (or .p12).",
            key_file=key,
            password=PASSWORD,
        )

    def test_nothing_at_all(self):
        self.assertRefused("Certificate: choose the .crt file (or .p12).")

    def test_missing_token(self):
        self.assertRefused("KSeF token: enter the token.", type="token", token="  ")

    def test_company_without_nip(self):
        crt, key = self.issue()
        self.company.partner_id.vat = False
        self.assertRefused(
            "Tax ID: the company has no Polish NIP. Enter it in the company's data.",
            certificate_file=crt,
            key_file=key,
            password=PASSWORD,
        )

    def test_environment_not_chosen(self):
        crt, key = self.issue()
        self.company.ksef_environment = False
        self.assertRefused(
            "KSeF environment: choose it under Settings > KSeF and save.",
            certificate_file=crt,
            key_file=key,
            password=PASSWORD,
        )

    def test_second_attempt_after_an_error(self):
        crt, key = self.issue()
        wizard, vals = self.form()
        (saved,) = wizard.web_save(vals, SPECIFICATION)
        wizard = wizard.browse(saved["id"])
        with self.assertRaises(UserError):
            wizard.action_save()
        vals = {"certificate_file": self.encoded(crt), "key_file": self.encoded(key)}
        with self.assertRaises(UserError):
            wizard.web_save(vals, SPECIFICATION)
        wizard.web_save(vals | {"password": PASSWORD}, SPECIFICATION)
        wizard.action_save()
        self.assertEqual(self.stored().state, "active", "all is well in the end")

    def test_another_type_after_the_files_were_taken(self):
        crt, key = self.issue()
        wizard, vals = self.form(certificate_file=crt, key_file=key, password=PASSWORD)
        (saved,) = wizard.web_save(vals, SPECIFICATION)
        wizard = wizard.browse(saved["id"])
        wizard.web_save({"type": "offline"}, SPECIFICATION)
        with self.assertRaises(UserError) as refusal:
            wizard.action_save()
        self.assertIn("cannot sign QR codes offline", str(refusal.exception))
        self.assertFalse(self.stored())
