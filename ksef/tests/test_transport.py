"""Transport: what leaves, what comes back, and what becomes of everything else."""

import gzip
import socket
import traceback

import pytest
import requests

from ksef.errors import (
    KsefError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)
from ksef.transport import ANSWER_LIMIT, XML, Transport

SECRET = "eyJhbGciOi.secret-token"


@pytest.fixture
def transport(server):
    return Transport(server.url + "/v2", timeout=(2, 0.5))


class TestRequest:
    """What we send is what the documentation asks for, and no more."""

    def test_headers(self, server, transport):
        server.prepare(200, {})
        transport.request("GET", "/x", token=SECRET, params={"pageSize": 10})
        sent = server.received[0]
        assert sent.path == "/v2/x?pageSize=10"
        assert sent.headers["Authorization"] == f"Bearer {SECRET}"
        assert sent.headers["X-Error-Format"] == "problem-details"
        assert sent.headers["Accept"] == "application/json"

    def test_no_token_unless_given(self, server, transport):
        server.prepare(200, {})
        transport.request("POST", "/x")
        assert "Authorization" not in server.received[0].headers

    def test_json_and_bytes(self, server, transport):
        server.prepare(200, {})
        server.prepare(200, {})
        transport.request("POST", "/x", json={"a": "ż"})
        transport.request("POST", "/x", data=b"<a/>", content_type=XML)
        first, second = server.received
        assert first.headers["Content-Type"] == "application/json"
        assert first.json() == {"a": "ż"}
        assert second.headers["Content-Type"] == "application/xml"
        assert second.body == b"<a/>"

    def test_settings_of_the_process_are_not_used(
        self,
        server,
        transport,
        monkeypatch,
        tmp_path,
    ):
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login a password b\n")
        monkeypatch.setenv("NETRC", str(netrc))
        server.prepare(200, {})
        transport.request("GET", "/x")
        assert "Authorization" not in server.received[0].headers

    @pytest.mark.parametrize("url", ["http://example.pl/v2", "ftp://x", ""])
    def test_an_address_that_is_not_https_is_refused(self, url):
        with pytest.raises(ValueError):
            Transport(url)


class TestAnswer:
    """A 2xx counts only if it is what was promised."""

    def test_json_keeps_fractions_exact(self, server, transport):
        server.prepare(
            200, b'{"a": 0.10}', headers={"Content-Type": "application/json"}
        )
        assert str(transport.request("GET", "/x").json()["a"]) == "0.10"

    @pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"a":NaN}', b"[" * 99999])
    def test_broken_json_is_a_protocol_error(self, server, transport, body):
        server.prepare(200, body, headers={"Content-Type": "application/json"})
        with pytest.raises((ProtocolError, ServerError)):
            transport.request("GET", "/x").json()

    @pytest.mark.parametrize("kind", ["text/html", "text/html; charset=utf-8", ""])
    @pytest.mark.parametrize("accept", ["application/json", XML, None])
    def test_r31_a_page_of_a_gateway_is_a_server_error(
        self,
        server,
        transport,
        accept,
        kind,
    ):
        headers = {"Content-Type": kind} if kind else {}
        server.prepare(200, b"<html>Incapsula</html>", headers=headers)
        with pytest.raises(ServerError) as caught:
            transport.request("GET", "/x", accept=accept)
        assert caught.value.status == 200

    def test_nothing_where_something_was_due(self, server, transport):
        server.prepare(200, b"")
        with pytest.raises(ServerError):
            transport.request("GET", "/x")

    def test_nothing_where_nothing_was_due(self, server, transport):
        server.prepare(204)
        assert transport.request("POST", "/x", accept=None).status == 204

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_redirects_are_not_followed(self, server, transport, status):
        server.prepare(status, headers={"Location": server.url + "/elsewhere"})
        with pytest.raises(ServerError):
            transport.request("GET", "/x", token=SECRET)
        assert len(server.received) == 1

    def test_an_endless_answer_is_cut(self, server, transport):
        bomb = gzip.compress(bytes(ANSWER_LIMIT + 1))
        server.prepare(
            200,
            bomb,
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )
        with pytest.raises(ProtocolError, match="larger"):
            transport.request("GET", "/x")

    def test_packed_answers_are_read(self, server, transport):
        server.prepare(
            200,
            gzip.compress(b'{"a": 1}'),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )
        assert transport.request("GET", "/x").json() == {"a": 1}

    def test_r42_what_stands_beside_the_answer_is_told(self, server):
        told = []
        transport = Transport(server.url + "/v2", on_answer=told.append)
        warning = "[sig-001]: profile | [xml-002]: characters"
        server.prepare(200, {}, headers={"X-System-Warning": warning})
        server.prepare(429, {})
        transport.request("GET", "/x")
        with pytest.raises(RateLimitError):
            transport.request("GET", "/x")
        assert [headers.get("x-system-warning") for headers in told] == [warning, None]


class TestNoAnswer:
    """Whether the request arrived is unknown: one error for all of it."""

    def test_nobody_listens(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
        with pytest.raises(TransportError) as caught:
            Transport(f"http://127.0.0.1:{port}").request("GET", "/x")
        assert caught.value.reason == "unreachable"

    def test_the_name_does_not_resolve(self):
        with pytest.raises(TransportError) as caught:
            Transport("https://ksef.invalid/v2").request("GET", "/x")
        assert caught.value.reason == "unreachable"

    def test_it_hangs_up(self, server, transport):
        server.prepare(hang_up=True)
        with pytest.raises(TransportError):
            transport.request("POST", "/x")

    def test_it_is_silent_for_too_long(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            quiet = f"http://127.0.0.1:{silent.getsockname()[1]}"
            with pytest.raises(TransportError) as caught:
                Transport(quiet, timeout=(1, 0.1)).request("GET", "/x")
        assert caught.value.reason == "timeout"

    def test_it_is_no_tls(self, server):
        server.prepare(200, {})
        with pytest.raises(TransportError) as caught:
            Transport(server.url.replace("http:", "https:")).request("GET", "/x")
        assert caught.value.reason == "tls"

    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_the_answer_ends_early(self, server, transport, status):
        body = b'{"referenceNumber": "1"}'
        server.prepare(
            status, body, headers={"Content-Type": "application/json"}, promised=999
        )
        with pytest.raises(TransportError) as caught:
            transport.request("POST", "/x")
        assert caught.value.reason == "cut"

    def test_the_packed_answer_is_damaged(self, server, transport):
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        server.prepare(200, b"no gzip at all", headers=headers)
        with pytest.raises(TransportError) as caught:
            transport.request("GET", "/x")
        assert caught.value.reason == "cut"


class TestSecrets:
    """Neither tokens nor pre-signed links show in any text an error can have."""

    def test_links_and_tokens_stay_out_of_tracebacks(self):
        for call in (
            lambda t: t.fetch("https://ksef.invalid/p?sig=SECRET", max_bytes=1),
            lambda t: t.request("GET", "/x", token="SECRET"),
            lambda t: t.request("GET", "/x", params={"a": "SECRET"}),
        ):
            with pytest.raises(TransportError) as caught:
                call(Transport("https://ksef.invalid/v2"))
            shown = "".join(traceback.format_exception(caught.value))
            told = "".join(
                line for line in shown.splitlines(True) if "lambda" not in line
            )
            assert "SECRET" not in told

    def test_answers_do_not_show_their_body(self, server, transport):
        server.prepare(200, {"token": SECRET})
        assert SECRET not in repr(transport.request("GET", "/x"))


def test_every_foreign_error_becomes_ours(monkeypatch):
    """Whatever requests raises, callers catch KsefError alone."""
    foreign = [
        each
        for each in vars(requests.exceptions).values()
        if isinstance(each, type) and issubclass(each, requests.RequestException)
    ]
    assert len(foreign) > 10
    for kind in foreign:
        made = kind("x", "y", 0) if "JSONDecode" in kind.__name__ else kind("x")

        def fail(*_args, error=made, **_kwargs):
            raise error

        transport = Transport("https://ksef.invalid")
        monkeypatch.setattr(transport._session, "request", fail)
        with pytest.raises(KsefError):
            transport.request("GET", "/x")
