import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config

from ..models.ksef_certificate_vault import IMPORT_PURPOSE
from ..tools import tokens
from ..tools.vault import KEY_FILE, VaultError
from .administration_common import ConnectionCase
from .common import NIP, PASSWORD

OLD = "the master key of last year, long enough"
NEW = "the master key of this year, long enough"


class VaultCase(ConnectionCase):
    """A company with every kind of secret, sealed with the old master key."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.dict(os.environ))
        self.another_host(KSEF_MASTER_KEY=OLD)
        self.certificate.unlink()
        self.certificate = self.upload(self.company, nip=NIP, password=PASSWORD)
        self.offline = self.upload(self.company, "Offline", nip=NIP, password=PASSWORD)
        self.window = (
            self.env["ksef.import"]
            .sudo()
            .create(
                {
                    "company_id": self.company.id,
                    "environment": "own",
                    "role": "Subject2",
                    "date_from": "2026-02-01T00:00:00+01:00",
                    "state": "requested",
                    "reference_number": "20260201-EE-0000000000-0000000000-00",
                    "requested_at": fields.Datetime.now(),
                    "sealed_key": self.env["ksef.certificate"]._seal(
                        b"k" * 48, IMPORT_PURPOSE
                    ),
                }
            )
        )
        self.simulator.requests.clear()

    def another_host(self, **keys):
        """Odoo runs where these keys are known, and an empty data_dir."""
        for name in ("KSEF_MASTER_KEY", "KSEF_MASTER_KEY_FORMER"):
            os.environ.pop(name, None)
        os.environ.update(keys)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.startPatcher(
            patch.dict(config._runtime_options, {"data_dir": folder.name})
        )
        self.env.invalidate_all()
        tokens.forget_all((self.env.cr.dbname,))
        return Path(folder.name) / KEY_FILE

    def seal_anew(self):
        return self.settings().action_ksef_seal_anew()["params"]

    def assertAllOpen(self):
        self.assertEqual(self.certificate.state, "active")
        self.assertEqual(self.offline.state, "stored")
        self.assertTrue(self.certificate._credential())
        self.assertTrue(self.offline._credential())
        self.assertEqual(self.window_key(), b"k" * 48)

    def window_key(self):
        sealed = self.window.sudo().with_context(bin_size=False).sealed_key
        return self.env["ksef.certificate"]._unseal(sealed, IMPORT_PURPOSE)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestVaultRotation(VaultCase):
    """The master key can be changed: the former one opens until everything is sealed
    anew, and is not needed any more then."""

    def test_former_key_in_the_environment(self):
        self.another_host(KSEF_MASTER_KEY=NEW, KSEF_MASTER_KEY_FORMER=OLD)
        self.assertAllOpen()
        told = self.seal_anew()
        self.assertEqual(told["type"], "success", told["message"])
        self.another_host(KSEF_MASTER_KEY=NEW)
        self.assertAllOpen()

    def test_several_former_keys(self):
        former = f"{'a' * 40} {'b' * 40}"
        for one in former.split():
            self.another_host(KSEF_MASTER_KEY=one)
            sealed = (
                self.env["ksef.certificate"]
                ._vault()
                .seal(b"x", "p", may_create_key=False)
            )
            self.another_host(KSEF_MASTER_KEY=NEW, KSEF_MASTER_KEY_FORMER=former)
            vault = self.env["ksef.certificate"]._vault()
            self.assertEqual(vault.unseal(sealed, "p"), b"x")

    def test_former_key_in_odoo_conf(self):
        self.another_host()
        options = {"ksef_master_key": NEW, "ksef_master_key_former": OLD}
        self.startPatcher(patch.dict(config._runtime_options, options))
        self.assertAllOpen()
        self.seal_anew()
        self.another_host(KSEF_MASTER_KEY=NEW)
        self.assertAllOpen()

    def test_further_lines_of_the_key_file(self):
        key_file = self.another_host()
        key_file.write_text(f"{NEW}\n{OLD}\n")
        self.assertAllOpen()
        self.seal_anew()
        key_file.write_text(f"{NEW}\n")
        self.assertAllOpen()

    def test_from_the_key_file_to_the_environment(self):
        key_file = self.another_host(KSEF_MASTER_KEY=NEW)
        key_file.write_text(f"{OLD}\n")
        self.assertAllOpen()
        self.seal_anew()
        key_file.unlink()
        self.assertAllOpen()

    def test_the_present_key_seals(self):
        self.another_host(KSEF_MASTER_KEY=NEW, KSEF_MASTER_KEY_FORMER=OLD)
        sealed = self.env["ksef.certificate"]._seal(b"secret")
        self.another_host(KSEF_MASTER_KEY=OLD)
        with self.assertRaises(VaultError):
            self.env["ksef.certificate"]._unseal(sealed)

    def test_broken_off_and_gone_on_with(self):
        self.another_host(KSEF_MASTER_KEY=NEW, KSEF_MASTER_KEY_FORMER=OLD)
        certificates = self.env["ksef.certificate"].sudo()
        record = self.offline.sudo().with_context(bin_size=False)
        certificates._seal_record_anew(
            record, "sealed_secret", "ksef.certificate/secret"
        )
        before = record.sealed_secret
        self.assertAllOpen()
        sealed, _locked = certificates._seal_anew()
        self.assertGreaterEqual(sealed, 2)
        self.assertEqual(record.sealed_secret, before, "passed over")
        self.assertEqual(certificates._seal_anew()[0], 0, "nothing is left")

    def test_what_no_known_key_opens_is_told(self):
        self.another_host(KSEF_MASTER_KEY=NEW)
        told = self.seal_anew()
        self.assertEqual(told["type"], "danger")
        self.assertIn("keys cannot be opened on this server", told["message"])
        self.another_host(KSEF_MASTER_KEY=OLD)
        self.assertAllOpen()

    def test_a_secret_in_an_open_form_too(self):
        token = self.simulator.new_token(NIP)
        form = self.wizard(self.company, type="token", token=token)
        self.another_host(KSEF_MASTER_KEY=NEW, KSEF_MASTER_KEY_FORMER=OLD)
        self.seal_anew()
        self.another_host(KSEF_MASTER_KEY=NEW)
        form.action_save()
        (added,) = self.env["ksef.certificate"].search([("type", "=", "token")])
        self.assertEqual(added._secret(), token.encode())

    def test_no_master_key_at_all(self):
        self.another_host()
        with self.assertRaises(UserError) as refusal:
            self.seal_anew()
        self.assertIn("The master key", str(refusal.exception))


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRestoredBackup(VaultCase):
    """A backup restored where the master key is missing, or another one is there: that
    is said in plain words, nothing crashes, and work goes on."""

    def hosts(self):
        """Without any key, and with one of its own."""
        for keys in ({}, {"KSEF_MASTER_KEY": NEW}):
            with self.subTest(keys=keys):
                self.another_host(**keys)
                yield

    def test_certificates_are_locked(self):
        for _host in self.hosts():
            self.assertEqual(self.certificate.state, "locked")
            self.assertEqual(self.offline.state, "locked")
            self.assertFalse(self.company._ksef_offline_certificate())

    def test_the_settings_page_opens(self):
        for _host in self.hosts():
            settings = self.settings()
            self.assertGreaterEqual(settings.ksef_locked_count, 2)
            self.assertEqual(settings.ksef_connection_state, "locked")
            self.assertIn("Key cannot be opened", settings.ksef_connection)
            settings.execute()

    def test_the_connection_says_why(self):
        for _host in self.hosts():
            kind, message = self.check()
            self.assertEqual(kind, "danger")
            self.assertIn("master key", message)

    def test_posting_works(self):
        for _host in self.hosts():
            invoice = self.posted()
            self.assertEqual(invoice.state, "posted")
            self.assertEqual(invoice.ksef_state, "ready")

    def test_crons_go_on(self):
        for _host in self.hosts():
            invoice = self.posted()
            self.company.write({"ksef_import": True, "ksef_import_from": "2026-02-01"})
            for name in ("send", "poll", "import", "watch"):
                self.run_cron(name)
            self.assertEqual(invoice.ksef_state, "ready")
            alert = invoice._get_alerts()["ksef_problem"]["message"]
            self.assertIn("master key", alert)

    def test_a_request_under_way_says_why(self):
        self.simulator.fault("enrollment_stuck")
        certificates = self.env["ksef.certificate"].sudo()
        request = certificates._enrol(self.company, "offline", "Odoo offline")
        for _host in self.hosts():
            request.enrolment_poll_at = self.env.cr.now()
            self.run_cron("poll")
            self.assertIn("master key", request.enrolment_problem)
            self.assertEqual(request.state, "enrolling")

    def test_buttons_say_why(self):
        for _host in self.hosts():
            for button in (
                "get_offline_certificate",
                "register",
                "log_out_everywhere",
            ):
                with self.assertRaises(UserError) as refusal:
                    getattr(self.settings(), f"action_ksef_{button}")()
                self.assertTrue(str(refusal.exception), button)

    def test_uploading_again_helps(self):
        self.another_host(KSEF_MASTER_KEY=NEW)
        self.simulator.requests.clear()
        added = self.upload(self.company, nip=NIP, password=PASSWORD)
        self.assertEqual(added.state, "active")
        self.assertEqual(self.company._ksef_login_credential(), added)

    def test_giving_up_what_is_lost(self):
        invoice = self.posted()
        self.simulator.set_delay(steps=5)
        self.run_cron("send")
        self.assertEqual(invoice.ksef_state, "pending")
        key_file = self.another_host()
        with self.assertRaisesRegex(UserError, "give the keys up"):
            self.upload(self.company, nip=NIP, password=PASSWORD)
        self.settings().action_ksef_give_up_locked()
        self.assertFalse(self.certificate.active)
        self.assertEqual(self.window.state, "failed", "it is ordered anew")
        self.assertFalse(self.settings().ksef_locked_count)
        added = self.upload(self.company, nip=NIP, password=PASSWORD)
        self.assertTrue(key_file.exists(), "a new master key")
        self.assertEqual(self.company._ksef_login_credential(), added)
        self.simulator.set_delay(steps=1)
        self.poll()
        self.assertEqual(invoice.ksef_state, "accepted", "of the same subject")

    def test_bringing_the_key_back_helps(self):
        self.another_host()
        self.assertEqual(self.certificate.state, "locked")
        self.another_host(KSEF_MASTER_KEY=OLD)
        self.assertAllOpen()
