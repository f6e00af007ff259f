import tempfile
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config

from ..tools import warsaw
from .administration_common import ConnectionCase
from .common import NIP, OTHER_NIP


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCheckConnection(ConnectionCase):
    """ "Check connection" logs in and says who may do what until when, or what is wrong
    and what to do; the result stays in the settings."""

    def test_success(self):
        kind, message = self.check()
        day = warsaw.day_of(self.certificate.valid_to)
        self.assertEqual(kind, "success")
        self.assertEqual(
            message,
            f"Active connection · Authentication · valid to {day} · rights: Owner",
        )
        settings = self.settings()
        self.assertEqual(settings.ksef_connection, message, "shown in the settings")
        self.assertEqual(settings.ksef_connection_state, "active")
        self.assertFalse(settings.ksef_connection_problem)

    def test_every_check_is_a_fresh_login(self):
        self.check()
        self.check()
        self.assertEqual(len(self.asked("/auth/xades-signature")), 2)

    def test_unreachable(self):
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        self.assertFails("KSeF cannot be reached: no connection.", "Nothing is lost")

    def test_page_of_a_gateway_instead_of_an_answer(self):
        self.simulator.fault("bad_gateway_html", path="challenge")
        self.assertFails("KSeF has trouble of its own.")

    def test_no_rights_for_this_nip(self):
        self.upload(self.company, nip=OTHER_NIP, password="x" * 15)
        self.certificate.unlink()
        self.assertFails(
            "The owner of this certificate has no rights in KSeF for the NIP of the"
            " company.",
            "415",
            "Brak przypisanych uprawnień.",
        )

    def test_r33_blocked_by_the_protection_systems(self):
        self.simulator.fault("blocked", path="personal/grants")
        self.assertFails(
            "The protection systems of KSeF blocked this server.", "SIM-0001"
        )

    def test_revoked_certificate(self):
        serial = self.certificate.serial_number
        self.simulator.revoke_certificate(serial)
        entry = self.simulator.store.certificates[serial]
        self.addCleanup(setattr, entry, "revoked", False)
        self.assertFails(
            "KSeF does not accept this certificate: it may be revoked, or belong to"
            " another environment.",
            "460",
            "Certyfikat został unieważniony.",
        )

    def test_trouble_that_is_over_is_forgotten(self):
        self.simulator.fault("server_error", path="challenge")
        self.assertFails("KSeF has trouble of its own.", "Nieznany błąd.")
        kind, _message = self.check()
        self.assertEqual(kind, "success")
        self.assertFalse(self.settings().ksef_connection_problem)

    def test_pause_that_ksef_asks_for(self):
        self.simulator.fault("too_many_requests", path="challenge", retry_after=90)
        self.assertFails("KSeF asks for a pause of 2 min")

    def test_token(self):
        self.company.ksef_login = "token"
        self.add_token(self.simulator.new_token(NIP, ("InvoiceWrite",)))
        self.assertEqual(
            self.check(),
            ("success", "Active connection · KSeF token · rights: InvoiceWrite"),
        )

    def test_wrong_token(self):
        self.company.ksef_login = "token"
        self.add_token(f"20260101-EC-0000000000|nip-{NIP}|" + "0" * 64)
        self.assertFails(
            "KSeF does not accept this KSeF token. Make a new one and enter it.",
            "450",
            "Nieprawidłowy token.",
        )

    def test_token_of_another_company(self):
        self.company.ksef_login = "token"
        self.add_token(self.simulator.new_token(OTHER_NIP))
        self.assertFails("KSeF does not accept this KSeF token.")

    def add_token(self, token):
        self.wizard(self.company, type="token", token=token).action_save()

    def test_only_an_offline_certificate(self):
        self.upload(self.company, "Offline", nip=NIP)
        self.certificate.unlink()
        with self.assertRaises(UserError) as refusal:
            self.check()
        self.assertEqual(
            str(refusal.exception),
            "Add a certificate or a KSeF token to log in with first.",
        )
        settings = self.settings()
        self.assertFalse(settings.ksef_connection, "no connection is claimed")
        self.assertEqual(len(settings.ksef_offline_certificate_ids), 1)

    def test_company_that_lost_its_nip(self):
        self.company.partner_id.vat = False
        self.assertFails("Tax ID: the company has no Polish NIP.")

    def test_certificate_of_another_environment(self):
        self.company.ksef_environment = "test"
        certificate = self.certificate.with_user(self.admin)
        action = certificate.action_check_connection()
        self.assertEqual(
            action["params"]["message"],
            "Certificate: it belongs to another KSeF environment than the one chosen"
            " under Settings > KSeF.",
        )
        self.company.ksef_environment = False
        action = certificate.action_check_connection()
        self.assertEqual(
            action["params"]["message"],
            "KSeF environment: choose it under Settings > KSeF and save.",
        )
        self.assertFalse(self.asked(), "nobody was asked")

    def test_expired_meanwhile(self):
        yesterday = warsaw.naive(warsaw.now() - timedelta(days=1))
        self.certificate.sudo().valid_to = yesterday
        settings = self.settings()
        self.assertEqual(settings.ksef_connection_state, "expired")
        self.assertIn("Expired · Authentication", settings.ksef_connection)

    def test_name_that_ksef_does_not_tell(self):
        for fault in ("server_error", "lost_answer", "bad_gateway_html"):
            with self.subTest(fault=fault):
                self.certificate.sudo().name = NIP
                self.simulator.fault(fault, path="certificates/query")
                self.assertEqual(self.check()[0], "success", "connected all the same")
                self.assertEqual(self.certificate.name, NIP)
        self.check()
        self.assertEqual(self.certificate.name, "Certyfikat próbny", "asked again")

    def test_lost_master_key(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        elsewhere = patch.dict(config._runtime_options, {"data_dir": folder.name})
        self.startPatcher(elsewhere)
        self.assertFails("The master key that opens the stored KSeF keys is missing")
        self.assertFalse(self.asked(), "KSeF has no part in this")
