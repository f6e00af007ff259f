"""By which day an invoice issued outside KSeF has to be sent to it.

Source: VAT act, art. 106nda (offline24), 106nf (failure), 106nh (unavailability);
official documentation, offline modes. Working days are Monday to Friday without the
holidays of the act of 18 January 1951; the day of an event is never counted (Tax
Ordinance, art. 12). Days are those of Poland.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from functools import cache
from operator import attrgetter
from zoneinfo import ZoneInfo

_WARSAW = ZoneInfo("Europe/Warsaw")
_DAY = timedelta(days=1)
_AFTER_FAILURE = 7
# Beside Easter Sunday: Easter Monday, Pentecost, Corpus Christi.
_AFTER_EASTER = (0, 1, 49, 60)
_EVERY_YEAR = (
    (1, 1),
    (1, 6),
    (5, 1),
    (5, 3),
    (8, 15),
    (11, 1),
    (11, 11),
    (12, 25),
    (12, 26),
)
_CHRISTMAS_EVE_SINCE = 2025


class Mode(Enum):
    """Why an invoice was issued outside KSeF."""

    OFFLINE24 = "offline24"
    OFFLINE = "offline"
    EMERGENCY = "emergency"


class OutageKind(Enum):
    """What the ministry announced."""

    MAINTENANCE = "maintenance"
    FAILURE = "failure"
    TOTAL = "total_failure"


@dataclass(frozen=True)
class Outage:
    """An announced event, from `start` until before `end` (None: it lasts)."""

    kind: OutageKind
    start: datetime
    end: datetime | None

    def lasts_after(self, moment: datetime) -> bool:
        return self.end is None or self.end > moment


@dataclass(frozen=True)
class Duty:
    """The last day for sending, or None: it is not known while the outage lasts.

    `waived`: there is no duty to send, because of a total failure.
    """

    deadline: date | None
    waived: bool = False


def duty(mode: Mode, issued: datetime, outages: Iterable[Outage]) -> Duty:
    """The duty to send an invoice issued at that moment, after all announced events.

    offline24 ends on the next working day, offline on the one after the end of the
    unavailability. A failure that lasts when this term begins, or is announced by its
    last day, moves that day to the seventh working day after its end, and a further
    one does so again (art. 106nf sec. 4, 5; 106nh sec. 3). A total failure before the
    deadline ends the duty. So an emergency invoice without a known failure has the
    term of offline24, and an unavailability moves no term that runs already.
    """
    events = sorted(
        (each for each in outages if each.lasts_after(issued)),
        key=attrgetter("start"),
    )
    begin = _begin_of_term(mode, issued, events)
    deadline = _working_days_after(begin, 1)
    for event in events:
        if deadline is not None and _day(event.start) > deadline:
            break
        if event.kind is OutageKind.TOTAL:
            return Duty(None, waived=True)
        if event.kind is OutageKind.FAILURE and begin and event.lasts_after(begin):
            moved = _working_days_after(event.end, _AFTER_FAILURE)
            deadline = max(deadline, moved) if deadline and moved else None
    return Duty(deadline)


def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays(day.year)


def next_working_day(day: date) -> date:
    """The first working day after `day`."""
    day += _DAY
    while not is_working_day(day):
        day += _DAY
    return day


def add_working_days(day: date, count: int) -> date:
    """The working day number `count` after `day`; `day` itself is not counted."""
    for _ in range(count):
        day = next_working_day(day)
    return day


@cache
def holidays(year: int) -> frozenset[date]:
    """The public holidays of Poland."""
    easter = _easter(year)
    days = {easter + after * _DAY for after in _AFTER_EASTER}
    days |= {date(year, month, day) for month, day in _EVERY_YEAR}
    if year >= _CHRISTMAS_EVE_SINCE:
        days.add(date(year, 12, 24))
    return frozenset(days)


def _begin_of_term(
    mode: Mode, issued: datetime, events: Iterable[Outage]
) -> datetime | None:
    """The issue, or the end of the unavailability at the issue with those that follow
    without a gap: None while it lasts. `events` are in order."""
    begin = issued
    for event in events if mode is Mode.OFFLINE else ():
        if event.kind is not OutageKind.MAINTENANCE:
            continue
        if event.start > begin:
            break
        if event.end is None:
            return None
        begin = max(begin, event.end)
    return begin


def _working_days_after(moment: datetime | None, count: int) -> date | None:
    return None if moment is None else add_working_days(_day(moment), count)


def _day(moment: datetime) -> date:
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone belongs to no day")
    return moment.astimezone(_WARSAW).date()


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    century, rest = divmod(year, 100)
    leap_centuries, century_rest = divmod(century, 4)
    lunar = (century - (century + 8) // 25 + 1) // 3
    moon = (19 * (year % 19) + century - leap_centuries - lunar + 15) % 30
    leaps, leap_rest = divmod(rest, 4)
    weekday = (32 + 2 * century_rest + 2 * leaps - moon - leap_rest) % 7
    shift = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)
