"""The KSeF number: NIP of the seller, day of acceptance, technical part, checksum.

Source: official documentation, KSeF number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

_NUMBER = re.compile(
    r"([1-9](?:\d[1-9]|[1-9]\d)\d{7}|M\d{9}|[A-Z]{3}\d{7})"
    r"-(20[2-9]\d|2[1-9]\d{2}|[3-9]\d{3})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"
    r"-([0-9A-F]{6})(-?)([0-9A-F]{6})-([0-9A-F]{2})",
    re.ASCII,
)


@dataclass(frozen=True)
class KsefNumber:
    """The parts of a number; `legacy` marks the 36 characters of KSeF 1.0."""

    nip: str
    accepted_on: date
    technical: str
    checksum: str
    legacy: bool


def parse(number: str) -> KsefNumber:
    """Take a KSeF number apart.

    :raises ValueError: it is not one. Numbers of KSeF 1.0 follow another checksum
        rule that is not published, so theirs is not tested.
    """
    found = _NUMBER.fullmatch(number)
    if not found:
        raise ValueError("not a KSeF number")
    nip, year, month, day, left, hyphen, right, checksum = found.groups()
    if not hyphen and checksum != _crc8(number[:32]):
        raise ValueError("the checksum of the KSeF number is wrong")
    accepted_on = date(int(year), int(month), int(day))
    return KsefNumber(nip, accepted_on, left + right, checksum, bool(hyphen))


def is_valid(number: str) -> bool:
    """Whether this is a KSeF number, as far as it can be known without asking."""
    try:
        parse(number)
    except ValueError:
        return False
    return True


def _crc8(written: str) -> str:
    """CRC-8: polynomial 0x07, initial value 0, no reflection, no final XOR."""
    register = 0
    for byte in written.encode("ascii"):
        register ^= byte
        for _ in range(8):
            carry = register & 0x80
            register = (register << 1) & 0xFF
            register ^= 0x07 if carry else 0
    return f"{register:02X}"
