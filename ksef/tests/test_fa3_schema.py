"""``check`` says what the ministry's schema says, with our own base types."""

import random
import re

import pytest
from lxml import etree

from ksef import fa3
from ksef.fa3.schema import load_schema, violations
from ksef.tests.fa3_cases import (
    FULL,
    needs_samples,
    needs_schema,
    official_schema,
    official_xsd,
    sample_files,
)

BUILT = fa3.build(FULL)


@pytest.fixture(scope="module")
def schema():
    return load_schema(official_xsd())


@pytest.fixture(scope="module")
def official():
    return official_schema()


def verdicts(data, schema, official):
    root = etree.fromstring(data)
    return not schema.violations(root), official.validate(root)


def mutants(data, chance, count):
    """Copies of a document with one thing changed in each."""
    junk = ("", " ", "x", "0", "1", "2", "9" * 600, "2026-02-30", "EL", "1.234", "-1")
    for _mutant in range(count):
        root = etree.fromstring(data)
        leaf = chance.choice(
            [node for node in root.iterdescendants(etree.Element) if not len(node)]
        )
        change = chance.randrange(4)
        if change == 0:
            leaf.text = chance.choice(junk)
        elif change == 1:
            leaf.getparent().remove(leaf)
        elif change == 2:
            leaf.addnext(etree.fromstring(etree.tostring(leaf)))
        else:
            leaf.text = (leaf.text or "") + chance.choice(junk)
        yield etree.tostring(root)


@needs_schema
@needs_samples
def test_same_verdict_on_samples_and_mutants(schema, official):
    chance = random.Random(19)
    refused = compared = 0
    for path in sample_files():
        data = path.read_bytes()
        try:
            if not len(etree.fromstring(data)):
                continue
        except etree.XMLSyntaxError:
            continue
        for document in (data, *mutants(data, chance, 12)):
            ours, theirs = verdicts(document, schema, official)
            assert ours == theirs, path.name
            compared += 1
            refused += not theirs
    assert compared > 1000
    assert refused > compared / 4, "mutation must bring refusals to compare"


@needs_schema
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("KodKraju", ["PL", "XI", "XK", "AN", "EL", "UK", "pl", " PL", ""]),
        ("NIP", ["9999999999", "1000000000", "0123456789", "123", " 9999999999"]),
        ("Email", ["a@b", "a@", "@b", "a" * 260 + "@b", "  a@b  "]),
        ("P_1", ["2006-01-01", "2005-12-31", "2050-01-02", "2026-1-1", "2026-01-01Z"]),
        ("DataWytworzeniaFa", ["2026-01-01T00:00:00", "2025-08-31T23:59:59Z", "x"]),
        ("NrWierszaFa", ["1", "0", "-1", "99999999999999", "100000000000000"]),
        ("P_16", ["1", "2", "3", "0", " 1 "]),
        ("NrKSeF", ["1", "2", ""]),
    ],
)
def test_same_verdict_on_base_types(schema, official, name, values):
    for value in values:
        root = etree.fromstring(BUILT)
        next(root.iter(f"{{*}}{name}")).text = value
        ours, theirs = verdicts(etree.tostring(root), schema, official)
        assert ours == theirs, (name, value)


@needs_schema
def test_path_and_message_name_the_element(schema):
    data = BUILT.replace(b"<P_15>-200.00<", b"<P_15>-200.001<")
    paths = [finding.path for finding in violations(data, schema)]
    assert "Faktura/Fa/P_15" in paths
    data = BUILT.replace(b"<NrWierszaFa>2<", b"<NrWierszaFa>0<")
    (found,) = violations(data, schema)
    assert found.path == "Faktura/Fa/FaWiersz[2]/NrWierszaFa"
    assert "NrWierszaFa" in found.message
    assert "http" not in found.message


@needs_schema
def test_path_in_a_prefixed_document(schema):
    data = re.sub(rb"<(/?)(\w)", rb"<\1n0:\2", BUILT).replace(b"xmlns=", b"xmlns:n0=")
    data = data.replace(b"<n0:NrWierszaFa>2<", b"<n0:NrWierszaFa>0<")
    (found,) = violations(data, schema)
    assert found.path == "Faktura/Fa/FaWiersz[2]/NrWierszaFa"


OUTSIDE_THE_RULES = {
    "byte order mark": b"\xef\xbb\xbf" + BUILT,
    "ISO-8859-2": BUILT.replace(b"UTF-8", b"ISO-8859-2"),
    "processing instruction": BUILT.replace(b"<Fa>", b"<?a b?><Fa>"),
    "a processing instruction": BUILT.replace(b"<Faktura", b"<?a b?><Faktura"),
    "contains a processing instruction": BUILT + b"<?a b?>",
    "KSeF refuses": BUILT.replace(b"test<", b"te\xc2\x92st<"),
    "well-formed": BUILT.replace(b"test<", b"te\xffst<"),
    "is not well-formed": BUILT[:-1],
    "is not well-formed XML": b"",
}


@pytest.mark.parametrize("message", OUTSIDE_THE_RULES)
def test_rules_of_the_file(message):
    found = violations(OUTSIDE_THE_RULES[message], None)
    assert any(message in finding.message for finding in found), found


def test_not_the_schema():
    for data in (b"<xs/>", b"no XML", b""):
        with pytest.raises(ValueError, match="not the FA"):
            load_schema(data)


@needs_schema
def test_the_schema_reads_no_file_or_address(monkeypatch):
    """Any import is answered from our own types."""
    local = official_xsd().replace(
        b"http://crd.gov.pl/xml/schematy/dziedzinowe/mf/2022/01/05/eD/DefinicjeTypy/"
        b"StrukturyDanych_v10-0E.xsd",
        b"file:///nowhere/types.xsd",
    )
    official = load_schema(official_xsd())
    assert violations(BUILT, load_schema(local)) == violations(BUILT, official)
