"""A server on this machine that answers what a test has prepared, word for word."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Prepared:
    """One answer; `promised` is the Content-Length told, if not the true one."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    promised: int | None = None
    hang_up: bool = False


@dataclass
class Received:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)


class AnsweringServer:
    """Gives the prepared answers in their order and remembers the requests."""

    def __init__(self) -> None:
        self.prepared: list[Prepared] = []
        self.received: list[Received] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        serve = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        serve.daemon = True
        serve.start()

    def prepare(self, status: int = 200, body=b"", **options) -> None:
        headers = options.pop("headers", {})
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers = {"Content-Type": "application/json", **headers}
        self.prepared.append(Prepared(status, body, headers, **options))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(server):
        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(size)
                heads = dict(self.headers.items())
                server.received.append(Received(self.command, self.path, heads, body))
                prepared = server.prepared.pop(0)
                self.close_connection = True
                if prepared.hang_up:
                    return
                # Without a date, unless the test gives one.
                self.send_response_only(prepared.status)
                length = prepared.promised
                self.send_header(
                    "Content-Length",
                    str(len(prepared.body) if length is None else length),
                )
                for name, value in prepared.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(prepared.body)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_words) -> None:
                """Say nothing."""

        return Handler
