"""ksef-client from PyPI, a stranger to the simulator, as a base for tests."""

import ksef_client.http
import pytest
from ksef_client import KsefClient, KsefClientOptions

from .common import Law


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
