"""Everything that can go wrong between us and KSeF.

KsefError
  TransportError        no answer; the request may have arrived
  ApiError              HTTP >= 400: status, code, description, details, trace id
    AuthenticationError 401, 403 (reason code), or a login that KSeF refused
    RateLimitError      429: retry_after
      BudgetError       by our own count; nothing was asked
    ServerError         5xx, or an answer that is not what was promised
  ProtocolError         an answer outside the specification
  CertificateError      unreadable, wrong password, key mismatch, expired, wrong kind
  Fa3Error              not a document of FA(3): its findings

The errors carry data; sentences for the user are made elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class KsefError(Exception):
    """Root of all errors of this package."""


class TransportError(KsefError):
    """No complete answer came; whether the request arrived is unknown.

    `reason` is one of ``unreachable``, ``timeout``, ``tls``, ``cut`` (the answer
    ended early) and ``deadline`` (the caller's own limit passed while waiting).
    `request` is the one of an ApiError.
    """

    def __init__(self, reason: str, request: str = "") -> None:
        super().__init__(reason, request)
        self.reason = reason
        self.request = request

    def __str__(self) -> str:
        return f"{self.reason}: {self.request}" if self.request else self.reason


class ApiError(KsefError):
    """KSeF answered with a refusal.

    `status` is the HTTP status, `code` KSeF's own code, `details` its Polish texts
    (to be shown, never matched on), `reason_code` the kind of a 403, `request` what was
    asked for: method and address without its query, where a link keeps its secret.
    """

    def __init__(
        self,
        status: int,
        code: int | None = None,
        description: str = "",
        details: tuple[str, ...] = (),
        trace_id: str | None = None,
        reason_code: str | None = None,
        request: str = "",
    ) -> None:
        told = status, code, description, details, trace_id, reason_code, request
        super().__init__(*told)
        self.status = status
        self.code = code
        self.description = description
        self.details = details
        self.trace_id = trace_id
        self.reason_code = reason_code
        self.request = request

    def __str__(self) -> str:
        head = f"HTTP {self.status}" + (f" / {self.code}" if self.code else "")
        told = ": ".join(text for text in (head, self.description) if text)
        return "; ".join((told, *self.details))


class AuthenticationError(ApiError):
    """401, 403, or a login refused: then `status` is 200 and `code` tells why.

    `permissions` are the rights of which one would do.
    """

    def __init__(
        self, *told: Any, permissions: tuple[str, ...] = (), **named: Any
    ) -> None:
        super().__init__(*told, **named)
        self.permissions = permissions


class RateLimitError(ApiError):
    """429: nothing of this group may be asked for `retry_after` seconds."""

    def __init__(
        self,
        status: int = 429,
        code: int | None = None,
        description: str = "",
        details: tuple[str, ...] = (),
        trace_id: str | None = None,
        reason_code: str | None = None,
        retry_after: int = 60,
        request: str = "",
    ) -> None:
        told = status, code, description, details, trace_id, reason_code
        super().__init__(*told, request)
        self.args = (*told, retry_after, request)
        self.retry_after = retry_after


class BudgetError(RateLimitError):
    """Our own count: KSeF would refuse, or others have the better claim. Nothing was
    asked, and only this kind of request waits for `retry_after` seconds."""


class ServerError(ApiError):
    """5xx, a redirect, or a 2xx that is not what was promised (type or hash)."""


class ProtocolError(KsefError):
    """An answer outside the specification; asking again will not help."""


class CertificateError(KsefError):
    """A certificate or key file cannot be used.

    `reason` is one of unreadable, not_a_certificate, key_missing, unreadable_key,
    password_missing, wrong_password, key_mismatch, unsupported_key,
    unknown_purpose, wrong_purpose, wrong_purpose_offline, expired, not_yet_valid.
    `found` says what the file is instead, where that can be told: empty, image, pdf,
    zip, xml, text, certificate, certificate_request, private_key, public_key,
    pkcs12, pkcs7. Of a request that was signed elsewhere: request_unreadable,
    request_unsigned, request_other (not the one that was given out).
    """

    def __init__(self, reason: str, found: str = "") -> None:
        super().__init__(reason, found)
        self.reason = reason
        self.found = found

    def __str__(self) -> str:
        return f"{self.reason} (found: {self.found})" if self.found else self.reason


class Severity(Enum):
    """Whether a finding stops a document (KSeF or the law refuses it) or is only
    likely to be a mistake."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong in a document.

    `code` names the rule and never changes, `path` the element (empty: the file),
    `message` says it in English, `value` is the text that is wrong or what is
    missing, where there is one.
    """

    code: str
    path: str
    message: str
    severity: Severity = Severity.ERROR
    value: str = ""

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Fa3Error(KsefError):
    """A document is not FA(3). The codes of `errors`: too-large, too-complex,
    document-type, not-well-formed, not-an-invoice, other-structure, missing,
    wrong-value."""

    def __init__(self, errors: tuple[Finding, ...]) -> None:
        super().__init__(errors)
        self.errors = errors

    def __str__(self) -> str:
        return "; ".join(str(error) for error in self.errors)
