"""KSeF numbers: the published ones pass, and one wrong character does not."""

from datetime import date

import pytest

from ksef import number

PUBLISHED = [
    "5265877635-20250826-0100001AF629-AF",
    "5555555555-20250828-010080615740-E4",
    "5265877635-20250925-010020A0A242-0A",
    "5265877635-20250626-010080DD2B5E-26",
    "5265877635-20250916-020000583241-84",
    "5265877635-20250729-01004014E040-00",
]


@pytest.mark.parametrize("valid", PUBLISHED)
def test_published_numbers_are_valid(valid):
    assert number.is_valid(valid)


@pytest.mark.parametrize("position", range(len(PUBLISHED[0])))
def test_any_other_character_makes_a_number_invalid(position):
    valid = PUBLISHED[0]
    for other in "0123456789ABCDEFX-":
        changed = valid[:position] + other + valid[position + 1 :]
        assert changed == valid or not number.is_valid(changed), changed


def test_a_number_of_ksef_1_is_valid_without_its_checksum():
    read = number.parse("7781464139-20230721-80B510-9675F7-B5")
    assert read.legacy
    assert read.technical == "80B5109675F7"
    assert number.is_valid("7781464139-20230721-80B510-9675F7-00")


def test_the_parts_are_read():
    read = number.parse(PUBLISHED[0])
    assert (read.nip, read.accepted_on) == ("5265877635", date(2025, 8, 26))
    assert (read.technical, read.checksum) == ("0100001AF629", "AF")
    assert not read.legacy


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        PUBLISHED[0] + "\n",
        PUBLISHED[0].lower(),
        " " + PUBLISHED[0],
        "5265877635-20250230-0100001AF629-AF",
        "5265877635-20250826-0100001AF629",
        "٥265877635-20250826-0100001AF629-AF",
    ],
)
def test_other_texts_are_no_numbers(wrong):
    assert not number.is_valid(wrong)
