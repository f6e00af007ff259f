import base64
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..ksef.credential import Credential
from ..ksef.xades import sign
from ..tools import warsaw
from .common import NIP, OTHER_NIP
from .enrolment_common import ORDER, EnrolmentCase
from .secrets import traces

ORGANIZATION_IDENTIFIER = x509.ObjectIdentifier("2.5.4.97")


def seal(nip):
    """A qualified seal of a company, as a stranger's program holds it."""
    key = ec.generate_private_key(ec.SECP256R1())
    oids = x509.NameOID
    name = x509.Name(
        [
            x509.NameAttribute(oids.COUNTRY_NAME, "PL"),
            x509.NameAttribute(oids.ORGANIZATION_NAME, "ABC AGD sp. z o.o."),
            x509.NameAttribute(ORGANIZATION_IDENTIFIER, f"VATPL-{nip}"),
            x509.NameAttribute(oids.COMMON_NAME, "ABC AGD"),
        ]
    )
    now = datetime.now(timezone.utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=700))
    )
    return Credential(builder.sign(key, hashes.SHA256()), key)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestFirstLogin(EnrolmentCase):
    """A company without any KSeF certificate logs in once with a request that is
    signed outside Odoo, and has its own certificate afterwards."""

    def setUp(self):
        super().setUp()
        self.certificate.unlink()
        self.simulator.set(self_signed=True)
        self.addCleanup(self.simulator.set, self_signed=False)

    def opened(self):
        action = self.settings().action_ksef_first_login()
        return (
            self.env[action["res_model"]]
            .with_user(self.admin)
            .with_context(**action["context"])
            .create({})
        )

    def request(self, wizard):
        """What the user downloads."""
        action = wizard.action_download()
        self.assertIn("AuthTokenRequest.xml", action["url"])
        return base64.b64decode(wizard.with_context(bin_size=False).request_file)

    def log_in(self, wizard, nip=NIP, request=None):
        """Sign outside, choose the file, press the button."""
        request = request or self.request(wizard)
        wizard.signed_file = base64.b64encode(sign(request, seal(nip), warsaw.now()))
        return wizard.action_log_in()["params"]

    def test_the_first_certificate(self):
        told = self.log_in(self.opened())
        self.assertEqual(told["type"], "success", told["message"])
        certificate = self.newest()
        self.assertUsable(certificate, "active")
        self.assertEqual(certificate.type, "authentication")
        self.assertEqual(certificate.subject_identifier, NIP)
        self.assertEqual(self.company._ksef_login_credential(), certificate)
        self.assertEqual(self.check()[0], "success", "from now on alone")

    def test_then_the_offline_certificate(self):
        self.log_in(self.opened())
        offline, _told = self.get_offline()
        self.assertUsable(offline, "stored")

    def test_nothing_of_the_login_is_kept(self):
        wizard = self.opened()
        request = self.request(wizard)
        self.log_in(wizard, request=request)
        self.assertFalse(wizard.exists())
        self.assertEqual(traces(self.env, request), set())
        for login in self.simulator.store.logins.values():
            self.assertEqual(traces(self.env, login.reference.encode()), set())

    def test_an_unfinished_request_is_resumed(self):
        self.simulator.fault("lost_answer", **ORDER)
        told = self.log_in(self.opened())
        self.assertEqual(told["type"], "info")
        certificate = self.newest()
        self.assertEqual(certificate.state, "enrolling")
        self.go_on()
        self.assertIn("cannot log in as", certificate.enrolment_problem)
        wizard = self.opened()
        self.assertEqual(wizard.unfinished_id, certificate)
        told = self.log_in(wizard)
        self.assertEqual(told["type"], "success", told["message"])
        self.assertEqual(self.newest(), certificate)
        self.assertUsable(certificate, "active")
        self.assertEqual(len(self.requested()), 1)

    def test_a_seal_of_another_company(self):
        with self.assertRaises(UserError) as refusal:
            self.log_in(self.opened(), nip=OTHER_NIP)
        self.assertIn("415", str(refusal.exception))
        self.assertFalse(self.newest())

    def test_files_that_are_not_the_signed_request(self):
        wizard = self.opened()
        for words, content in (
            ("download it and sign it first", None),
            ("choose the XML file", b""),
            ("no XML document", b"%PDF-1.7"),
            ("there is no signature", "the request itself"),
            ("not the one that was downloaded last", "an earlier one"),
        ):
            with self.subTest(words), self.assertRaises(UserError) as refusal:
                if content == "an earlier one":
                    earlier = sign(self.request(wizard), seal(NIP), warsaw.now())
                    self.request(wizard)
                    wizard.signed_file = base64.b64encode(earlier)
                elif content == "the request itself":
                    wizard.signed_file = base64.b64encode(self.request(wizard))
                elif content is not None:
                    self.request(wizard)
                    wizard.signed_file = base64.b64encode(content)
                wizard.action_log_in()
            self.assertIn(words, str(refusal.exception))
        self.assertFalse(self.asked("/auth/xades-signature"), "nothing is sent")

    def test_ksef_away(self):
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        with self.assertRaises(UserError) as refusal:
            self.opened().action_download()
        self.assertIn("KSeF cannot be reached", str(refusal.exception))

    def test_company_without_nip(self):
        wizard = self.opened()
        self.company.partner_id.vat = False
        with self.assertRaises(UserError) as refusal:
            wizard.action_download()
        self.assertIn("Tax ID", str(refusal.exception))

    def test_an_accountant_cannot(self):
        with self.assertRaises(AccessError):
            self.env["ksef.first.login"].with_user(self.accountant).create({})
