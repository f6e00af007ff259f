"""Logging in to a KSeF that checks signatures, rights and challenges."""

from datetime import timedelta

import pytest

from ksef.auth import log_in
from ksef.credential import Credential
from ksef.errors import ApiError, AuthenticationError, CertificateError

from . import pki
from .ksef_login import BUYER, SELLER, STRANGER, Conversation, utc_now

PESEL = "44051401458"
PASSWORD = "Piętnaście-znaków!"


class TestByCertificate(Conversation):
    """A seal, a sole proprietor and a person with a grant log in alike."""

    @pytest.mark.parametrize("key", ["EC", "RSA"])
    @pytest.mark.parametrize("password", [None, PASSWORD])
    def test_a_company_seal(self, key, password):
        files = self.simulator.issue_certificate(nip=SELLER, key=key, password=password)
        tokens = self.log_in(Credential.load(*files, password))
        client = self.client(tokens)
        assert client.rights() == ("Owner",)
        assert client.personal_grants() == (), "rights of an owner are never listed"
        assert tokens.access.valid_until < tokens.refresh.valid_until

    @pytest.mark.parametrize("key", ["EC", "RSA"])
    def test_a_sole_proprietor(self, key):
        files = self.simulator.issue_certificate(pesel=PESEL, key=key)
        self.simulator.link_person(PESEL, SELLER)
        assert self.client(self.log_in(Credential.load(*files))).rights()

    def test_an_accountant(self):
        files = self.simulator.issue_certificate(pesel=PESEL)
        self.simulator.grant(SELLER, "Pesel", PESEL, ["InvoiceRead", "InvoiceWrite"])
        client = self.client(self.log_in(Credential.load(*files)))
        granted = {grant.permission for grant in client.personal_grants()}
        assert granted == {"InvoiceRead", "InvoiceWrite"}

    def test_our_clock_may_be_hours_ahead(self):
        """A signature from KSeF's future is invalid, so it is made by KSeF's clock."""
        made = Credential.load(*self.simulator.issue_certificate(nip=SELLER))
        true = self.simulator.clock.now
        assert log_in(
            self.client(),
            SELLER,
            made,
            now=lambda: true() + timedelta(hours=3),
            sleep=lambda _seconds: None,
            deadline=true() + timedelta(hours=3, minutes=1),
        )

    def test_without_a_right_in_the_company_it_is_415(self):
        files = self.simulator.issue_certificate(nip=STRANGER)
        with pytest.raises(AuthenticationError) as caught:
            self.log_in(Credential.load(*files))
        assert (caught.value.status, caught.value.code) == (200, 415)
        assert caught.value.description

    def test_a_revoked_one_is_460(self):
        made = Credential.load(*self.simulator.issue_certificate(nip=SELLER))
        self.simulator.revoke_certificate(made.serial_number)
        with pytest.raises(AuthenticationError) as caught:
            self.log_in(made)
        assert caught.value.code == 460 and caught.value.details

    def test_one_of_nobody_is_460(self):
        window = (timedelta(days=-9), timedelta(days=3650))
        with pytest.raises(AuthenticationError) as caught:
            self.log_in(pki.credential(valid=window))
        assert caught.value.code == 460

    def test_an_offline_one_is_not_even_tried(self):
        files = self.simulator.issue_certificate("Offline", nip=SELLER)
        made = Credential.load(*files)
        assert made.purpose == "offline"
        with pytest.raises(CertificateError) as caught:
            self.log_in(made)
        assert caught.value.reason == "wrong_purpose"
        assert self.simulator.requests == []


class TestByToken(Conversation):
    """A KSeF token is good for its company alone."""

    def test_it_logs_in(self):
        token = self.simulator.new_token(SELLER, ["InvoiceRead"])
        assert self.client(self.log_in(token)).rights() == ("InvoiceRead",)

    def test_a_rotation_of_keys_does_not_disturb(self):
        token = self.simulator.new_token(SELLER)
        self.simulator.rotate_keys()
        assert self.log_in(token)

    @pytest.mark.parametrize("case", ["other company", "revoked", "invented"])
    def test_a_bad_one_is_450(self, case):
        token = self.simulator.new_token(SELLER)
        if case == "revoked":
            self.simulator.revoke_token(token)
        if case == "invented":
            token = token[:-1] + ("0" if token[-1] != "0" else "1")
        nip = BUYER if case == "other company" else SELLER
        with pytest.raises(AuthenticationError) as caught:
            self.log_in(token, nip)
        assert (caught.value.status, caught.value.code) == (200, 450)


class TestTokens(Conversation):
    """Access for minutes, refresh for days, and nothing after that."""

    def test_refresh(self):
        tokens = self.log_in()
        self.simulator.advance(3600)
        with pytest.raises(AuthenticationError) as caught:
            self.client(tokens).personal_grants()
        assert caught.value.status == 401
        fresh = self.client().refresh(tokens.refresh.token)
        assert fresh.valid_until > utc_now() + timedelta(hours=1)

    def test_a_refresh_token_ends_too(self):
        tokens = self.log_in()
        self.simulator.advance(8 * 86400)
        with pytest.raises(ApiError):
            self.client().refresh(tokens.refresh.token)

    def test_each_kind_works_in_its_own_place(self):
        tokens = self.log_in()
        for call in (
            lambda client: client.refresh(tokens.access.token),
            lambda client: client.redeem(tokens.access.token),
            lambda client: client.redeem(tokens.refresh.token),
        ):
            with pytest.raises(AuthenticationError):
                call(self.client())
