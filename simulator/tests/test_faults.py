"""A failure happens when it is asked for, as often as asked, and not otherwise."""

import re
import time
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import pytest
import requests

from simulator import Simulator
from simulator.routes import API

from .common import SELLER, Client, Law, code_of, digest, invoice, zipped


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

    def test_late_though_the_work_was_done_at_once(self):
        self.simulator.fault("slow", seconds=1.5, after=True)
        with pytest.raises(requests.ReadTimeout):
            requests.post(self.simulator.api_url + "/auth/challenge", timeout=0.5)
        assert len(self.simulator.store.challenges) == 1

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

    def test_a_duplicate_that_names_a_wrong_session(self):
        self.simulator.fault("refused_duplicate", original_session="wrong")
        extensions = self.verdict()["extensions"]
        (held,) = self.simulator.invoices
        assert extensions["originalKsefNumber"] == held.ksef_number
        assert extensions["originalSessionReferenceNumber"] != held.session_reference

    def test_a_session_cancelled_while_it_is_open(self):
        client = self.client()
        session = client.open()
        client.send(session, invoice())
        self.simulator.fault("session_cancelled")
        assert code_of(client.send(session, invoice("FV/2"))) == 21180
        assert client.session_status(session)["status"]["code"] == 440
        assert not self.simulator.invoices, "its file was never issued"

    def test_a_session_that_never_ends(self):
        self.simulator.fault("session_stuck")
        client = self.client()
        session = client.open()
        client.send(session, invoice())
        client.post(f"/sessions/online/{session}/close")
        assert client.session_status(session)["status"]["code"] == 170
        client.listed(session)
        (entry,) = client.listed(session)
        assert entry["status"]["code"] == 200, "its files are told all the same"

    def test_codes_that_nobody_knows(self):
        client = self.client()
        session = client.open()
        self.simulator.set_delay(steps=0)
        self.simulator.fault("unknown_code", code=177)
        self.simulator.fault("unknown_code", code=666, of="session")
        reference = client.send(session, invoice()).json()["referenceNumber"]
        path = f"/sessions/{session}/invoices/{reference}"
        first, second = client.get(path).json(), client.get(path).json()
        assert first["status"]["code"] == 177 and "ksefNumber" not in first
        assert second["status"]["code"] == 200 and second["ksefNumber"]
        path = f"/sessions/{session}"
        codes = [client.get(path).json()["status"]["code"] for _ in range(2)]
        assert codes == [666, 100]


class TestBatches(Law):
    """Failures of uploads and of whole batches."""

    @pytest.mark.parametrize("code", [403, 500])
    def test_a_part_refused(self, code):
        client = self.client()
        session, (link,), (part,) = client.open_batch(zipped({"a.xml": invoice()}))
        self.simulator.fault("part_refused", code=code)
        assert client.upload(link, part).status_code == code
        assert code_of(client.close_batch(session)) == 21205
        assert client.upload(link, part).status_code == 201
        assert client.close_batch(session).status_code == 204

    def test_a_part_damaged_on_the_way(self):
        self.simulator.fault("part_refused", code=405)
        client = self.client()
        session = client.send_batch(zipped({"a.xml": invoice()}))
        assert client.session_status(session)["status"]["code"] == 405
        assert not self.simulator.invoices

    def test_cancelled_before_it_is_closed(self):
        client = self.client()
        session, (link,), (part,) = client.open_batch(zipped({"a.xml": invoice()}))
        client.upload(link, part)
        self.simulator.fault("session_cancelled")
        assert code_of(client.close_batch(session)) == 21180
        assert client.session_status(session)["status"]["code"] == 440

    def test_never_done(self):
        self.simulator.fault("session_stuck")
        client = self.client()
        session = client.send_batch(zipped({"a.xml": invoice()}))
        assert client.session_status(session)["status"]["code"] == 150

    def test_all_of_it_duplicates(self):
        self.simulator.fault("refused_duplicate", times=10_000)
        client = self.client()
        sent = {f"{n}.xml": invoice(f"FV/{n}") for n in range(40)}
        session = client.send_batch(zipped(sent))
        assert client.session_status(session)["status"]["code"] == 445
        assert {e["status"]["code"] for e in client.listed(session)} == {440}
        assert [i.xml for i in self.simulator.invoices] == list(sent.values())


class TestAnswers(Law):
    """What can be wrong with an answer whose work is done."""

    def test_a_warning(self):
        client = self.client()
        self.simulator.fault("system_warning", text="[xml-002]: uwaga")
        answers = [client.get("/rate-limits") for _ in range(2)]
        told = [answer.headers.get("X-System-Warning") for answer in answers]
        assert told == ["[xml-002]: uwaga", None]

    def test_a_clock_that_is_wrong(self):
        client = self.client()
        self.simulator.fault("date_skew", seconds=3600, path="/rate-limits")
        shown = parsedate_to_datetime(client.get("/rate-limits").headers["Date"])
        assert 3500 < (shown - datetime.now(timezone.utc)).total_seconds() < 3700

    def test_fields_that_nobody_knows(self):
        client = self.client()
        session = client.open()
        client.send(session, invoice())
        self.simulator.fault("unknown_fields")
        (entry,) = client.listed(session)
        assert "fieldOf2027" in entry and "fieldOf2027" in entry["status"]

    def test_beside_another_failure(self):
        client = self.client()
        self.simulator.fault("system_warning", times=2)
        self.simulator.fault("unauthorized")
        assert client.get("/rate-limits").status_code == 401
        assert "X-System-Warning" in client.get("/rate-limits").headers

    def test_json_cut_short(self):
        with Simulator() as simulator:
            simulator.fault("cut_json")
            answer = Client(simulator).post("/auth/challenge")
            assert answer.status_code == 200
            with pytest.raises(requests.exceptions.JSONDecodeError):
                answer.json()
            assert len(simulator.store.challenges) == 1, "the work is done"


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
