"""Two files of one invoice: every difference is shown, content is told from words."""

import dataclasses
from decimal import Decimal

import pytest
from lxml import etree

from ksef import fa3
from ksef.errors import Fa3Error
from ksef.fa3.difference import Difference, differences

from .fa3_cases import BUYER, needs_samples, valid_samples

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
<Naglowek><KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>
<DataWytworzeniaFa>2026-03-09T10:00:00Z</DataWytworzeniaFa>
<SystemInfo>Odoo</SystemInfo></Naglowek>
<Podmiot1><DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>Żółw sp. z o.o.</Nazwa>
</DaneIdentyfikacyjne><Adres><KodKraju>PL</KodKraju><AdresL1>ul. Polna 1</AdresL1>
</Adres></Podmiot1>
<Podmiot2><DaneIdentyfikacyjne><NIP>1111111111</NIP><Nazwa>Jan Kowalski</Nazwa>
</DaneIdentyfikacyjne><DaneKontaktowe><Email>jan@example.pl</Email></DaneKontaktowe>
<NrKlienta>K-7</NrKlienta></Podmiot2>
<Fa><KodWaluty>PLN</KodWaluty><P_1>2026-03-09</P_1><P_2>FV/2026.10</P_2>
<P_13_1>100.00</P_13_1><P_14_1>23.00</P_14_1><P_15>123.00</P_15>
<Adnotacje><P_16>2</P_16></Adnotacje><RodzajFaktury>VAT</RodzajFaktury>
<DodatkowyOpis><Klucz>Uwagi</Klucz><Wartosc>Dostawa 7 marca</Wartosc></DodatkowyOpis>
<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>Rower górski 27</P_7><Indeks>R1</Indeks>
<P_8A>szt.</P_8A><P_8B>1</P_8B><P_9A>100.00</P_9A><P_11>100.00</P_11><P_12>23</P_12>
</FaWiersz>
<Platnosc><FormaPlatnosci>6</FormaPlatnosci><RachunekBankowy>
<NrRB>61109010140000071219812874</NrRB><NazwaBanku>Bank</NazwaBanku></RachunekBankowy>
</Platnosc></Fa>
<Stopka><Informacje><StopkaFaktury>Dziękujemy</StopkaFaktury></Informacje></Stopka>
</Faktura>
"""
ROW = FILE[FILE.index("<FaWiersz>") : FILE.index("<Platnosc>")]


def told(before, after, text=FILE):
    """The differences after a replacement in the file."""
    assert text.count(before) == 1, before
    return differences(text.encode(), text.replace(before, after).encode())


def only(before, after):
    (found,) = told(before, after)
    return found


class TestWhatIsShown:
    def test_nothing_of_the_same_file(self):
        assert differences(FILE.encode(), FILE.encode()) == ()

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("10:00:00Z", "11:00:00Z"),
            ("<SystemInfo>Odoo</SystemInfo>", "<SystemInfo>Odoo 19</SystemInfo>"),
            ("<SystemInfo>Odoo</SystemInfo>", ""),
            ("Żółw sp. z o.o.", "\n  Żółw  sp. z o.o. "),
            ("<Podmiot2>", "<!-- buyer --><Podmiot2>"),
            ("<KodWaluty>PLN</KodWaluty>", "<KodWaluty>P<!-- -->LN</KodWaluty>"),
            ("<P_13_1>100.00</P_13_1><P_14_1>23.00</P_14_1>",)
            + ("<P_14_1>23.00</P_14_1><P_13_1>100.00</P_13_1>",),
        ],
    )
    def test_nothing_of_how_a_file_is_made(self, before, after):
        assert told(before, after) == ()

    def test_an_element_with_its_path(self):
        found = only("2026-03-09</P_1>", "2026-03-10</P_1>")
        assert found == Difference("Fa/P_1", "2026-03-09", "2026-03-10", True)

    def test_one_that_is_new_and_one_that_is_gone(self):
        part = "<P_14_1>23.00</P_14_1>"
        assert only(part, "") == Difference("Fa/P_14_1", "23.00", None, True)
        (found,) = differences(FILE.replace(part, "").encode(), FILE.encode())
        assert found == Difference("Fa/P_14_1", None, "23.00", True)

    def test_an_attribute_that_is_gone(self):
        assert only(' kodSystemowy="FA (3)"', "") == Difference(
            "Naglowek/KodFormularza@kodSystemowy", "FA (3)", None, True
        )

    def test_an_attribute(self):
        assert only('wersjaSchemy="1-0E"', 'wersjaSchemy="2-0E"') == Difference(
            "Naglowek/KodFormularza@wersjaSchemy", "1-0E", "2-0E", True
        )

    def test_a_line_more_names_both_files_lines_by_number(self):
        two = ROW.replace("<NrWierszaFa>1", "<NrWierszaFa>2")
        found = told(ROW, ROW.replace("Rower", "rower") + two)
        paths = [each.path for each in found]
        assert paths[0] == "Fa/FaWiersz[1]/P_7", "though the first file has one line"
        assert paths[1] == "Fa/FaWiersz[2]/NrWierszaFa"
        assert [each.old for each in found[1:]] == [None] * 8
        assert [each.protected for each in found] == [False] + [True] * 8

    def test_a_line_less(self):
        two = FILE.replace(ROW, ROW + ROW).encode()
        found = differences(two, FILE.encode())
        assert {each.path.rpartition("/")[0] for each in found} == {"Fa/FaWiersz[2]"}
        assert all(each.protected and each.new is None for each in found)

    def test_the_order_is_that_of_the_file(self):
        changed = FILE.replace("PLN", "EUR").replace("Dziękujemy", "Do widzenia")
        changed = changed.replace("5265877635", "5265877636")
        paths = [each.path for each in differences(FILE.encode(), changed.encode())]
        assert paths == [
            "Podmiot1/DaneIdentyfikacyjne/NIP",
            "Fa/KodWaluty",
            "Stopka/Informacje/StopkaFaktury",
        ]

    @pytest.mark.parametrize("broken", [b"", b"<Faktura>", b"<!DOCTYPE a><a/>"])
    def test_a_file_that_is_none(self, broken):
        for pair in ((broken, FILE.encode()), (FILE.encode(), broken)):
            with pytest.raises(Fa3Error):
                differences(*pair)


class TestContent:
    """What a technical correction must not change."""

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("5265877635", "5265877636"),
            ("<NIP>1111111111</NIP>", "<BrakID>1</BrakID>"),
            ("<KodKraju>PL", "<KodKraju>DE"),
            ("K-7", "K-8"),
            ("PLN", "EUR"),
            ("FV/2026.10", "FV/2026.1"),
            ("FV/2026.10", "FV 2026.10"),
            ("<P_13_1>100.00", "<P_13_1>100.01"),
            ("<P_13_1>100.00", "<P_13_1>1000"),
            ("<P_15>123.00", "<P_15>-123.00"),
            ("<P_15>123.00", "<P_15>123,00"),
            ("<P_15>123.00</P_15>", "<P_15/>"),
            ("<P_16>2", "<P_16>1"),
            ("<RodzajFaktury>VAT", "<RodzajFaktury>KOR"),
            ("<NrWierszaFa>1", "<NrWierszaFa>2"),
            ("<Indeks>R1", "<Indeks>R2"),
            ("szt.", "kg"),
            ("<P_8B>1", "<P_8B>2"),
            ("<P_9A>100.00", "<P_9A>99.00"),
            ("<P_12>23", "<P_12>8"),
            ("<P_12>23", "<P_12>23.0"),
            ("<FormaPlatnosci>6", "<FormaPlatnosci>1"),
            ("61109010140000071219812874", "61109010140000071219812875"),
            ("</Fa>", "<Nowe><P_99>x</P_99></Nowe></Fa>"),
        ],
    )
    def test_it_is_protected(self, before, after):
        found = told(before, after)
        assert found and all(each.protected for each in found)

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("Jan Kowalski", "Anna Nowak"),
            ("Jan Kowalski", "Jan Kowalsky"),
            ("Jan Kowalski", ""),
            ("<Nazwa>Jan Kowalski</Nazwa>", ""),
            ("Żółw sp. z o.o.", "Beta sp. z o.o."),
            ("Rower górski 27", "Rower szosowy 27"),
            ("Rower górski 27", "Rower gorski 27"),
            ("Rower górski 27", "Rower górski 28"),
            ("Rower górski 27", "Rower górski 2"),
            ("Rower górski 27", "Rower górski 271"),
            ("Rower górski 27", "Nowy rower górski 27"),
            ("Rower górski 27", "Rower górski"),
            ("Rower górski 27", "Rower górski 27 cali"),
            ("Jan Kowalski", "Jan Kowalski i wspólnicy"),
        ],
    )
    def test_another_name_is(self, before, after):
        assert only(before, after).protected


class TestWords:
    """What another file of the same invoice may say otherwise."""

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("ul. Polna 1", "ul. Nowa 5"),
            ("</AdresL1>", "</AdresL1><AdresL2>00-001 Warszawa</AdresL2>"),
            ("</AdresL1>", "</AdresL1><GLN>5901234</GLN>"),
            ("jan@example.pl", "biuro@example.pl"),
            ("<Email>jan@example.pl</Email>", ""),
            ("</Email>", "</Email><Telefon>600700800</Telefon>"),
            ("Dostawa 7 marca", "Dostawa 8 marca"),
            ("Dziękujemy", "Zapraszamy"),
            ("</StopkaFaktury>", "</StopkaFaktury><StopkaFaktury>KRS</StopkaFaktury>"),
            ("<NazwaBanku>Bank", "<NazwaBanku>Inny Bank"),
            ("Jan Kowalski", "JAN KOWALSKI"),
            ("Jan Kowalski", "Jan  Kowalski,"),
            ("Żółw sp. z o.o.", "Żółw Sp. Z O. O."),
            ("Rower górski 27", "Rower – górski (27)"),
            ("<P_13_1>100.00", "<P_13_1>100"),
            ("<P_8B>1<", "<P_8B>1.000000<"),
            ("</NrKlienta>", "</NrKlienta><IDNabywcy/>"),
        ],
    )
    def test_it_is_free(self, before, after):
        assert not only(before, after).protected

    def test_a_long_name_may_be_cut_off(self):
        long = "Rower górski 27 " + "z przerzutkami " * 20
        whole, short = (FILE.replace("Rower górski 27", n) for n in (long, long[:200]))
        (found,) = differences(whole.encode(), short.encode())
        assert not found.protected

    def test_a_letter_written_in_two_ways(self):
        assert not only("górski", "go\u0301rski").protected

    def test_marks_that_ksef_refuses_may_go(self):
        with_marks = FILE.replace("Rower górski", "Rower\x7f górski\ufdd0")
        (found,) = differences(with_marks.encode(), FILE.encode())
        assert not found.protected


class TestWholeFiles:
    """Against files of the builder and of other programs."""

    def test_a_field_that_changes_is_the_difference(self):
        buyer = dataclasses.replace(BUYER, name="Somebody Else")
        root = etree.fromstring(FILE.encode())
        before = fa3.parse(etree.tostring(root))
        after = dataclasses.replace(before, buyer=buyer)
        assert before.total == Decimal("123.00")
        found = differences(fa3.build(before), fa3.build(after))
        assert found and all(each.path.startswith("Podmiot2") for each in found)

    @needs_samples
    def test_no_sample_differs_from_itself(self):
        for path in valid_samples():
            content = path.read_bytes()
            assert differences(content, content) == (), path.name

    @needs_samples
    def test_every_changed_text_of_a_sample_is_found(self):
        for path in valid_samples()[::7]:
            content = path.read_bytes()
            root = etree.fromstring(content)
            leaves = [each for each in root.iter("{*}*") if not len(each)]
            for leaf in leaves[::11]:
                kept, leaf.text = leaf.text, "changed by the test"
                names = [
                    each.path for each in differences(content, etree.tostring(root))
                ]
                leaf.text = kept
                name = etree.QName(leaf).localname
                made = ("DataWytworzeniaFa", "SystemInfo")
                expected = [] if name in made else [name]
                found = [each.rpartition("/")[2].partition("[")[0] for each in names]
                assert found == expected, path.name
