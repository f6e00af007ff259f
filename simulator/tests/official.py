"""The official OpenAPI file as judge of every answer and of every request.

python -m simulator.tests.official RECORDS...    files of a recorder, or folders of them
"""

import io
import json
import re
import sys
from pathlib import Path

from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4
from werkzeug.test import run_wsgi_app

from . import official_requests

SHARED = Path(__file__).resolve().parents[3] / "shared" / "ksef"
FILE = SHARED / "open-api-2.7.0.json"
BESIDE = ("/manage", "/storage", "/invoice/", "/certificate/", "/status", "/messages")

# A wrong content type gives 415 in practice, though the file is silent about it.
UNWRITTEN = {
    415: {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
}
# After these it is not KSeF that answers, or not with all it had to say.
NOT_KSEF = {
    "bad_gateway_html",
    "cut_json",
    "script_page",
    "server_error",
    "unauthorized",
}


class Official:
    """Compares answers and requests with what the file promises."""

    def __init__(self, file=FILE):
        self._document = _nullable(json.loads(file.read_text()))
        self._paths = self._document["paths"]
        resource = Resource(contents=self._document, specification=DRAFT4)
        self._registry = Registry().with_resource("official", resource)
        self._validators = {}

    def violations(self, method, path, status, headers, body) -> list[str]:
        """What the answer does that the file does not promise."""
        _template, operation = self._operation(method, path)
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
        payload = json.loads(body)
        if isinstance(payload, dict) and "exception" in payload:
            # Its time has no offset, in the official sample either.
            payload["exception"].pop("timestamp")
        found = self.check(content[kind]["schema"], payload)
        return [f"{where}: {problem}" for problem in found]

    def asked(self, request) -> list[str]:
        """What a request (as the recorder keeps it) does that the file forbids."""
        template, operation = self._operation(request["method"], request["path"])
        if operation is None:
            return [f"{request['method']} {request['path']}: no such operation"]
        return official_requests.wrong(operation, template, request, self)

    def recorded(self, record) -> list[str]:
        """What a record of the recorder shows to be wrong, on either side."""
        asked = self.asked(record)
        if NOT_KSEF & set(record["faults"]):
            return asked
        body = json.dumps(record["answer"]) if record["hasAnswer"] else b""
        headers, status = record["answerHeaders"], record["status"]
        answered = self.violations(
            record["method"], record["path"], status, headers, body
        )
        return list(dict.fromkeys(asked + answered))

    def check(self, schema, payload) -> list[str]:
        """Violations of a schema of the file, each with its place."""
        return [
            f"{'/'.join(map(str, error.path))}: {error.message}"
            for error in self._validator(schema).iter_errors(payload)
        ]

    def resolved(self, schema) -> dict:
        """The schema with what it refers to and what it unites, in one object."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.resolved(self._document["components"]["schemas"][name])
        united = {}
        for part in schema.get("allOf", []) + schema.get("anyOf", [])[:1]:
            part = self.resolved(part)
            properties = united.get("properties", {}) | part.get("properties", {})
            united |= part | ({"properties": properties} if properties else {})
        return united | {k: v for k, v in schema.items() if k not in ("allOf", "anyOf")}

    def _validator(self, schema):
        if id(schema) not in self._validators:
            written = json.loads(json.dumps(schema).replace('"#/', '"official#/'))
            self._validators[id(schema)] = OAS30Validator(
                written,
                registry=self._registry,
                format_checker=OAS30Validator.FORMAT_CHECKER,
            )
        return self._validators[id(schema)]

    def _operation(self, method, path):
        """The template and the operation behind an address, or Nones."""
        fitting = [
            template
            for template in self._paths
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path)
        ]
        fitting.sort(key=lambda template: template.count("{"))
        if not fitting:
            return None, None
        return fitting[0], self._paths[fitting[0]].get(method.lower())


class Checked:
    """WSGI middleware: passes every answer on, after a look at it.

    Of requests those are looked at that the simulator took: it must not take what
    KSeF would refuse.
    """

    def __init__(self, app, official):
        self._app = app
        self._official = official
        self.violations = []
        self.checked = 0

    def __call__(self, environ, start_response):
        path = environ["PATH_INFO"]
        if path.startswith(BESIDE):
            return self._app(environ, start_response)
        asked = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(asked)
        body, status, headers = run_wsgi_app(self._app, environ, buffered=True)
        content = b"".join(body)
        self.checked += 1
        method, code = environ["REQUEST_METHOD"], int(status.split()[0])
        lower = {name.lower(): value for name, value in headers}
        self.violations += self._official.violations(
            method, path.removeprefix("/v2"), code, lower, content
        )
        if code < 300:
            self.violations += self._official.asked(_request(environ, asked))
        start_response(status, list(headers))
        return [content]


def judge(record_file, official=None) -> list[str]:
    """All that is wrong with the traffic of a file (or a folder) of records."""
    official = official or Official()
    path, found = Path(record_file), []
    for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
        with file.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                problems = official.recorded(json.loads(line))
                found += [f"{file.name}:{number}: {problem}" for problem in problems]
    return found


def main(names):
    """Print the violations; the exit code tells whether there are any."""
    official = Official()
    found = [problem for name in names for problem in judge(name, official)]
    for problem in found:
        print(problem)
    print(f"{len(found)} violations")
    return int(bool(found))


def _request(environ, data):
    """A request as the recorder would keep it."""
    kind = environ.get("CONTENT_TYPE", "")
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return {
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"].removeprefix("/v2"),
        "query": environ["QUERY_STRING"],
        "headers": headers | {"content-type": kind},
        "body": json.loads(data) if data and "json" in kind else None,
        "hasBody": bool(data),
    }


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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
