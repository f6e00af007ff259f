"""The status service: messages of one event are one announcement, and what cannot be
understood is no outage."""

from datetime import datetime, timedelta, timezone

import pytest

from ksef.deadlines import OutageKind
from ksef.errors import ApiError, ProtocolError, ServerError, TransportError
from ksef.lighthouse import Announcement, Lighthouse
from ksef.transport import Transport
from simulator import Simulator

TEN = datetime(2026, 3, 9, 10, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


class TestAgainstTheSimulator:
    @pytest.fixture(autouse=True)
    def running(self):
        with Simulator(self_signed=False) as self.simulator:
            transport = Transport(self.simulator.url, timeout=(5, 5))
            self.lighthouse = Lighthouse(transport)
            yield

    def test_it_tells_of_nothing(self):
        assert self.lighthouse.announcements() == ()

    def test_planned_work_has_an_end(self):
        self.simulator.announce(
            "MAINTENANCE", "Prace", event=7, start=TEN, end=TEN + HOUR
        )
        assert self.lighthouse.announcements() == (
            Announcement(
                7, OutageKind.MAINTENANCE, TEN, TEN + HOUR, "Prace", "Prace", 1
            ),
        )

    def test_a_failure_lasts_until_its_end_is_told(self):
        self.simulator.announce("FAILURE", "Awaria", event=8, start=TEN)
        (lasting,) = self.lighthouse.announcements()
        assert (lasting.kind, lasting.start, lasting.end) == (
            OutageKind.FAILURE,
            TEN,
            None,
        )
        self.simulator.announce("FAILURE", "Koniec", event=8, end=TEN + 5 * HOUR)
        (over,) = self.lighthouse.announcements()
        assert (over.start, over.end) == (TEN, TEN + 5 * HOUR)
        assert (over.title, over.version) == ("Koniec", 2)

    def test_a_total_failure_is_told_from_a_failure(self):
        self.simulator.announce("TOTAL_FAILURE", "Awaria całkowita", event=9, start=TEN)
        (told,) = self.lighthouse.announcements()
        assert told.kind is OutageKind.TOTAL

    def test_events_come_in_the_order_of_their_beginning(self):
        for event, hours in ((3, 2), (1, 5), (2, 0)):
            start = TEN + hours * HOUR
            self.simulator.announce("FAILURE", "Awaria", event=event, start=start)
        told = [each.event_id for each in self.lighthouse.announcements()]
        assert told == [2, 3, 1]


def message(**changed):
    said = {
        "id": "m-1",
        "eventId": 1,
        "category": "FAILURE",
        "type": "FAILURE_START",
        "title": "Awaria",
        "text": "Trwa awaria",
        "start": "2026-03-09T10:00:00Z",
        "version": 1,
        "published": "2026-03-09T10:05:00Z",
    }
    return {
        name: value for name, value in (said | changed).items() if value is not None
    }


class TestWords:
    """What may come, message by message."""

    def told(self, server, *messages):
        server.prepare(body=list(messages))
        return Lighthouse(Transport(server.url, timeout=(5, 5))).announcements()

    def test_the_request(self, server):
        self.told(server)
        (request,) = server.received
        assert (request.method, request.path) == ("GET", "/messages")
        assert "Authorization" not in request.headers

    @pytest.mark.parametrize("backwards", [False, True])
    def test_the_newest_version_counts_in_any_order(self, server, backwards):
        said = [
            message(version=1, title="Raz", published="2026-03-10T09:00:00Z"),
            message(version=3, title="Trzy", category="TOTAL_FAILURE"),
            message(version=2, title="Dwa", start="2026-03-09T08:00:00Z"),
        ]
        (told,) = self.told(server, *(said[::-1] if backwards else said))
        assert (told.title, told.version, told.start) == ("Trzy", 3, TEN)
        assert told.kind is OutageKind.TOTAL

    @pytest.mark.parametrize("backwards", [False, True])
    def test_of_the_same_version_the_last_published_counts(self, server, backwards):
        said = [
            message(title="Później", published="2026-03-09T12:00:00Z"),
            message(title="Wcześniej"),
        ]
        (told,) = self.told(server, *(said[::-1] if backwards else said))
        assert told.title == "Później"

    @pytest.mark.parametrize("backwards", [False, True])
    def test_an_end_that_was_corrected(self, server, backwards):
        said = [
            message(),
            message(type="FAILURE_END", version=3, end="2026-03-09T15:00:00Z"),
            message(type="FAILURE_END", version=2, end="2026-03-09T14:00:00Z"),
        ]
        (told,) = self.told(server, *(said[::-1] if backwards else said))
        assert told.end == TEN + 5 * HOUR

    @pytest.mark.parametrize("version", [1, 2])
    def test_the_end_counts_whatever_its_version(self, server, version):
        over = message(
            type="FAILURE_END",
            version=version,
            start="2026-03-09T14:00:00Z",
            end="2026-03-09T15:00:00Z",
        )
        (told,) = self.told(server, over, message(version=1), message(version=2))
        assert (told.start, told.end) == (TEN, TEN + 5 * HOUR)

    def test_an_end_alone_knows_both_moments(self, server):
        (told,) = self.told(
            server, message(type="FAILURE_END", end="2026-03-09T15:00:00Z")
        )
        assert (told.start, told.end) == (TEN, TEN + 5 * HOUR)

    def test_an_end_without_its_moment_is_that_of_the_message(self, server):
        over = message(
            type="FAILURE_END", version=2, published="2026-03-09T16:00:00+01:00"
        )
        (told,) = self.told(server, message(), over)
        assert told.end == TEN + 5 * HOUR

    def test_an_expected_end_of_a_failure_is_no_end(self, server):
        (told,) = self.told(server, message(end="2026-03-09T15:00:00Z"))
        assert told.end is None

    @pytest.mark.parametrize("backwards", [False, True])
    def test_planned_work_that_was_moved(self, server, backwards):
        planned = {"category": "MAINTENANCE", "type": "MAINTENANCE_ANNOUNCEMENT"}
        before = {"start": "2026-03-08T10:00:00Z", "end": "2026-03-08T12:00:00Z"}
        said = [
            message(**planned, version=2, end="2026-03-09T12:00:00Z"),
            message(**planned, **before),
        ]
        (told,) = self.told(server, *(said[::-1] if backwards else said))
        assert (told.start, told.end) == (TEN, TEN + 2 * HOUR)

    @pytest.mark.parametrize(
        "strange",
        [
            message(category="DRILL"),
            message(category=None),
            message(category=["FAILURE"]),
            message(type="FAILURE_REVOKED"),
            message(type=None),
            message(eventId=None),
            message(eventId="first"),
            message(start=None),
            message(start="wczoraj"),
            message(type="FAILURE_END", end="2026-03-09T10:00:00Z"),
            "FAILURE",
            None,
        ],
    )
    def test_what_cannot_be_understood_is_left_out(self, server, strange):
        known = message(eventId=2)
        told = self.told(server, strange, known)
        assert [each.event_id for each in told] == [2]

    def test_texts_may_be_absent_and_a_time_without_offset_is_polish(self, server):
        (told,) = self.told(
            server,
            message(title=None, text=None, version=None, start="2026-03-09T11:00:00"),
        )
        assert (told.title, told.text, told.version, told.start) == ("", "", 0, TEN)


class TestNoAnswer:
    """Not knowing is an error, never an empty list."""

    def ask(self, server):
        return Lighthouse(Transport(server.url, timeout=(5, 5))).announcements()

    @pytest.mark.parametrize("body", [{}, {"messages": []}, None, "AVAILABLE", 0])
    def test_something_else_than_a_list(self, server, body):
        server.prepare(body=body)
        with pytest.raises(ProtocolError):
            self.ask(server)

    @pytest.mark.parametrize(
        ("status", "error"), [(403, ApiError), (504, ServerError), (302, ServerError)]
    )
    def test_a_refusal(self, server, status, error):
        server.prepare(status, body={})
        with pytest.raises(error):
            self.ask(server)

    def test_r31_a_page_for_people(self, server):
        server.prepare(200, b"<html>", headers={"Content-Type": "text/html"})
        with pytest.raises(ServerError):
            self.ask(server)

    def test_silence(self, server):
        server.prepare(hang_up=True)
        with pytest.raises(TransportError):
            self.ask(server)
