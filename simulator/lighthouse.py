"""The status service, which stands beside KSeF and needs no login."""

from .answers import json_answer
from .clock import stamp

AVAILABLE = "AVAILABLE"
TYPES = {
    "MAINTENANCE": "MAINTENANCE_ANNOUNCEMENT",
    "FAILURE": "FAILURE_START",
    "TOTAL_FAILURE": "FAILURE_START",
}


def announce(store, status: str, text: str, now):
    """Set the status; anything but AVAILABLE comes with a message."""
    if status not in (AVAILABLE, *TYPES):
        raise ValueError(f"unknown status {status!r}")
    store.outage = {}
    if status != AVAILABLE:
        store.outage = {
            "id": f"{now:%Y%m%d%H%M%S}",
            "eventId": 1,
            "category": status,
            "type": TYPES[status],
            "title": text,
            "text": text,
            "start": stamp(now),
            "version": 1,
            "published": stamp(now),
        }


def status(call):
    """GET /status"""
    outage = call.store.outage
    answer = {"status": outage.get("category", AVAILABLE)}
    if outage:
        answer["messages"] = [outage]
    return json_answer(call, answer)


def messages(call):
    """GET /messages: a bare list."""
    return json_answer(call, [call.store.outage] if call.store.outage else [])
