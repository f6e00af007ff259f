from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import NIP
from .enrolment_common import EnrolmentCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestAskedOnce(EnrolmentCase):
    """While a request is under way nobody asks KSeF for the same certificate again."""

    def setUp(self):
        super().setUp()
        self.simulator.fault("enrollment_stuck")

    def test_a_button_goes_on_with_it(self):
        first, _told = self.get_offline()
        told = self.settings().action_ksef_get_offline_certificate()
        self.assertIn("KSeF is issuing the certificate", told["params"]["message"])
        self.assertEqual(self.newest(), first)
        self.assertEqual(len(self.requested()), 1)

    def test_a_renewal_goes_on_with_it(self):
        first, _told = self.renew(self.certificate)
        self.simulator.set(enrollment_limit=0)
        told = self.certificate.with_user(self.admin).action_renew()
        self.assertEqual(told["params"]["type"], "info")
        self.assertEqual(self.newest(), first)

    def test_two_dialogs(self):
        dialogs = [
            self.wizard_for(self.settings().action_ksef_get_offline_certificate())
            for _person in range(2)
        ]
        for dialog in dialogs:
            dialog.action_request()
        self.assertEqual(len(self.requested()), 1)
        self.assertEqual(dialogs[0].certificate_id, dialogs[1].certificate_id)

    def test_double_click(self):
        self.simulator.clear_faults()
        dialog = self.wizard_for(self.settings().action_ksef_get_offline_certificate())
        for _click in range(2):
            told = dialog.action_request()
            self.assertEqual(told["params"]["type"], "success")
        self.assertEqual(len(self.requested()), 1)

    def test_another_process_is_deciding(self):
        dialog = self.wizard_for(self.settings().action_ksef_get_offline_certificate())
        companies = self.env.registry["res.company"]
        self.patch(companies, "try_lock_for_update", lambda self, **_how: self.browse())
        with self.assertRaises(UserError) as refusal:
            dialog.action_request()
        self.assertIn("just beginning another request", str(refusal.exception))
        self.assertFalse(self.requested())

    def test_another_kind_or_owner_is_another_request(self):
        self.get_offline()
        self.simulator.grant(NIP, "Pesel", "90010112345", ["InvoiceWrite"])
        person = self.upload(self.company, pesel="90010112345")
        self.renew(person)
        self.renew(self.certificate)
        self.assertEqual(len(self.requested()), 3)
