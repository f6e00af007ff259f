"""A failure happens when it is asked for, as often as asked, and not otherwise."""

import re
import time

import pytest
import requests

from simulator import Simulator
from simulator.routes import API

from .common import SELLER, Client, Law, code_of, digest, invoice


class TestRequests(Law):
    """Failures of the connection and of the servers in front of KSeF."""

    def ask(self):
        return Client(self.simulator).post("/auth/challenge")

    def test_a_lost_answer_has_worked_all_the_same(self):
        client = self.client()
        session = client.open()
        self.simulator.fault("lost_answer", method="POST", path="/invoices$")
        with pytest.raises(requests.ConnectionError):
            client.send(session, invoice())
        listed = client.get(f"/sessions/{session}/invoices").json()["invoices"]
        assert [entry["invoiceHash"] for entry in listed] == [digest(invoice())]

    def test_a_lost_request_has_not_worked(self):
        client = self.client()
        session = client.open()
        self.simulator.fault("lost_request", method="POST", path="/invoices$")
        with pytest.raises(requests.ConnectionError):
            client.send(session, invoice())
        path = f"/sessions/{session}/invoices"
        assert client.get(path).json()["invoices"] == []
        assert client.send(session, invoice()).status_code == 202

    @pytest.mark.parametrize("name", ["lost_answer", "lost_request"])
    @pytest.mark.parametrize("route", API, ids=lambda route: route.path)
    def test_any_single_endpoint_can_be_struck(self, name, route):
        path = re.sub("<.*?>", "0" * 36, route.path).removeprefix("/v2")
        self.simulator.fault(name, method=route.method, path=f"^/v2{path}$")
        client = Client(self.simulator)
        with pytest.raises(requests.ConnectionError):
            client.call(route.method, path)
        assert not self.simulator.faults.waiting

    def test_too_many_requests_in_both_shapes(self):
        self.simulator.fault("too_many_requests", times=2, retry_after=7)
        answer = self.ask()
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "7"
        assert answer.json()["title"] == "Too Many Requests"
        old = Client(self.simulator).post("/auth/challenge", old_errors=True)
        assert old.json()["status"]["code"] == 429
        assert self.ask().status_code == 200

    def test_slow(self):
        self.simulator.fault("slow", seconds=0.3)
        began = time.monotonic()
        assert self.ask().status_code == 200
        assert time.monotonic() - began >= 0.3

    @pytest.mark.parametrize("name, status", [("blocked", 403), ("unauthorized", 401)])
    def test_refusals(self, name, status):
        client = self.client()
        self.simulator.fault(name)
        assert client.get("/rate-limits").status_code == status
        assert client.get("/rate-limits").status_code == 200

    def test_only_where_it_was_asked_for(self):
        client = self.client()
        self.simulator.fault("unauthorized", path="/sessions$", method="GET")
        assert client.get("/rate-limits").status_code == 200
        assert client.get("/sessions?sessionType=Online").status_code == 401

    def test_cleared(self):
        self.simulator.fault("unauthorized", path="challenge")
        self.simulator.clear_faults()
        assert self.ask().status_code == 200

    def test_an_unknown_name(self):
        with pytest.raises(ValueError):
            self.simulator.fault("earthquake")


class TestFailures:
    """Answers that no specification promises: nothing judges them here."""

    def test_an_answer_spoiled_after_the_work(self):
        with Simulator() as simulator:
            simulator.fault("bad_gateway_html", after=True)
            assert Client(simulator).post("/auth/challenge").status_code == 502
            assert len(simulator.store.challenges) == 1
            simulator.fault("bad_gateway_html")
            assert Client(simulator).post("/auth/challenge").status_code == 502
            assert len(simulator.store.challenges) == 1

    @pytest.mark.parametrize(
        "name, status, kind",
        [
            ("server_error", 500, "application/json"),
            ("bad_gateway_html", 502, "text/html"),
            ("script_page", 200, "text/html"),
        ],
    )
    def test_answers_of_other_machines(self, name, status, kind):
        with Simulator() as simulator:
            simulator.fault(name)
            answer = Client(simulator).post("/auth/challenge")
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith(kind)


class TestFiles(Law):
    """Failures of single files and of sessions."""

    def verdict(self, xml=None):
        client = self.client()
        self.session = client.open()
        return client.verdict(self.session, xml or invoice())["status"]

    def test_a_code_on_request(self):
        self.simulator.fault("reject", code=550, details=["przerwa"])
        status = self.verdict()
        assert (status["code"], status["details"]) == (550, ["przerwa"])

    @pytest.mark.parametrize("original, same", [("same", True), ("other", False)])
    def test_a_duplicate_without_extensions(self, original, same):
        self.simulator.fault("refused_duplicate", original=original)
        status = self.verdict()
        assert status["code"] == 440 and "extensions" not in status
        (held,) = self.simulator.invoices
        assert (held.xml == invoice()) == same

    def test_a_duplicate_of_nothing_that_can_be_found(self):
        self.simulator.fault("refused_duplicate", original="none")
        assert self.verdict()["code"] == 440
        assert not self.simulator.invoices

    def test_the_next_duplicate_has_its_extensions_again(self):
        self.simulator.fault("refused_duplicate")
        self.verdict()
        assert "extensions" in self.verdict()

    def test_never_stored(self):
        self.simulator.fault("not_stored")
        client = self.client()
        session = client.open()
        number = client.verdict(session, invoice())["ksefNumber"]
        for _look in range(3):
            assert code_of(client.get(f"/invoices/ksef/{number}")) == 21165

    def test_a_refused_key(self):
        self.simulator.fault("session_refused_key")
        assert self.verdict()["code"] == 405

    def test_a_session_cancelled_after_a_good_close(self):
        client = self.client()
        session = client.open()
        self.simulator.fault("session_ends", code=440)
        client.send(session, invoice())
        client.post(f"/sessions/online/{session}/close")
        assert client.session_status(session)["status"]["code"] == 440
        assert not self.simulator.invoices, "its files were never issued"
        assert client.verdict(client.open(), invoice())["status"]["code"] == 200


class TestDelay(Law):
    """How long a step takes can be set, in looks and in seconds."""

    def codes(self, looks):
        client = self.client()
        session = client.open()
        reference = client.send(session, invoice()).json()["referenceNumber"]
        path = f"/sessions/{session}/invoices/{reference}"
        return [client.get(path).json()["status"]["code"] for _ in range(looks)]

    def test_looks(self):
        self.simulator.set_delay(steps=3)
        assert self.codes(5) == [100, 150, 150, 200, 200]

    def test_at_once(self):
        self.simulator.set_delay(steps=0)
        assert self.codes(1) == [200]

    def test_seconds(self):
        client = self.client()
        session = client.open()
        self.simulator.set_delay(steps=0, seconds=60)
        reference = client.send(session, invoice()).json()["referenceNumber"]
        path = f"/sessions/{session}/invoices/{reference}"
        assert client.get(path).json()["status"]["code"] == 100
        self.simulator.advance(61)
        assert client.get(path).json()["status"]["code"] == 200


class TestRateLimits(Law):
    """Sliding windows per company and group; the answer says how long to wait."""

    def test_the_hour_of_exports_and_queries(self):
        client = self.client()
        self.simulator.rate_limits(True, invoiceMetadata=(8, 16, 3))
        path = "/invoices/query/metadata"
        codes = [client.post(path, json={}).status_code for _ in range(4)]
        assert codes == [400, 400, 400, 429]
        wait = int(client.post(path, json={}).headers["Retry-After"])
        assert 3500 < wait <= 3600
        self.simulator.advance(wait)
        client = self.client()
        assert client.post(path, json={}).status_code == 400

    def test_groups_and_companies_have_their_own_counters(self):
        client, other = self.client(), self.client("1111111111")
        self.simulator.rate_limits(True, other=(1, 30, 120))
        answers = [
            client.get("/rate-limits"),
            client.get("/limits/context"),
            other.get("/rate-limits"),
            client.get("/rate-limits"),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]

    def test_open_and_close_share_a_counter(self):
        client = self.client()
        encryption = client.encryption()
        client.encryption = lambda **kwargs: encryption
        self.simulator.rate_limits(True, onlineSession=(10, 2, 120))
        session = client.open()
        close = f"/sessions/online/{session}/close"
        assert client.post(close).status_code == 204
        assert client.post(close).status_code == 429

    def test_links_are_not_counted(self):
        client = self.client()
        session = client.open()
        url = client.verdict(session, invoice())["upoDownloadUrl"]
        self.simulator.rate_limits(True, other=(1, 1, 1), sessionMisc=(1, 1, 1))
        codes = {requests.get(url, timeout=10).status_code for _ in range(4)}
        assert codes == {200}

    def test_what_is_told_is_what_holds(self):
        self.simulator.rate_limits(True, invoiceExport=(8, 16, 2))
        told = self.client(SELLER).get("/rate-limits").json()["invoiceExport"]
        assert told == {"perSecond": 8, "perMinute": 16, "perHour": 2}
