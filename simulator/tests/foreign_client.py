"""ksef-client from PyPI, a stranger to the simulator, as a base for tests."""

import ksef_client.http
import pytest
from ksef_client import KsefClient, KsefClientOptions
from ksef_client import models as m
from ksef_client.services.workflows import AuthCoordinator

from .common import SELLER, Law


class ForeignLaw(Law):
    @pytest.fixture(autouse=True)
    def foreign(self, running, monkeypatch):
        # It refuses links to 127.0.0.1 as a matter of principle.
        monkeypatch.setattr(
            ksef_client.http, "_validate_presigned_url_security", lambda *args: None
        )
        self.options_of_ksef = KsefClientOptions(
            base_url=self.simulator.url,
            base_qr_url=self.simulator.url,
            base_lighthouse_url=self.simulator.url,
        )
        with KsefClient(self.options_of_ksef) as client:
            self.ksef = client
            yield


class ForeignSeller(ForeignLaw):
    """It has logged in as the seller, and reads sessions."""

    @pytest.fixture(autouse=True)
    def logged_in(self, foreign):
        key = self.key(m.PublicKeyCertificateUsage.KSEFTOKENENCRYPTION)
        result = AuthCoordinator(self.ksef.auth).authenticate_with_ksef_token(
            token=self.simulator.new_token(SELLER),
            public_certificate=key.certificate,
            public_key_id=key.public_key_id,
            context_identifier_type="nip",
            context_identifier_value=SELLER,
            poll_interval_seconds=0,
        )
        self.token = result.access_token

    def key(self, usage):
        return self.ksef.security.get_public_key_certificate(usage)

    def ended(self, session):
        for _look in range(4):
            status = self.ksef.sessions.get_session_status(
                session, access_token=self.token
            )
        return status

    def listed(self, session):
        """Every entry, by pages of ten."""
        found, token = [], None
        while True:
            page = self.ksef.sessions.get_session_invoices(
                session,
                page_size=10,
                continuation_token=token,
                access_token=self.token,
            )
            found += page.invoices
            token = page.continuation_token
            if not token:
                return found
