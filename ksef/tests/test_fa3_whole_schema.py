"""The model carries every element of the schema, and every published file entirely."""

import re
import time
from datetime import datetime, timezone
from decimal import Decimal

import pytest
from lxml import etree

from ksef import fa3
from ksef.errors import Fa3Error
from ksef.fa3 import values
from ksef.fa3.elements import Inner, Spread, elements
from ksef.fa3.text import permitted
from ksef.tests.fa3_cases import (
    needs_samples,
    needs_schema,
    official_schema,
    valid_samples,
)
from ksef.tests.fa3_chance import Chance
from ksef.tests.fa3_tree import Said, declared, said

pytestmark = needs_schema

SEEDS = 6  # whole invoices of each kind


@pytest.fixture(scope="module")
def schema():
    return official_schema()


def described(record_class, path=""):
    """Path and type of every element of the model."""
    for one in elements(record_class).values():
        where = "/".join(step for step in (path, *one.path) if step)
        for beside in (one.marker, one.otherwise):
            if beside:
                inside = isinstance(one.type, type) and beside == one.otherwise
                parent = where if inside else where.rpartition("/")[0]
                yield f"{parent}/{beside}", None
        if isinstance(one.type, Spread):
            yield from ((f"{where}/{n}", t) for n, t in one.type.elements.items())
        elif isinstance(one.type, Inner):
            yield f"{where}/{one.type.name}", one.type.type
        elif isinstance(one.type, type):
            yield from described(one.type, where)
        else:
            yield where, one.type


def whole(kind, seed):
    """All that the choices of the schema leave, which take turns."""
    return Chance(f"{kind} {seed}", 1).invoice(kind)


class TestSchema:
    def test_the_model_describes_the_elements_of_the_schema_and_no_other(self):
        leaves = {path for path, one in declared().items() if one.base}
        attributes = {
            f"{path}/@{name}"
            for path, one in declared().items()
            for name in one.attributes
            if path != "Naglowek/KodFormularza"
        }
        assert {path for path, _type in described(fa3.Invoice)} == leaves | attributes

    def test_limits_are_those_of_the_schema(self):
        for path, type_ in described(fa3.Invoice):
            one = declared().get(path)
            if one and not one.codes and isinstance(type_, values.Text):
                assert type_.limit == one.longest, path
            if one and one.longest and isinstance(type_, values.Code):
                assert type_.limit <= one.longest, path

    @pytest.mark.parametrize(
        ("path", "ours"),
        [
            ("Fa/FaWiersz/P_12", fa3.RATES),
            ("Fa/Zamowienie/ZamowienieWiersz/P_12Z", fa3.RATES),
            ("Fa/FaWiersz/Procedura", fa3.PROCEDURES),
            ("Fa/Zamowienie/ZamowienieWiersz/ProceduraZ", fa3.ORDER_PROCEDURES),
            ("Fa/RodzajFaktury", [kind.value for kind in fa3.Kind]),
        ],
    )
    def test_codes_are_those_of_the_schema(self, path, ours):
        assert set(declared()[path].codes) == set(ours)

    def test_every_rate_has_one_of_the_totals(self):
        listed = [rate for bucket in fa3.Bucket for rate in fa3.rates(bucket)]
        assert sorted(listed) == sorted(fa3.RATES)
        assert all(fa3.bucket_of(rate) is fa3.BUCKETS[rate] for rate in fa3.RATES)
        assert fa3.bucket_of(None, Decimal(21)) is fa3.Bucket.OSS
        assert fa3.bucket_of(None) is None

    def test_whole_documents_hold_every_element(self):
        """Built, not only described; the walk through the schema is not ours."""
        held = set()
        for seed in range(40):
            held |= {
                each.path for each in said(fa3.build(whole(fa3.Kind.ADVANCE, seed)))
            }
            if held == set(declared()):
                break
        assert held == set(declared())


class TestByChance:
    @pytest.mark.parametrize("kind", fa3.Kind, ids=lambda kind: kind.value)
    def test_whole_documents_of_every_kind(self, kind, schema):
        for seed in range(SEEDS):
            self.carried(whole(kind, seed), schema)

    @pytest.mark.parametrize("share", [0, 0.2, 0.5, 0.8])
    def test_parts(self, share, schema):
        for seed in range(24):
            kind = list(fa3.Kind)[seed % len(fa3.Kind)]
            self.carried(Chance(f"{share} {seed}", share).invoice(kind), schema)

    def carried(self, invoice, schema):
        data = fa3.build(invoice)
        schema.assertValid(etree.fromstring(data))
        assert fa3.parse(data) == invoice


# What a rebuilt document says otherwise, by file: (element, why).
NO_ZONE = "a moment without an offset is read as UTC"
PARTS_OF_SECONDS = "moments are kept to the second"
SAID_OTHERWISE = {
    "maconomy_03.xml": {"Naglowek/DataWytworzeniaFa": NO_ZONE},
    "maconomy_04.xml": {"Naglowek/DataWytworzeniaFa": NO_ZONE},
    "maconomy_05.xml": {"Naglowek/DataWytworzeniaFa": NO_ZONE},
    "in_credit-note-no-line.xml": {"Naglowek/DataWytworzeniaFa": NO_ZONE},
    "fa3_podstawowa_FA_3_Przyklad_4_EUR.xml": {
        "Naglowek/DataWytworzeniaFa": PARTS_OF_SECONDS
    },
    "fa3_podstawowa_FA_3_przyklad_rachunek_bankowy_faktora.xml": {
        "Naglowek/DataWytworzeniaFa": NO_ZONE
    },
    "fa3_rozliczeniowa_FA_3_Przyklad_1.xml": {
        "Naglowek/DataWytworzeniaFa": PARTS_OF_SECONDS
    },
    "fa3_zaliczkowa_FA_3_Przyklad_1.xml": {
        "Naglowek/DataWytworzeniaFa": PARTS_OF_SECONDS
    },
    "aplikacja-podatnika-ksef_03.xml": {"Naglowek/DataWytworzeniaFa": PARTS_OF_SECONDS},
    "fa3check_tec_003_lamie.xml": {
        "Podmiot1/DaneIdentyfikacyjne/Nazwa": "a character that KSeF refuses"
    },
}
# Sections without content, which the schema admits: they stay as they are.
EMPTY = {
    "maconomy_04.xml": ["Podmiot1/DaneKontaktowe"],
    "fa3_podstawowa_FA_3_przyklad_rachunek_bankowy_faktora.xml": [
        "Podmiot1/DaneKontaktowe",
        "Podmiot3/DaneKontaktowe",
    ],
}


@needs_samples
@pytest.mark.parametrize("path", valid_samples(), ids=lambda path: path.name)
class TestSamples:
    def test_the_rebuilt_file_says_the_same(self, path, schema):
        data = path.read_bytes()
        invoice = fa3.parse(data)
        rebuilt = fa3.build(invoice)
        assert invoice.unread == ()
        schema.assertValid(etree.fromstring(rebuilt))
        assert fa3.parse(rebuilt) == invoice
        before, after = said(data), said(rebuilt)
        assert [one.place for one in before] == [one.place for one in after]
        differing = [
            pair for pair in zip(before, after, strict=True) if len({*pair}) > 1
        ]
        expected = SAID_OTHERWISE.get(path.name, {})
        assert {old.path for old, _new in differing} == set(expected)
        assert all(meant(old) == meant(new) for old, new in differing)

    def test_empty_sections(self, path):
        all_ = said(path.read_bytes())
        holding = {one.place.rpartition("/")[0] for one in all_}
        empty = [
            one.path
            for one in all_
            if declared()[one.path].base is None and one.place not in holding
        ]
        assert empty == EMPTY.get(path.name, [])


def meant(one: Said):
    """The value of an element that is written otherwise."""
    if declared()[one.path].base == "dateTime":
        moment = datetime.fromisoformat(one.value[:19])
        assert one.value[19:].lstrip(".0123456789") in ("", "Z")
        return moment.replace(tzinfo=timezone.utc)
    return permitted(one.value)


DATA = fa3.build(Chance("odd", 1).invoice(fa3.Kind.INVOICE))


def changed(element, pattern, text, data=DATA):
    """``data`` with the first ``element`` that matches ``pattern`` rewritten."""
    found = re.search(rf"<{element}[ >].*?</{element}>".encode(), data, re.DOTALL)
    new, times = re.subn(pattern.encode(), text.encode(), found.group(), count=1)
    assert times
    return data[: found.start()] + new + data[found.end() :]


class TestOdd:
    """Nothing of a document is lost without being named."""

    @pytest.mark.parametrize(
        ("element", "pattern", "text", "unread"),
        [
            ("FaWiersz", "<P_6A>.*?<", "<P_6A>jutro<", ["Fa/FaWiersz/P_6A"]),
            ("FaWiersz", "<P_8B>.*?<", "<P_8B>1 szt.<", ["Fa/FaWiersz/P_8B"]),
            ("Skonto", "<Wysok.*?</.*?>", "", ["Fa/Platnosc/Skonto/WarunkiSkonta"]),
            ("Fa", "<FP>1<", "<FP>2<", ["Fa/FP"]),
            ("Fa", "<P_15>", "<P_1M>Opole</P_1M><P_15>", ["Fa/P_1M"]),
            ("Stopka", "<REGON>", "<Nowe>1</Nowe><REGON>", ["Stopka/Rejestry/Nowe"]),
            (
                "Podmiot1",
                "<NIP>",
                "<Nowe><A>1</A></Nowe><NIP>",
                ["Podmiot1/DaneIdentyfikacyjne/Nowe/A"],
            ),
            (
                "Wiersz",
                "<WKom>",
                "<Kom>1</Kom><WKom>",
                ["Zalacznik/BlokDanych/Tabela/Wiersz/Kom"],
            ),
        ],
    )
    def test_what_cannot_be_read_is_named(self, element, pattern, text, unread):
        read = fa3.parse(changed(element, pattern, text))
        assert list(read.unread) == unread
        assert read.total == fa3.parse(DATA).total

    @pytest.mark.parametrize("name", ["P_13_1", "P_14_1W", "P_15"])
    def test_totals_are_read_or_the_document_is_not(self, name):
        with pytest.raises(Fa3Error) as caught:
            fa3.parse(changed("Fa", f"<{name}>.*?<", f"<{name}>1 234,56<"))
        assert caught.value.errors[0].path == f"Faktura/Fa/{name}"

    def test_tax_without_its_net_is_read(self):
        data = changed("Fa", "<P_13_1>.*?</P_13_1>", "")
        total = fa3.parse(data).totals[0]
        assert (total.bucket, total.net) == (fa3.Bucket.STANDARD, 0)
        assert total.tax == fa3.parse(DATA).totals[0].tax

    def test_an_empty_container_of_one_text_says_nothing(self):
        """``Informacje`` is the only empty section that is not kept."""
        data = changed("Stopka", "<Informacje>", "<Informacje/><Informacje>")
        assert fa3.parse(data) == fa3.parse(DATA)

    def test_order_and_white_space_do_not_matter(self):
        data = changed("FaWiersz", "<NrWierszaFa>(.*?)</NrWierszaFa>", "")
        number = re.search(rb"<NrWierszaFa>(.*?)<", DATA).group(1)
        late = b"<NrWierszaFa>\n\t%s </NrWierszaFa></FaWiersz>" % number
        assert fa3.parse(data.replace(b"</FaWiersz>", late, 1)) == fa3.parse(DATA)

    def test_ten_thousand_odd_lines_take_seconds(self):
        line = b"<FaWiersz><NrWierszaFa>?</NrWierszaFa><P_8B>?</P_8B></FaWiersz>"
        data = DATA.replace(b"<Rozliczenie>", line * 10_000 + b"<Rozliczenie>")
        started = time.monotonic()
        assert "Fa/FaWiersz/P_8B" in fa3.parse(data).unread
        assert time.monotonic() - started < 5
