"""Logging in: by certificate and by token, waiting no longer than allowed."""

import base64
from datetime import datetime, timedelta, timezone

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from ksef.auth import log_in
from ksef.client import KsefClient
from ksef.errors import (
    ApiError,
    AuthenticationError,
    CertificateError,
    RateLimitError,
    TransportError,
)
from ksef.transport import Transport
from ksef.xades import AUTH_NS

from . import pki

CHALLENGE = {
    "challenge": "20250514-CR-226FB7B000-3ACF9BE4C0-10",
    "timestampMs": 1752236636015,
}
OPERATION = {
    "referenceNumber": "20250514-AU-2DFC46C000-3AC6D5877F-D4",
    "authenticationToken": {"token": "auth-jwt", "validUntil": "2026-03-02T13:00:00Z"},
}
TOKENS = {
    "accessToken": {"token": "access-jwt", "validUntil": "2026-03-02T12:15:00Z"},
    "refreshToken": {"token": "refresh-jwt", "validUntil": "2026-03-09T12:00:00Z"},
}
TOKEN = "20250101-EC-1|nip-5265877635|abc"


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.time = pki.NOW
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.time += timedelta(seconds=seconds)


@pytest.fixture
def clock():
    return Clock()


def log_in_at(server, clock, login=None, seconds: float = 60):
    return log_in(
        KsefClient(Transport(server.url)),
        pki.NIP,
        login or pki.credential(),
        now=clock.now,
        sleep=clock.sleep,
        deadline=pki.NOW + timedelta(seconds=seconds),
    )


def prepare_status(server, *codes, details=()):
    for code in codes:
        status = {"code": code, "description": f"opis {code}", "details": details}
        server.prepare(200, {"status": status})


def public_keys(which: int = 50, key_id: str = "key") -> list:
    return [
        {
            "certificate": base64.b64encode(
                pki.crt(pki.certificate(kind="rsa", which=which), "DER")
            ).decode(),
            "publicKeyId": key_id,
            "validFrom": "2026-01-01T00:00:00Z",
            "validTo": "2027-01-01T00:00:00Z",
            "usage": ["KsefTokenEncryption"],
        }
    ]


class TestCertificate:
    """Challenge, signed request, waiting, tokens."""

    def test_the_whole_way(self, server, clock):
        server.prepare(200, CHALLENGE)
        server.prepare(202, OPERATION)
        prepare_status(server, 100, 100, 200)
        server.prepare(200, TOKENS)
        tokens = log_in_at(server, clock)
        assert (tokens.access.token, tokens.refresh.token) == (
            "access-jwt",
            "refresh-jwt",
        )
        until = datetime(2026, 3, 2, 12, 15, tzinfo=timezone.utc)
        assert tokens.access.valid_until == until
        calls = [(each.method, each.path) for each in server.received]
        status = ("GET", f"/auth/{OPERATION['referenceNumber']}")
        assert calls == [
            ("POST", "/auth/challenge"),
            ("POST", "/auth/xades-signature"),
            *3 * [status],
            ("POST", "/auth/token/redeem"),
        ]
        handed_in = server.received[1]
        assert handed_in.headers["Content-Type"] == "application/xml"
        assert handed_in.headers["X-KSeF-Feature"] == "enforce-xades-compliance"
        root = etree.fromstring(handed_in.body)
        assert root.findtext(f"{{{AUTH_NS}}}Challenge") == CHALLENGE["challenge"]
        bearers = [each.headers.get("Authorization") for each in server.received]
        assert bearers == [None, None, *4 * ["Bearer auth-jwt"]]

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            ({"usage": "offline"}, "wrong_purpose"),
            ({"valid": (timedelta(-9), timedelta(-1))}, "expired"),
            ({"valid": (timedelta(1), timedelta(9))}, "not_yet_valid"),
        ],
    )
    def test_one_that_cannot_log_in_is_told_without_asking(
        self, server, clock, options, reason
    ):
        with pytest.raises(CertificateError) as caught:
            log_in_at(server, clock, pki.credential(**options))
        assert caught.value.reason == reason
        assert server.received == []

    def test_one_that_does_not_say_what_it_is_for_may_try(self, server, clock):
        server.prepare(200, CHALLENGE)
        server.prepare(202, OPERATION)
        prepare_status(server, 200)
        server.prepare(200, TOKENS)
        assert log_in_at(server, clock, pki.credential(usage=None))

    @pytest.mark.parametrize(
        ("subject", "known_by"),
        [
            (pki.SEAL, "certificateSubject"),
            (pki.PERSON, "certificateSubject"),
            (((pki.CN, "nobody"),), "certificateFingerprint"),
        ],
    )
    def test_one_that_names_nobody_is_known_by_its_fingerprint(
        self, server, clock, subject, known_by
    ):
        server.prepare(200, CHALLENGE)
        server.prepare(202, OPERATION)
        prepare_status(server, 200)
        server.prepare(200, TOKENS)
        log_in_at(server, clock, pki.credential(subject))
        root = etree.fromstring(server.received[1].body)
        assert root.findtext(f"{{{AUTH_NS}}}SubjectIdentifierType") == known_by


class TestWaiting:
    """Until KSeF has decided, but never beyond the caller's deadline."""

    @pytest.mark.parametrize("code", [400, 415, 425, 450, 460, 470, 480, 500, 550, 999])
    def test_a_refusal_carries_its_status(self, server, clock, code):
        server.prepare(200, CHALLENGE)
        server.prepare(202, OPERATION)
        prepare_status(server, 100, code, details=["powód"])
        with pytest.raises(AuthenticationError) as caught:
            log_in_at(server, clock)
        assert (caught.value.status, caught.value.code) == (200, code)
        assert caught.value.description == f"opis {code}"
        assert caught.value.details == ("powód",)
        assert server.received[-1].method == "GET", "nothing is redeemed"

    def test_pauses_grow_to_five_seconds(self, server, clock):
        server.prepare(200, CHALLENGE)
        server.prepare(202, OPERATION)
        prepare_status(server, *8 * [100], 200)
        server.prepare(200, TOKENS)
        log_in_at(server, clock)
        assert clock.slept[0] == 1.0 and clock.slept == sorted(clock.slept)
        assert clock.slept[-1] == 5.0

    @pytest.mark.parametrize("seconds", [0, 0.5, 3, 10])
    def test_the_deadline_is_kept(self, server, clock, seconds):
        server.prepare(200, CHALLENGE)
        server.prepare(202, OPERATION)
        prepare_status(server, *20 * [100])
        with pytest.raises(TransportError) as caught:
            log_in_at(server, clock, seconds=seconds)
        assert caught.value.reason == "deadline"
        assert sum(clock.slept) <= seconds

    def test_a_429_is_for_the_caller(self, server, clock):
        server.prepare(200, CHALLENGE)
        server.prepare(202, OPERATION)
        server.prepare(429, headers={"Retry-After": "7"})
        with pytest.raises(RateLimitError) as caught:
            log_in_at(server, clock)
        assert caught.value.retry_after == 7


class TestToken:
    """A KSeF token, encrypted with the challenge's time for a key KSeF shows now."""

    def opened(self, body, which: int = 50) -> str:
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        secret = base64.b64decode(body["encryptedToken"])
        return pki.key("rsa", which).decrypt(secret, oaep).decode()

    def test_the_whole_way(self, server, clock):
        server.prepare(200, public_keys())
        server.prepare(200, CHALLENGE)
        server.prepare(202, OPERATION)
        prepare_status(server, 200)
        server.prepare(200, TOKENS)
        assert log_in_at(server, clock, TOKEN).access.token == "access-jwt"
        body = server.received[2].json()
        assert self.opened(body) == f"{TOKEN}|1752236636015"
        assert body["challenge"] == CHALLENGE["challenge"]
        assert body["contextIdentifier"] == {"type": "Nip", "value": pki.NIP}
        assert body["publicKeyId"] == "key"
        assert all(TOKEN.encode() not in each.body for each in server.received)

    def refuse_key(self, server, key_id, challenge):
        server.prepare(200, public_keys(51, key_id))
        server.prepare(200, {**CHALLENGE, "challenge": challenge})
        server.prepare(400, {"errors": [{"code": 21470, "description": "klucz"}]})

    def test_a_withdrawn_key_is_fetched_anew_once(self, server, clock):
        self.refuse_key(server, "old", "one")
        server.prepare(200, public_keys(52, "new"))
        server.prepare(200, {**CHALLENGE, "challenge": "two"})
        server.prepare(202, OPERATION)
        prepare_status(server, 200)
        server.prepare(200, TOKENS)
        assert log_in_at(server, clock, TOKEN)
        body = server.received[5].json()
        assert (body["publicKeyId"], body["challenge"]) == ("new", "two")
        assert self.opened(body, 52).startswith(TOKEN)

    def test_and_only_once(self, server, clock):
        self.refuse_key(server, "old", "one")
        self.refuse_key(server, "new", "two")
        with pytest.raises(ApiError) as caught:
            log_in_at(server, clock, TOKEN)
        assert caught.value.code == 21470
        assert len(server.received) == 6

    def test_a_text_too_long_to_be_a_token_is_refused_as_a_wrong_one(
        self, server, clock
    ):
        with pytest.raises(AuthenticationError) as caught:
            log_in_at(server, clock, "x" * 161)
        assert (caught.value.status, caught.value.code) == (200, 450)
        assert server.received == []

    def test_other_refusals_are_not_repeated(self, server, clock):
        server.prepare(200, public_keys())
        server.prepare(200, CHALLENGE)
        server.prepare(400, {"errors": [{"code": 21111}]})
        with pytest.raises(ApiError) as caught:
            log_in_at(server, clock, TOKEN)
        assert caught.value.code == 21111 and len(server.received) == 3
