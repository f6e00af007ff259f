"""Polish time: the law and KSeF count days in Europe/Warsaw, whatever the user's."""

from datetime import date, datetime, time, timezone
from zoneinfo import ZoneInfo

WARSAW = ZoneInfo("Europe/Warsaw")
UTC = timezone.utc


def now():
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return today's date in Poland."""
    return now().astimezone(WARSAW).date()


def start_of_day(day: date) -> datetime:
    """Return the moment, aware, in UTC, at which ``day`` begins in Poland."""
    return datetime.combine(day, time.min, WARSAW).astimezone(UTC)


def day_of(moment: datetime) -> date:
    """Return the Polish date of a naive UTC datetime, as Odoo stores them."""
    return moment.replace(tzinfo=UTC).astimezone(WARSAW).date()


def naive(moment: datetime | None) -> datetime | None:
    """Return an aware datetime as Odoo stores it: naive, UTC, whole seconds."""
    if moment is None:
        return None
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)


def aware(moment: datetime) -> datetime:
    """Return a datetime that Odoo stored (naive, UTC) with its time zone."""
    return moment.replace(tzinfo=UTC)
