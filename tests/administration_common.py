import base64

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)

from odoo.tests import new_test_user

from .common import NIP, PASSWORD, KsefCase

#: What the form of the wizard reads back.
SPECIFICATION = {
    name: {}
    for name in ("type", "certificate_file", "key_file", "password", "token", "name")
}


def der_certificate(pem):
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def der_key(pem, password=PASSWORD, *, encrypted=True):
    key = load_pem_private_key(pem, password.encode())
    how = BestAvailableEncryption(PASSWORD.encode()) if encrypted else NoEncryption()
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, how)


def p12(crt, key, password=PASSWORD):
    return pkcs12.serialize_key_and_certificates(
        b"ksef",
        load_pem_private_key(key, PASSWORD.encode()),
        x509.load_pem_x509_certificate(crt),
        None,
        BestAvailableEncryption(password.encode()),
    )


class AdministratorCase(KsefCase):
    """Settings and certificates are an administrator's work. KSeF does not keep us
    waiting, and what it was asked before the test is forgotten."""

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


class UploadCase(AdministratorCase):
    """The wizard as the web client drives it: save the form, then press the button."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificate.unlink()

    def form(self, **values):
        """A new wizard in the form: nothing is saved yet."""
        return self.as_admin("ksef.certificate.upload"), {
            "company_id": self.company.id,
            "type": "authentication",
            **{k: self.encoded(v) for k, v in values.items()},
        }

    def as_admin(self, model):
        return (
            self.env[model]
            .with_user(self.admin)
            .with_context(allowed_company_ids=[self.company.id])
        )

    @staticmethod
    def encoded(value):
        return base64.b64encode(value).decode() if isinstance(value, bytes) else value

    def press(self, **values):
        """Save the form and press its button; returns the client's next action."""
        wizard, vals = self.form(**values)
        (saved,) = wizard.web_save(vals, SPECIFICATION)
        return wizard.browse(saved["id"]).action_save()

    def added(self, **values):
        action = self.press(**values)
        certificates = self.stored()
        self.assertEqual(len(certificates), 1, "one record for one upload")
        return certificates, action

    def stored(self):
        return self.env["ksef.certificate"].search(
            [("company_id", "in", (self.company | self.other).ids)]
        )

    def issue(self, kind="Authentication", **order):
        order.setdefault("password", PASSWORD)
        if not order.get("pesel"):
            order.setdefault("nip", NIP)
        return self.simulator.issue_certificate(kind, **order)


class ConnectionCase(AdministratorCase):
    """An administrator looks at Settings > KSeF; the accountant only works."""

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
