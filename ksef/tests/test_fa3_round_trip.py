"""What is built is read as it was meant, and only permitted text is built."""

import dataclasses
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from lxml import etree

from ksef import fa3
from ksef.fa3 import model
from ksef.fa3.text import FORBIDDEN
from ksef.tests.fa3_cases import (
    ADDRESS,
    BUYER,
    FULL,
    IDENTITIES,
    SELLER,
    invoice_by_chance,
    needs_schema,
    official_xsd,
)


def replaced(**values):
    return dataclasses.replace(FULL, **values)


def texts(data, name):
    return [node.text for node in etree.fromstring(data).iter(f"{{*}}{name}")]


def test_parse_build_full():
    assert fa3.parse(fa3.build(FULL)) == FULL


@pytest.mark.parametrize("identity", IDENTITIES)
def test_parse_build_identities(identity):
    buyer = fa3.Buyer(**identity, name="Jan")
    assert fa3.parse(fa3.build(replaced(buyer=buyer))).buyer == buyer


@pytest.mark.parametrize("seed", range(200))
def test_parse_build_by_chance(seed):
    invoice = invoice_by_chance(seed)
    assert fa3.parse(fa3.build(invoice)) == invoice


@needs_schema
def test_built_documents_are_valid():
    schema = fa3.load_schema(official_xsd())
    for seed in range(200):
        assert fa3.violations(fa3.build(invoice_by_chance(seed)), schema) == ()


@needs_schema
def test_full_document_is_in_schema_order():
    # OkresFa and P_12_XII beside their alternatives are admitted, nothing else is.
    line = dataclasses.replace(FULL.lines[0], procedure="TT_D")
    invoice = replaced(lines=(line,))
    schema = fa3.load_schema(official_xsd())
    assert fa3.violations(fa3.build(invoice), schema) == ()


def test_every_model_field_is_an_element():
    """A field without an element would never be written."""
    checked = 0
    for name in model.__all__:
        record_class = getattr(model, name)
        if not dataclasses.is_dataclass(record_class) or name == "RateTotal":
            continue
        for field in dataclasses.fields(record_class):
            assert "fa3" in field.metadata or field.name in ("unread", "basis")
        checked += 1
    assert checked > 30


def test_utf8_without_byte_order_mark():
    data = fa3.build(FULL)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert "lodówka".encode() in data


def test_absent_values_leave_no_element():
    bare = replaced(settlement=None, payment=None, system=None, correction_reason="  ")
    data = fa3.build(bare)
    for name in ("Rozliczenie", "Platnosc", "SystemInfo", "PrzyczynaKorekty"):
        assert texts(data, name) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a\u0001b\u007f\u0084\u0086\u009f\ufdd0\ufdef\ufffe\U0010ffffc", "abc"),
        ("kod\u0092Windows", "kodWindows"),
        ("  dwa\t\n słowa  ", "dwa słowa"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("next\u0085line \u00a0", "next\u0085line \u00a0"),
        ("漢字 🙂 ]]> & <b>", "漢字 🙂 ]]> & <b>"),
    ],
)
def test_text_is_permitted_and_collapsed(written, read):
    line = fa3.Line(number=1, name=written)
    data = fa3.build(replaced(lines=(line,)))
    assert fa3.parse(data).lines[0].name == read
    assert fa3.violations(data, None) == ()


def test_no_forbidden_character_is_printable():
    """Printable texts, which nearly all are, need no look at their characters."""
    points = (chr(point) for point in range(0x110000))
    assert not [one for one in points if FORBIDDEN.match(one) and one.isprintable()]


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("-0.00", "0.00"),
        ("1E+3", "1000.00"),
        ("2.675", "2.68"),
        ("-2.675", "-2.68"),
        ("0.005", "0.01"),
        ("1234567890123456.7", "1234567890123456.70"),
    ],
)
def test_amounts(amount, text):
    assert texts(fa3.build(replaced(total=Decimal(amount))), "P_15") == [text]


@pytest.mark.parametrize(
    ("price", "text"),
    [
        ("100", "100"),
        ("100.10", "100.1"),
        ("0.00512", "0.00512"),
        ("4.0650406504", "4.06504065"),
        ("-0.0000000001", "0"),
    ],
)
def test_prices(price, text):
    line = fa3.Line(number=1, net_price=Decimal(price))
    assert texts(fa3.build(replaced(lines=(line,))), "P_9A") == [text]


def test_created_is_written_in_utc():
    summer = timezone(timedelta(hours=2))
    created = datetime(2026, 7, 1, 0, 30, 15, 999, tzinfo=summer)
    data = fa3.build(replaced(created=created))
    assert texts(data, "DataWytworzeniaFa") == ["2026-06-30T22:30:15Z"]


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-06-30T22:30:15.1234567Z", 22),
        ("2026-06-30T22:30:15+02:00", 20),
        ("2026-06-30T22:30:15-01:00", 23),
        (" 2026-06-30T22:30:15 ", 22),
    ],
)
def test_created_is_read_in_any_zone(text, hour):
    data = fa3.build(FULL).replace(b"2026-03-16T09:30:05Z", text.encode())
    assert fa3.parse(data).created.hour == hour


def test_several_due_dates_stand_apart():
    days = (date(2026, 4, 1), date(2026, 5, 1))
    payment = fa3.Payment(due=tuple(fa3.Due(day=day) for day in days))
    data = fa3.build(replaced(payment=payment))
    assert len(texts(data, "TerminPlatnosci")) == 2


def test_totals_stand_in_schema_order_however_given():
    assert fa3.build(replaced(totals=FULL.totals[::-1])) == fa3.build(FULL)


def test_limits_come_from_the_model():
    assert fa3.limit(fa3.Buyer, "name") == 512
    assert fa3.limit(fa3.Contact, "phone") == 16
    assert fa3.limit(fa3.Exemption, "text") == 256


def test_an_empty_section_is_nothing_to_send():
    assert fa3.filled(fa3.Payment()) is None
    assert fa3.filled(fa3.Footer(texts=("x",))) == fa3.Footer(texts=("x",))
    assert texts(fa3.build(replaced(payment=fa3.Payment())), "Platnosc") == [None]


def test_former_parties_are_made_of_those_before():
    seller = fa3.FormerSeller.of(SELLER)
    assert (seller.vat_prefix, seller.nip, seller.name) == (
        "PL",
        SELLER.nip,
        "ABC AGD sp. z o.o.",
    )
    buyer = fa3.Buyer(eu_prefix="EL", eu_number="123", name="A", address=ADDRESS)
    former = fa3.FormerBuyer.of(buyer, "0001")
    assert former == fa3.FormerBuyer(
        eu_prefix="EL", eu_number="123", name="A", address=ADDRESS, link_id="0001"
    )
    third = fa3.ThirdParty(nip="1111111111", role="4", address=ADDRESS, link_id="7")
    assert fa3.FormerBuyer.of(third, "8").link_id == "8"


def test_yes_no_of_the_buyer_is_always_written():
    data = fa3.build(
        replaced(buyer=dataclasses.replace(BUYER, local_authority_unit=False))
    )
    assert texts(data, "JST") == ["2"]
    assert texts(data, "GV") == ["1"]
