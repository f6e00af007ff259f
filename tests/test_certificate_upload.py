import base64
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import file_open

from .common import NIP, OTHER_NIP, PASSWORD, KsefCase
from .secrets import traces

PESEL = "90010112345"
SPECIFICATION = {
    name: {}
    for name in ("type", "certificate_file", "key_file", "password", "token", "name")
}


def der_certificate(pem):
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def der_key(pem, password=PASSWORD, *, encrypted=True):
    key = load_pem_private_key(pem, password.encode())
    how = BestAvailableEncryption(PASSWORD.encode()) if encrypted else NoEncryption()
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, how)


def p12(crt, key, password=PASSWORD):
    return pkcs12.serialize_key_and_certificates(
        b"ksef",
        load_pem_private_key(key, PASSWORD.encode()),
        x509.load_pem_x509_certificate(crt),
        None,
        BestAvailableEncryption(password.encode()),
    )


class UploadCase(KsefCase):
    """The wizard as the web client drives it: save the form, then press the button."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env,
            "ksef_admin",
            groups="base.group_system,account.group_account_invoice",
            company_id=cls.company.id,
            company_ids=[(6, 0, (cls.company | cls.other).ids)],
        )
        cls.certificate.unlink()

    def setUp(self):
        super().setUp()
        self.simulator.set_delay(steps=0)
        self.simulator.requests.clear()

    def form(self, **values):
        """A new wizard in the form: nothing is saved yet."""
        return self.as_admin("ksef.certificate.upload"), {
            "company_id": self.company.id,
            "type": "authentication",
            **{k: self.encoded(v) for k, v in values.items()},
        }

    def as_admin(self, model):
        return (
            self.env[model]
            .with_user(self.admin)
            .with_context(allowed_company_ids=[self.company.id])
        )

    @staticmethod
    def encoded(value):
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value

    def press(self, **values):
        """Save the form and press its button; returns the client's next action."""
        wizard, vals = self.form(**values)
        (saved,) = wizard.web_save(vals, SPECIFICATION)
        return wizard.browse(saved["id"]).action_save()

    def added(self, **values):
        action = self.press(**values)
        certificates = self.stored()
        self.assertEqual(len(certificates), 1, "one record for one upload")
        return certificates, action

    def stored(self):
        return self.env["ksef.certificate"].search(
            [("company_id", "in", (self.company | self.other).ids)]
        )

    def issue(self, kind="Authentication", **order):
        order.setdefault("password", PASSWORD)
        if not order.get("pesel"):
            order.setdefault("nip", NIP)
        return self.simulator.issue_certificate(kind, **order)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCertificateUpload(UploadCase):
    """Every form in which people hold their certificate becomes a connection, and the
    record shows what the file says: kind, owner, serial number, validity."""

    def assertConnected(self, certificate, action):
        self.assertEqual(certificate.state, "active", certificate.check_error)
        self.assertEqual(action["params"]["type"], "success")
        self.assertIn("Active connection", action["params"]["message"])

    def test_key_of_the_taxpayer_application(self):
        crt, key = self.issue()
        self.assertIn(b"BEGIN ENCRYPTED PRIVATE KEY", key)
        self.assertConnected(
            *self.added(certificate_file=crt, key_file=key, password=PASSWORD)
        )

    def test_rsa_key(self):
        crt, key = self.issue(key="RSA")
        self.assertConnected(
            *self.added(certificate_file=crt, key_file=key, password=PASSWORD)
        )

    def test_der_files(self):
        crt, key = self.issue()
        self.assertConnected(
            *self.added(
                certificate_file=der_certificate(crt),
                key_file=der_key(key),
                password=PASSWORD,
            )
        )

    def test_rsa_key_without_password_in_der(self):
        crt, key = self.issue(key="RSA")
        self.assertConnected(
            *self.added(
                certificate_file=crt + b"\nsome text after it\n",
                key_file=der_key(key, encrypted=False),
            )
        )

    def test_p12(self):
        for kind in ("EC", "RSA"):
            with self.subTest(kind=kind):
                content = p12(*self.issue(key=kind))
                certificate, action = self.added(
                    certificate_file=content, password=PASSWORD
                )
                self.assertConnected(certificate, action)
                certificate.unlink()

    def test_what_the_file_says_is_shown(self):
        begin = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(days=3)
        end = begin + timedelta(days=730)
        crt, key = self.issue(
            name="ABC AGD", label="Odoo w ABC", not_before=begin, not_after=end
        )
        serial = x509.load_pem_x509_certificate(crt).serial_number
        certificate, _action = self.added(
            certificate_file=crt, key_file=key, password=PASSWORD
        )
        self.assertRecordValues(
            certificate,
            [
                {
                    "name": "Odoo w ABC",
                    "type": "authentication",
                    "company_id": self.company.id,
                    "environment": "own",
                    "serial_number": f"{serial:016X}",
                    "owner": "ABC AGD",
                    "subject_identifier_type": "Nip",
                    "subject_identifier": NIP,
                    "valid_from": begin.replace(tzinfo=None),
                    "valid_to": end.replace(tzinfo=None),
                    "create_uid": self.admin.id,
                }
            ],
        )
        self.assertEqual(
            base64.b64decode(certificate.certificate),
            der_certificate(crt),
            "the certificate can be downloaded as it was issued",
        )

    def test_offline_certificate_is_kept_and_needs_no_connection(self):
        crt, key = self.issue("Offline")
        certificate, _action = self.added(
            type="offline", certificate_file=crt, key_file=key, password=PASSWORD
        )
        self.assertEqual((certificate.type, certificate.state), ("offline", "stored"))
        self.assertFalse(self.simulator.requests, "KSeF has no part in this")
        self.assertFalse(
            self.company._ksef_login_credential(), "it never logs anybody in"
        )

    def test_token(self):
        self.company.ksef_login = "token"
        secret = self.simulator.new_token(NIP)
        certificate, action = self.added(type="token", token=f"  {secret}\n")
        self.assertConnected(certificate, action)
        self.assertEqual(certificate.type, "token")
        self.assertEqual(certificate.rights, "InvoiceRead, InvoiceWrite")
        self.assertEqual(traces(self.env, secret.encode()), set())

    def test_person_who_acts_by_a_grant(self):
        self.simulator.grant(NIP, "Pesel", PESEL, ["InvoiceWrite", "InvoiceRead"])
        self.addCleanup(self.simulator.revoke_grants, NIP)
        crt, key = self.issue(pesel=PESEL, name="Anna Księgowa")
        certificate, action = self.added(
            certificate_file=crt, key_file=key, password=PASSWORD
        )
        self.assertConnected(certificate, action)
        self.assertEqual(certificate.owner, "Anna Księgowa")
        self.assertEqual(certificate.subject_identifier_type, "Pesel")
        self.assertEqual(certificate.subject_identifier, PESEL)
        self.assertEqual(certificate.rights, "InvoiceRead, InvoiceWrite")

    def test_sole_proprietor(self):
        self.simulator.link_person(PESEL, NIP)
        self.addCleanup(self.simulator.store.persons.clear)
        crt, key = self.issue(pesel=PESEL)
        certificate, action = self.added(
            certificate_file=crt, key_file=key, password=PASSWORD
        )
        self.assertConnected(certificate, action)
        self.assertEqual(certificate.rights, "Owner")

    def test_accounting_office_acts_with_its_own_seal(self):
        self.simulator.grant(NIP, "Nip", OTHER_NIP, ["InvoiceWrite"])
        self.addCleanup(self.simulator.revoke_grants, NIP)
        crt, key = self.issue(nip=OTHER_NIP)
        self.assertConnected(
            *self.added(certificate_file=crt, key_file=key, password=PASSWORD)
        )

    def test_typed_name_stays(self):
        crt, key = self.issue()
        certificate, _action = self.added(
            name="Odoo 2026", certificate_file=crt, key_file=key, password=PASSWORD
        )
        self.assertEqual(certificate.name, "Odoo 2026")

    def test_name_is_read_from_ksef(self):
        crt, key = self.issue(label="Księgowość")
        certificate, _action = self.added(
            certificate_file=crt, key_file=key, password=PASSWORD
        )
        self.assertEqual(certificate.name, "Księgowość", "no file contains it")

    def test_nothing_readable_is_left_of_a_good_upload(self):
        crt, key = self.issue()
        clear = der_key(key, encrypted=False)
        certificate, _action = self.added(
            certificate_file=p12(crt, key), password=PASSWORD
        )
        self.assertEqual(certificate._secret(), clear, "sealed, it still opens")
        self.assertEqual(
            traces(self.env, PASSWORD.encode(), clear, key, clear[30:]), set()
        )
        self.assertFalse(self.env["ksef.certificate.upload"].search([]))

    def test_what_was_typed_never_comes_back(self):
        crt, key = self.issue()
        wizard, vals = self.form(certificate_file=crt, key_file=key, password=PASSWORD)
        (saved,) = wizard.web_save(vals, SPECIFICATION)
        self.assertFalse(saved["password"], "not even to who typed it")
        self.assertFalse(saved["key_file"])


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
