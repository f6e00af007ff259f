"""What the status service announces, and KSeF that is not there."""

from datetime import timedelta

import pytest
import requests

from simulator import Simulator

from .common import Client, Law, invoice

DAY = timedelta(days=1)


class LighthouseLaw(Law):
    def get(self, path):
        return requests.get(self.simulator.url + path, timeout=10).json()

    @property
    def status(self):
        return self.get("/status")["status"]

    @property
    def now(self):
        return self.simulator.clock.now()

    def messages(self):
        found = [(m["eventId"], m["version"], m["type"]) for m in self.get("/messages")]
        return [(event, kind, version) for event, version, kind in sorted(found)]


class TestLighthouse(LighthouseLaw):
    """Available, until something is announced, for as long as it lasts."""

    def test_an_outage_comes_and_goes(self):
        assert self.status == "AVAILABLE" and "messages" not in self.get("/status")
        assert self.get("/messages") == []
        self.simulator.announce("MAINTENANCE", "Prace")
        assert self.status == "MAINTENANCE"
        assert self.messages() == [(1, "MAINTENANCE_ANNOUNCEMENT", 1)]
        self.simulator.announce("FAILURE", "Awaria")
        assert self.messages() == [(1, "FAILURE_START", 1)], "in place of the former"
        self.simulator.announce("AVAILABLE")
        assert self.get("/messages") == []

    def test_planned_maintenance(self):
        start, end = self.now + DAY, self.now + 2 * DAY
        self.simulator.announce("MAINTENANCE", "Prace", start=start, end=end, event=4)
        assert self.status == "AVAILABLE"
        (message,) = self.get("/status")["messages"]
        assert set(message) == {
            *("id", "eventId", "category", "type", "title", "text"),
            *("start", "end", "version", "published"),
        }
        self.simulator.advance(DAY.total_seconds())
        assert self.status == "MAINTENANCE"
        self.simulator.advance(DAY.total_seconds())
        assert self.status == "AVAILABLE" and len(self.messages()) == 1

    def test_the_end_of_a_failure_is_a_message_of_its_own(self):
        start = self.now
        self.simulator.announce("FAILURE", "Awaria", event=7, start=start)
        assert self.status == "FAILURE"
        self.simulator.advance(3600)
        told = self.simulator.announce("FAILURE", "Koniec", event=7, end=self.now)
        assert self.messages() == [(7, "FAILURE_START", 1), (7, "FAILURE_END", 2)]
        assert told["start"] == self.simulator.store.messages[0]["start"]
        assert self.status == "AVAILABLE"

    def test_a_later_version_counts(self):
        for days in (1, 3):
            end = self.now + days * DAY
            self.simulator.announce("MAINTENANCE", "Prace", event=2, end=end)
        self.simulator.advance(2 * DAY.total_seconds())
        assert [version for *_event, version in self.messages()] == [1, 2]
        assert self.status == "MAINTENANCE"

    def test_the_gravest_of_several(self):
        self.simulator.announce("MAINTENANCE", "Prace", event=1)
        self.simulator.announce("TOTAL_FAILURE", "Katastrofa", event=2)
        self.simulator.announce("FAILURE", "Awaria", event=3)
        assert self.status == "TOTAL_FAILURE" and len(self.messages()) == 3
        self.simulator.announce("TOTAL_FAILURE", "Koniec", event=2, end=self.now)
        assert self.status == "FAILURE"

    def test_any_field_as_it_is(self):
        self.simulator.announce("FAILURE", event=5, category="STRIKE", version=9)
        (message,) = self.get("/messages")
        assert (message["category"], message["version"]) == ("STRIKE", 9)
        assert self.status == "AVAILABLE", "of a kind that nobody knows"


class TestAway(Law):
    """Nobody is there, and nothing is done, until it is brought back."""

    def test_the_api_hangs_up(self):
        client = self.client()
        session = client.open()
        url = client.verdict(session, invoice())["upoDownloadUrl"]
        self.simulator.away()
        with pytest.raises(requests.ConnectionError):
            client.send(session, invoice("FV/2"))
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=10)
        assert requests.get(self.simulator.url + "/status", timeout=10).ok
        assert requests.get(self.simulator.url + "/manage", timeout=10).ok
        self.simulator.away(False)
        listed = client.get(f"/sessions/{session}/invoices").json()["invoices"]
        assert len(listed) == 1

    def test_the_lighthouse_by_itself(self):
        self.simulator.away(house="lighthouse")
        for path in ("/status", "/messages"):
            with pytest.raises(requests.ConnectionError):
                requests.get(self.simulator.url + path, timeout=10)
        assert Client(self.simulator).post("/auth/challenge").ok

    def test_failures_wait_and_the_log_goes_on(self):
        self.simulator.fault("too_many_requests", path="challenge")
        self.simulator.away()
        with pytest.raises(requests.ConnectionError):
            Client(self.simulator).post("/auth/challenge")
        assert [entry.status for entry in self.simulator.requests] == [503]
        self.simulator.away(False)
        assert Client(self.simulator).post("/auth/challenge").status_code == 429

    @pytest.mark.parametrize("options", [{"house": "tower"}, {"how": "slowly"}])
    def test_a_mistake_is_named(self, options):
        with pytest.raises(ValueError):
            self.simulator.away(**options)


class TestGateway:
    """What no specification promises: nothing judges it here."""

    def test_503(self):
        with Simulator() as simulator:
            simulator.away(how="gateway")
            answer = Client(simulator).post("/auth/challenge")
            assert answer.status_code == 503
            assert answer.headers["Content-Type"].startswith("text/html")
            assert not simulator.store.challenges
