"""Deadlines by the VAT act: the ministry's example, and a table counted by hand."""

import random
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from ksef.deadlines import (
    Duty,
    Mode,
    Outage,
    OutageKind,
    add_working_days,
    duty,
    holidays,
    is_working_day,
    next_working_day,
)

from .deadline_table import PARTS

WARSAW = ZoneInfo("Europe/Warsaw")
KINDS = {
    "failure": OutageKind.FAILURE,
    "total": OutageKind.TOTAL,
    "work": OutageKind.MAINTENANCE,
}
WORDS = {"unknown": Duty(None, False), "waived": Duty(None, True)}


def moment(day, time):
    read = datetime.fromisoformat(f"{day}T{time.removesuffix('Z')}")
    return read.replace(tzinfo=timezone.utc if time.endswith("Z") else WARSAW)


def outage(written):
    kind, day, time, *end = written.split()
    return Outage(KINDS[kind], moment(day, time), moment(*end) if end[1:] else None)


def cases(table):
    """The lines of each case."""
    found = []
    for line in table.strip("\n").splitlines():
        if line.startswith(" "):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def rows():
    for part, table in PARTS.items():
        for head, *events in cases(table):
            mode, issued, expected, why = map(str.strip, head.split("|"))
            due = WORDS.get(expected) or Duty(date.fromisoformat(expected), False)
            outages = [outage(each) for each in events]
            case = (Mode(mode), moment(*issued.split()), outages, due)
            yield pytest.param(*case, id=f"{part}: {why}")


ROWS = list(rows())


def test_the_table_is_as_long_as_it_must_be():
    assert len(ROWS) >= 60
    assert len({row.id for row in ROWS}) == len(ROWS), "each case says why it is there"


@pytest.mark.parametrize(("mode", "issued", "outages", "expected"), ROWS)
def test_the_duty(mode, issued, outages, expected):
    assert duty(mode, issued, outages) == expected
    assert duty(mode, issued, reversed(outages)) == expected, "told in another order"
    in_utc = issued.astimezone(timezone.utc)
    assert duty(mode, in_utc, iter(outages)) == expected, "told in another zone"


class TestWhateverHappens:
    """What no sequence of events may break."""

    @pytest.fixture(params=range(60))
    def story(self, request):
        chance = random.Random(request.param)
        issued = datetime(2026, 3, 27, 12, tzinfo=timezone.utc)
        kinds = [OutageKind.MAINTENANCE, OutageKind.FAILURE]
        outages = []
        for _ in range(chance.randint(1, 6)):
            start = issued + timedelta(hours=chance.randint(-48, 480))
            end = start + timedelta(hours=chance.randint(1, 96))
            outages.append(Outage(chance.choice(kinds), start, end))
        return chance.choice(list(Mode)), issued, outages

    def test_the_deadline_is_a_working_day_after_the_issue(self, story):
        mode, issued, outages = story
        deadline = duty(mode, issued, outages).deadline
        assert is_working_day(deadline) and deadline > issued.date()

    def test_an_event_that_is_added_never_shortens_it(self, story):
        mode, issued, outages = story
        days = [
            duty(mode, issued, outages[:count]).deadline
            for count in range(len(outages) + 1)
        ]
        assert days == sorted(days)

    def test_one_that_lasts_takes_the_day_away_or_changes_nothing(self, story):
        mode, issued, outages = story
        before = duty(mode, issued, outages).deadline
        lasting = Outage(outages[0].kind, outages[0].start, None)
        assert duty(mode, issued, [lasting, *outages[1:]]).deadline in (None, before)

    def test_a_total_failure_by_the_last_day_ends_it(self, story):
        mode, issued, outages = story
        day = duty(mode, issued, outages).deadline
        last = datetime(day.year, day.month, day.day, 23, 59, tzinfo=WARSAW)
        for begins, waived in ((last, True), (last + timedelta(minutes=1), False)):
            total = Outage(OutageKind.TOTAL, begins, None)
            assert duty(mode, issued, [*outages, total]).waived is waived


class TestCalendar:
    @pytest.mark.parametrize(
        "sunday",
        [
            "1954-04-18",
            "1981-04-19",
            "2000-04-23",
            "2024-03-31",
            "2025-04-20",
            "2026-04-05",
            "2027-03-28",
            "2028-04-16",
            "2029-04-01",
            "2030-04-21",
            "2038-04-25",
            "2049-04-18",
            "2285-03-22",
        ],
    )
    def test_easter_and_what_hangs_on_it(self, sunday):
        easter = date.fromisoformat(sunday)
        for after in (0, 1, 49, 60):
            assert easter + timedelta(days=after) in holidays(easter.year)
        assert is_working_day(easter - timedelta(days=2))

    def test_the_holidays_of_2026(self):
        assert sorted(f"{day:%d.%m}" for day in holidays(2026)) == sorted(
            "01.01 06.01 05.04 06.04 01.05 03.05 24.05 04.06 15.08 01.11 11.11 24.12"
            " 25.12 26.12".split()
        )

    def test_christmas_eve_is_one_since_2025(self):
        days = {year: date(year, 12, 24) in holidays(year) for year in (2024, 2025)}
        assert days == {2024: False, 2025: True}

    def test_the_days_of_2026_are_as_many_as_the_calendar_says(self):
        first = date(2026, 1, 1)
        year = [first + timedelta(days=after) for after in range(365)]
        assert sum(map(is_working_day, year)) == 253

    def test_counting_from_a_working_day_and_from_another(self):
        assert next_working_day(date(2026, 3, 12)) == date(2026, 3, 13)
        assert next_working_day(date(2026, 3, 13)) == date(2026, 3, 16)
        assert add_working_days(date(2026, 3, 14), 7) == date(2026, 3, 24)
        assert add_working_days(date(2026, 3, 12), 0) == date(2026, 3, 12)

    def test_a_moment_without_a_zone_is_no_day(self):
        with pytest.raises(ValueError):
            duty(Mode.OFFLINE24, datetime(2026, 3, 9, 10), [])
