"""Answers as bytes: JSON, XML, and errors in both of KSeF's shapes."""

import base64
import hashlib
import json
import secrets

from werkzeug.wrappers import Response

from . import errors
from .clock import stamp

PROBLEM = "application/problem+json"


def sha256(content: bytes) -> str:
    """SHA-256 in standard Base64, 44 characters."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def json_answer(call, payload, status: int = 200) -> Response:
    """A JSON answer with the keys in any order and a property nobody promised."""
    if isinstance(payload, dict):
        payload = {**payload, "extraOfSimulator": {"ignore": [None, 1]}}
    return _json(_shuffled(payload, call.simulator.chance), status, "application/json")


def no_content(call) -> Response:
    """204."""
    return Response(status=204)


def content(body: bytes, content_type: str) -> Response:
    """A file, with its hash in the header."""
    return Response(
        body, content_type=content_type, headers={"x-ms-meta-hash": sha256(body)}
    )


def refusal(error: errors.Refusal, *, problem_details: bool, now, path) -> Response:
    """`error` in the shape that the caller understands and that the status has."""
    trace = secrets.token_hex(16)
    old_shape = error.status in (400, 429) and not problem_details or error.status > 499
    if old_shape and error.status == 429:
        answer = _json(_old_too_many(error), 429)
    elif old_shape:
        answer = _json(_old_shape(error, now), error.status)
    else:
        answer = _json(_problem(error, now, path, trace), error.status, PROBLEM)
    if isinstance(error, errors.TooManyRequests):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def _json(payload, status, content_type="application/json"):
    body = json.dumps(payload, ensure_ascii=False).encode()
    return Response(body, status=status, content_type=f"{content_type}; charset=utf-8")


def _shuffled(value, chance):
    if isinstance(value, list):
        return [_shuffled(item, chance) for item in value]
    if not isinstance(value, dict):
        return value
    names = list(value)
    chance.shuffle(names)
    return {name: _shuffled(value[name], chance) for name in names}


def _problem(error, now, path, trace):
    problem = {
        "title": error.title,
        "status": error.status,
        "instance": path,
        "detail": error.detail,
        "timestamp": stamp(now),
        "traceId": trace,
    }
    if isinstance(error, errors.BadRequest):
        problem["errors"] = [
            {
                "code": error.code,
                "description": error.detail,
                "details": list(error.details),
            }
        ]
    if isinstance(error, errors.Forbidden):
        problem["reasonCode"] = error.reason
        if error.security:
            problem["security"] = error.security
    return problem


def _old_shape(error, now):
    """The deprecated body; its timestamp carries no offset."""
    return {
        "exception": {
            "exceptionDetailList": [
                {
                    "exceptionCode": getattr(error, "code", error.status),
                    "exceptionDescription": error.detail or error.title,
                    "details": list(getattr(error, "details", ())),
                }
            ],
            "serviceCode": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00",
            "serviceCtx": "srvSIMULATOR",
            "serviceName": "simulator",
            "timestamp": f"{now:%Y-%m-%dT%H:%M:%S.%f}",
        }
    }


def _old_too_many(error):
    return {
        "status": {
            "code": 429,
            "description": error.title,
            "details": [error.detail],
        }
    }
