"""How many requests KSeF takes from one context, and who may use how many of them.

KSeF counts a request in three sliding windows at once, by the group of its endpoint.
Up to API 2.7 opening and closing share a group; where `GET /rate-limits` lists groups
of their own for closing (2.8), those are used.

Source: official documentation, request limits; GET /rate-limits of July 2026.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from .reading import inner, mapping, whole

#: The windows, in seconds: the values of a group stand in this order.
SPANS = (1, 60, 3600)

Windows = tuple[int | None, int | None, int | None]

#: The published values of production: (second, minute, hour).
PUBLISHED: Mapping[str, Windows] = {
    "onlineSession": (10, 30, 120),
    "invoiceSend": (10, 30, 180),
    "batchSession": (10, 20, 60),
    "invoiceStatus": (30, 120, 1200),
    "sessionList": (5, 10, 60),
    "sessionInvoiceList": (10, 20, 200),
    "sessionMisc": (10, 120, 1200),
    "invoiceMetadata": (8, 16, 20),
    "invoiceExport": (8, 16, 20),
    "invoiceExportStatus": (10, 60, 600),
    "invoiceDownload": (8, 16, 64),
    "other": (10, 30, 120),
}

#: The part of a group that a purpose may use up. What is left belongs to those above
#: it in this table, and to other programs of the company, which KSeF counts with us.
SHARES: Mapping[str, float] = {
    "deadline": 1.0,  # the law sets a day: whatever KSeF still takes
    "send": 0.9,  # leaves room for a deadline that comes up meanwhile
    "check": 0.9,  # a person waits; a handful of requests
    "poll": 0.8,  # the invoices are in KSeF: their numbers may come later
    "import": 0.6,  # bills come in order at any time: most can wait an hour
}

_GROUPS = (
    ("POST", r"/sessions/online", "onlineSession"),
    ("POST", r"/sessions/online/[^/]+/close", "onlineSessionClose"),
    ("POST", r"/sessions/online/[^/]+/invoices", "invoiceSend"),
    ("POST", r"/sessions/batch", "batchSession"),
    ("POST", r"/sessions/batch/[^/]+/close", "batchSessionClose"),
    ("GET", r"/sessions", "sessionList"),
    ("GET", r"/sessions/[^/]+/invoices(/failed)?", "sessionInvoiceList"),
    ("GET", r"/sessions/[^/]+/invoices/[^/]+", "invoiceStatus"),
    ("GET", r"/sessions/[^/]+(/.*)?", "sessionMisc"),
    ("POST", r"/invoices/query/metadata", "invoiceMetadata"),
    ("POST", r"/invoices/exports", "invoiceExport"),
    ("GET", r"/invoices/exports/[^/]+", "invoiceExportStatus"),
    ("GET", r"/invoices/ksef/[^/]+", "invoiceDownload"),
)
_CLOSING = "Close"
_NAMES = ("perSecond", "perMinute", "perHour")

# KSeF counts a request when it arrives, which may be later than the one after it.
_ON_THE_WAY = 1


@dataclass(frozen=True)
class RateLimits:
    """What KSeF takes from us: None where it sets no limit."""

    values: Mapping[str, Windows]

    @classmethod
    def from_json(cls, data: Any) -> RateLimits:
        """Read the answer; a group without values, or with -1, has no limit.

        :raises ProtocolError: it is no object
        """
        return cls({name: _windows(inner(data, name)) for name in mapping(data)})

    def to_json(self) -> dict[str, dict[str, int]]:
        """The same as KSeF writes it, -1 for no limit."""
        return {
            group: {
                name: -1 if most is None else most
                for name, most in zip(_NAMES, windows, strict=True)
            }
            for group, windows in self.values.items()
        }

    def counter(self, method: str, path: str) -> str:
        """What KSeF counts this request under: its group, or an endpoint of `other`,
        each of which is counted by itself."""
        for verb, pattern, group in _GROUPS:
            if method == verb and re.fullmatch(pattern, path):
                return self._listed(group)
        shape = re.sub(r"/[^/]*\d[^/]*", "/*", path)
        return f"other {method} {shape}"

    def windows(self, counter: str) -> Windows:
        """The limits of a counter."""
        group = counter.partition(" ")[0]
        return self.values.get(group, (None, None, None))

    def _listed(self, group: str) -> str:
        if group in self.values:
            return group
        return group.removesuffix(_CLOSING)


def share(purpose: str, path: str) -> float:
    """The part of its group that a request may use up: what was opened may be closed
    even where nothing may be opened any more."""
    return 1.0 if path.endswith("/close") else SHARES[purpose]


class Budget:
    """What was asked lately, by counter, and so how long to wait with the next."""

    def __init__(
        self, limits: RateLimits, spent: Iterable[tuple[str, datetime, int]] = ()
    ) -> None:
        self.limits = limits
        self._spent: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        for counter, moment, number in spent:
            self._spent[counter].append((moment, number))

    def spend(self, counter: str, now: datetime) -> None:
        """One more request leaves."""
        self._spent[counter].append((now, 1))

    def wait(self, counter: str, now: datetime, share: float = 1.0) -> int:
        """Seconds until this part of every window has room again; 0: go on."""
        waits = [0]
        for span, most in zip(SPANS, self.limits.windows(counter), strict=True):
            if most is not None:
                allowed = max(1, int(most * share))
                waits.append(self._wait(counter, now, span, allowed))
        return max(waits)

    def left(self, counter: str, now: datetime, share: float = 1.0) -> int | None:
        """How many requests the hour still has room for; None: any number."""
        most = self.limits.windows(counter)[-1]
        if most is None:
            return None
        within = self._within(counter, now, SPANS[-1])
        allowed = max(1, int(most * share))
        return max(0, allowed - sum(number for _moment, number in within))

    def _wait(self, counter: str, now: datetime, span: int, allowed: int) -> int:
        within = self._within(counter, now, span)
        too_many = sum(number for _moment, number in within) - allowed + 1
        for moment, number in within:
            if too_many <= 0:
                break
            too_many -= number
            ends = moment + timedelta(seconds=span + _ON_THE_WAY)
            if too_many <= 0:
                return max(1, math.ceil((ends - now).total_seconds()))
        return 0

    def _within(
        self, counter: str, now: datetime, span: int
    ) -> list[tuple[datetime, int]]:
        """What still counts in a window, the oldest first."""
        oldest = now - timedelta(seconds=span + _ON_THE_WAY)
        spent = self._spent.get(counter, ())
        return sorted(entry for entry in spent if entry[0] > oldest)


def _windows(values: Mapping[str, Any]) -> Windows:
    second, minute, hour = (_most(whole(values, name)) for name in _NAMES)
    return second, minute, hour


def _most(value: int | None) -> int | None:
    return None if value is None or value < 0 else value
