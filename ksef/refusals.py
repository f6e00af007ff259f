"""HTTP answers that are errors: both error shapes of KSeF, and what gateways say.

Source: official documentation, error format (problem-details since API 2.4; the
older `exception` and `status` bodies stay possible).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from .errors import (
    ApiError,
    AuthenticationError,
    RateLimitError,
    ServerError,
)
from .reading import entries, inner, text, texts, whole

# KSeF gives no bound of its own; more than a day is a broken header.
_LONGEST_PAUSE = 86_400
_USUAL_PAUSE = 60


def raise_refusal(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    request: str = "",
    presigned: bool = False,
) -> None:
    """Raise what an HTTP status means; return for 2xx. `request` goes into the error.

    :raises AuthenticationError: 401 and 403 of the API (not of storage links)
    :raises RateLimitError: 429
    :raises ServerError: 5xx, and redirects, which we never follow
    :raises ApiError: any other status from 400 on
    """
    if 200 <= status < 300:
        return
    told = {**_told(headers, body), "request": request}
    if status == 429:
        raise RateLimitError(status, retry_after=retry_after(headers), **told)
    if status in (401, 403) and not presigned:
        security = inner(_object(body), "security")
        permissions = texts(security.get("requiredAnyOfPermissions"))
        raise AuthenticationError(status, permissions=permissions, **told)
    if status < 400 or status >= 500:
        raise ServerError(status, **told)
    raise ApiError(status, **told)


def require_type(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    accept: str | None,
    request: str = "",
) -> None:
    """Refuse a success of another type than promised: gateways answer in HTML.

    :raises ServerError: another content type, or nothing where something was due
    """
    if accept is None and not body:
        return
    found = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    kind = (accept or "application/json").partition("/")[2]
    if body and (found.endswith((f"/{kind}", f"+{kind}"))):
        return
    raise ServerError(
        status,
        description=f"unexpected content type {found or 'none'}",
        trace_id=_trace_id(headers),
        request=request,
    )


def retry_after(headers: Mapping[str, str]) -> int:
    """Seconds to wait: from a number or an HTTP date, a minute if neither.

    A date counts from the answer's own Date header, so no clock is read here.
    """
    written = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", written, re.ASCII):
        seconds = math.ceil(float(written[:20]))
    else:
        seconds = _seconds_until(written, headers.get("Date", ""))
    return min(max(seconds, 1), _LONGEST_PAUSE)


def http_date(written: str) -> datetime | None:
    """The moment of an HTTP header; without an offset it is UTC."""
    try:
        read = parsedate_to_datetime(written)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)


def _seconds_until(later: str, now: str) -> int:
    ends, begins = http_date(later), http_date(now)
    if ends is None or begins is None:
        return _USUAL_PAUSE
    return math.ceil((ends - begins).total_seconds())


def _told(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """The arguments of an ApiError, from whichever shape the body has."""
    data = _object(body)
    told = _old_shape(data) or _problem(data)
    told["trace_id"] = told.get("trace_id") or _trace_id(headers)
    return told


def _trace_id(headers: Mapping[str, str]) -> str | None:
    return headers.get("Trace-Id") or headers.get("x-azure-ref")


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _problem(data: Mapping[str, Any]) -> dict[str, Any]:
    errors = entries(data.get("errors"))
    first: Mapping[str, Any] = errors[0] if errors else {}
    general = text(data, "detail") or text(data, "title")
    details = list(texts(first.get("details")))
    for other in errors[1:]:
        details += [text(other, "description") or "", *texts(other.get("details"))]
    return {
        "code": whole(first, "code"),
        "description": text(first, "description") or general or "",
        "details": (*filter(None, details), *_security(data)),
        "trace_id": text(data, "traceId"),
        "reason_code": text(data, "reasonCode"),
    }


def _security(data: Mapping[str, Any]) -> tuple[str, ...]:
    """What a 403 says about itself: permissions required, incident number, ..."""
    told = []
    for name, value in inner(data, "security").items():
        shown = ", ".join(texts(value)) if isinstance(value, list) else value
        told.append(f"{name}: {shown}")
    return tuple(told)


def _old_shape(data: Mapping[str, Any]) -> dict[str, Any]:
    exception = inner(data, "exception")
    listed = entries(exception.get("exceptionDetailList"))
    if listed:
        details = list(texts(listed[0].get("details")))
        for other in listed[1:]:
            details += [text(other, "exceptionDescription") or ""]
            details += texts(other.get("details"))
        return {
            "code": whole(listed[0], "exceptionCode"),
            "description": text(listed[0], "exceptionDescription") or "",
            "details": tuple(filter(None, details)),
            "trace_id": text(exception, "serviceCode"),
        }
    status = inner(data, "status")
    return (
        {
            "description": text(status, "description") or "",
            "details": texts(status.get("details")),
        }
        if status
        else {}
    )
