"""Our requests, judged by the official OpenAPI file: address, parameters, body."""

import json
import re
from datetime import datetime, timezone
from functools import partial
from inspect import isfunction
from io import BytesIO
from pathlib import Path

import pytest

from ksef import batches
from ksef.batch import pack
from ksef.certificates import CertificateOffice
from ksef.client import KsefClient
from ksef.crypto import SessionKey, encrypt_invoice
from ksef.errors import KsefError
from ksef.messages import Challenge, InvoiceQuery
from ksef.transport import Transport

from . import pki

FILE = Path(__file__).resolve().parents[2].parent / "shared/ksef/open-api-2.7.0.json"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="../shared is absent")

KEY = SessionKey.generate()
QUERY = InvoiceQuery("Subject1", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
WRAPPED = KEY.wrap(pki.public_key())
ARCHIVE = pack([("a.xml", b"<a/>")], KEY, plain=BytesIO(), sealed=BytesIO())
CALLS = {
    "public_keys": (),
    "challenge": (),
    "authenticate_xades": (b"<a/>",),
    "authenticate_token": (Challenge("c", 1), pki.NIP, "x", "k"),
    "authentication_status": ("r", "t"),
    "redeem": ("t",),
    "refresh": ("t",),
    "personal_grants": (),
    "rate_limits": (),
    "certificate_name": ("01F20A5D352AE590",),
    "open_online_session": (WRAPPED,),
    "auth_sessions": (),
    "end_auth_session": ("r",),
    "end_current_auth_session": (),
    "send_invoice": ("s", encrypt_invoice(b"x", KEY)),
    "session_status": ("s",),
    "session_invoices": ("s",),
    "invoice_status": ("s", "i"),
    "close_online_session": ("s",),
    "invoice_upo": ("s", "i"),
    "numbered_upo": ("s", "n"),
    "session_upo": ("s", "u"),
    "invoice": ("n",),
    "query_metadata": (QUERY,),
    "start_export": (WRAPPED, QUERY),
    "export_status": ("e",),
}
SERIAL = "01F20A5D352AE590"
NOON = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
OFFICE_CALLS = {
    "limits": (),
    "subject": (),
    "enrol": ("Odoo 1", "Offline", b"csr", NOON),
    "enrolment": ("r",),
    "retrieve": ([SERIAL],),
    "query": (SERIAL, "Odoo", "Authentication", "Active"),
    "find": ("hash", "Odoo", "Offline"),
    "revoke": (SERIAL, "Superseded"),
}
BATCH_CALLS = {
    "open_batch_session": ((WRAPPED, ARCHIVE), {"offline": True}),
    "close_batch_session": (("s",), {}),
}
WITHOUT_REQUEST = {"rights", "fetch_part", "call"}


class Official:
    """The parts of the official file that describe requests."""

    def __init__(self) -> None:
        self.file = json.loads(FILE.read_text())

    def operation(self, method: str, path: str) -> dict:
        """What is asked for; of several templates that fit the one most literal."""
        fitting = [
            (template.count("{"), operations[method])
            for template, operations in self.file["paths"].items()
            if method in operations
            and re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path)
        ]
        assert fitting, f"{method} {path} is not in the official file"
        return min(fitting, key=lambda each: each[0])[1]

    def check(self, schema: dict, value, where: str) -> None:
        """Required names are there, others are known, types and enums fit."""
        schema = self.resolved(schema)
        if "enum" in schema:
            assert value in schema["enum"], where
        if schema.get("type") == "array":
            for each in value:
                self.check(schema["items"], each, where)
        if not isinstance(value, dict):
            assert type(value).__name__ in TYPES[schema.get("type", "string")], where
            return
        missing = set(schema.get("required", ())) - set(value)
        unknown = set(value) - set(schema["properties"])
        assert not missing | unknown, f"{where}: {missing=} {unknown=}"
        for name, inner in value.items():
            self.check(schema["properties"][name], inner, f"{where}.{name}")

    def resolved(self, schema: dict) -> dict:
        while "$ref" in schema or "allOf" in schema or "oneOf" in schema:
            if "$ref" in schema:
                name = schema["$ref"].rpartition("/")[2]
                schema = self.file["components"]["schemas"][name]
            else:
                schema = (schema.get("allOf") or schema["oneOf"])[0]
        return schema


TYPES = {
    "string": ["str"],
    "integer": ["int"],
    "boolean": ["bool"],
    "array": ["list"],
}


@pytest.fixture(scope="module")
def official():
    return Official()


@pytest.mark.parametrize("name", CALLS)
def test_request(name, server, official):
    judge(name, CALLS[name], client(server), server, official)


@pytest.mark.parametrize("name", OFFICE_CALLS)
def test_request_about_certificates(name, server, official):
    office = CertificateOffice(client(server))
    judge(name, OFFICE_CALLS[name], office, server, official)


@pytest.mark.parametrize("name", BATCH_CALLS)
def test_request_of_a_batch(name, server, official):
    given, options = BATCH_CALLS[name]
    call = partial(getattr(batches, name), client(server), *given, **options)
    judge_call(name, call, server, official)


def client(server):
    return KsefClient(Transport(server.url), lambda: "t")


def judge(name, given, caller, server, official):
    judge_call(name, partial(getattr(caller, name), *given), server, official)


def judge_call(name, call, server, official):
    """Make the call, and hold what it sent against the official file."""
    server.prepare(500)
    with pytest.raises(KsefError):
        call()
    sent = server.received[0]
    path, _, query = sent.path.partition("?")
    operation = official.operation(sent.method.lower(), path)
    known = {each["name"] for each in operation.get("parameters", ())}
    assert {each.partition("=")[0] for each in query.split("&") if each} <= known
    body = operation.get("requestBody", {}).get("content", {})
    if "application/json" in body:
        official.check(body["application/json"]["schema"], sent.json(), name)
    elif body:
        assert sent.headers["Content-Type"] in body
    else:
        assert sent.body == b""
    public = operation.get("security") == [] or "security" not in operation
    assert ("Authorization" in sent.headers) != public, name


def public(kind) -> set[str]:
    return {name for name in vars(kind) if not name.startswith("_")}


def test_every_method_is_judged():
    assert public(KsefClient) - WITHOUT_REQUEST == set(CALLS)
    assert public(CertificateOffice) == set(OFFICE_CALLS)
    own = {
        name
        for name, each in vars(batches).items()
        if isfunction(each) and each.__module__ == batches.__name__
    }
    asked = {name for name in own if not name.startswith("_")}
    assert asked - {"upload_part", "upload_parts"} == set(BATCH_CALLS)
