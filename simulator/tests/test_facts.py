"""Small facts: numbers, moments, schemas, what is read from a file."""

import csv
from datetime import date, datetime, timezone

import pytest
from lxml import etree

from simulator import fa3, limits, numbers, schema
from simulator.clock import parse_moment, stamp
from simulator.routes import API

from .common import FILE, SHARED, XSD, invoice, needs_shared

SAMPLES = SHARED.parent / "samples" / "fa3"


class TestNumbers:
    """The check digits of the ministry's own examples."""

    @pytest.mark.parametrize(
        "number",
        [
            "5265877635-20250826-0100001AF629-AF",
            "5555555555-20250828-010080615740-E4",
            "5265877635-20250729-01004014E040-00",
        ],
    )
    def test_ksef_numbers(self, number):
        assert f"{numbers.crc8(number[:32]):02X}" == number[33:]

    def test_check_value(self):
        assert numbers.crc8("123456789") == 0xF4

    def test_new_numbers(self):
        number = numbers.ksef_number("5265877635", date(2026, 2, 1))
        assert len(number) == 35 and numbers.KSEF_NUMBER.fullmatch(number)
        assert len(numbers.reference("SO", date(2026, 2, 1))) == 36

    def test_nip(self):
        assert numbers.is_nip("5265877635")
        assert not numbers.is_nip("5265877636") and not numbers.is_nip("526587763")


class TestMoments:
    """Dates as clients send them and as KSeF writes them."""

    @pytest.mark.parametrize(
        "text",
        [
            "2026-02-01T10:00:00Z",
            "2026-02-01T11:00:00+01:00",
            "2026-02-01T11:00:00",
            "2026-02-01T10:00:00.0000009+00:00",
            "2026-02-01T11:00",
        ],
    )
    def test_without_an_offset_it_is_polish_time(self, text):
        assert parse_moment(text) == datetime(2026, 2, 1, 10, tzinfo=timezone.utc)

    def test_what_is_no_moment(self):
        for text in ("", "tomorrow", "2026-02-30T10:00:00Z", "2026-02-01T10:00:00+1"):
            with pytest.raises(ValueError):
                parse_moment(text)

    def test_a_stamp_read_back_never_lies_after_it(self):
        moment = datetime(2026, 2, 1, 10, 0, 0, 123456, tzinfo=timezone.utc)
        assert parse_moment(stamp(moment)) == moment


@needs_shared
class TestSchema:
    """Our own base types judge as the ministry's do."""

    def test_every_sample(self):
        official = schema.load(XSD)
        ours = schema.load((XSD / "schemat_FA(3)_v1-0E.xsd").read_bytes())
        seen = {True: 0, False: 0}
        for row in csv.DictReader((SAMPLES / "INDEX.tsv").open(), delimiter="\t"):
            try:
                root = etree.parse(str(SAMPLES / row["path"])).getroot()
            except etree.XMLSyntaxError:
                continue
            verdict = official.validate(root)
            assert ours.validate(root) == verdict, row["path"]
            seen[verdict] += 1
        assert seen[True] > 50 and seen[False] > 10


@needs_shared
class TestPublishedLimits:
    """Our table of limits is that of the official file."""

    def test_groups(self):
        official = limits.from_openapi(FILE, API)
        assert len(official) >= 11
        assert {group: limits.PUBLISHED[group] for group in official} == official


class TestFacts:
    """What metadata and receipts say comes from the file."""

    def test_amounts_and_parties(self):
        facts = fa3.facts(fa3.parse(invoice("FV/1", day="2026-02-01")))
        assert (facts.net, facts.vat, facts.gross) == (100.0, 23.0, 123.0)
        assert facts.buyer.type == "Nip" and facts.issue_date == date(2026, 2, 1)

    def test_a_broken_file_has_facts_all_the_same(self):
        root = fa3.parse(b"<Faktura xmlns='x'><Fa><P_15>?</P_15></Fa></Faktura>")
        facts = fa3.facts(root)
        assert facts.gross == 0.0 and facts.buyer.type == "None"
