import base64
import os
import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged
from odoo.tools import config

from ..tools import vault
from ..tools.user_message import user_message
from ..tools.vault import KEY_FILE, VaultError

SECRET = b"the private key of a company"
OPTION = "an option of odoo.conf, long enough"
VARIABLE = "a variable of the environment, long"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestVault(TransactionCase):
    """A dump of the database alone opens nothing, and no new master key ever hides that
    the old one has to be brought back."""

    def setUp(self):
        super().setUp()
        self.data_dir = self.another_host()
        self.startPatcher(patch.dict(os.environ))
        os.environ.pop("KSEF_MASTER_KEY", None)
        self.env.cr.execute("UPDATE ksef_certificate SET sealed_secret = NULL")
        self.certificates = self.env["ksef.certificate"]

    def another_host(self):
        """From here on Odoo runs where no key is kept."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.startPatcher(
            patch.dict(config._runtime_options, {"data_dir": folder.name})
        )
        return Path(folder.name)

    @property
    def key_file(self):
        return self.data_dir / KEY_FILE

    def keep(self, sealed):
        """A certificate in the database whose secret is sealed."""
        return self.certificates.sudo().create(
            {
                "name": "Odoo",
                "company_id": self.env.company.id,
                "environment": "test",
                "type": "token",
                "sealed_secret": sealed,
            }
        )

    def assertRefused(self, reason, sentence, action, *args):
        with self.assertRaises(VaultError) as refusal:
            action(*args)
        self.assertEqual(refusal.exception.reason, reason)
        self.assertEqual(user_message(self.env, refusal.exception), sentence)

    def assertLost(self, action, *args):
        self.assertRefused(
            "missing",
            "The master key that opens the stored KSeF keys is missing on this server."
            " Bring back KSEF_MASTER_KEY or the file ksef_master.key. If it is lost,"
            " give the keys up under Settings > KSeF and upload the certificates"
            " again.",
            action,
            *args,
        )

    def assertOtherKey(self, sealed):
        self.assertRefused(
            "other_key",
            "The stored KSeF key was sealed with another master key. Bring that key"
            " back. If it is lost, give the keys up under Settings > KSeF and upload"
            " the certificates again.",
            self.certificates._unseal,
            sealed,
        )

    def assertDamaged(self, sealed):
        self.assertRefused(
            "damaged",
            "The stored KSeF key is damaged. Delete the certificate and upload it"
            " again.",
            self.certificates._unseal,
            sealed,
        )

    def test_what_is_sealed_opens_again(self):
        sealed = self.certificates._seal(SECRET)
        self.assertNotIn(SECRET, base64.b64decode(sealed))
        self.assertEqual(self.certificates._unseal(sealed), SECRET)
        again = self.certificates._seal(SECRET)
        self.assertNotEqual(sealed, again, "equal secrets do not look equal")

    def test_key_file_is_for_the_server_alone(self):
        self.certificates._seal(SECRET)
        mode = stat.S_IMODE(self.key_file.stat().st_mode)
        self.assertEqual(mode, 0o600)
        self.assertEqual(os.listdir(self.data_dir), [KEY_FILE], "no draft is left")
        self.assertNotIn(self.key_file.read_bytes(), SECRET)

    def test_second_worker_takes_the_key_of_the_first(self):
        sealed = self.certificates._seal(SECRET)
        before = self.key_file.read_bytes()
        vault._create_key_file(self.key_file)  # it looked before the file was there
        self.assertEqual(self.key_file.read_bytes(), before)
        self.assertEqual(os.listdir(self.data_dir), [KEY_FILE])
        self.assertEqual(self.certificates._unseal(sealed), SECRET)

    def test_lost_key_is_not_replaced(self):
        certificate = self.keep(self.certificates._seal(SECRET))
        self.key_file.unlink()
        self.assertLost(self.certificates._seal, SECRET)
        self.assertLost(certificate._secret)
        self.assertFalse(self.key_file.exists(), "no second key hides the loss")
        certificate.active = False
        self.assertLost(self.certificates._seal, SECRET)
        certificate.unlink()
        self.certificates._seal(SECRET)
        self.assertTrue(self.key_file.exists(), "after a new start there is one")

    def test_emptied_key_file_is_a_lost_key(self):
        sealed = self.certificates._seal(SECRET)
        for content in (b"", b"\n", b"short", b"\xff" * 40):
            with self.subTest(content=content):
                self.key_file.write_bytes(content)
                self.assertLost(self.certificates._unseal, sealed)
                self.assertLost(self.certificates._seal, SECRET)
                self.assertEqual(self.key_file.read_bytes(), content)

    def test_dump_restored_on_another_host(self):
        sealed = self.certificates._seal(SECRET)
        self.data_dir = self.another_host()
        self.assertLost(self.certificates._unseal, sealed)
        self.certificates._seal(SECRET)  # that host has a key of its own by now
        self.assertOtherKey(sealed)

    def test_key_brought_along_opens(self):
        sealed = self.certificates._seal(SECRET)
        key = self.key_file.read_bytes()
        self.data_dir = self.another_host()
        self.key_file.write_bytes(key + b"\n")
        self.assertEqual(self.certificates._unseal(sealed), SECRET)

    def test_key_from_the_environment_or_odoo_conf(self):
        option = patch.dict(config._runtime_options, {"ksef_master_key": OPTION})
        self.startPatcher(option)
        by_option = self.certificates._seal(SECRET)
        os.environ["KSEF_MASTER_KEY"] = VARIABLE
        by_variable = self.certificates._seal(SECRET)
        self.assertEqual(self.certificates._unseal(by_variable), SECRET)
        self.assertOtherKey(by_option)
        del os.environ["KSEF_MASTER_KEY"]
        self.assertEqual(self.certificates._unseal(by_option), SECRET)
        self.assertFalse(self.key_file.exists(), "no key beside the given one")

    def test_too_short_key(self):
        os.environ["KSEF_MASTER_KEY"] = "short"
        self.assertRefused(
            "too_short",
            "The master key KSEF_MASTER_KEY is too short: give at least 32 characters.",
            self.certificates._seal,
            SECRET,
        )

    def test_blob_moved_elsewhere_does_not_open(self):
        sealed = self.certificates._seal(SECRET, "ksef.import/key")
        self.assertDamaged(sealed)

    def test_damaged_blob_does_not_open(self):
        sealed = base64.b64decode(self.certificates._seal(SECRET))
        flipped = sealed[:-1] + bytes([sealed[-1] ^ 1])
        for content in (b"", b"x", sealed[:20], sealed[:-1], flipped, b"y" + sealed):
            with self.subTest(length=len(content)):
                self.assertDamaged(base64.b64encode(content))

    def test_folder_that_cannot_be_written(self):
        (self.data_dir / "file").write_bytes(b"")
        folder = {"data_dir": str(self.data_dir / "file")}
        self.startPatcher(patch.dict(config._runtime_options, folder))
        self.assertRefused(
            "unwritable",
            "The master key cannot be written to Odoo's data directory. Give the server"
            " the right to write there, or set KSEF_MASTER_KEY.",
            self.certificates._seal,
            SECRET,
        )

    def test_upload_tells_of_the_lost_key(self):
        self.keep(self.certificates._seal(SECRET))
        self.key_file.unlink()
        company = self.env.company
        company.write({"ksef_environment": "test", "vat": "PL9999999999"})
        with self.assertRaisesRegex(UserError, "The master key .* is missing"):
            self.env["ksef.certificate.upload"].create(
                {"company_id": company.id, "type": "token", "token": "x"}
            )
