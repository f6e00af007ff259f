"""Logging in by a signed request, as a base for tests."""

import pytest

from . import foreign_signer
from .common import SELLER, Client, Law


class SignatureLaw(Law):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path):
        self.tmp = tmp_path

    def signed(self, crt, key, *, nip=SELLER, challenge=None, **changes):
        client = Client(self.simulator)
        challenge = challenge or client.post("/auth/challenge").json()["challenge"]
        return foreign_signer.request(self.tmp, challenge, nip, crt, key, **changes)

    def submit(self, xml, content_type="application/xml", **params):
        client = Client(self.simulator)
        headers = {"Content-Type": content_type}
        path = "/auth/xades-signature"
        return client.post(path, data=xml, headers=headers, params=params)

    def certificate(self, **order):
        order = {"nip": SELLER} | order
        return self.simulator.issue_certificate(**order)

    def end_status(self, xml, **params):
        begun = self.submit(xml, **params)
        assert begun.status_code == 202, begun.text
        return Client(self.simulator).login_status(begun)

    def client_for(self, crt, key, **changes):
        """A client logged in with the certificate."""
        client = Client(self.simulator)
        begun = self.submit(self.signed(crt, key, **changes))
        status = client.login_status(begun)
        assert status["code"] == 200, status
        client.take(client.redeem(begun).json())
        return client
