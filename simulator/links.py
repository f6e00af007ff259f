"""Pre-signed links: the storage that wants no token, and refuses one."""

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

from werkzeug.wrappers import Response

from . import upo
from .answers import content
from .clock import UTC

READABLE = ("upo", "export")
_VERSION = "2025-01-05"


class Links:
    """Makes and checks signed addresses below /storage."""

    def __init__(self, simulator):
        self._simulator = simulator

    def url(self, kind: str, name: str, until: datetime) -> str:
        """An address that opens until `until`."""
        path = f"/storage/{kind}/{quote(name)}"
        end = str(int(until.timestamp()))
        query = {"sv": _VERSION, "se": end, "sig": self._signature(path, end)}
        return f"{self._simulator.url}{path}?{urlencode(query)}"

    def valid(self, path: str, query, now: datetime) -> bool:
        """Whether the address is whole, ours, and not too old."""
        end, signature = query.get("se", ""), query.get("sig", "")
        if not hmac.compare_digest(
            self._signature(path, end).encode(), signature.encode()
        ):
            return False
        return now < datetime.fromtimestamp(int(end), UTC)

    def _signature(self, path, end):
        text = f"{path}|{end}|{_VERSION}".encode()
        secret = self._simulator.store.secret
        signature = hmac.new(secret, text, hashlib.sha256).digest()
        return base64.b64encode(signature).decode()


def fetch(call):
    """GET /storage/…: a UPO or a part of an export package."""
    refusal, kind = refused(call), call.args["kind"]
    if refusal or kind not in READABLE:
        return refusal or storage_error(403, "AuthorizationPermissionMismatch")
    if kind == "upo":
        return content(_upo(call, call.args["name"]), "application/xml")
    body = _part(call.store, call.args["name"])
    return content(body, "application/octet-stream")


def refused(call) -> Response | None:
    """What the storage says to a link that opens nothing, or to a token."""
    request = call.request
    if request.headers.get("Authorization"):
        return storage_error(400, "InvalidAuthenticationInfo")
    if not call.simulator.links.valid(request.path, request.args, call.now):
        return storage_error(403, "AuthenticationFailed")
    return None


def storage_error(status, code) -> Response:
    """An error in the words of the storage."""
    body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code></Error>'
    return Response(body, status=status, content_type="application/xml")


def _upo(call, name):
    session_name, _dot, entry_name = name.partition(".")
    if not entry_name:
        return next(
            page.xml
            for session in call.store.sessions.values()
            for page in session.upo_pages
            if page.reference == name
        )
    session = call.store.sessions[session_name]
    entry = session.find(entry_name)
    return upo.invoice_upo(call.simulator, session, entry)


def _part(store, name):
    export, _dot, ordinal = name.partition(".")
    return store.exports[export].parts[int(ordinal) - 1]
