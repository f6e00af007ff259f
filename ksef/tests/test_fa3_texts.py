"""Whatever is written, in whichever script: a document that KSeF takes, or it is known
beforehand why the text does not fit."""

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ksef import fa3
from ksef.fa3.elements import Inner, elements
from ksef.fa3.misfit import misfit
from ksef.fa3.text import FORBIDDEN, collapsed, permitted, token
from ksef.fa3.values import CELL, LINES, Text
from ksef.tests.fa3_cases import needs_schema, official_xsd
from ksef.tests.fa3_chance import Chance
from ksef.tests.fa3_tree import declared

PLANES = range(17)
PLAIN = settings(derandomize=True, deadline=None, database=None, max_examples=200)


def anything(chance, longest):
    """A text from one plane, with blanks, controls and surrogates among it."""
    plane = chance.choice(PLANES) << 16
    length = chance.choice((0, 1, 2, 3, 9, 30, longest - 1, longest, longest + 1))
    odd = " \t\r\n\0\x7f\x85\x92\xa0\u2028\ufdd0\ufeff\ufffd\ud800\udfff<&>\"']]>"
    letters = (chr(plane + chance.randrange(2**16)) for _i in range(length))
    return "".join(
        chance.choice(odd) if chance.random() < 0.15 else letter for letter in letters
    )


def is_text(type_):
    return isinstance(type_.type if isinstance(type_, Inner) else type_, Text)


class Rewriting:
    """A copy of an invoice with other texts, wherever people may write what they
    like; of each field by its element, what was found not to fit."""

    def __init__(self, seed):
        self.chance = random.Random(seed)
        self.written = set()
        self.refused = set()

    def record(self, record, path=""):
        changes = {}
        for name, described in elements(type(record)).items():
            where = "/".join(step for step in (path, *described.path) if step)
            value = getattr(record, name)
            changes[name] = self._field(record, name, described, where, value)
        return dataclasses.replace(record, **changes)

    def _field(self, record, name, described, where, value):
        if value is None or value == ():
            return value
        if isinstance(described.type, type) and dataclasses.is_dataclass(
            described.type
        ):
            if described.many:
                return tuple(self.record(one, where) for one in value)
            return self.record(value, where)
        if not is_text(described.type) or where.startswith("@"):
            return value
        where += f"/{described.type.name}" if isinstance(described.type, Inner) else ""
        if where not in declared() or declared()[where].codes:
            return value
        if isinstance(value, tuple):
            return tuple(self._text(record, name, where, one) for one in value)
        return self._text(record, name, where, value)

    def _text(self, record, name, where, kept):
        if not isinstance(kept, str):
            return kept
        longest = declared()[where].longest or 256
        text = anything(self.chance, min(longest, 600))
        reason = misfit(type(record), name, text)
        if reason:
            self.refused.add(reason)
            return kept
        self.written.add(where)
        return text


@needs_schema
def test_r14_200_documents_with_texts_from_every_plane():
    schema = fa3.load_schema(official_xsd())
    written, refused = set(), set()
    for seed in range(200):
        rewriting = Rewriting(seed)
        kind = list(fa3.Kind)[seed % 7]
        invoice = rewriting.record(Chance(seed, 0.3).invoice(kind))
        data = fa3.build(invoice)
        assert fa3.violations(data, schema) == (), seed
        again = fa3.parse(data)
        assert fa3.build(again) == data, "read as it was written"
        written |= rewriting.written
        refused |= rewriting.refused
    assert len(written) > 120, "places in the document"
    assert refused == {"empty", "long", "form"}


@needs_schema
@pytest.mark.parametrize(
    ("record_class", "name", "element", "texts"),
    [
        (fa3.Buyer, "name", "Nazwa", ["x" * 513, "\U0010ffff", " ", "\x01"]),
        (fa3.Contact, "email", "Email", ["@b", "a@", "ab", "a" * 255 + "@b"]),
        (fa3.Contact, "phone", "Telefon", ["1" * 17]),
        (fa3.BankAccount, "number", "NrRB", ["123456789", "1" * 35]),
        (fa3.BankAccount, "swift", "SWIFT", ["wbkpplpp", "WBKPPLP", "WBKPPLPPX"]),
        (fa3.Seller, "nip", "NIP", ["0123456789", "1000000000", "123456789"]),
        (fa3.Line, "name", "P_7", ["🙂" * 513]),
        (fa3.Line, "uid", "UU_ID", ["x" * 51]),
    ],
)
def test_what_is_said_not_to_fit_is_refused(record_class, name, element, texts):
    """The other way round: nothing is said that the schema would not say."""
    schema = fa3.load_schema(official_xsd())
    data = fa3.build(Chance(1, 1).invoice(fa3.Kind.CORRECTION))
    for text in texts:
        assert misfit(record_class, name, text), text
        root = etree.fromstring(data)
        one = next(root.iter(f"{{*}}{element}"))
        one.text = token(text)
        found = schema.violations(root)
        assert any(finding.path.endswith(element) for finding in found) or not one.text


@pytest.mark.parametrize(
    ("record_class", "name", "text", "reason"),
    [
        (fa3.Buyer, "name", "x" * 512, None),
        (fa3.Buyer, "name", f"  {'x' * 511}\t\n y"[:514], None),
        (fa3.Buyer, "name", "🙂" * 512, None),
        (fa3.Buyer, "name", "x\x92" * 512, None),
        (fa3.Buyer, "name", "\t\x92 \ud800\n", "empty"),
        (fa3.Footer, "texts", "a\n" * 1750, None),
        (fa3.Footer, "texts", "a\n" * 1751, "long"),
        (fa3.Contact, "email", "a@b", None),
        (fa3.Contact, "email", "ab", "form"),
        (fa3.Payment, "ksef_payment_id", "123ABCDEFGHIJ", None),
        (fa3.Payment, "ksef_payment_id", "123ABCDEFGHI", "form"),
        (fa3.Register, "regon", "123456789", None),
        (fa3.Register, "regon", "12345678", "form"),
    ],
)
def test_why_a_text_does_not_fit(record_class, name, text, reason):
    assert misfit(record_class, name, text) == reason


ANY_TEXT = st.text(st.characters(codec=None), max_size=40)


class TestToken:
    """``token`` is what the schema measures: nothing forbidden, no blank outside, one
    blank between words; what it leaves stands for itself."""

    @PLAIN
    @given(ANY_TEXT)
    def test_r14_it_holds_only_what_ksef_takes(self, text):
        assert not FORBIDDEN.search(permitted(text))
        assert token(text).encode("utf-8").decode("utf-8") == token(text)

    @PLAIN
    @given(ANY_TEXT)
    def test_it_is_collapsed_once_and_for_all(self, text):
        once = token(text)
        assert token(once) == once
        assert not set("\t\r\n") & set(once)
        assert "  " not in once
        assert once == once.strip(" ")

    @PLAIN
    @given(ANY_TEXT)
    def test_nothing_else_is_changed(self, text):
        kept = [c for c in text if not FORBIDDEN.match(c) and c not in " \t\r\n"]
        assert [c for c in token(text) if c != " "] == kept

    @PLAIN
    @given(ANY_TEXT)
    def test_lines_keep_their_blanks(self, text):
        assert (LINES.to_text(text) or "").count("\n") <= len(text)
        assert CELL.to_text(text) == token(text)

    def test_every_code_point(self):
        """The list of the documentation, point by point."""
        refused = {code for code in range(0x110000) if FORBIDDEN.match(chr(code))}
        expected = {*range(0x20), *range(0x7F, 0xA0)} - {0x09, 0x0A, 0x0D, 0x85}
        expected |= {*range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0)}
        for plane in PLANES:
            expected |= {plane << 16 | 0xFFFE, plane << 16 | 0xFFFF}
        assert refused == expected

    def test_unicode_spaces_are_no_white_space_of_xml(self):
        assert collapsed("\u00a0a\u2003\u2003b\u0085") == "\u00a0a\u2003\u2003b\u0085"
