"""The status service of the ministry ("Latarnia"): what it announces of KSeF.

Source: official client libraries; the service stands apart from KSeF and knows no
login. Its silence says nothing about KSeF, and legally binding is what stands in the
Public Information Bulletin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .deadlines import OutageKind
from .errors import ProtocolError
from .reading import entries, moment, text, whole
from .transport import Transport

_KINDS = {
    "MAINTENANCE": OutageKind.MAINTENANCE,
    "FAILURE": OutageKind.FAILURE,
    "TOTAL_FAILURE": OutageKind.TOTAL,
}
_PLANNED, _BEGUN, _OVER = "MAINTENANCE_ANNOUNCEMENT", "FAILURE_START", "FAILURE_END"


@dataclass(frozen=True)
class Announcement:
    """One event as the newest of its messages tells it; without `end` it lasts."""

    event_id: int
    kind: OutageKind
    start: datetime
    end: datetime | None
    title: str
    text: str
    version: int


@dataclass(frozen=True)
class _Message:
    event_id: int
    kind: OutageKind
    type: str
    start: datetime | None
    end: datetime | None
    title: str
    text: str
    version: int
    published: datetime | None

    @property
    def age(self) -> tuple[int, float]:
        """Greater for newer ones."""
        published = self.published.timestamp() if self.published else 0.0
        return self.version, published


class Lighthouse:
    """Asks the status service behind `transport`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def announcements(self) -> tuple[Announcement, ...]:
        """All events that the service tells of, past and planned ones too, in order.

        Messages of an unknown kind, and events that cannot be dated, are left out.

        :raises KsefError: no answer, a refusal, or something else than messages
        """
        answer = self._transport.request("GET", "/messages").json()
        if not isinstance(answer, list):
            raise ProtocolError("the answer is not a list of messages")
        events: dict[int, list[_Message]] = {}
        for message in filter(None, map(_message, entries(answer))):
            events.setdefault(message.event_id, []).append(message)
        found = filter(None, map(_announcement, events.values()))
        return tuple(sorted(found, key=lambda each: (each.start, each.event_id)))


def _message(data: Mapping[str, Any]) -> _Message | None:
    event_id, kind = whole(data, "eventId"), _KINDS.get(str(data.get("category")))
    told = text(data, "type")
    if event_id is None or kind is None or told not in (_PLANNED, _BEGUN, _OVER):
        return None
    return _Message(
        event_id=event_id,
        kind=kind,
        type=told,
        start=moment(data.get("start")),
        end=moment(data.get("end")),
        title=text(data, "title") or "",
        text=text(data, "text") or "",
        version=whole(data, "version") or 0,
        published=moment(data.get("published")),
    )


def _announcement(messages: list[_Message]) -> Announcement | None:
    """What the messages of one event say together."""
    newest = max(messages, key=lambda each: each.age)
    start, end = _start(messages), _end(messages)
    if start is None or (end is not None and end <= start):
        return None
    return Announcement(
        event_id=newest.event_id,
        kind=newest.kind,
        start=start,
        end=end,
        title=newest.title,
        text=newest.text,
        version=newest.version,
    )


def _start(messages: list[_Message]) -> datetime | None:
    """The newest beginning told; what announces the end is asked last."""
    dated = [each for each in messages if each.start]
    told = [each for each in dated if each.type != _OVER] or dated
    return max(told, key=lambda each: each.age).start if told else None


def _end(messages: list[_Message]) -> datetime | None:
    """The end of planned work as announced; that of a failure only from a message of
    its own, whatever an earlier one expected (art. 106nf sec. 4 of the VAT act)."""
    over = [each for each in messages if each.type == _OVER]
    if over:
        last = max(over, key=lambda each: each.age)
        return last.end or last.published
    planned = [each for each in messages if each.type == _PLANNED]
    return max(planned, key=lambda each: each.age).end if planned else None
