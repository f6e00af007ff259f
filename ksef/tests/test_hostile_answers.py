"""Answers of a wrong kind: whatever comes, it is read or it is one of our errors.

No KeyError, TypeError or overflow may leave the protocol: it would end a cron, not a
request.
"""

import json
from contextlib import suppress
from datetime import timezone
from inspect import isclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ksef import messages
from ksef.certificates import CertificateOffice
from ksef.client import KsefClient
from ksef.errors import ApiError, KsefError, ProtocolError, ServerError
from ksef.lighthouse import Lighthouse
from ksef.messages import (
    Challenge,
    EnrolmentPhase,
    InvoiceQuery,
    SessionPhase,
    Verdict,
    close_refusal,
    enrolment_phase,
    session_phase,
    verdict,
)
from ksef.refusals import raise_refusal
from ksef.transport import Answer, Transport

# Sixty tests share the types of fields, so that each needs few examples.
few = settings(max_examples=25)
READERS = [
    each
    for name, each in sorted(vars(messages).items())
    if isclass(each) and hasattr(each, "from_json")
]
# What answers hold, right and wrong; any of it may stand anywhere.
likely = st.sampled_from(
    [
        "2025-07-11T12:24:16.0154302+00:00",
        "9999-12-31T23:59:59-14:00",
        "0001-01-01T00:00:00+14:00",
        "5265877635-20250626-010080DD2B5E-26",
        "AAAA",
        "https://127.0.0.1/a",
        "PUT",
        "12",
        100,
        200,
        440,
        10**30,
        -1,
        True,
    ]
)
scalars = likely | st.none() | st.booleans() | st.integers() | st.text(max_size=9)
numbers = st.decimals(allow_nan=False, allow_infinity=False)
anything = st.recursive(
    scalars | numbers,
    lambda inside: st.lists(inside, max_size=3)
    | st.dictionaries(st.text(max_size=9), inside, max_size=3),
    max_leaves=9,
)


class Answered(dict):
    """A JSON object that has every field it is asked for, of whatever kind."""

    def __init__(self, data, depth: int = 0) -> None:
        super().__init__()
        self._data, self._depth = data, depth

    def get(self, name, default=None):
        if name not in self:
            self[name] = self._drawn()
        return self[name]

    def _drawn(self):
        kind = self._data.draw(st.integers(0, 9))
        if kind < 5:
            return self._data.draw(likely)
        if kind < 6 or self._depth > 3:
            return self._data.draw(anything)
        inside = Answered(self._data, self._depth + 1)
        return inside if kind < 8 else [inside, self._data.draw(scalars)]


@pytest.mark.parametrize("reader", READERS, ids=lambda each: each.__name__)
class TestReaders:
    """Every `from_json` reads, or says that the answer is outside the specification."""

    @few
    @given(data=st.data())
    def test_fields_of_every_kind(self, reader, data):
        with suppress(ProtocolError):
            repr(reader.from_json(Answered(data)))

    @few
    @given(data=anything)
    def test_anything_else(self, reader, data):
        with suppress(ProtocolError):
            reader.from_json(data)


def test_every_reader_is_tried():
    assert len(READERS) > 20


@given(st.integers())
def test_the_time_of_a_challenge(milliseconds):
    try:
        assert Challenge("c", milliseconds).time.tzinfo is timezone.utc
    except ProtocolError:
        assert abs(milliseconds) > 10**14


class Silent:
    """A transport whose every answer is the same one."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def request(self, method, path, **_options):
        return Answer(200, {}, self._body, f"{method} {path}")

    fetch = request


WINDOW = InvoiceQuery("Subject1", "2026-01-01T00:00:00Z")
CALLS = {
    "public_keys": lambda client: client.public_keys(),
    "challenge": lambda client: client.challenge(),
    "redeem": lambda client: client.redeem("t"),
    "refresh": lambda client: client.refresh("t"),
    "personal_grants": lambda client: client.personal_grants(),
    "rate_limits": lambda client: client.rate_limits(),
    "certificate_name": lambda client: client.certificate_name("1"),
    "auth_sessions": lambda client: client.auth_sessions(),
    "session_status": lambda client: client.session_status("s"),
    "session_invoices": lambda client: client.session_invoices("s"),
    "query_metadata": lambda client: client.query_metadata(WINDOW),
    "export_status": lambda client: client.export_status("e"),
    "register": lambda client: CertificateOffice(client).query(),
    "limits": lambda client: CertificateOffice(client).limits(),
    "announcements": lambda client: Lighthouse(client.transport).announcements(),
}


@pytest.mark.parametrize("call", CALLS)
@few
@given(
    body=anything.map(lambda data: json.dumps(data, default=str).encode())
    | st.binary(max_size=30)
    | st.sampled_from([b"", b"null", b"[]", b"{}", b'{"a":', b"<html>", b"1" * 5000])
)
def test_calls_read_any_body_or_refuse_it(call, body):
    with suppress(ProtocolError):
        CALLS[call](KsefClient(Silent(body), lambda: "t"))


headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "Trace-Id"]), st.text(max_size=40)
)


@given(
    status=st.sampled_from([301, 400, 401, 403, 410, 429, 500, 502, 599, 999]),
    heads=headers,
    told=anything,
    names=st.sampled_from(["errors", "exception", "status", "security", "detail"]),
)
def test_refusals_of_any_kind(status, heads, told, names):
    for body in (
        json.dumps(told, default=str).encode(),
        json.dumps({names: told}, default=str).encode(),
        json.dumps({"exception": {"exceptionDetailList": told}}, default=str).encode(),
    ):
        with pytest.raises(ApiError) as caught:
            raise_refusal(status, heads, body, request="GET /x")
        str(caught.value)
        assert caught.value.request == "GET /x"


@given(st.integers())
def test_codes_not_yet_invented(code):
    assert verdict(code, offline=True) in Verdict
    assert session_phase(code) in SessionPhase
    assert session_phase(code, batch=True) in SessionPhase
    assert enrolment_phase(code) in EnrolmentPhase
    close_refusal(code)


@pytest.fixture
def transport(server):
    return Transport(server.url + "/v2", timeout=(2, 0.5))


class TestSupport:
    """Every refusal and every silence tells what was asked for, without its query."""

    @pytest.mark.parametrize("status", [302, 400, 403, 429, 500])
    def test_refusals(self, server, transport, status):
        server.prepare(status, headers={"Trace-Id": "t"})
        with pytest.raises(ApiError) as caught:
            transport.request("GET", "/sessions/r", params={"pageSize": 9})
        assert caught.value.request == f"GET {server.url}/v2/sessions/r"
        assert caught.value.trace_id == "t"
        assert "sessions" not in str(caught.value), "the text is as it was"

    def test_a_page_of_a_gateway(self, server, transport):
        html = {"Content-Type": "text/html", "x-azure-ref": "a"}
        server.prepare(200, b"<html/>", headers=html)
        with pytest.raises(ServerError) as caught:
            transport.request("POST", "/x")
        told = caught.value.request, caught.value.trace_id
        assert told == (f"POST {server.url}/v2/x", "a")

    def test_a_link_keeps_its_secret(self, server, transport):
        server.prepare(403)
        with pytest.raises(ApiError) as caught:
            transport.fetch(server.url + "/part?sig=SECRET", max_bytes=9)
        assert caught.value.request == f"GET {server.url}/part"

    def test_another_file_than_announced(self, server, transport):
        wrong = {"Content-Type": "application/xml", "x-ms-meta-hash": "x"}
        server.prepare(200, b"<a/>", headers=wrong)
        with pytest.raises(ServerError) as caught:
            KsefClient(transport, lambda: "t").invoice("n")
        assert caught.value.request == f"GET {server.url}/v2/invoices/ksef/n"

    def test_silence(self, server, transport):
        server.prepare(hang_up=True)
        with pytest.raises(KsefError) as caught:
            transport.request("GET", "/x", params={"a": "b"})
        assert caught.value.request == f"GET {server.url}/v2/x"
