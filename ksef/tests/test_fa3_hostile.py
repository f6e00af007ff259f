"""XML from outside: nothing is fetched or expanded, odd files are read, bad ones are
refused with the reason, in bounded time."""

import time

import pytest

from ksef import fa3
from ksef.errors import Fa3Error
from ksef.fa3.xml import MAX_BYTES, parse_xml
from ksef.tests.fa3_cases import FULL, SAMPLES, needs_samples

BUILT = fa3.build(FULL)
BODY = BUILT.split(b"?>", 1)[1]
BOMB = b"""<!DOCTYPE Faktura [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>"""


def refusal(data):
    with pytest.raises(Fa3Error) as caught:
        fa3.parse(data)
    return str(caught.value)


@pytest.mark.parametrize(
    "prolog",
    [
        b"<!DOCTYPE Faktura>",
        BOMB,
        b'<!DOCTYPE Faktura SYSTEM "file:///etc/passwd">',
        b'<!DOCTYPE Faktura [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE Faktura [<!ENTITY % x SYSTEM "http://127.0.0.1:9/"> %x;]>',
        b"<?xml version='1.0'?>\n<!-- a --> <?b c?>\n <!DOCTYPE Faktura>",
        b"\xef\xbb\xbf<!DOCTYPE Faktura>",
    ],
    ids=range(7),
)
def test_document_type_is_refused(prolog):
    assert "document type" in refusal(prolog + BODY.replace(b">test<", b">&x;<"))


def test_document_type_as_text_is_no_document_type():
    invoice = fa3.parse(BODY.replace(b">test<", b"><![CDATA[<!DOCTYPE x>]]><"))
    assert invoice.system == "<!DOCTYPE x>"


@needs_samples
@pytest.mark.parametrize(
    "name", ["hostile_bomba-entyfikacyjna.xml", "hostile_zagniezdzenie-10000.xml"]
)
def test_published_attacks(name):
    started = time.monotonic()
    refusal((SAMPLES / "invalid" / name).read_bytes())
    assert time.monotonic() - started < 2


def test_depth():
    assert "well-formed" in refusal(b"<a>" * 100_000 + b"</a>" * 100_000)


def test_size():
    assert "larger" in refusal(b" " * (MAX_BYTES + 1))


def test_ten_thousand_lines_with_unknown_elements_take_seconds():
    line = b"<FaWiersz><NrWierszaFa>1</NrWierszaFa><Nowe>1</Nowe></FaWiersz>"
    data = BODY.replace(b"<Rozliczenie>", line * 10_000 + b"<Rozliczenie>", 1)
    started = time.monotonic()
    invoice = fa3.parse(data)
    assert time.monotonic() - started < 10
    assert invoice.unread == ("Fa/FaWiersz/Nowe",)


@pytest.mark.parametrize(
    "data",
    [
        BODY,
        b"\n  " + BUILT,
        b"\xef\xbb\xbf" + BUILT,
        BUILT.replace(b"UTF-8", b"windows-1250"),
        BUILT.replace(b"UTF-8", b"UTF-16"),
        BUILT.replace(b"<Fa>", b"<!-- a --><?b c?><Fa>"),
        BUILT.replace(b">23<", b">\n 23\t<"),
        BUILT.replace(b">9999999999<", b"> 9999999999 <"),
    ],
    ids=range(8),
)
def test_odd_but_readable(data):
    assert fa3.parse(data) == FULL


def test_bytes_that_are_no_utf8_become_a_mark():
    invoice = fa3.parse(BUILT.replace(b"ABC AGD", b"ABC\x81AGD"))
    assert invoice.seller.name == "ABC\ufffdAGD sp. z o.o."


def test_characters_that_ksef_refuses_today_are_left_out():
    invoice = fa3.parse(BUILT.replace(b"ABC AGD", b"ABC\xc2\x92AGD"))
    assert invoice.seller.name == "ABCAGD sp. z o.o."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "well-formed"),
        (b"%PDF-1.7", "well-formed"),
        (b"<html></html>", "not an invoice"),
        (BUILT.replace(b"/2025/06/25/13775/", b"/2023/06/29/12648/"), "not FA(3)"),
        (b"<Faktura/>", "not FA(3)"),
        (BUILT.replace(b"P_15>", b"P_16x>"), "Faktura/Fa/P_15: is missing"),
        (BUILT.replace(b">KOR<", b">XYZ<"), "RodzajFaktury"),
        (BUILT.replace(b">-200.00<", b">1 234.56<"), "Faktura/Fa/P_15"),
        (BUILT.replace(b">-200.00<", b">NaN<"), "Faktura/Fa/P_15"),
        (BUILT.replace(b">2026-03-15<", b">2026-02-30<"), "Faktura/Fa/P_1"),
        (BUILT.replace(b"Podmiot1", b"Podmiot9"), "Podmiot1: is missing"),
    ],
    ids=range(11),
)
def test_refusal_names_the_element(data, reason):
    assert reason in refusal(data)


def test_the_parser_reports_no_document():
    with pytest.raises(Fa3Error):
        parse_xml(b"\xff\xfe<\x00a\x00/\x00>\x00")
