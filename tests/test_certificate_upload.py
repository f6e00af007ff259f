import base64
from contextlib import suppress
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    NoEncryption,
    load_pem_private_key,
    pkcs12,
)

from odoo.exceptions import UserError
from odoo.tests import tagged

from .administration_common import (
    SPECIFICATION,
    UploadCase,
    der_certificate,
    der_key,
    p12,
)
from .common import NIP, OTHER_NIP, PASSWORD
from .secrets import traces

PESEL = "90010112345"


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

    def test_a_file_that_holds_the_key_is_never_kept(self):
        crt, key = self.issue()
        clear = der_key(key, encrypted=False)
        loaded = load_pem_private_key(key, PASSWORD.encode())
        open_p12 = pkcs12.serialize_key_and_certificates(
            b"ksef", loaded, x509.load_pem_x509_certificate(crt), None, NoEncryption()
        )
        wizard, vals = self.form()
        (saved,) = wizard.web_save(vals, SPECIFICATION)
        form = wizard.browse(saved["id"])
        for content in (open_p12, crt + key):
            with suppress(UserError), self.env.cr.savepoint():
                typed = {"certificate_file": self.encoded(content)}
                form.web_save(typed, SPECIFICATION)
            self.assertEqual(traces(self.env, clear, clear[30:], key, content), set())
        token = {"type": "token", "token": "a|b|c"}
        wizard.create({**vals, **token, "certificate_file": self.encoded(open_p12)})
        self.assertEqual(traces(self.env, clear, clear[30:], open_p12), set())

    def test_what_was_typed_never_comes_back(self):
        crt, key = self.issue()
        wizard, vals = self.form(certificate_file=crt, key_file=key, password=PASSWORD)
        (new,) = wizard.web_save(vals, SPECIFICATION)
        (changed,) = wizard.browse(new["id"]).web_save(
            {"key_file": vals["key_file"], "password": PASSWORD}, SPECIFICATION
        )
        for saved in (new, changed):
            self.assertFalse(saved["password"], "not even to who typed it")
            self.assertFalse(saved["key_file"])
