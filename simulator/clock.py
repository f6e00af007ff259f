"""The simulator's clock, and the way KSeF writes moments."""

import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

UTC = timezone.utc
WARSAW = ZoneInfo("Europe/Warsaw")

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?)?"
    r"(Z|[+-]\d\d:\d\d)?"
)


class Clock:
    """Real time, shifted or stopped on request. No two readings are equal."""

    def __init__(self):
        self._shift = timedelta()
        self._stopped_at = None
        self._last = None

    def now(self) -> datetime:
        """The present moment (aware, UTC), later than the reading before it."""
        moment = self._stopped_at or datetime.now(UTC) + self._shift
        if self._last and moment <= self._last < moment + timedelta(seconds=1):
            moment = self._last + timedelta(microseconds=1)
        self._last = moment
        return moment

    def set(self, moment: datetime | None, *, stopped: bool = False):
        """Go on from `moment` (aware), or stand still there; None: real time."""
        self._stopped_at, self._shift = None, timedelta()
        if moment is not None and stopped:
            self._stopped_at = moment.astimezone(UTC)
        elif moment is not None:
            self._shift = moment - datetime.now(UTC)

    def advance(self, seconds: float):
        """Let `seconds` pass at once."""
        step = timedelta(seconds=seconds)
        if self._stopped_at:
            self._stopped_at += step
        else:
            self._shift += step


def polish_day(moment: datetime) -> date:
    """The calendar day in Poland."""
    return moment.astimezone(WARSAW).date()


def stamp(moment: datetime | None) -> str | None:
    """ISO 8601 with seven fractional digits, as KSeF writes it.

    The seventh digit is never zero: whoever rounds such a mark up loses invoices.
    """
    if moment is None:
        return None
    moment = moment.astimezone(UTC)
    digits = f"{moment.microsecond:06d}{moment.microsecond % 9 + 1}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{digits}+00:00"


def first_at_or_after(text: str) -> datetime:
    """The earliest moment that `stamp` writes as `text` or later."""
    moment = parse_moment(text)
    late = _seventh(text) > moment.microsecond % 9 + 1
    return moment + timedelta(microseconds=1) if late else moment


def last_at_or_before(text: str) -> datetime:
    """The latest moment that `stamp` writes as `text` or earlier; a text without a
    seventh digit means the whole microsecond."""
    moment = parse_moment(text)
    early = 0 < _seventh(text) < moment.microsecond % 9 + 1
    return moment - timedelta(microseconds=1) if early else moment


def parse_moment(text: str) -> datetime:
    """Read ISO 8601; without an offset it is Polish time. Raises ValueError."""
    match = _MOMENT.fullmatch(text)
    if not match:
        raise ValueError(text)
    day, time, fraction, offset = match.groups()
    moment = datetime.fromisoformat(f"{day}T{time or '00:00:00'}")
    moment = moment.replace(microsecond=int((fraction or "0")[:6].ljust(6, "0")))
    if offset is None:
        return moment.replace(tzinfo=WARSAW).astimezone(UTC)
    offset = "+00:00" if offset == "Z" else offset
    return datetime.fromisoformat(moment.isoformat() + offset).astimezone(UTC)


def _seventh(text: str) -> int:
    """The digit behind the microseconds, 0 where there is none."""
    fraction = _MOMENT.fullmatch(text).group(3) or ""
    return int(fraction.ljust(7, "0")[6])
