"""Keeps what was said on the wire, for a judge in another process.

One JSON object for each request to the API: method, path, query, headers (of
Authorization the scheme only), body, status, answerHeaders, answer, faults. Bodies that
are no JSON are left out (kept: that there was one), tokens are blotted out.
"""

import json
import os
import threading
from pathlib import Path

API = "/v2/"
BLOTTED = "(token)"


class Recorder:
    """Hands records to a callable, or writes them into a file of a folder."""

    def __init__(self, target):
        self._lock = threading.Lock()
        self._call = target if callable(target) else None
        self._file = None
        if not self._call:
            folder = Path(target)
            folder.mkdir(parents=True, exist_ok=True)
            self._file = folder / f"{os.getpid()}-{id(self):x}.jsonl"

    def keep(self, call, answer, faults):
        """Record a request to the API and its answer."""
        if not call.request.path.startswith(API):
            return
        record = _record(call.request, answer, faults)
        with self._lock:
            if self._call:
                self._call(record)
                return
            with self._file.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(record, ensure_ascii=False) + "\n")


def _record(request, answer, faults):
    headers = {name.lower(): value for name, value in request.headers}
    if "authorization" in headers:
        headers["authorization"] = headers["authorization"].partition(" ")[0]
    return {
        "method": request.method,
        "path": request.path.removeprefix(API[:-1]),
        "query": request.query_string.decode(),
        "headers": headers,
        "body": _json(request.mimetype, request.get_data()),
        "hasBody": bool(request.get_data()),
        "status": answer.status_code,
        "answerHeaders": {name.lower(): value for name, value in answer.headers},
        "answer": _blotted(_json(answer.mimetype, answer.get_data())),
        "hasAnswer": bool(answer.get_data()),
        "faults": faults,
    }


def _json(mimetype, data):
    """The JSON of a body, None where it is none."""
    if not mimetype.endswith("json"):
        return None
    try:
        return json.loads(data)
    except ValueError:
        return None


def _blotted(value):
    if isinstance(value, list):
        return [_blotted(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: BLOTTED if name == "token" and isinstance(held, str) else _blotted(held)
        for name, held in value.items()
    }
