"""The tolerant reader of JSON answers.

KSeF may add fields and values at any time: what is unknown is passed over, a value
of a wrong type counts as absent, and only what we cannot do without raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .errors import ProtocolError

_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}:\d{2})(?:\.(\d+))?"
    r"([Zz]|[+-]\d{2}:?\d{2})?"
)


def mapping(value: Any) -> Mapping[str, Any]:
    """The JSON object itself.

    :raises ProtocolError: the answer is something else
    """
    if not isinstance(value, dict):
        raise ProtocolError("the answer is not a JSON object")
    return value


def inner(value: Any, name: str) -> Mapping[str, Any]:
    """A nested object, empty where it is absent or null."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def entries(value: Any) -> tuple[Mapping[str, Any], ...]:
    """The objects of a list; null is an empty list."""
    if not isinstance(value, list):
        return ()
    return tuple(each for each in value if isinstance(each, dict))


def texts(value: Any) -> tuple[str, ...]:
    """The strings of a list; null is an empty list."""
    if not isinstance(value, list):
        return ()
    return tuple(str(each) for each in value if each is not None)


def text(data: Mapping[str, Any], name: str) -> str | None:
    """A string that is not empty, else None; without what no database can keep."""
    value = data.get(name)
    if not isinstance(value, str):
        return None
    kept = value.encode(errors="replace").decode() if value else ""
    return kept.replace("\0", "") or None


def required(data: Mapping[str, Any], name: str) -> str:
    """A string we cannot do without.

    :raises ProtocolError: it is missing
    """
    value = text(data, name)
    if value is None:
        raise ProtocolError(f"the answer lacks {name}")
    return value


def whole(data: Mapping[str, Any], name: str) -> int | None:
    """A whole number, else None."""
    value = data.get(name)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    return None


def amount(data: Mapping[str, Any], name: str) -> Decimal | None:
    """An amount as exact as it was written, else None."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    return Decimal(value)


def flag(data: Mapping[str, Any], name: str) -> bool:
    """True only for JSON's true."""
    return data.get(name) is True


def moment(value: Any) -> datetime | None:
    """An aware UTC datetime, else None.

    KSeF writes up to seven fractional digits; a time without an offset is Polish.
    """
    found = _MOMENT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return None
    day, time, fraction, offset = found.groups()
    micro = (fraction or "0")[:6].ljust(6, "0")
    try:
        read = datetime.fromisoformat(f"{day}T{time}.{micro}{_offset(offset)}")
        if read.tzinfo is None:
            read = read.replace(tzinfo=ZoneInfo("Europe/Warsaw"))
        return read.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def required_moment(data: Mapping[str, Any], name: str) -> datetime:
    """A moment we cannot do without.

    :raises ProtocolError: it is missing or unreadable
    """
    read = moment(data.get(name))
    if read is None:
        raise ProtocolError(f"the answer lacks {name}")
    return read


def _offset(written: str | None) -> str:
    if not written:
        return ""
    if written in "Zz":
        return "+00:00"
    return written if ":" in written else f"{written[:3]}:{written[3:]}"
