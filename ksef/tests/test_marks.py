"""Marks of KSeF, exact to 100 nanoseconds, and the windows between them."""

from datetime import datetime, timedelta, timezone

import pytest

from ksef.errors import ProtocolError
from ksef.marks import exports_ahead, just_after, ticks, window_end, within
from ksef.reading import moment

MARK = "2026-03-01T10:00:00.1234567+00:00"
NOW = datetime(2026, 9, 1, tzinfo=timezone.utc)


class TestOrder:
    """No two moments that KSeF tells apart are the same to us."""

    def test_the_seventh_digit_counts(self):
        assert ticks(MARK) + 1 == ticks(MARK.replace("4567", "4568"))

    def test_the_same_moment_in_other_words(self):
        assert ticks("2026-03-01T11:00:00.5+01:00") == ticks("2026-03-01T10:00:00.5Z")
        assert ticks("2026-03-01T10:00:00Z") == ticks("2026-03-01T10:00:00.0000000Z")

    @pytest.mark.parametrize(
        ("mark", "following"),
        [
            (MARK, "2026-03-01T10:00:00.1234568+00:00"),
            ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00.0000001+00:00"),
            ("2026-12-31T23:59:59.9999999Z", "2027-01-01T00:00:00.0000000+00:00"),
        ],
    )
    def test_nothing_lies_between_a_mark_and_the_next(self, mark, following):
        assert just_after(mark) == following
        assert ticks(following) == ticks(mark) + 1

    def test_what_is_no_moment(self):
        with pytest.raises(ProtocolError):
            ticks("yesterday")

    def test_a_mark_never_leaves_its_window(self):
        low, high = "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"
        assert within("2026-02-01T00:00:00Z", low, high) == low, "KSeF went back"
        assert within("2026-05-01T00:00:00Z", low, high) == high
        assert within("2026-05-01T00:00:00Z", low, None) == "2026-05-01T00:00:00Z"
        assert within(MARK, low, high) == MARK, "the string itself"


class TestWindows:
    """KSeF refuses windows of more than three months."""

    def test_a_window_that_reaches_the_present_has_no_end(self):
        assert window_end("2026-08-01T00:00:00+00:00", NOW) is None

    def test_a_long_way_is_walked_in_steps_of_89_days(self):
        end = window_end("2026-01-01T00:00:00+00:00", NOW)
        assert moment(end) == datetime(2026, 3, 31, tzinfo=timezone.utc)

    def test_i15_an_end_has_an_offset(self):
        assert window_end("2026-01-01T00:00:00+01:00", NOW).endswith("+00:00")

    def test_a_period_ends_where_it_was_asked_to(self):
        last = "2026-02-01T00:00:00+00:00"
        assert window_end("2026-01-01T00:00:00+00:00", NOW, last) == last


class TestForecast:
    """How many exports lie ahead is judged by those behind."""

    BEGIN = NOW - timedelta(days=400)

    def test_at_first_by_the_length_of_windows(self):
        assert exports_ahead(self.BEGIN, self.BEGIN, NOW, 0) == 5

    def test_truncated_packages_make_it_more(self):
        reached = self.BEGIN + timedelta(days=100)
        assert exports_ahead(self.BEGIN, reached, NOW, 20) == 60

    def test_at_the_goal(self):
        assert exports_ahead(self.BEGIN, NOW, NOW, 9) == 0
        assert exports_ahead(self.BEGIN, NOW + timedelta(1), NOW, 9) == 0
