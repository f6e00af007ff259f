"""The status service, which stands beside KSeF and needs no login.

It holds messages. Several may speak of one event: the later version counts, and a
failure is over only when a message of its own says so.
"""

from uuid import uuid4

from .answers import json_answer
from .clock import parse_moment, stamp

AVAILABLE = "AVAILABLE"
MAINTENANCE = "MAINTENANCE"
CATEGORIES = (MAINTENANCE, "FAILURE", "TOTAL_FAILURE")


def announce(store, status, text, now, *, event=None, start=None, end=None, **fields):
    """Publish a message, or with AVAILABLE take all of them back.

    Without `event` (a number) the message replaces all others; with it, it joins
    them, as the next version of what is known of that event. `fields` stand for
    themselves, in KSeF's own names. Returns the message. Raises ValueError.
    """
    if status not in (AVAILABLE, *CATEGORIES):
        raise ValueError(f"unknown status {status!r}")
    if event is None:
        store.messages.clear()
    if status == AVAILABLE:
        return None
    former = [m for m in store.messages if m["eventId"] == (event or 1)]
    message = {
        "id": str(uuid4()),
        "eventId": event or 1,
        "category": status,
        "type": _type(status, end),
        "title": text,
        "text": text,
        "start": stamp(start) or (former[0]["start"] if former else stamp(now)),
        "version": len(former) + 1,
        "published": stamp(now),
    }
    if end:
        message["end"] = stamp(end)
    store.messages.append({**message, **fields})
    return store.messages[-1]


def status(call):
    """GET /status: the gravest of what holds now."""
    held = [e["category"] for e in _events(call.store) if _holds(e, call.now)]
    answer = {"status": AVAILABLE}
    for category in CATEGORIES:
        if category in held:
            answer["status"] = category
    if call.store.messages:
        answer["messages"] = _shuffled(call)
    return json_answer(call, answer)


def messages(call):
    """GET /messages: a bare list, in any order."""
    return json_answer(call, _shuffled(call))


def _type(status, end):
    if status == MAINTENANCE:
        return "MAINTENANCE_ANNOUNCEMENT"
    return "FAILURE_END" if end else "FAILURE_START"


def _events(store):
    """The latest message of every event."""
    latest = {}
    for message in sorted(store.messages, key=lambda message: message["version"]):
        latest[message["eventId"]] = message
    return latest.values()


def _holds(message, now):
    end = message.get("end")
    began = parse_moment(message["start"]) <= now
    return began and (not end or now < parse_moment(end))


def _shuffled(call):
    found = list(call.store.messages)
    call.simulator.chance.shuffle(found)
    return found
