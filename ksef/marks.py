"""Marks on KSeF's line of time, exact to its 100 nanoseconds, and what lies ahead.

Marks are strings: a datetime would round them. KSeF writes up to seven digits.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta, timezone

from .errors import ProtocolError
from .reading import moment

#: A query spans at most three months; 89 days fit every calendar.
LONGEST_WINDOW = timedelta(days=89)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_FRACTION = re.compile(r"\.(\d+)")
_MICROSECOND = timedelta(microseconds=1)


def ticks(mark: str) -> int:
    """The mark as a number of 100 ns.

    :raises ProtocolError: it is no moment
    """
    read = moment(mark)
    if read is None:
        raise ProtocolError(f"not a moment: {mark}")
    fraction = _FRACTION.search(mark)
    seventh = fraction.group(1).ljust(7, "0")[6] if fraction else "0"
    return (read - _EPOCH) // _MICROSECOND * 10 + int(seventh)


def just_after(mark: str) -> str:
    """The next moment that KSeF can tell from this one."""
    following, seventh = divmod(ticks(mark) + 1, 10)
    read = _EPOCH + following * _MICROSECOND
    return f"{read:%Y-%m-%dT%H:%M:%S.%f}{seventh}+00:00"


def within(mark: str, lowest: str, highest: str | None) -> str:
    """The mark, or the end of the window that it lies beyond."""
    if ticks(mark) < ticks(lowest):
        return lowest
    if highest is not None and ticks(mark) > ticks(highest):
        return highest
    return mark


def window_end(begin: str, now: datetime, last: str | None = None) -> str | None:
    """The explicit end of a window that must not reach its `last` moment (none: the
    present), since KSeF takes no longer ones."""
    read = moment(begin)
    if read is None:
        raise ProtocolError(f"not a moment: {begin}")
    goal = moment(last) or now
    if goal - read <= LONGEST_WINDOW:
        return last
    return (read + LONGEST_WINDOW).isoformat()


def exports_ahead(begin: datetime, reached: datetime, now: datetime, done: int) -> int:
    """How many more exports the way from `reached` to `now` takes, judged by the `done`
    ones since `begin`: never fewer than the longest windows need."""
    ahead = max(now - reached, timedelta())
    by_length = math.ceil(ahead / LONGEST_WINDOW)
    behind = reached - begin
    if behind <= timedelta():
        return by_length
    return max(by_length, math.ceil(done * (ahead / behind)))
