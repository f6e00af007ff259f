"""Failures on request. Each has a name; none ever happens by chance.

instead of the answer     too_many_requests(retry_after)  server_error
                          bad_gateway_html  script_page  blocked  unauthorized
around the answer         slow(seconds)  lost_answer  lost_request (no work done)
(after=True: the work is done first, and then the answer spoiled, or late)
on the answer             cut_json  unknown_fields  system_warning(text)
(beside other faults)     date_skew(seconds): of the Date header
files in a session        refused_duplicate(original, original_session)
                          reject(code, details)  stuck  not_stored
sessions                  session_refused_key  session_ends(code): after closing
                          session_cancelled: an open one is 440 at the next request
                          session_stuck: closed, and never done
batches                   part_refused(code): the upload is answered so; 405: taken,
                          but the session ends at 405 when it is closed
of either                 unknown_code(code, of): for one look the status of a "file"
                          or a "session" is a code that nobody knows
certificates              enrollment_ends(code, details)  enrollment_stuck
exports                   export_stuck  export_wrong_hash  export_without_metadata
                          export_cut_metadata (half of the rows)  export_lacks_file
                          export_ends(code)

refused_duplicate: KSeF says 440. `original`: it holds the "same" bytes, an "other" file
or "none"; `original_session`: "withheld" (and the number with it), "right", "wrong".
"""

import json
import re
import socket
from dataclasses import dataclass
from datetime import timedelta

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from .clock import polish_day
from .errors import Failure, Forbidden, Rejected, TooManyRequests, Unauthorized
from .numbers import reference

OF_REQUESTS = (
    "bad_gateway_html",
    "blocked",
    "lost_answer",
    "lost_request",
    "script_page",
    "server_error",
    "slow",
    "too_many_requests",
    "unauthorized",
)
OF_ANSWERS = ("cut_json", "date_skew", "system_warning", "unknown_fields")
OF_STATE = (
    "enrollment_ends",
    "enrollment_stuck",
    "export_cut_metadata",
    "export_ends",
    "export_lacks_file",
    "export_stuck",
    "export_without_metadata",
    "export_wrong_hash",
    "not_stored",
    "part_refused",
    "refused_duplicate",
    "reject",
    "session_cancelled",
    "session_ends",
    "session_refused_key",
    "session_stuck",
    "stuck",
    "unknown_code",
)
# Where 550 would not do.
CODES = {"part_refused": 403, "unknown_code": 199}
# Whose properties are names of something: nothing may be added.
MAPS = ("extensions", "headers")
_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_SCRIPT = "<html><script src='/_Incapsula_Resource?SWJIYLWA=1'></script></html>"


@dataclass
class Fault:
    """`times` it strikes; `path` (regular expression) and `method` say where."""

    name: str
    times: int = 1
    path: str = ""
    method: str | None = None
    seconds: float = 5.0
    retry_after: int = 30
    code: int = 550
    details: tuple = ()
    original: str = "same"
    original_session: str = "withheld"
    after: bool = False
    text: str = "[sim-001]: ostrzezenie symulatora"
    of: str = "file"

    def strikes(self, method: str, path: str) -> bool:
        """Whether it waits for this request."""
        fits = self.method in (None, method) and re.search(self.path, path)
        return self.times > 0 and bool(fits)


class Faults:
    """The failures still to come."""

    def __init__(self):
        self.waiting = []
        self._original_session = "right"

    def add(self, name: str, **params):
        """Ask for a failure. Raises ValueError for a name that is not known."""
        if name not in OF_REQUESTS + OF_ANSWERS + OF_STATE:
            raise ValueError(f"unknown fault {name!r}")
        self.waiting.append(Fault(name, **{"code": CODES.get(name, 550), **params}))

    def clear(self):
        """Nothing more will fail."""
        self.waiting.clear()

    def for_request(self, method: str, path: str) -> Fault | None:
        """The failure that strikes this request, used up by one."""
        return next(self._striking(OF_REQUESTS, method, path), None)

    def for_answer(self, method: str, path: str) -> list[Fault]:
        """What befalls the answer to this request, each used up by one."""
        return list(self._striking(OF_ANSWERS, method, path))

    def take(self, name: str, of: str | None = None) -> Fault | None:
        """The failure of that name (and of that kind of thing), used up by one."""
        for fault in self.waiting:
            if fault.name == name and fault.times > 0 and of in (None, fault.of):
                return self._used(fault)
        return None

    def _striking(self, names, method, path):
        for fault in self.waiting:
            known = fault.name in names and not path.startswith("/manage")
            if known and fault.strikes(method, path):
                yield self._used(fault)

    def before_verdict(self, simulator, document):
        """Spoil the verdict on a file. Raises Rejected."""
        rejected = self.take("reject")
        if rejected:
            raise Rejected(rejected.code, *rejected.details)
        duplicate = self.take("refused_duplicate")
        if duplicate:
            self._original_session = duplicate.original_session
            self._put_original(simulator, document, duplicate.original)

    def extensions(self, extensions: dict | None, now) -> dict | None:
        """The extensions of a refusal: withheld or wrong if that was asked for."""
        session, self._original_session = self._original_session, "right"
        if session == "withheld":
            return None
        if session == "wrong" and extensions:
            wrong = reference("SO", polish_day(now))
            return extensions | {"originalSessionReferenceNumber": wrong}
        return extensions

    def _put_original(self, simulator, document, original):
        """KSeF holds these bytes, or another file of the same number, already."""
        if original == "none":
            raise Rejected(440, "Duplikat faktury.")
        held = simulator.store.invoices.with_key(document.facts.duplicate_key)
        xml = document.xml if original == "same" else document.xml + b"\n"
        if held is None:
            simulator.put_invoice(xml)

    def _used(self, fault):
        fault.times -= 1
        self.waiting = [left for left in self.waiting if left.times > 0]
        return fault


def instead(fault: Fault | None) -> Response | None:
    """What the failure answers in place of KSeF, if it does. Raises Refusal."""
    name = fault.name if fault else None
    if name == "too_many_requests":
        raise TooManyRequests(fault.retry_after)
    if name == "server_error":
        raise Failure("Nieznany błąd.")
    if name == "unauthorized":
        raise Unauthorized("Token wygasł.")
    if name == "blocked":
        raise Forbidden(
            "security-service-blocked",
            "Request blocked.",
            incidentId="SIM-0001",
            clientIp="127.0.0.1",
        )
    if name == "bad_gateway_html":
        return Response(_HTML.format("502 Bad Gateway"), 502, content_type="text/html")
    if name == "script_page":
        return Response(_SCRIPT, 200, content_type="text/html")
    return None


def befall(fault: Fault, answer: Response, now):
    """Change the answer as the failure wants it."""
    if fault.name == "system_warning" and answer.status_code < 300:
        answer.headers["X-System-Warning"] = fault.text
    if fault.name == "date_skew":
        shown = now + timedelta(seconds=fault.seconds)
        answer.headers["Date"] = http_date(shown)
    if not answer.mimetype.endswith("json"):
        return
    if fault.name == "cut_json":
        body = answer.get_data()
        answer.set_data(body[: len(body) // 2])
    if fault.name == "unknown_fields":
        told = _with_unknown_fields(json.loads(answer.get_data()))
        answer.set_data(json.dumps(told, ensure_ascii=False))


def _with_unknown_fields(value):
    """Every object knows something that no specification names."""
    if isinstance(value, list):
        return [_with_unknown_fields(item) for item in value]
    if not isinstance(value, dict):
        return value
    told = {
        name: held if name in MAPS else _with_unknown_fields(held)
        for name, held in value.items()
    }
    return {"fieldOf2027": {"kind": "Unknown", "list": [None, 1]}, **told}


def hang_up(environ):
    """Close the connection without an answer. Always raises ConnectionError."""
    connection = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the answer is lost on purpose")
