"""Every address: who may call it, with which token, under which limit."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.routing import Map, Rule

from . import (
    auth,
    batch,
    documents,
    enrollments,
    exports,
    keys,
    lighthouse,
    limits,
    links,
    manage,
    pages,
    queries,
    register,
    rights,
    sending,
    sessions,
)
from .jwt import ACCESS, AUTHENTICATION, REFRESH
from .rights import BATCH, INSPECT, LIST, READ, WRITE


@dataclass(frozen=True)
class Route:
    """`tokens`: the kinds accepted, none for an open address; `group`: the limit."""

    method: str
    path: str
    run: Callable
    tokens: tuple = ()
    permissions: tuple = ()
    group: str | None = None


def _open(method, path, run):
    return Route(method, "/v2" + path, run, group="anonymous")


def _login(method, path, run, *tokens):
    return Route(method, "/v2" + path, run, tokens, group="anonymous")


def _api(method, path, run, permissions=(), group="other"):
    return Route(method, "/v2" + path, run, (ACCESS,), permissions, group)


_SESSION = "/sessions/<reference>"
_ONLINE = "/sessions/online"
_BATCH = "/sessions/batch"
_INVOICE = _SESSION + "/invoices/<invoice>"

API = (
    _open("POST", "/auth/challenge", auth.challenge),
    _open("POST", "/auth/xades-signature", auth.with_signature),
    _open("POST", "/auth/ksef-token", auth.with_token),
    _login("GET", "/auth/<reference>", auth.status, AUTHENTICATION),
    _login("POST", "/auth/token/redeem", auth.redeem, AUTHENTICATION),
    _login("POST", "/auth/token/refresh", auth.refresh, REFRESH),
    _api("GET", "/auth/sessions", auth.sessions),
    Route(
        "DELETE",
        "/v2/auth/sessions/current",
        auth.revoke_current,
        (ACCESS, REFRESH),
        group="other",
    ),
    _api("DELETE", "/auth/sessions/<reference>", auth.revoke),
    _open("GET", "/security/public-key-certificates", keys.public_keys),
    _api("POST", _ONLINE, sessions.open_online, WRITE, "onlineSession"),
    _api("POST", _ONLINE + "/<reference>/invoices", sending.send, WRITE, "invoiceSend"),
    _api(
        "POST", _ONLINE + "/<reference>/close", sessions.close, WRITE, "onlineSession"
    ),
    _api("POST", _BATCH, batch.open_batch, BATCH, "batchSession"),
    _api("POST", _BATCH + "/<reference>/close", batch.close, BATCH, "batchSession"),
    _api("GET", "/sessions", sessions.listing, LIST, "sessionList"),
    _api("GET", _SESSION, sessions.status, INSPECT, "sessionMisc"),
    _api("GET", _SESSION + "/upo/<upo>", documents.session_upo, INSPECT, "sessionMisc"),
    _api(
        "GET",
        _SESSION + "/invoices",
        sending.listing,
        INSPECT,
        "sessionInvoiceList",
    ),
    _api(
        "GET",
        _SESSION + "/invoices/failed",
        sending.failed,
        INSPECT,
        "sessionInvoiceList",
    ),
    _api("GET", _INVOICE, sending.status, INSPECT, "invoiceStatus"),
    _api("GET", _INVOICE + "/upo", documents.invoice_upo, INSPECT, "sessionMisc"),
    _api(
        "GET",
        _SESSION + "/invoices/ksef/<number>/upo",
        documents.upo_by_number,
        INSPECT,
        "sessionMisc",
    ),
    _api("GET", "/invoices/ksef/<number>", documents.invoice, READ, "invoiceDownload"),
    _api("POST", "/invoices/query/metadata", queries.metadata, READ, "invoiceMetadata"),
    _api("POST", "/invoices/exports", exports.order, READ, "invoiceExport"),
    _api(
        "GET",
        "/invoices/exports/<reference>",
        exports.status,
        READ,
        "invoiceExportStatus",
    ),
    _api("POST", "/permissions/query/personal/grants", rights.personal_grants),
    _api("GET", "/certificates/limits", enrollments.limits),
    _api("GET", "/certificates/enrollments/data", enrollments.data),
    _api("POST", "/certificates/enrollments", enrollments.enroll),
    _api("GET", "/certificates/enrollments/<reference>", enrollments.status),
    _api("POST", "/certificates/retrieve", register.retrieve),
    _api("POST", "/certificates/query", register.query),
    _api("POST", "/certificates/<serial>/revoke", register.revoke),
    _api("PUT", "/testdata/certificates/<serial>", register.shorten),
    _api("GET", "/rate-limits", limits.rate_limits),
    _api("GET", "/limits/context", limits.context_limits),
    _api("GET", "/limits/subject", limits.subject_limits),
)
BESIDE = (
    Route("PUT", "/storage/batch/<name>", batch.upload),
    Route("GET", "/storage/<kind>/<name>", links.fetch),
    Route("GET", "/invoice/<nip>/<day>/<hash>", pages.invoice),
    Route(
        "GET",
        "/certificate/<kind>/<context>/<nip>/<serial>/<hash>/<signature>",
        pages.certificate,
    ),
    Route("GET", "/status", lighthouse.status),
    Route("GET", "/messages", lighthouse.messages),
)
MANAGEMENT = tuple(Route(*row) for row in manage.ADDRESSES)

URLS = Map(
    [
        Rule(route.path, endpoint=route, methods=[route.method])
        for route in API + BESIDE + MANAGEMENT
    ]
)
