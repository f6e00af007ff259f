from datetime import timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from ..ksef.errors import AuthenticationError, CertificateError, TransportError
from ..simulator import Simulator
from ..tools import tokens, warsaw
from .administration_common import ConnectionCase


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

    def test_r21_refused_refresh_is_followed_by_one_login(self):
        for refuse in (self.revoke_logins, self.refuse_refresh):
            with self.subTest(refuse=refuse.__name__):
                self.grants()
                self.expire_access()
                refuse()
                self.simulator.requests.clear()
                self.grants()
                self.assertEqual(len(self.asked("/auth/token/refresh")), 1)
                self.assertEqual(len(self.asked("/auth/xades-signature")), 1)
                tokens.forget_all(self.certificate._token_key())

    def revoke_logins(self):
        """Somebody ended the session in the taxpayer application: 400."""
        for login in self.simulator.store.logins.values():
            login.revoked = True

    def refuse_refresh(self):
        self.simulator.fault("unauthorized", path="token/refresh")

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

    def test_r28_changed_address(self):
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
        self.company.ksef_api_url = "http://127.0.0.1:1/v2"
        self.assertFalse(self.company.ksef_paused_until)

    def expire_access(self):
        """Fifteen minutes and more pass, for KSeF and for Odoo."""
        self.travel(timedelta(minutes=20))

    def travel(self, time):
        self.startPatcher(freeze_time(warsaw.now() + time, tick=True))
