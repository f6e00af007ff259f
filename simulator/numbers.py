"""Numbers that KSeF gives or checks: KSeF number, references, NIP."""

import re
import secrets
from datetime import date

NIP = re.compile(r"[1-9]((\d[1-9])|([1-9]\d))\d{7}")
PESEL = re.compile(r"\d{11}")
KSEF_NUMBER = re.compile(
    r"([1-9](?:\d[1-9]|[1-9]\d)\d{7})-\d{8}-[0-9A-F]{6}-?[0-9A-F]{6}-[0-9A-F]{2}"
)


def crc8(text: str) -> int:
    """CRC-8, polynomial 0x07, initial value 0, nothing reflected."""
    register = 0
    for byte in text.encode("ascii"):
        register ^= byte
        for _bit in range(8):
            register = (register << 1) ^ (0x107 if register & 0x80 else 0)
    return register


def ksef_number(seller_nip: str, day: date) -> str:
    """A new KSeF number, 35 characters, for an invoice taken in on `day`."""
    stem = f"{seller_nip}-{day:%Y%m%d}-{secrets.token_hex(6).upper()}"
    return f"{stem}-{crc8(stem):02X}"


def reference(infix: str, day: date) -> str:
    """A new reference number, 36 characters, YYYYMMDD-XX-…"""
    middle, end = (secrets.token_hex(5).upper() for _ in range(2))
    return f"{day:%Y%m%d}-{infix}-{middle}-{end}-{secrets.token_hex(1).upper()}"


def is_nip(text: str) -> bool:
    """Whether the ten digits carry the right check digit."""
    if not NIP.fullmatch(text or ""):
        return False
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    total = sum(w * int(d) for w, d in zip(weights, text, strict=False))
    return total % 11 == int(text[9])
