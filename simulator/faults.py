"""Failures on request. Each has a name; none ever happens by chance.

instead of the answer     too_many_requests(retry_after)  server_error
                          bad_gateway_html  script_page  blocked  unauthorized
around the answer         slow(seconds)  lost_answer  lost_request (no work done)
(after=True: the work is done first, and then the answer spoiled)
files in a session        refused_duplicate(original)  reject(code, details)
                          stuck  not_stored
sessions                  session_refused_key  session_ends(code)
certificates              enrollment_ends(code, details)  enrollment_stuck
exports                   export_stuck  export_wrong_hash  export_without_metadata
"""

import re
import socket
from dataclasses import dataclass

from werkzeug.wrappers import Response

from .errors import Failure, Forbidden, Rejected, TooManyRequests, Unauthorized

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
OF_STATE = (
    "enrollment_ends",
    "enrollment_stuck",
    "export_stuck",
    "export_without_metadata",
    "export_wrong_hash",
    "not_stored",
    "refused_duplicate",
    "reject",
    "session_ends",
    "session_refused_key",
    "stuck",
)
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
    after: bool = False

    def strikes(self, method: str, path: str) -> bool:
        """Whether it waits for this request."""
        fits = self.method in (None, method) and re.search(self.path, path)
        return self.name in OF_REQUESTS and self.times > 0 and bool(fits)


class Faults:
    """The failures still to come."""

    def __init__(self):
        self.waiting = []
        self._silent_duplicate = False

    def add(self, name: str, **params):
        """Ask for a failure. Raises ValueError for a name that is not known."""
        if name not in OF_REQUESTS + OF_STATE:
            raise ValueError(f"unknown fault {name!r}")
        self.waiting.append(Fault(name, **params))

    def clear(self):
        """Nothing more will fail."""
        self.waiting.clear()

    def for_request(self, method: str, path: str) -> Fault | None:
        """The failure that strikes this request, used up by one."""
        for fault in self.waiting:
            if fault.strikes(method, path) and not path.startswith("/manage"):
                return self._used(fault)
        return None

    def take(self, name: str) -> Fault | None:
        """The failure of that name, used up by one."""
        for fault in self.waiting:
            if fault.name == name and fault.times > 0:
                return self._used(fault)
        return None

    def before_verdict(self, simulator, document):
        """Spoil the verdict on a file. Raises Rejected."""
        rejected = self.take("reject")
        if rejected:
            raise Rejected(rejected.code, *rejected.details)
        duplicate = self.take("refused_duplicate")
        if duplicate:
            self._silent_duplicate = True
            self._put_original(simulator, document, duplicate.original)

    def extensions(self, extensions: dict | None) -> dict | None:
        """The extensions of a refusal, withheld if that was asked for."""
        withheld, self._silent_duplicate = self._silent_duplicate, False
        return None if withheld else extensions

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


def hang_up(environ):
    """Close the connection without an answer. Always raises ConnectionError."""
    connection = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("the answer is lost on purpose")
