"""Tax numbers of partners, and which element of FA(3) takes them (fa3.md 5)."""

import re

from stdnum.eu import vat as eu_vat
from stdnum.pl import nip as polish_nip

from ..ksef import fa3

# KodUE: Greece is EL, Northern Ireland XI.
EU_PREFIXES = frozenset(
    "AT BE BG CY CZ DK EE FI FR DE EL HR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
    " XI".split()
)
NIP_DIGITS = 10
_NIP = re.compile(r"[1-9](?:[0-9][1-9]|[1-9][0-9])[0-9]{7}")
_EU_NUMBER = re.compile(r"[0-9A-Z+*]{1,12}")  # NrVatUE
_INTERNAL_ID = re.compile(r"([0-9]{10})-[0-9]{5}")  # IDWew
# Numbers of the exemption of small businesses in other member states: no VAT numbers.
_EXEMPT = re.compile(r"EX.+|.+EX")


def split_vat(partner):
    """Return the tax number of ``partner`` as (country prefix, rest): ``vat`` holds
    it with the prefix or without, and ``/`` stands for a partner without one."""
    vat = _plain(partner)
    code = partner.country_id.code or ""
    country = {"GR": "EL"}.get(code, code)
    if vat[:2] in EU_PREFIXES and _is_prefix(vat, country):
        return vat[:2], vat[2:]
    return country, vat


def _is_prefix(vat, country):
    """Tell whether ``vat`` begins with the prefix of a member state: numbers of other
    countries may begin with the same letters (Mexico: PLA850101AB1)."""
    prefix, rest = vat[:2], vat[2:]
    if not country or country in EU_PREFIXES:
        return True
    if prefix == "PL":
        return rest.isdigit() and len(rest) == NIP_DIGITS
    return rest.isdigit() or eu_vat.is_valid(vat)


def _plain(partner):
    """Return ``vat`` in capitals, without the punctuation that people add."""
    vat = fa3.token(partner.vat or "").upper()
    return re.sub(r"[^\w+*]|_", "", vat)


def nip(partner):
    """Return the ten digits of a Polish NIP as they are, right or wrong; empty for a
    partner identified otherwise or not at all."""
    prefix, number = split_vat(partner)
    return number if prefix == "PL" else ""


def nip_is_valid(digits):
    return bool(_NIP.fullmatch(digits)) and polish_nip.is_valid(digits)


def eu_number_is_valid(number):
    """Tell whether the schema admits ``number`` as NrVatUE."""
    return bool(_EU_NUMBER.fullmatch(number))


def internal_id_is_valid(text):
    """Tell whether ``text`` is an identifier that KSeF gave to a unit: the NIP of the
    company, a dash and five digits."""
    found = _INTERNAL_ID.fullmatch(text or "")
    return bool(found) and nip_is_valid(found[1])


def is_business(partner):
    return bool(split_vat(partner)[1])


def has_eu_number(partner):
    """Tell whether ``partner`` has a VAT number of another member state."""
    prefix, number = split_vat(partner)
    exempt = _EXEMPT.fullmatch(_plain(partner))
    return bool(number) and prefix in EU_PREFIXES - {"PL"} and not exempt


def identity(partner, *, in_eu_trade):
    """Return the identifying values of a party. Only a NIP in its own element lets the
    buyer receive the invoice; an EU number goes to NrVatUE for sales that need it
    (FA(3) brochure p. 18-19), any other number to NrID."""
    prefix, number = split_vat(partner)
    if not number:
        return {"no_id": True}
    if prefix == "PL":
        return {"nip": number}
    if in_eu_trade and has_eu_number(partner):
        return {"eu_prefix": prefix, "eu_number": number}
    country = {"EL": "GR"}.get(prefix, prefix)
    return {
        "id_country": country if country in fa3.COUNTRIES else None,
        "other_id": number,
    }
