"""How many requests are too many: three sliding windows for every group."""

import json
import math
import re
from collections import defaultdict
from pathlib import Path

from .answers import json_answer
from .enrollments import limit
from .errors import TooManyRequests

SECONDS = (1, 60, 3600)
PUBLISHED = {
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
    "collectiveIdentifier": (10, 60, 120),
    "other": (10, 30, 120),
    "anonymous": (60, None, None),
}
_NAMES = ("perSecond", "perMinute", "perHour")


class Limits:
    """Counts requests by context, address and group."""

    def __init__(self):
        self.on = False
        self.values = dict(PUBLISHED)
        self._seen = defaultdict(list)

    def switch(self, on: bool, **values):
        """Count from now on, with other (second, minute, hour) values if given."""
        self.on = on
        self.values = {**self.values, **values}
        self._seen.clear()

    def count(self, call):
        """One more request. Raises TooManyRequests."""
        group = call.route.group
        if not self.on or group is None:
            return
        context = call.login.context.value if group != "anonymous" else None
        counter = call.route.path if group == "other" else group
        moments = self._seen[context, call.client_ip, counter]
        now = call.now.timestamp()
        moments[:] = [moment for moment in moments if now - moment < SECONDS[-1]]
        wait = _wait(moments, self.values[group], now)
        if wait:
            raise TooManyRequests(wait)
        moments.append(now)


def _wait(moments, values, now) -> int:
    """Seconds until every window has room again, 0 if there is room."""
    waits = [0]
    for span, most in zip(SECONDS, values, strict=True):
        inside = [moment for moment in moments if now - moment < span]
        if most is not None and len(inside) >= most:
            waits.append(math.ceil(inside[-most] + span - now))
    return max(waits)


def count(call):
    """Count the request of `call`."""
    call.simulator.limits.count(call)


def from_openapi(file, routes) -> dict:
    """The values of x-rate-limits in the official file, by group."""
    document = json.loads(Path(file).read_text())
    values = {}
    for route in routes:
        for path, operations in document["paths"].items():
            same = _shape(path) == _shape(route.path.removeprefix("/v2"))
            operation = operations.get(route.method.lower()) if same else None
            if operation and route.group:
                limits = operation["x-rate-limits"]
                values[route.group] = tuple(limits.get(name) for name in _NAMES)
    return values


def rate_limits(call):
    """GET /rate-limits: -1 where nothing is counted"""
    limits = call.simulator.limits
    values = limits.values if limits.on else dict.fromkeys(PUBLISHED, (-1, -1, -1))
    answer = {
        group: dict(zip(_NAMES, values[group], strict=True))
        for group in values
        if group != "anonymous"
    }
    return json_answer(call, answer)


def context_limits(call):
    """GET /limits/context"""
    session = {
        "maxInvoiceSizeInMB": 1,
        "maxInvoiceWithAttachmentSizeInMB": 3,
        "maxInvoices": call.simulator.session_limit,
    }
    return json_answer(call, {"onlineSession": session, "batchSession": session})


def subject_limits(call):
    """GET /limits/subject"""
    enrollments, certificates = limit(call.simulator, call.login.subject)
    answer = {
        "enrollment": {"maxEnrollments": enrollments},
        "certificate": {"maxCertificates": certificates},
    }
    return json_answer(call, answer)


def _shape(path):
    return re.sub(r"[{<][^}>]*[}>]", "*", path)
