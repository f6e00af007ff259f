"""Asking for certificates: what is sent, all pages, what a lost answer leaves."""

import base64
from datetime import datetime, timedelta, timezone

import pytest

from ksef import csr
from ksef.certificates import NAME, CertificateOffice
from ksef.client import KsefClient
from ksef.errors import ApiError, AuthenticationError, ProtocolError, TransportError
from ksef.messages import EnrolmentPhase, enrolment_phase
from ksef.transport import Transport

from . import pki

REFERENCE = "20251010-EH-1B6C9EB000-4B15D3AEB9-89"


@pytest.fixture
def office(server):
    transport = Transport(server.url, timeout=(2, 2))
    return CertificateOffice(KsefClient(transport, lambda: "access-jwt"))


def serial(number: int) -> str:
    return f"{number:016X}"


def row(number: int) -> dict:
    return {
        "certificateSerialNumber": serial(number),
        "name": f"Odoo {number}",
        "type": "Offline",
        "commonName": "Beta",
        "status": "Active",
        "validFrom": "2026-01-01T00:00:00Z",
        "validTo": "2028-01-01T00:00:00Z",
        "requestDate": "2026-01-01T00:00:00Z",
    }


def page(*numbers: int, more: bool = False) -> dict:
    return {"certificates": [row(each) for each in numbers], "hasMore": more}


def issued(number: int, der: bytes = b"0\0") -> dict:
    return {
        "certificate": base64.b64encode(der).decode(),
        "certificateName": f"Odoo {number}",
        "certificateSerialNumber": serial(number),
        "certificateType": "Offline",
    }


class TestEnrolment:
    """One request, its reference, and how far it is."""

    def test_limits_and_names(self, server, office):
        server.prepare(200, {"canRequest": True, "enrollment": {"remaining": 3}})
        server.prepare(200, {"commonName": "Beta", "countryName": "PL"})
        assert office.limits().enrolments_left == 3
        assert office.subject().common_name == "Beta"
        assert [(each.method, each.path, each.body) for each in server.received] == [
            ("GET", "/certificates/limits", b""),
            ("GET", "/certificates/enrollments/data", b""),
        ]

    def test_the_request(self, server, office):
        server.prepare(202, {"referenceNumber": REFERENCE})
        assert office.enrol("Odoo 1", "Offline", b"\x30\xff") == REFERENCE
        sent = server.received[0]
        assert (sent.method, sent.path) == ("POST", "/certificates/enrollments")
        assert sent.headers["Authorization"] == "Bearer access-jwt"
        assert sent.json() == {
            "certificateName": "Odoo 1",
            "certificateType": "Offline",
            "csr": "MP8=",
        }

    def test_a_start_is_told_in_utc(self, server, office):
        server.prepare(202, {"referenceNumber": REFERENCE})
        polish = timezone(timedelta(hours=2))
        start = datetime(2026, 7, 1, 0, 30, tzinfo=polish)
        office.enrol("Odoo 1", "Authentication", b"0", start)
        assert server.received[0].json()["validFrom"] == "2026-06-30T22:30:00Z"

    def test_it_is_never_repeated_by_itself(self, server, office):
        server.prepare(hang_up=True)
        server.prepare(202, {"referenceNumber": "twice"})
        with pytest.raises(TransportError):
            office.enrol("Odoo 1", "Offline", b"0")
        assert len(server.received) == 1

    def test_how_far_it_is(self, server, office):
        told = {"code": 200, "description": "x"}
        server.prepare(200, {"status": told, "certificateSerialNumber": serial(7)})
        found = office.enrolment(REFERENCE)
        assert (found.code, found.serial_number) == (200, serial(7))
        assert server.received[0].path == f"/certificates/enrollments/{REFERENCE}"

    @pytest.mark.parametrize("status", [410, 404])
    def test_one_forgotten_is_an_error_of_its_own(self, server, office, status):
        server.prepare(status, {"title": "Gone", "status": status})
        with pytest.raises(ApiError) as caught:
            office.enrolment(REFERENCE)
        assert caught.value.status == status

    @pytest.mark.parametrize("answer", [{}, [], {"referenceNumber": None}])
    def test_an_answer_without_a_reference(self, server, office, answer):
        server.prepare(202, answer)
        with pytest.raises(ProtocolError):
            office.enrol("Odoo 1", "Offline", b"0")

    def test_a_login_by_token_is_told_by_its_reason(self, server, office):
        reason = {"status": 403, "reasonCode": "auth-method-not-allowed"}
        heads = {"Content-Type": "application/problem+json"}
        server.prepare(403, reason, headers=heads)
        with pytest.raises(AuthenticationError) as caught:
            office.limits()
        assert caught.value.reason_code == "auth-method-not-allowed"

    @pytest.mark.parametrize(
        ("code", "phase"),
        [
            (0, "WAIT"),
            (100, "WAIT"),
            (150, "WAIT"),
            (199, "WAIT"),
            (200, "ISSUED"),
            (201, "WAIT"),
            (400, "REFUSED"),
            (415, "REFUSED"),
            (499, "REFUSED"),
            (500, "AGAIN"),
            (501, "REFUSED"),
            (550, "AGAIN"),
            (999, "REFUSED"),
        ],
    )
    def test_what_a_status_means(self, code, phase):
        assert enrolment_phase(code) is EnrolmentPhase[phase]

    @pytest.mark.parametrize(
        ("name", "taken"),
        [
            ("Odoo 1", True),
            ("Zażółć_gęślą-JAŹŃ 1", True),
            ("x" * 100, True),
            ("x" * 101, False),
            ("Odoo", False),
            ("Odoo sp. z o.o.", False),
            ("Odoo & Co", False),
            ("Odoo\n1", False),
            ("Odoo 1\n", False),
            ("Öffnung 1", False),
        ],
    )
    def test_which_names_it_takes(self, name, taken):
        assert bool(NAME.fullmatch(name)) is taken


class TestRegister:
    """All pages, and only questions that KSeF can answer."""

    def test_all_pages(self, server, office):
        server.prepare(200, page(3, 2, more=True))
        server.prepare(200, page(1))
        found = office.query()
        assert [each.serial_number for each in found] == [serial(n) for n in (3, 2, 1)]
        assert [each.path for each in server.received] == [
            "/certificates/query?pageOffset=0&pageSize=50",
            "/certificates/query?pageOffset=1&pageSize=50",
        ]
        assert [each.json() for each in server.received] == [{}, {}]

    def test_what_is_asked(self, server, office):
        server.prepare(200, page())
        assert office.query(serial(1), "Odoo", "Offline", "Active") == ()
        assert server.received[0].json() == {
            "certificateSerialNumber": serial(1),
            "name": "Odoo",
            "type": "Offline",
            "status": "Active",
        }

    @pytest.mark.parametrize("number", ["", "1F", "x" * 16, serial(1).lower() + "AB"])
    def test_a_number_of_another_issuer_is_not_asked_for(self, server, office, number):
        assert office.query(number) == ()
        assert office.retrieve([number]) == ()
        assert server.received == []

    def test_a_list_without_end_is_no_list(self, server, office):
        for _ in range(60):
            server.prepare(200, page(1, more=True))
        with pytest.raises(ProtocolError):
            office.query()
        assert len(server.received) == 40

    @pytest.mark.parametrize("answer", [[], "x", None])
    def test_no_object(self, server, office, answer):
        for call in (office.query, lambda: office.retrieve([serial(1)])):
            server.prepare(200, answer)
            with pytest.raises(ProtocolError):
                call()

    @pytest.mark.parametrize("answer", [{}, {"certificates": None, "hasMore": None}])
    def test_nothing_found(self, server, office, answer):
        server.prepare(200, answer)
        server.prepare(200, answer)
        assert office.query() == () and office.retrieve([serial(1)]) == ()

    def test_certificates_are_fetched_in_tens(self, server, office):
        for size in (10, 10, 3):
            server.prepare(200, {"certificates": size * [issued(1)]})
        found = office.retrieve([serial(n) for n in range(23)] + [serial(0)])
        assert len(found) == 23
        asked = [each.json()["certificateSerialNumbers"] for each in server.received]
        assert [len(each) for each in asked] == [10, 10, 3]
        assert sum(asked, []) == [serial(n) for n in range(23)]
        assert {each.path for each in server.received} == {"/certificates/retrieve"}

    def test_nothing_wanted_nothing_asked(self, server, office):
        assert office.retrieve([]) == () and server.received == []

    @pytest.mark.parametrize("reason", ["Unspecified", "Superseded", "KeyCompromise"])
    def test_revoked_with_the_reason(self, server, office, reason):
        server.prepare(204)
        assert office.revoke(serial(1), reason) is None
        sent = server.received[0]
        assert sent.method == "POST"
        assert sent.path == f"/certificates/{serial(1)}/revoke"
        assert sent.json() == {"revocationReason": reason}


class TestFoundByItsKey:
    """After a lost answer the certificate is known by its public key alone."""

    KEY_HASH = csr.public_key_hash(pki.key())
    OURS = pki.crt(pki.certificate(), "DER")
    FOREIGN = pki.crt(pki.certificate(which=1), "DER")

    def test_among_others(self, server, office):
        server.prepare(200, page(3, 2, 1))
        listed = [issued(2), issued(3, self.FOREIGN), issued(1, self.OURS)]
        server.prepare(200, {"certificates": listed})
        found = office.find(self.KEY_HASH, name="Odoo", kind="Offline")
        assert (found.serial_number, found.der) == (serial(1), self.OURS)
        query, retrieve = server.received
        assert query.json() == {"name": "Odoo", "type": "Offline"}
        wanted = retrieve.json()["certificateSerialNumbers"]
        assert wanted == [serial(3), serial(2), serial(1)]

    def test_the_search_ends_where_it_is_found(self, server, office):
        server.prepare(200, page(*range(25, 0, -1)))
        server.prepare(200, {"certificates": [issued(25, self.FOREIGN)]})
        server.prepare(200, {"certificates": [issued(15, self.OURS)]})
        assert office.find(self.KEY_HASH).serial_number == serial(15)
        assert len(server.received) == 3

    def test_nowhere(self, server, office):
        server.prepare(200, page(2, 1))
        server.prepare(200, {"certificates": [issued(2, self.FOREIGN)]})
        assert office.find(self.KEY_HASH) is None
        server.prepare(200, page())
        assert office.find(self.KEY_HASH) is None


class TestLogins:
    """The logins of the holder: listed page by page, ended one by one."""

    @pytest.fixture
    def client(self, server):
        return KsefClient(Transport(server.url), lambda: "access-jwt")

    def test_all_pages(self, server, client):
        server.prepare(
            200, {"items": [{"referenceNumber": "a"}], "continuationToken": "next"}
        )
        server.prepare(
            200, {"items": [{"referenceNumber": "b"}], "continuationToken": ""}
        )
        assert [each.reference for each in client.auth_sessions()] == ["a", "b"]
        one, two = server.received
        assert one.path == two.path == "/auth/sessions?pageSize=100"
        assert "x-continuation-token" not in one.headers
        assert two.headers["x-continuation-token"] == "next"

    def test_a_list_without_end_is_no_list(self, server, client):
        for _ in range(30):
            server.prepare(200, {"items": [], "continuationToken": "next"})
        with pytest.raises(ProtocolError):
            client.auth_sessions()
        assert len(server.received) == 20

    def test_ended(self, server, client):
        server.prepare(204)
        server.prepare(204)
        assert client.end_auth_session("a/b") is None
        assert client.end_current_auth_session() is None
        assert [(each.method, each.path) for each in server.received] == [
            ("DELETE", "/auth/sessions/a%2Fb"),
            ("DELETE", "/auth/sessions/current"),
        ]
        bearers = {each.headers["Authorization"] for each in server.received}
        assert bearers == {"Bearer access-jwt"}
