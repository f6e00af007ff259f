"""Published FA(3) files are read, whatever their kind, and built again."""

import csv
import dataclasses
from decimal import Decimal

import pytest

from ksef import fa3
from ksef.errors import Fa3Error
from ksef.fa3 import Bucket, Kind
from ksef.tests.fa3_cases import (
    FULL,
    SAMPLES,
    needs_samples,
    needs_schema,
    official_xsd,
    sample_files,
    valid_samples,
)

pytestmark = needs_samples


def read(name):
    return fa3.parse((SAMPLES / name).read_bytes())


def index():
    with (SAMPLES / "INDEX.tsv").open(encoding="utf-8") as rows:
        return {row["path"]: row for row in csv.DictReader(rows, delimiter="\t")}


@needs_schema
@pytest.mark.parametrize("path", valid_samples(), ids=lambda path: path.name)
def test_parsed_and_rebuilt(path):
    invoice = fa3.parse(path.read_bytes())
    rebuilt = fa3.build(invoice)
    assert fa3.violations(rebuilt, fa3.load_schema(official_xsd())) == ()
    assert fa3.parse(rebuilt) == dataclasses.replace(invoice, unread=())


def test_the_index_agrees():
    checked = 0
    for name, row in index().items():
        if row["xsd_valid"] != "yes":
            continue
        invoice = read(name)
        assert invoice.kind.value == row["kind"], name
        assert invoice.currency == row["currency"], name
        features = dict(f.split("=", 1) for f in row["features"].split(";") if "=" in f)
        assert len(invoice.lines) == int(features["lines"]), name
        rates = {rate for rate in features.get("rates", "").split("|") if rate}
        if invoice.lines:
            assert {line.rate for line in invoice.lines} - {None} == rates, name
        checked += 1
    assert checked > 80


def test_invalid_samples_are_refused_or_read_never_crash():
    for path in sample_files():
        if path.parent.name == "invalid":
            try:
                fa3.parse(path.read_bytes())
            except Fa3Error as error:
                assert all(finding.message for finding in error.errors)


def test_official_correction():
    invoice = read("mf-official/FA_3_Przyklad_02.xml")
    assert invoice.kind is Kind.CORRECTION
    assert invoice.total == -200
    (original,) = invoice.corrected
    assert original.number == "FV2026/02/150"
    assert original.ksef_number == "9999999999-20230908-8BEF280C8D35-4D"
    assert [line.before for line in invoice.lines] == [True, False]
    (total,) = invoice.totals
    assert (total.bucket, total.net) == (Bucket.STANDARD, Decimal("-162.60"))


def test_exempt_sale_has_its_basis():
    invoice = read("mf-official/FA_3_Przyklad_09.xml")
    assert invoice.annotations.exemption.basis is fa3.Basis.ACT
    assert invoice.buyer.local_authority_unit


def test_margin_scheme():
    invoice = read("mf-official/FA_3_Przyklad_08.xml")
    assert invoice.annotations.margin is fa3.Margin.SECOND_HAND
    assert invoice.totals[0].bucket is Bucket.MARGIN


def test_foreign_currency():
    invoice = read("mf-official/FA_3_Przyklad_20.xml")
    assert invoice.currency == "EUR"
    assert invoice.totals[0].tax_pln is not None


def test_what_the_model_does_not_carry_is_named():
    data = fa3.build(FULL).replace(b"<P_2>", b"<Nowe><A>1</A></Nowe><P_2>")
    assert fa3.parse(data).unread == ("Fa/Nowe/A",)


def test_all_rate_codes_belong_to_the_totals_of_a_real_file():
    """maconomy_03 has one line per rate code and one total per line."""
    invoice = read("erp-anon/maconomy_03.xml")
    lines = {}
    for line in invoice.lines:
        bucket = fa3.BUCKETS[line.rate]
        lines[bucket] = lines.get(bucket, 0) + line.net
    assert lines == {total.bucket: total.net for total in invoice.totals}


def test_prefixed_file_is_read_like_any_other():
    data = fa3.build(FULL).replace(b"<", b"<n0:").replace(b"<n0:/", b"</n0:")
    data = data.replace(b"<n0:?xml", b"<?xml").replace(b"xmlns=", b"xmlns:n0=")
    assert fa3.parse(data) == FULL
