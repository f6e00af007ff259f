"""The client: every endpoint by its path, its body and its token."""

import json

import pytest

from ksef.client import KsefClient
from ksef.crypto import SessionKey, encrypt_invoice, sha256_b64
from ksef.errors import (
    ApiError,
    AuthenticationError,
    BudgetError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)
from ksef.messages import ExportPart, InvoiceQuery
from ksef.transport import Transport

from . import pki

KEY = SessionKey.from_bytes(bytes(32), bytes(16))
REF = "20250625-SO-2C3E6C8000-B675CF5D68-07"
XML = "application/xml"
JSON = {"Content-Type": "application/json; charset=utf-8"}


@pytest.fixture
def client(server):
    return KsefClient(Transport(server.url, timeout=(2, 2)), lambda: "access-jwt")


def xml_headers(body: bytes) -> dict[str, str]:
    return {"Content-Type": XML, "x-ms-meta-hash": sha256_b64(body)}


class TestSending:
    """Sessions and invoices, as the official file describes the requests."""

    def test_open(self, server, client):
        server.prepare(
            201, {"referenceNumber": REF, "validUntil": "2026-03-03T00:00:00Z"}
        )
        encryption = KEY.wrap(pki.public_key())
        opened = client.open_online_session(encryption)
        assert opened.reference_number == REF
        sent = server.received[0]
        assert (sent.method, sent.path) == ("POST", "/sessions/online")
        assert sent.headers["Authorization"] == "Bearer access-jwt"
        assert sent.json() == {
            "formCode": {
                "systemCode": "FA (3)",
                "schemaVersion": "1-0E",
                "value": "FA",
            },
            "encryption": encryption.to_json(),
        }

    @pytest.mark.parametrize("offline", [False, True])
    def test_send(self, server, client, offline):
        server.prepare(202, {"referenceNumber": "invoice-ref"})
        invoice = encrypt_invoice(b"<Faktura/>", KEY)
        assert client.send_invoice(REF, invoice, offline=offline) == "invoice-ref"
        sent = server.received[0]
        assert sent.path == f"/sessions/online/{REF}/invoices"
        assert sent.json() == {**invoice.to_json(), "offlineMode": offline}

    @pytest.mark.parametrize("offline", [False, True])
    def test_a_technical_correction_is_offline_always(self, server, client, offline):
        server.prepare(202, {"referenceNumber": "invoice-ref"})
        invoice, refused = encrypt_invoice(b"<Faktura/>", KEY), sha256_b64(b"refused")
        client.send_invoice(REF, invoice, offline=offline, corrected_hash=refused)
        assert server.received[0].json() == {
            **invoice.to_json(),
            "offlineMode": True,
            "hashOfCorrectedInvoice": refused,
        }

    def test_send_is_never_repeated_by_itself(self, server, client):
        server.prepare(hang_up=True)
        server.prepare(202, {"referenceNumber": "twice"})
        with pytest.raises(TransportError):
            client.send_invoice(REF, encrypt_invoice(b"<Faktura/>", KEY))
        assert len(server.received) == 1

    def test_status_and_close(self, server, client):
        server.prepare(200, {"status": {"code": 170, "description": "x"}})
        server.prepare(204)
        assert client.session_status(REF).code == 170
        assert client.close_online_session(REF) is None
        assert [(each.method, each.path) for each in server.received] == [
            ("GET", f"/sessions/{REF}"),
            ("POST", f"/sessions/online/{REF}/close"),
        ]

    def test_r35_pages_of_a_thousand_go_by_a_header(self, server, client):
        server.prepare(200, {"invoices": [], "continuationToken": "abc"})
        server.prepare(200, {"invoices": []})
        first = client.session_invoices(REF)
        client.session_invoices(REF, continuation=first.continuation, page_size=10)
        one, two = server.received
        assert one.path == f"/sessions/{REF}/invoices?pageSize=1000"
        assert "x-continuation-token" not in one.headers
        assert two.path == f"/sessions/{REF}/invoices?pageSize=10"
        assert two.headers["x-continuation-token"] == "abc"

    def test_invoice_status(self, server, client):
        answer = {"referenceNumber": "i", "invoiceHash": "h", "status": {"code": 150}}
        server.prepare(200, answer)
        assert client.invoice_status(REF, "i").code == 150
        assert server.received[0].path == f"/sessions/{REF}/invoices/i"


class TestFiles:
    """Bytes arrive unchanged or not at all."""

    def calls(self, client):
        return {
            f"/sessions/{REF}/invoices/i/upo": lambda: client.invoice_upo(REF, "i"),
            f"/sessions/{REF}/invoices/ksef/n/upo": lambda: client.numbered_upo(
                REF, "n"
            ),
            f"/sessions/{REF}/upo/u": lambda: client.session_upo(REF, "u"),
            "/invoices/ksef/n": lambda: client.invoice("n"),
        }

    def test_byte_for_byte(self, server, client):
        body = b"\xef\xbb\xbf<?xml version='1.0'?>\r\n<a>\xc5\xbc </a>\n\n"
        for path, call in self.calls(client).items():
            server.prepare(200, body, headers=xml_headers(body))
            assert call() == body
            assert server.received[-1].path == path
            assert server.received[-1].headers["Accept"] == XML

    def test_without_the_header_nothing_is_compared(self, server, client):
        for call in self.calls(client).values():
            server.prepare(200, b"<a/>", headers={"Content-Type": XML})
            assert call() == b"<a/>"

    def test_r32_other_bytes_are_refused(self, server, client):
        for call in self.calls(client).values():
            server.prepare(200, b"<a/>", headers=xml_headers(b"<b/>"))
            with pytest.raises(ServerError):
                call()

    def test_r32_a_part_of_a_package(self, server, client):
        part = self.part(server, b"secret")
        server.prepare(200, b"secret")
        assert client.fetch_part(part) == b"secret"
        assert "Authorization" not in server.received[0].headers
        server.prepare(200, b"<script>Incapsula</script>")
        with pytest.raises(ServerError):
            client.fetch_part(part)

    def test_a_part_is_only_fetched(self, server, client):
        with pytest.raises(ProtocolError):
            client.fetch_part(self.part(server, b"", method="DELETE"))
        assert server.received == []

    def part(self, server, body: bytes, method: str = "GET") -> ExportPart:
        return ExportPart.from_json(
            {
                "ordinalNumber": 1,
                "method": method,
                "url": server.url + "/blob?sig=1",
                "partHash": "x",
                "encryptedPartHash": sha256_b64(body),
            }
        )


class TestReceiving:
    """Queries and exports."""

    QUERY = InvoiceQuery("Subject2", "2026-01-01T00:00:00Z")

    def test_query(self, server, client):
        server.prepare(200, {"invoices": [], "hasMore": False, "isTruncated": False})
        client.query_metadata(self.QUERY, page_offset=3)
        sent = server.received[0]
        path, _, params = sent.path.partition("?")
        assert path == "/invoices/query/metadata"
        assert sorted(params.split("&")) == [
            "pageOffset=3",
            "pageSize=250",
            "sortOrder=Asc",
        ]
        assert sent.json() == self.QUERY.to_json()

    def test_nothing_new_is_told_by_its_code(self, server, client):
        server.prepare(400, {"errors": [{"code": 21183}]})
        with pytest.raises(ApiError) as caught:
            client.query_metadata(self.QUERY)
        assert caught.value.code == 21183

    def test_export(self, server, client):
        server.prepare(201, {"referenceNumber": "e"})
        server.prepare(200, {"status": {"code": 100}})
        encryption = KEY.wrap(pki.public_key())
        assert client.start_export(encryption, self.QUERY) == "e"
        assert client.export_status("e").package is None
        assert server.received[0].json() == {
            "encryption": encryption.to_json(),
            "onlyMetadata": False,
            "filters": self.QUERY.to_json(),
        }
        assert server.received[1].path == "/invoices/exports/e"

    def test_export_without_the_files(self, server, client):
        server.prepare(201, {"referenceNumber": "e"})
        encryption = KEY.wrap(pki.public_key())
        client.start_export(encryption, self.QUERY, only_metadata=True)
        assert server.received[0].json()["onlyMetadata"] is True


class TestTokens:
    """A token that KSeF no longer takes is forgotten, and the call made once more."""

    def client(self, server, tokens):
        self.forgotten = 0

        def forget():
            self.forgotten += 1

        return KsefClient(Transport(server.url), lambda: tokens.pop(0), forget)

    def test_once_more_after_401(self, server):
        server.prepare(401, {"title": "Unauthorized"})
        server.prepare(204)
        self.client(server, ["old", "new"]).close_online_session(REF)
        bearers = [each.headers["Authorization"] for each in server.received]
        assert bearers == ["Bearer old", "Bearer new"] and self.forgotten == 1

    def test_and_only_once(self, server):
        server.prepare(401)
        server.prepare(401)
        with pytest.raises(AuthenticationError):
            self.client(server, ["old", "new"]).close_online_session(REF)
        assert len(server.received) == 2

    @pytest.mark.parametrize("status", [400, 403, 429, 500])
    def test_no_other_refusal_is_repeated(self, server, status):
        server.prepare(status)
        with pytest.raises(ApiError):
            self.client(server, ["old"]).close_online_session(REF)
        assert len(server.received) == 1 and self.forgotten == 0

    def test_without_anybody_to_tell_the_error_passes(self, server, client):
        server.prepare(401)
        with pytest.raises(AuthenticationError):
            client.close_online_session(REF)

    def test_r34_a_budget_may_stop_a_request_before_it_leaves(self, server):
        asked = []

        def before_call(method, path):
            asked.append((method, path))
            if len(asked) > 1:
                raise BudgetError(retry_after=7)

        client = KsefClient(
            Transport(server.url), lambda: "token", before_call=before_call
        )
        server.prepare(200, {"status": {"code": 100}})
        client.session_status(REF)
        with pytest.raises(RateLimitError) as refusal:
            client.session_status(REF)
        assert refusal.value.retry_after == 7
        assert asked == [("GET", f"/sessions/{REF}")] * 2
        assert len(server.received) == 1, "the second one never left"

    def test_refresh(self, server, client):
        token = {"token": "new", "validUntil": "2026-03-02T12:15:00Z"}
        server.prepare(200, {"accessToken": token})
        assert client.refresh("refresh-jwt").token == "new"
        sent = server.received[0]
        assert sent.path == "/auth/token/refresh" and sent.body == b""
        assert sent.headers["Authorization"] == "Bearer refresh-jwt"

    def test_a_call_that_needs_one_says_so(self, server):
        with pytest.raises(ValueError):
            KsefClient(Transport(server.url)).session_status(REF)


class TestRights:
    """What the holder may do, and what the certificate is called."""

    def test_all_pages_of_grants(self, server, client):
        grant = {"permissionScope": "InvoiceRead", "permissionState": "Active"}
        server.prepare(200, {"permissions": [grant], "hasMore": True})
        server.prepare(200, {"permissions": [grant], "hasMore": False})
        assert len(client.personal_grants()) == 2
        assert [each.path.partition("?")[2] for each in server.received] == [
            "pageOffset=0&pageSize=100",
            "pageOffset=1&pageSize=100",
        ]

    def test_an_answer_without_end_is_left(self, server, client):
        for _ in range(20):
            server.prepare(200, {"permissions": [], "hasMore": True})
        assert client.personal_grants() == ()
        assert len(server.received) == 10

    def test_certificate_name(self, server, client):
        server.prepare(200, {"certificates": [{"name": "Księgowość"}]})
        server.prepare(200, {"certificates": []})
        assert client.certificate_name("01F20A5D352AE590") == "Księgowość"
        assert client.certificate_name("01F20A5D352AE590") is None
        sent = server.received[0].json()
        assert sent == {"certificateSerialNumber": "01F20A5D352AE590"}


@pytest.mark.parametrize(
    "reference", ["../../auth/challenge", "a/b", "a?b", "a#b", "%2e%2e", "a b", "ż"]
)
def test_a_reference_stays_one_segment_of_the_path(server, client, reference):
    server.prepare(200, {"status": {"code": 100}})
    client.session_status(reference)
    path = server.received[0].path
    assert path.count("/") == 2 and "?" not in path and "#" not in path


@pytest.mark.parametrize("reference", ["", ".", ".."])
def test_a_reference_that_is_none_is_never_sent(server, client, reference):
    with pytest.raises(ValueError):
        client.session_status(reference)
    assert server.received == []


@pytest.mark.parametrize("answer", [[], "x", None, {}, {"referenceNumber": None}])
def test_an_answer_without_what_we_need_is_a_protocol_error(server, client, answer):
    server.prepare(202, json.dumps(answer).encode(), headers=JSON)
    with pytest.raises(ProtocolError):
        client.send_invoice(REF, encrypt_invoice(b"x", KEY))
