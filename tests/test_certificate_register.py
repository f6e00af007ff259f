import base64

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..ksef.errors import CertificateError
from .common import NIP, OTHER_NIP, PASSWORD
from .enrolment_common import EnrolmentCase


class RegisterCase(EnrolmentCase):
    """The register starts with the login certificate alone, for every test."""

    def setUp(self):
        super().setUp()
        held = self.simulator.store.certificates
        mine = held[self.certificate.serial_number]
        mine.revoked, mine.blocked = False, None
        self.restore = dict(held)
        self.addCleanup(self.put_back)

    def put_back(self):
        held = self.simulator.store.certificates
        held.clear()
        held.update(self.restore)

    def register(self):
        action = self.settings().action_ksef_register()
        return self.wizard_for(action)

    def row(self, certificate):
        lines = self.register().line_ids
        return lines.filtered(
            lambda line: line.serial_number == certificate.serial_number
        )

    def revoke(self, certificate, reason="Superseded"):
        action = self.row(certificate).action_revoke()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.admin)
            .with_context(**action["context"])
            .create({"reason": reason})
        )
        wizard.action_revoke()
        return wizard


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCertificateRegister(RegisterCase):
    """What the ministry holds is listed beside what Odoo holds, can be downloaded
    again, and is revoked only after the consequences were named."""

    def test_what_ksef_holds_and_odoo_does_not(self):
        crt, _key = self.simulator.issue_certificate(nip=NIP, label="Stary program")
        serial = f"{x509.load_pem_x509_certificate(crt).serial_number:016X}"
        lines = {line.serial_number: line for line in self.register().line_ids}
        self.assertTrue(lines[self.certificate.serial_number].is_here)
        foreign = lines[serial]
        self.assertFalse(foreign.is_here)
        self.assertEqual(foreign.name, "Stary program")
        self.assertEqual(foreign.type, "Authentication")
        self.assertEqual(foreign.status, "Active")
        self.assertTrue(foreign.valid_to)

    def test_certificates_of_others_are_not_listed(self):
        crt, _key = self.simulator.issue_certificate(nip=OTHER_NIP)
        serial = f"{x509.load_pem_x509_certificate(crt).serial_number:016X}"
        self.assertNotIn(serial, self.register().line_ids.mapped("serial_number"))

    def test_every_page_is_listed(self):
        for _number in range(60):
            self.simulator.issue_certificate("Offline", nip=NIP)
        self.assertGreater(len(self.register().line_ids), 60)

    def test_every_owner_is_asked(self):
        self.simulator.grant(NIP, "Pesel", "90010112345", ["InvoiceWrite"])
        person = self.upload(self.company, pesel="90010112345", password=PASSWORD)
        serials = self.register().line_ids.mapped("serial_number")
        self.assertIn(person.serial_number, serials)
        self.assertIn(self.certificate.serial_number, serials)

    def test_download(self):
        line = self.row(self.certificate)
        action = line.action_download()
        self.assertIn(f"{self.certificate.serial_number}.crt", action["url"])
        der = base64.b64decode(line.with_context(bin_size=False).content)
        held = x509.load_der_x509_certificate(der).public_bytes(Encoding.DER)
        own = self.certificate.with_context(bin_size=False).certificate
        self.assertEqual(held, base64.b64decode(own))

    def test_revoked_offline_certificate(self):
        offline, _told = self.get_offline()
        wizard = self.revoke(offline, "KeyCompromise")
        self.assertFalse(wizard.is_login)
        self.assertEqual(offline.state, "revoked")
        self.assertFalse(self.company._ksef_offline_certificate())
        held = self.simulator.store.certificates[offline.serial_number]
        self.assertTrue(held.blocked)
        self.assertEqual(held.reason, "KeyCompromise")
        self.assertEqual(self.check()[0], "success", "logins go on")

    def test_r24_revoked_login_certificate_logs_out(self):
        wizard = self.revoke(self.certificate)
        self.assertTrue(wizard.is_login, "the consequence is named")
        self.assertEqual(self.certificate.state, "revoked")
        with self.assertRaisesRegex(CertificateError, "revoked"):
            self.company._ksef_client()
        alive = [
            one
            for one in self.simulator.store.logins.values()
            if not one.revoked and one.code == 200 and one.subject.value == NIP
        ]
        self.assertFalse(alive, "a refresh token would outlive it by a week")

    def test_after_a_renewal_the_old_one_can_be_revoked(self):
        renewed, _told = self.renew(self.certificate)
        self.assertUsable(renewed, "active")
        self.revoke(self.certificate)
        self.assertEqual(self.certificate.state, "revoked")
        self.assertEqual(self.company._ksef_login_credential(), renewed)
        self.assertEqual(self.check()[0], "success")

    def test_what_ended_cannot_be_revoked_again(self):
        offline, _told = self.get_offline()
        line = self.row(offline)
        self.revoke(offline)
        with self.assertRaises(UserError) as refusal:
            self.env["ksef.certificate.revoke"].with_user(self.admin).create(
                {"line_id": line.id}
            ).action_revoke()
        self.assertIn("it has ended already", str(refusal.exception))

    def test_token_login_has_no_register(self):
        self.company.ksef_login = "token"
        self.certificate.unlink()
        token = self.simulator.new_token(NIP)
        self.wizard(self.company, type="token", token=token).action_save()
        with self.assertRaises(UserError) as refusal:
            self.register()
        self.assertIn("not to a KSeF token", str(refusal.exception))

    def test_ksef_away(self):
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        with self.assertRaises(UserError) as refusal:
            self.register()
        self.assertIn("KSeF cannot be reached", str(refusal.exception))

    def test_an_administrator_of_another_company_stays_outside(self):
        line = self.row(self.certificate)
        stranger = new_test_user(
            self.env,
            "ksef_stranger_admin",
            groups="base.group_system",
            company_id=self.other.id,
            company_ids=[(6, 0, self.other.ids)],
        )
        with self.assertRaises(AccessError):
            line.with_user(stranger).action_download()
        registers = self.env["ksef.certificate.register"].with_user(stranger)
        own = registers.create({"company_id": self.other.id})
        with self.assertRaises(AccessError):
            forged = line.with_user(stranger).create(
                {
                    "register_id": own.id,
                    "login_id": self.certificate.id,
                    "serial_number": self.certificate.serial_number,
                    "type": "Authentication",
                }
            )
            forged.action_download()


@tagged("post_install_l10n", "post_install", "-at_install")
class TestLogOutEverywhere(RegisterCase):
    """ "Log out everywhere" ends every login at KSeF; the certificate stays good."""

    def alive(self):
        logins = self.simulator.store.logins.values()
        return [one for one in logins if not one.revoked and one.code == 200]

    def test_every_login_is_ended(self):
        for _time in range(3):
            self.check()
        self.assertGreaterEqual(len(self.alive()), 3)
        told = self.settings().action_ksef_log_out_everywhere()["params"]
        self.assertEqual(told["type"], "success")
        self.assertFalse(self.alive())
        self.assertEqual(self.check()[0], "success", "one can log in again")

    def test_ksef_away(self):
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        with self.assertRaises(UserError):
            self.settings().action_ksef_log_out_everywhere()
