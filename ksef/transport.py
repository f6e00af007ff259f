"""HTTP with KSeF: one class, and the one place where answers become errors.

Never follows a redirect, never reads proxy or netrc settings of the process, never
reads more than it was told to, and never sends a token to a pre-signed link.
"""

from __future__ import annotations

import json as json_format
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, BinaryIO

import requests
import urllib3

from .environments import checked, is_loopback
from .errors import ProtocolError, TransportError
from .refusals import raise_refusal, require_type

JSON = "application/json"
XML = "application/xml"

# The largest answer of the API itself is a collective UPO: 10,000 documents, 7 MB.
ANSWER_LIMIT = 32_000_000
_CHUNK = 65_536


@dataclass(frozen=True)
class Answer:
    """What came back; `headers` are found in any case of letters.

    `request` is what was asked for: method and address without its query.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    request: str

    def json(self) -> Any:
        """The body as JSON, its fractions as Decimal.

        :raises ProtocolError: it is none
        """
        try:
            return json_format.loads(
                self.body, parse_float=Decimal, parse_constant=_refuse_constant
            )
        except (ValueError, RecursionError):
            raise ProtocolError("the answer is not readable as JSON") from None


class Transport:
    """Requests to one KSeF address; `timeout` is (connect, read) in seconds.

    `on_answer` is told the headers of every answer of the API: what stands beside the
    answer, as a warning of what KSeF will refuse in future (X-System-Warning).
    """

    def __init__(
        self,
        api_url: str,
        *,
        timeout: tuple[float, float] = (10, 60),
        on_answer: Callable[[Mapping[str, str]], None] | None = None,
    ) -> None:
        self._local = is_loopback(checked(api_url).hostname)
        self._api_url = api_url.rstrip("/")
        self._timeout = timeout
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = "l10n_pl_ksef"
        self._on_answer = on_answer

    def another(self) -> Transport:
        """The same with connections of its own: requests shares none among threads."""
        return Transport(self._api_url, timeout=self._timeout)

    def close(self) -> None:
        """Let go of all connections."""
        self._session.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: Any = None,
        data: bytes | None = None,
        content_type: str | None = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        accept: str | None = JSON,
    ) -> Answer:
        """Call the API; `accept` is the type promised (None: no content).

        :raises TransportError: no complete answer
        :raises ApiError: a refusal, by its subclass
        :raises ProtocolError: the answer is larger than any may be
        """
        sent = {**_heads(token, content_type, accept), **(headers or {})}
        body = {"json": json, "data": data, "params": params}
        answer = self._send(method, self._api_url + path, sent, ANSWER_LIMIT, **body)
        if self._on_answer is not None:
            self._on_answer(answer.headers)
        came = answer.status, answer.headers, answer.body
        raise_refusal(*came, request=answer.request)
        require_type(*came, accept, answer.request)
        return answer

    def fetch(
        self,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        data: BinaryIO | None = None,
        max_bytes: int,
    ) -> Answer:
        """Follow a pre-signed link of an answer, without any token.

        `data` is a file, sent in blocks: the limit of time holds for each of them. It
        would hold for the whole of a byte string, however slow the line is.

        :raises ProtocolError: the link is not https (http: only where the API is
            on this machine too), or more than `max_bytes` came
        :raises TransportError: no complete answer
        :raises ApiError: a refusal; 403 is an expired link here, not a login
        """
        self._check_link(url)
        answer = self._send(method, url, dict(headers or {}), max_bytes, data=data)
        came = answer.status, answer.headers, answer.body
        raise_refusal(*came, request=answer.request, presigned=True)
        return answer

    def _check_link(self, url: str) -> None:
        try:
            host = checked(url).hostname
        except ValueError as error:
            raise ProtocolError(f"a link in the answer: {error}") from None
        if is_loopback(host) and not self._local:
            raise ProtocolError("a link in the answer leads to this machine")

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        max_bytes: int,
        **body: Any,
    ) -> Answer:
        # The query is left out everywhere: that of a pre-signed link is a secret.
        shown = f"{method} {url.partition('?')[0]}"
        try:
            with self._session.request(
                method,
                url,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
                **body,
            ) as response:
                received = _read(response, max_bytes)
                return Answer(response.status_code, response.headers, received, shown)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as e:
            # The text of the foreign error may hold the link: leave it out.
            raise TransportError(_reason(e), shown) from None


def _heads(
    token: str | None, content_type: str | None, accept: str | None
) -> dict[str, str]:
    heads = {"X-Error-Format": "problem-details", "Accept": accept or JSON}
    if token is not None:
        heads["Authorization"] = f"Bearer {token}"
    if content_type is not None:
        heads["Content-Type"] = content_type
    return heads


def _read(response: requests.Response, max_bytes: int) -> bytes:
    received = bytearray()
    for chunk in response.iter_content(_CHUNK):
        received += chunk
        if len(received) > max_bytes:
            raise ProtocolError(f"the answer is larger than {max_bytes} bytes")
    # urllib3 1.26 does not notice by itself that a body ended early.
    declared = response.headers.get("Content-Length", "")
    if declared.isdigit() and response.raw.tell() < int(declared):
        raise requests.exceptions.ChunkedEncodingError("incomplete")
    return bytes(received)


def _reason(error: Exception) -> str:
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return "timeout"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    if isinstance(
        error,
        (
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ),
    ):
        return "cut"
    # A read timeout in the middle of a body arrives as a ConnectionError.
    return "timeout" if "timed out" in str(error).lower() else "unreachable"


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
