"""What the schema cannot say is found by its code, at its element, with its weight;
what is right is not found. Errors are what KSeF or the law refuses."""

import random
import re
import time
import timeit
from pathlib import Path

import pytest
from lxml import etree

from ksef import fa3
from ksef.errors import Fa3Error
from ksef.fa3 import rules
from ksef.fa3.rules.parties import nip_is_right
from ksef.tests.fa3_cases import (
    SAMPLES,
    needs_samples,
    needs_schema,
    official_xsd,
    sample_files,
)
from ksef.tests.fa3_clean import INVOICE, RIGHT, UNUSUAL, lines
from ksef.tests.fa3_spoilt import ERRORS, WARNINGS


def codes(invoice):
    return [finding.code for finding in fa3.findings(fa3.build(invoice), None)]


SPOILT = [
    pytest.param(code, path, invoice, severity, id=f"{code}-{number}")
    for severity, cases in (
        (fa3.Severity.ERROR, ERRORS),
        (fa3.Severity.WARNING, WARNINGS),
    )
    for number, (code, path, invoice) in enumerate(cases)
]


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_found_in_what_is_right(name):
    assert codes(RIGHT[name]) == []


@needs_schema
def test_what_is_right_is_valid():
    schema = fa3.load_schema(official_xsd())
    for name, invoice in RIGHT.items():
        assert fa3.findings(fa3.build(invoice), schema) == (), name


@pytest.mark.parametrize(("code", "path", "invoice", "severity"), SPOILT)
def test_one_thing_is_wrong(code, path, invoice, severity):
    data = fa3.build(invoice)
    (found,) = fa3.findings(data, None)
    assert (found.code, found.path, found.severity) == (code, path, severity)
    assert found.message
    assert fa3.check(data, None) == ((found,) if found.is_error else ())


def test_every_code_is_provoked():
    written = re.compile(r'(?:error|warning|told)\(\s*(?:code|"([a-z-]+)")')
    folder = Path(rules.__file__).parent
    source = "".join(path.read_text() for path in folder.glob("*.py"))
    known = {code for code in written.findall(source) if code}
    known |= {"jst-without-unit", "gv-without-member"}
    assert {case.values[0] for case in SPOILT} == known
    assert len(known) > 45


@pytest.mark.parametrize("invoice", UNUSUAL, ids=range(len(UNUSUAL)))
def test_what_is_unusual_but_right(invoice):
    assert codes(invoice) == []


def test_checksum_of_the_nip():
    right = [nip for nip in range(5265877630, 5265877640) if nip_is_right(str(nip))]
    assert right == [5265877635]
    assert not nip_is_right("526587763")
    assert not nip_is_right("5265877635٣")


FOUND_IN_SAMPLES = {
    "fa3check_ary_001_lamie": "part-advances-sum",
    "fa3check_ary_002_lamie": "line-tax",
    "fa3check_sem_001_lamie": "nip-as-foreign",
    "fa3check_sem_004_lamie": "supply-date-common",
    "fa3check_sem_005_lamie": "supply-date-repeated",
    "fa3check_sem_006_lamie": "description-of-no-line",
    "fa3check_tec_003_lamie": "forbidden-character",
    "fa3check_tec_005_lamie": "nip-checksum",
    "ksefuj_05-jst1-without-podmiot3": "jst-without-unit",
    "ksefuj_17-gv1-without-podmiot3": "gv-without-member",
    "ksefuj_21-wrong-tax-calculation": "rate-tax",
    "ksefuj_23-missing-bank-account-validation": "account-number",
    "ksefuj_24-duplicate-line-numbers": "line-number-repeated",
    "ksefuj_25-negative-quantities": "negative-quantity",
}


def found_in(path):
    return {finding.code for finding in fa3.findings(path.read_bytes(), None)}


@needs_samples
def test_published_mistakes_are_found_and_their_twins_are_not():
    paths = {p.stem: p for p in sorted(SAMPLES.glob("semantic-errors/*.xml"))}
    twins = {name for name in paths if name.endswith("_przechodzi")}
    assert set(paths) == set(FOUND_IN_SAMPLES) | twins
    for name, code in FOUND_IN_SAMPLES.items():
        assert code in found_in(paths[name]), name
        twin = name.replace("_lamie", "_przechodzi")
        if twin in twins:
            assert code not in found_in(paths[twin]), twin
    assert len(twins) == 4


@needs_samples
@needs_schema
def test_the_examples_of_the_ministry_keep_every_rule():
    schema = fa3.load_schema(official_xsd())
    paths = sorted(SAMPLES.glob("mf-official/*.xml"))
    assert len(paths) == 21
    for path in paths:
        assert fa3.findings(path.read_bytes(), schema) == (), path.name


@needs_samples
def test_no_document_is_too_odd_for_the_rules():
    """Values of any kind at any place: the rules find something or nothing."""
    chance = random.Random(7)
    junk = ("", "x", "-", "NaN", "1e9", "9" * 400, "1.2.3", "٣", "KOR", "EUR", "1")
    for path in sample_files():
        try:
            root = fa3.parse_xml(path.read_bytes())
        except Fa3Error:
            continue
        for _round in range(6):
            leaves = list(root.iter(etree.Element))
            for leaf in chance.choices(leaves, k=5):
                leaf.text = chance.choice(junk)
            rules.semantic_findings(root)


def test_findings_of_one_rule_are_limited():
    many = lines(*(fa3.Line(number=1, name="x") for _i in range(1000)))
    assert codes(many).count("line-number-repeated") == rules.MOST


@needs_schema
def test_five_lines_are_checked_in_a_moment():
    """Of processor time; measured: 0.35 ms."""
    schema = fa3.load_schema(official_xsd())
    data = fa3.build(lines(*INVOICE.lines * 2, INVOICE.lines[0]))
    times = timeit.repeat(
        lambda: fa3.check(data, schema), number=50, repeat=5, timer=time.process_time
    )
    assert min(times) / 50 < 0.002
