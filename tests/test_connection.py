import tempfile
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from ..ksef.errors import AuthenticationError, CertificateError, TransportError
from ..simulator import Simulator
from ..tools import tokens, warsaw
from .common import NIP, OTHER_NIP, KsefCase


class ConnectionCase(KsefCase):
    """An administrator looks at Settings > KSeF; the accountant only works."""

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

    def setUp(self):
        super().setUp()
        self.simulator.set_delay(steps=0)
        self.simulator.requests.clear()

    def settings(self, company=None):
        company = company or self.company
        return (
            self.env["res.config.settings"]
            .with_user(self.admin)
            .with_company(company)
            .create({})
        )

    def check(self, company=None):
        """Press "Check connection"; returns kind and text of what is shown."""
        action = self.settings(company).action_ksef_check_connection()
        return action["params"]["type"], action["params"]["message"]

    def assertFails(self, *parts):
        kind, message = self.check()
        self.assertEqual(kind, "danger", message)
        for part in parts:
            self.assertIn(part, message)
        settings = self.settings()
        self.assertEqual(settings.ksef_connection_problem, message, "and it stays")
        self.assertNotEqual(settings.ksef_connection_state, "active")

    def asked(self, path=""):
        """What KSeF was asked, in order."""
        return [r.path for r in self.simulator.requests if path in r.path]


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

    def test_403(self):
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


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTokens(ConnectionCase):
    """Access is renewed as cheaply as possible, and ends at once when the certificate
    is deleted or the address changed."""

    def setUp(self):
        super().setUp()
        tokens.forget_all(self.certificate._token_key())

    def grants(self):
        return self.company._ksef_client().personal_grants()

    def test_one_login_serves_many_calls(self):
        self.grants()
        self.grants()
        self.assertEqual(len(self.asked("/auth/xades-signature")), 1)

    def test_expired_access_is_refreshed(self):
        self.grants()
        self.expire_access()
        self.grants()
        self.assertEqual(len(self.asked("/auth/token/refresh")), 1)
        self.assertEqual(len(self.asked("/auth/xades-signature")), 1, "no new login")

    def test_refused_refresh_is_followed_by_one_login(self):
        self.grants()
        self.expire_access()
        self.simulator.fault("unauthorized", path="token/refresh")
        self.grants()
        self.assertEqual(len(self.asked("/auth/token/refresh")), 1)
        self.assertEqual(len(self.asked("/auth/xades-signature")), 2)

    def test_access_refused_early_is_followed_by_one_login(self):
        self.grants()
        self.simulator.fault("unauthorized", path="personal/grants")
        self.grants()
        self.assertEqual(len(self.asked("/auth/xades-signature")), 2)

    def test_right_taken_away_is_not_hammered(self):
        self.grants()
        self.simulator.fault("unauthorized", times=99, path="personal/grants")
        with self.assertRaises(AuthenticationError):
            self.grants()
        self.assertEqual(len(self.asked("/auth/xades-signature")), 2, "one more")

    def test_both_expired(self):
        self.grants()
        self.travel(timedelta(days=8))
        self.grants()
        self.assertEqual(len(self.asked("/auth/xades-signature")), 2)
        self.assertFalse(self.asked("/auth/token/refresh"), "known to be useless")

    def test_deleted_certificate(self):
        self.grants()
        self.certificate.with_user(self.admin).unlink()
        self.simulator.requests.clear()
        with self.assertRaises(CertificateError) as refusal:
            self.grants()
        self.assertEqual(refusal.exception.reason, "missing")
        self.assertFalse(self.asked(), "not one more request in its name")

    def test_changed_address(self):
        self.grants()
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        self.simulator.requests.clear()
        with self.assertRaises(TransportError):
            self.grants()
        self.assertFalse(self.asked(), "the old address is not asked any more")

    def test_token_stays_with_its_address(self):
        with Simulator() as elsewhere:
            self.grants()
            self.company.ksef_api_url = elsewhere.api_url
            with self.assertRaises(AuthenticationError):
                self.grants()  # that authority does not know our certificate
            paths = [request.path for request in elsewhere.requests]
        self.assertIn("/v2/auth/xades-signature", paths, "a login of its own")
        self.assertNotIn("/v2/permissions/query/personal/grants", paths)

    def test_changed_environment(self):
        self.grants()
        self.company.ksef_environment = "test"
        self.simulator.requests.clear()
        with self.assertRaises(CertificateError) as refusal:
            self.grants()
        self.assertEqual(refusal.exception.reason, "missing", "none there")
        with self.assertRaises(CertificateError):
            self.company._ksef_client(self.certificate)
        self.assertFalse(self.asked())

    def test_pause_ends_with_the_address(self):
        self.company._ksef_pause(3600)
        self.company.ksef_api_url = self.simulator.api_url + "/"
        self.assertFalse(self.company.ksef_paused_until)

    def expire_access(self):
        """Fifteen minutes and more pass, for KSeF and for Odoo."""
        self.travel(timedelta(minutes=20))

    def travel(self, time):
        self.startPatcher(freeze_time(warsaw.now() + time, tick=True))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestSettings(ConnectionCase):
    """Saving the settings asks KSeF nothing, works while KSeF is down, and touches one
    company alone."""

    def save(self, company=None, **values):
        settings = self.settings(company)
        settings.write(values)
        settings.execute()

    def test_saving_makes_no_request(self):
        self.save(ksef_send_automatically=False, ksef_send_consumers=True)
        self.assertFalse(self.company.ksef_send_automatically)
        self.assertTrue(self.company.ksef_send_consumers)
        self.assertFalse(self.asked())

    def test_saving_while_ksef_is_down(self):
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        self.check()
        self.save(ksef_import=True, ksef_import_from="2026-02-01")
        self.assertTrue(self.company.ksef_import)

    def test_switching_on_import_wakes_its_cron(self):
        cron = self.env.ref("l10n_pl_ksef.cron_import")
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        trigger.unlink()
        self.save(ksef_import=True, ksef_import_from="2026-02-01")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))

    def test_import_needs_a_date(self):
        with self.assertRaises(UserError) as refusal:
            self.save(ksef_import=True)
        self.assertEqual(
            str(refusal.exception),
            "Receive bills from KSeF: give the date to begin with.",
        )

    def test_addresses_are_https_or_this_machine(self):
        for url in ("http://ksef.example.com", "ftp://x", "https://a@b.pl", "x"):
            with self.subTest(url=url), self.assertRaises(UserError) as refusal:
                self.save(ksef_api_url=url)
            self.assertIn("it must begin with https://", str(refusal.exception))

    def test_own_addresses_are_needed(self):
        with self.assertRaises(UserError) as refusal:
            self.save(ksef_api_url=False)
        self.assertEqual(
            str(refusal.exception),
            "KSeF: give the API address and the QR code address.",
        )

    def test_two_companies_do_not_mix(self):
        self.configure(self.other)
        certificate = self.upload(self.other, nip=OTHER_NIP)
        self.assertEqual(self.settings(self.other).ksef_credential_id, certificate)
        self.assertEqual(self.settings().ksef_credential_id, self.certificate)
        self.check()
        self.check(self.other)
        contexts = [
            login.context.value for login in self.simulator.store.logins.values()
        ]
        self.assertEqual(contexts[-2:], [NIP, OTHER_NIP], "each in its own name")
        certificate.unlink()
        with self.assertRaises(CertificateError):
            self.other._ksef_client()
        self.assertEqual(self.check()[0], "success", "the other one goes on")

    def test_upload_is_offered_when_it_can_succeed(self):
        self.assertEqual(
            self.settings().action_ksef_add_certificate()["context"],
            {
                "default_company_id": self.company.id,
                "default_type": "authentication",
            },
        )
        self.company.partner_id.vat = False
        with self.assertRaises(UserError) as refusal:
            self.settings().action_ksef_add_token()
        self.assertIn("Tax ID", str(refusal.exception))
        self.company.ksef_environment = False
        with self.assertRaises(UserError) as refusal:
            self.settings().action_ksef_add_offline_certificate()
        self.assertIn("KSeF environment", str(refusal.exception))
