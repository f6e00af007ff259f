from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NIP
from .enrolment_common import EnrolmentCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestRenewal(EnrolmentCase):
    """A renewed certificate takes over once it has proven itself; the old one stays."""

    def test_authentication_certificate(self):
        renewed, told = self.renew(self.certificate)
        self.assertEqual(told["type"], "success", told["message"])
        self.assertUsable(renewed, "active")
        self.assertEqual(renewed.renews_id, self.certificate)
        self.assertEqual(self.company._ksef_login_credential(), renewed)
        self.assertEqual(self.certificate.state, "active", "the old one stays")

    def test_a_new_one_that_does_not_connect_is_not_used(self):
        self.certificate.with_user(self.admin).action_check_connection()
        self.simulator.fault("server_error", path="personal/grants", times=1)
        renewed, _told = self.renew(self.certificate)
        self.assertEqual(renewed.state, "failed")
        self.assertEqual(self.company._ksef_login_credential(), self.certificate)
        self.run_cron("watch")
        self.assertEqual(renewed.state, "active", "tried again the next day")
        self.assertEqual(self.company._ksef_login_credential(), renewed)

    def test_offline_certificate(self):
        old = self.upload(self.company, "Offline", nip=NIP)
        renewed, _told = self.renew(old)
        self.assertUsable(renewed, "stored")
        self.assertEqual(self.company._ksef_offline_certificate(), renewed)
        self.assertEqual(old.state, "stored")

    def test_a_certificate_of_somebody_else_is_not_renewed_by_us(self):
        other = self.upload(self.company, "Offline", pesel="90010112345")
        with self.assertRaises(UserError) as refusal:
            self.renew(other)
        self.assertIn("no login certificate of the same owner", str(refusal.exception))
        self.assertFalse(self.requested())

    def test_rights_given_to_a_fingerprint_are_not_renewed(self):
        self.certificate.sudo().subject_identifier_type = "Fingerprint"
        wizard = self.wizard_for(self.certificate.with_user(self.admin).action_renew())
        self.assertTrue(wizard.loses_rights, "and it is said")
