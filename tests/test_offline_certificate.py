from odoo.tests import tagged

from ..ksef import qr
from ..ksef.errors import CertificateError
from .administration_common import UploadCase
from .common import NIP, PASSWORD


@tagged("post_install_l10n", "post_install", "-at_install")
class TestOfflineCertificate(UploadCase):
    """The Offline certificate stands beside the one for the connection. It never logs
    in, and the other one never signs a QR code."""

    def add(self, kind):
        crt, key = self.issue(kind)
        self.press(
            type="offline" if kind == "Offline" else "authentication",
            certificate_file=crt,
            key_file=key,
            password=PASSWORD,
        )
        return self.stored().sorted("id")[-1:]

    def link(self, certificate):
        return qr.certificate_link(
            self.simulator.url,
            context_type="Nip",
            context_value=NIP,
            seller_nip=NIP,
            sha256_b64="b" * 43 + "=",
            credential=certificate._credential(),
        )

    def test_uploaded_with_its_own_tab(self):
        offline = self.add("Offline")
        self.assertEqual(offline.type, "offline")
        self.assertEqual(offline.state, "stored")
        self.assertFalse(self.simulator.requests, "there is nothing to connect with")

    def test_shown_in_the_settings(self):
        offline = self.add("Offline")
        settings = (
            self.env["res.config.settings"]
            .with_user(self.admin)
            .with_company(self.company)
            .create({})
        )
        (shown,) = settings.ksef_offline_certificate_ids
        self.assertEqual(shown.serial_number, offline.serial_number)
        self.assertTrue(shown.owner)
        self.assertTrue(shown.valid_to)
        self.assertFalse(settings.ksef_credential_id, "it is no connection")

    def test_it_never_logs_in(self):
        offline = self.add("Offline")
        self.assertFalse(self.company._ksef_login_credential())
        with self.assertRaises(CertificateError) as refusal:
            self.company._ksef_client(offline).personal_grants()
        self.assertEqual(refusal.exception.reason, "wrong_purpose")
        self.assertFalse(self.simulator.requests, "KSeF is not even asked")

    def test_the_login_certificate_never_signs_a_code(self):
        login = self.add("Authentication")
        self.assertFalse(self.company._ksef_offline_certificate())
        with self.assertRaises(CertificateError) as refusal:
            self.link(login)
        self.assertEqual(refusal.exception.reason, "wrong_purpose_offline")

    def test_both_beside_each_other(self):
        login, offline = self.add("Authentication"), self.add("Offline")
        self.assertEqual(self.company._ksef_login_credential(), login)
        self.assertEqual(self.company._ksef_offline_certificate(), offline)
        self.assertIn(offline.serial_number, self.link(offline))

    def test_deleted_and_added_again(self):
        first = self.add("Offline")
        first.with_user(self.admin).unlink()
        self.assertFalse(self.company._ksef_offline_certificate())
        second = self.add("Offline")
        self.assertEqual(self.company._ksef_offline_certificate(), second)

    def test_only_of_the_present_environment(self):
        self.add("Offline")
        self.company.ksef_environment = "test"
        self.assertFalse(self.company._ksef_offline_certificate())
