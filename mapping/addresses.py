"""Addresses and contacts of partners as FA(3) writes them, and texts that must fit."""

import re
from itertools import zip_longest

from ..ksef import fa3

CONTACTS = 3  # DaneKontaktowe
_EMAIL = re.compile(r"[^\s,;:<>\"'()\[\]@]+@[^\s,;:<>\"'()\[\]@]+")
_BETWEEN_PHONES = re.compile(r"[,;\n]|\b(?:lub|albo|oraz|or)\b", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s\-‐-―().,/]+")
_PHONE = re.compile(r"\+?[0-9]{7,15}")
FEWEST_DIGITS = 7  # fewer are an extension, not a number to call


def address(partner):
    """Return the address as the ministry writes it: street, then postcode and city;
    without a street the first line holds the city. No country name: KodKraju says it.
    """
    lines = [line for line in (_street(partner), _city(partner)) if line]
    return fa3.Address(
        country=partner.country_id.code or "",
        line1=lines[0] if lines else "",
        line2=lines[1] if len(lines) > 1 else None,
    )


def complete_address(partner):
    """Return a voluntary address, ``None`` where the schema would not admit it."""
    found = address(partner)
    longest = fa3.limit(fa3.Address, "line1")
    fits = 0 < len(found.line1) <= longest and len(found.line2 or "") <= longest
    return found if fits and found.country in fa3.COUNTRIES else None


def _street(partner):
    street, more = fa3.token(partner.street or ""), fa3.token(partner.street2 or "")
    if more.casefold() == street.casefold():
        return street
    return ", ".join(filter(None, (street, more)))


def _city(partner):
    """Return postcode and city, with the state where addresses need one."""
    city = fa3.token(" ".join(filter(None, (partner.zip, partner.city))))
    country, state = partner.country_id, partner.state_id
    if not (state and country.state_required):
        return city
    by_code = "state_code" in (country.address_format or "")
    return ", ".join(
        filter(None, (city, fa3.token(state.code if by_code else state.name)))
    )


def contacts(partner, record_class=fa3.Contact):
    """Return up to three contacts: the e-mail addresses and phones of the partner side
    by side. What the schema does not admit (art. 106e does not ask for it) is left out.
    """
    emails = _emails(partner.email or "")
    phones = _phones(partner.phone or "")
    pairs = zip_longest(emails[:CONTACTS], phones[:CONTACTS])
    return tuple(record_class(email=email, phone=phone) for email, phone in pairs)


def _emails(text):
    found = (email.strip(".") for email in _EMAIL.findall(fa3.token(text)))
    fitting_ones = (fitting(fa3.Contact, "email", email) for email in found)
    return list(dict.fromkeys(filter(None, fitting_ones)))


def _phones(text):
    found = (_phone(part) for part in _phone_parts(text))
    return list(dict.fromkeys(filter(None, found)))


def _phone_parts(text):
    """Yield the numbers of a field that may hold several; a slash separates numbers,
    or an area code from its number."""
    for part in _BETWEEN_PHONES.split(text):
        numbers = part.split("/")
        whole = all(_digits(number) >= FEWEST_DIGITS for number in numbers)
        yield from numbers if whole else [part]


def _phone(text):
    """Return a number to call without punctuation; one with words as it stands, or
    ``None``: never a part of it, never run together with an extension."""
    text = fa3.token(text)
    if _digits(text) < FEWEST_DIGITS:
        return None
    if text.startswith("+"):
        text = text.replace("(0)", "")  # not dialled after the country code
    plain = _PUNCTUATION.sub("", text)
    return plain if _PHONE.fullmatch(plain) else fitting(fa3.Contact, "phone", text)


def _digits(text):
    return len(re.findall("[0-9]", text))


def fitting(record_class, field, text):
    """Return a voluntary ``text`` where the schema has room for it, else ``None``."""
    text = fa3.token(text or "")
    return text if 0 < len(text) <= fa3.limit(record_class, field) else None
