"""The official OpenAPI file as judge of every answer."""

import json
import re
from pathlib import Path

from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4
from werkzeug.test import run_wsgi_app

SHARED = Path(__file__).resolve().parents[3] / "shared" / "ksef"
FILE = SHARED / "open-api-2.7.0.json"
BESIDE = ("/manage", "/storage", "/invoice/", "/certificate/", "/status", "/messages")

# A wrong content type gives 415 in practice, though the file is silent about it.
UNWRITTEN = {
    415: {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
}


class Official:
    """Compares answers with what the file promises."""

    def __init__(self, file=FILE):
        document = _nullable(json.loads(file.read_text()))
        self._paths = document["paths"]
        resource = Resource(contents=document, specification=DRAFT4)
        self._registry = Registry().with_resource("official", resource)

    def violations(self, method, path, status, headers, body) -> list[str]:
        """What the answer does that the file does not promise."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path}: no such operation"]
        promised = operation["responses"].get(str(status), UNWRITTEN.get(status))
        where = f"{method} {path} {status}"
        if promised is None:
            return [f"{where}: status not promised"]
        kind = headers.get("content-type", "").partition(";")[0]
        content = promised.get("content", {})
        if not content:
            return [f"{where}: a body nobody promised"] if body else []
        if kind not in content:
            return [f"{where}: {kind} not in {sorted(content)}"]
        if "json" not in kind:
            return _missing_hash(where, promised, headers)
        return self._wrong(where, content[kind]["schema"], json.loads(body))

    def _wrong(self, where, schema, payload):
        schema = json.loads(json.dumps(schema).replace('"#/', '"official#/'))
        validator = OAS30Validator(
            schema,
            registry=self._registry,
            format_checker=OAS30Validator.FORMAT_CHECKER,
        )
        if isinstance(payload, dict) and "exception" in payload:
            # Its time has no offset, in the official sample either.
            payload["exception"].pop("timestamp")
        return [
            f"{where}: {'/'.join(map(str, error.path))}: {error.message}"
            for error in validator.iter_errors(payload)
        ]

    def _operation(self, method, path):
        fitting = [
            template
            for template in self._paths
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        ]
        fitting.sort(key=lambda template: template.count("{"))
        operations = self._paths[fitting[0]] if fitting else {}
        return operations.get(method.lower())


class Checked:
    """WSGI middleware: passes every answer on, after a look at it."""

    def __init__(self, app, official):
        self._app = app
        self._official = official
        self.violations = []
        self.checked = 0

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith(BESIDE):
            return self._app(environ, start_response)
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        content = b"".join(body)
        self.checked += 1
        method, code = environ["REQUEST_METHOD"], int(status.split()[0])
        lower = {name.lower(): value for name, value in headers}
        self.violations += self._official.violations(
            method, path.removeprefix("/v2"), code, lower, content
        )
        start_response(status, list(headers))
        return [content]


def _missing_hash(where, promised, headers):
    wanted = "x-ms-meta-hash" in promised.get("headers", {})
    missing = wanted and "x-ms-meta-hash" not in headers
    return [f"{where}: no x-ms-meta-hash"] if missing else []


def _nullable(value):
    """OpenAPI 3.0 says nullable beside allOf and means: null is fine as well."""
    if isinstance(value, list):
        return [_nullable(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {name: _nullable(item) for name, item in value.items()}
    if value.get("nullable") and "allOf" in value:
        return {"anyOf": [{"allOf": value["allOf"]}, {"enum": [None]}]}
    return value
