"""HTTP errors: both shapes of KSeF, what gateways say, and how long to wait."""

import json
import pickle

import pytest

from ksef import refusals
from ksef.errors import (
    ApiError,
    AuthenticationError,
    CertificateError,
    Fa3Error,
    Finding,
    KsefError,
    ProtocolError,
    RateLimitError,
    ServerError,
    TransportError,
)

PROBLEM = {
    "title": "Bad Request",
    "status": 400,
    "detail": "Żądanie jest nieprawidłowe.",
    "errors": [
        {"code": 21405, "description": "Błąd walidacji.", "details": ["a", "b"]},
        {"code": 21406, "description": "Inny błąd.", "details": ["c"]},
    ],
    "traceId": "trace-1",
}
OLD = {
    "exception": {
        "exceptionDetailList": [
            {
                "exceptionCode": 21173,
                "exceptionDescription": "Nie ma takiej sesji.",
                "details": ["d"],
            }
        ],
        "serviceCode": "00-service",
    }
}


def refusal(status: int, body=b"", headers=None, **options) -> ApiError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(ApiError) as caught:
        refusals.raise_refusal(status, headers or {}, content, **options)
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, ServerError),
        (304, ServerError),
        (400, ApiError),
        (401, AuthenticationError),
        (403, AuthenticationError),
        (404, ApiError),
        (410, ApiError),
        (415, ApiError),
        (429, RateLimitError),
        (500, ServerError),
        (502, ServerError),
        (599, ServerError),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", PROBLEM, OLD, b"[]", b"null", b"1"])
def test_the_status_alone_decides_the_type(status, kind, body):
    assert type(refusal(status, body)) is kind
    assert refusal(status, body).status == status


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_success_is_no_refusal(status):
    refusals.raise_refusal(status, {}, b"")


def test_problem_details():
    error = refusal(400, PROBLEM)
    assert (error.code, error.description) == (21405, "Błąd walidacji.")
    assert error.details == ("a", "b", "Inny błąd.", "c")
    assert error.trace_id == "trace-1"


def test_the_older_shape():
    error = refusal(400, OLD)
    assert (error.code, error.description) == (21173, "Nie ma takiej sesji.")
    assert (error.details, error.trace_id) == (("d",), "00-service")


def test_the_older_shape_of_429():
    body = {"status": {"code": 429, "description": "Za dużo", "details": ["Po 30 s"]}}
    error = refusal(429, body, {"Retry-After": "30"})
    assert (error.description, error.details) == ("Za dużo", ("Po 30 s",))
    assert error.retry_after == 30


def test_a_403_tells_its_kind_and_what_is_missing():
    body = {
        "title": "Forbidden",
        "detail": "Brak uprawnień.",
        "reasonCode": "missing-permissions",
        "security": {
            "requiredAnyOfPermissions": ["InvoiceWrite", "X"],
            "clientIp": "1",
        },
    }
    error = refusal(403, body)
    assert error.reason_code == "missing-permissions"
    assert error.description == "Brak uprawnień."
    assert error.details == (
        "requiredAnyOfPermissions: InvoiceWrite, X",
        "clientIp: 1",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"errors": None, "exception": None, "status": None},
        {"errors": "x", "exception": [], "status": 400},
        {"errors": [None, 1, {}], "security": []},
        {"exception": {"exceptionDetailList": [None]}},
        {"exception": {"exceptionDetailList": [{"details": None}]}},
        {"errors": [{"code": "21405", "details": [None, 5]}]},
    ],
)
def test_half_of_a_shape_does_not_raise_anything_else(body):
    assert refusal(400, body).status == 400


def test_support_finds_the_trace_of_a_gateway():
    assert refusal(502, b"<html>", {"x-azure-ref": "ref-9"}).trace_id == "ref-9"


DATE = "Mon, 02 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": " 30 "}, 30),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "1.2"}, 2),
        ({"Retry-After": "9" * 400}, 86_400),
        ({"Retry-After": "Mon, 02 Mar 2026 12:05:00 GMT", "Date": DATE}, 300),
        ({"Retry-After": "Mon, 02 Mar 2026 11:00:00 GMT", "Date": DATE}, 1),
        ({"Retry-After": "Mon, 02 Mar 2099 11:00:00 GMT", "Date": DATE}, 86_400),
        ({"Retry-After": "Mon, 02 Mar 2026 12:05:00 GMT"}, 60),
        ({"Retry-After": "Mon, 02 Mar 2026 12:05:00 GMT", "Date": "soon"}, 60),
        ({"Retry-After": "Mon, 02 Mar 2026 12:05:00 -0000", "Date": DATE}, 300),
        ({"Retry-After": "Mon, 99 Mar 9999999 99:99:99 GMT", "Date": DATE}, 60),
        ({"Retry-After": "-5"}, 60),
        ({"Retry-After": "soon"}, 60),
        ({"Retry-After": "٣٠"}, 60),
        ({"Retry-After": ""}, 60),
        ({}, 60),
    ],
)
def test_retry_after(headers, seconds):
    assert refusal(429, b"", headers).retry_after == seconds


def test_errors_can_be_caught_by_their_root_and_travel_between_processes():
    for error in (
        TransportError("timeout", "GET https://x"),
        ApiError(400, 21405, "d", ("x",), "t", "r", "GET https://x"),
        AuthenticationError(403),
        RateLimitError(429, None, "d", (), None, None, 9, "GET https://x"),
        ServerError(502),
        ProtocolError("x"),
        CertificateError("expired", "pdf"),
        Fa3Error((Finding("missing", "Fa/P_1", "is missing"),)),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert isinstance(again, KsefError) and type(again) is type(error)
        assert again.__dict__ == error.__dict__
        assert str(again) == str(error)
