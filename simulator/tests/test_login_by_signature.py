"""A login request opens a door only if it is truly signed by somebody entitled."""

import base64
import re
from datetime import datetime, timedelta, timezone
from typing import ClassVar

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from . import foreign_signer
from .common import PESEL, SELLER, STRANGER, Client, code_of
from .signed_login import SignatureLaw

NOW = datetime.now(timezone.utc)
OTHER_DIGEST = base64.b64encode(bytes(32)).decode()


class TestSignature(SignatureLaw):
    """Every digest, the value, and the binding to the certificate are checked."""

    @pytest.mark.parametrize("key", ["EC", "RSA"])
    @pytest.mark.parametrize(
        "c14n", [foreign_signer.EXCLUSIVE, foreign_signer.INCLUSIVE]
    )
    def test_a_signature_by_another_program_is_accepted(self, key, c14n):
        xml = self.signed(*self.certificate(key=key), c14n=c14n)
        assert self.end_status(xml)["code"] == 200

    def test_ecdsa_in_der_is_refused(self):
        xml = self.signed(*self.certificate(key="EC"))
        pattern = re.compile(rb"(<ds:SignatureValue>)([^<]+)")
        value = base64.b64decode(pattern.search(xml)[2])
        halves = (int.from_bytes(half, "big") for half in (value[:32], value[32:]))
        der = base64.b64encode(encode_dss_signature(*halves))
        xml = pattern.sub(lambda found: found[1] + der, xml)
        assert code_of(self.submit(xml)) == 9105

    @pytest.mark.parametrize(
        "old, new",
        [
            (SELLER.encode(), STRANGER.encode()),
            (b"certificateSubject", b"certificateFingerprint"),
            (b"X509IssuerName>CN=x", b"X509IssuerName>CN=y"),
            (b"<Challenge>2", b"<Challenge>3"),
            (b'Target="#S"', b'Target="#T"'),
            (b"enveloped-signature", b"unknown"),
        ],
    )
    def test_any_change_after_signing_is_noticed(self, old, new):
        xml = self.signed(*self.certificate())
        assert old in xml
        assert code_of(self.submit(xml.replace(old, new, 1))) == 9105

    @pytest.mark.parametrize(
        "changes",
        [
            {"digest": OTHER_DIGEST},
            {"serial": 1},
            {"time": NOW + timedelta(hours=1)},
        ],
    )
    def test_signed_properties_must_be_true(self, changes):
        xml = self.signed(*self.certificate(), **changes)
        assert code_of(self.submit(xml)) == 9105

    def test_somebody_elses_certificate_in_key_info(self):
        crt, key = self.certificate(key="EC")
        other, _key = self.certificate(key="EC")
        _certificate, private = foreign_signer.load_pair(crt, key)
        shown, _private = foreign_signer.load_pair(other, _key)
        challenge = Client(self.simulator).post("/auth/challenge").json()["challenge"]
        xml = foreign_signer.template(challenge, SELLER, shown)
        xml = foreign_signer.sign(self.tmp, xml, private)
        assert code_of(self.submit(xml)) == 9105

    def test_exactly_one_signature(self):
        xml = self.signed(*self.certificate())
        signature = re.search(rb"<ds:Signature.*</ds:Signature>", xml, re.DOTALL)[0]
        assert code_of(self.submit(xml.replace(signature, b""))) == 9102
        assert code_of(self.submit(xml.replace(signature, signature * 2))) == 9103

    @pytest.mark.parametrize(
        "xml, code",
        [
            (b"<AuthTokenRequest", 21001),
            ("<a>ą</a>".encode("iso-8859-2"), 21217),
            (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 9101),
        ],
    )
    def test_unreadable_requests(self, xml, code):
        assert code_of(self.submit(xml)) == code

    def test_content_type(self):
        xml = self.signed(*self.certificate())
        assert self.simulator.sessions == []
        response = self.submit(xml, "application/json")
        assert response.status_code == 415


class TestChallenge(SignatureLaw):
    """A challenge is good for ten minutes and for one login."""

    def test_a_challenge_is_used_up(self):
        xml = self.signed(*self.certificate())
        assert self.submit(xml).status_code == 202
        assert code_of(self.submit(xml)) == 21111

    def test_an_old_challenge(self):
        xml = self.signed(*self.certificate())
        self.simulator.advance(601)
        assert code_of(self.submit(xml)) == 21111

    def test_an_invented_challenge(self):
        invented = "20260101-CR-0123456789-0123456789-01"
        xml = self.signed(*self.certificate(), challenge=invented)
        assert code_of(self.submit(xml)) == 21111


class TestCertificate(SignatureLaw):
    """The certificate decides who logs in; its rights come from KSeF."""

    def test_an_offline_certificate_does_not_log_in(self):
        xml = self.signed(*self.certificate(kind="Offline"))
        assert self.end_status(xml)["code"] == 460

    @pytest.mark.parametrize(
        "order",
        [
            {"not_before": NOW - timedelta(days=9), "not_after": NOW},
            {"not_before": NOW + timedelta(days=1)},
        ],
        ids=["expired", "not yet valid"],
    )
    def test_validity(self, order):
        assert self.end_status(self.signed(*self.certificate(**order)))["code"] == 460

    def test_revoked(self):
        crt, key = self.certificate()
        (serial,) = self.simulator.store.certificates
        self.simulator.revoke_certificate(serial)
        assert self.end_status(self.signed(crt, key))["code"] == 460

    def test_another_authority(self):
        stranger = type(self.simulator)()
        pair = stranger.issue_certificate(nip=SELLER)
        stranger.stop()
        assert self.end_status(self.signed(*pair))["code"] == 460

    def test_another_companys_certificate(self):
        pair = self.certificate(nip=STRANGER)
        assert self.end_status(self.signed(*pair))["code"] == 415

    def test_a_person_needs_a_grant(self):
        pair = self.certificate(nip=None, pesel=PESEL)
        assert self.end_status(self.signed(*pair))["code"] == 415
        self.simulator.grant(SELLER, "Pesel", PESEL, ["InvoiceRead"])
        assert self.end_status(self.signed(*pair))["code"] == 200
        self.simulator.revoke_grants(SELLER)
        assert self.end_status(self.signed(*pair))["code"] == 415

    def test_a_sole_proprietor_is_the_owner(self):
        pair = self.certificate(nip=None, pesel=PESEL)
        self.simulator.link_person(PESEL, SELLER)
        client = Client(self.simulator)
        begun = self.submit(self.signed(*pair))
        assert client.login_status(begun)["code"] == 200
        client.take(client.redeem(begun).json())
        client.open()
        grants = client.post("/permissions/query/personal/grants", json={})
        assert grants.json()["permissions"] == [], "owners' rights are never listed"

    def test_a_fingerprint_may_hold_the_grant(self):
        pair = self.certificate(nip=None, name="Anna Nowak")
        xml = self.signed(*pair)
        assert code_of(self.submit(xml)) == 21115, "it names neither NIP nor PESEL"
        (entry,) = self.simulator.store.certificates.values()
        self.simulator.grant(
            SELLER, "Fingerprint", entry.subject.value, ["InvoiceRead"]
        )
        by_fingerprint = {"subject": "certificateFingerprint"}
        assert self.end_status(self.signed(*pair, **by_fingerprint))["code"] == 200


class TestSelfSigned(SignatureLaw):
    """As on TEST: somebody's own certificate, unless the chain is asked for."""

    options: ClassVar = {"self_signed": True}

    def test_accepted_without_a_chain(self):
        pair = foreign_signer.self_signed(SELLER)
        assert self.end_status(self.signed(*pair))["code"] == 200
        checked = {"verifyCertificateChain": "true"}
        assert self.end_status(self.signed(*pair), **checked)["code"] == 460

    def test_refused_elsewhere(self):
        self.simulator.set(self_signed=False)
        pair = foreign_signer.self_signed(SELLER)
        assert self.end_status(self.signed(*pair))["code"] == 460
