from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef.errors import CertificateError
from .administration_common import ConnectionCase
from .common import NIP, OTHER_NIP


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
