"""The tolerant reader: unknown things pass, wrong types count as absent."""

from datetime import datetime, timezone
from decimal import Decimal

import pytest

from ksef import reading
from ksef.errors import ProtocolError


def utc(*parts) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-07-11T12:23:56.0154302+00:00", utc(2025, 7, 11, 12, 23, 56, 15430)),
        ("2025-07-11T12:23:56.9999999Z", utc(2025, 7, 11, 12, 23, 56, 999999)),
        ("2025-07-11T12:23:56Z", utc(2025, 7, 11, 12, 23, 56)),
        ("2025-07-11T12:23:56z", utc(2025, 7, 11, 12, 23, 56)),
        ("2025-07-11T12:23:56.1Z", utc(2025, 7, 11, 12, 23, 56, 100000)),
        ("2025-07-11T14:23:56+02:00", utc(2025, 7, 11, 12, 23, 56)),
        ("2025-07-11T14:23:56+0200", utc(2025, 7, 11, 12, 23, 56)),
        # Without an offset a time is Polish: summer and winter differ.
        ("2025-07-11T14:23:56", utc(2025, 7, 11, 12, 23, 56)),
        ("2025-12-11T13:23:56.5", utc(2025, 12, 11, 12, 23, 56, 500000)),
        ("2025-07-11 14:23:56", utc(2025, 7, 11, 12, 23, 56)),
        ("2025-07-11", None),
        ("2025-13-11T12:23:56Z", None),
        ("2025-07-11T25:23:56Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
        (None, None),
        (1752236636015, None),
    ],
)
def test_moments(written, moment):
    read = reading.moment(written)
    assert read == moment
    assert read is None or read.tzinfo is timezone.utc


@pytest.mark.parametrize("value", [None, "", 5, [], {}, True])
def test_a_text_of_another_type_is_absent(value):
    assert reading.text({"a": value}, "a") is None
    with pytest.raises(ProtocolError, match="lacks a"):
        reading.required({"a": value}, "a")
    with pytest.raises(ProtocolError, match="lacks a"):
        reading.required_moment({"a": value}, "a")


@pytest.mark.parametrize(
    ("value", "number"),
    [(5, 5), ("5", 5), (-1, -1), (True, None), ("x", None), (None, None), ([], None)],
)
def test_whole_numbers(value, number):
    assert reading.whole({"a": value}, "a") == number


@pytest.mark.parametrize(
    ("value", "amount"),
    [(Decimal("0.1"), Decimal("0.1")), (5, Decimal(5)), (True, None), ("5", None)],
)
def test_amounts(value, amount):
    assert reading.amount({"a": value}, "a") == amount


@pytest.mark.parametrize("value", [None, {}, "x", 5])
def test_a_list_that_is_none_is_empty(value):
    assert reading.entries(value) == () == reading.texts(value)


def test_entries_of_other_types_are_passed_over():
    assert reading.entries([{"a": 1}, None, "x"]) == ({"a": 1},)
    assert reading.texts(["x", None, 5]) == ("x", "5")


@pytest.mark.parametrize("value", [None, [], "x", 5])
def test_what_is_no_object(value):
    assert reading.inner({"a": value}, "a") == {}
    with pytest.raises(ProtocolError):
        reading.mapping(value)


def test_a_text_that_no_database_keeps():
    assert reading.text({"a": "Firma\0 \ud800"}, "a") == "Firma ?"
    assert reading.text({"a": "\0"}, "a") is None
