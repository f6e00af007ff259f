"""Partners as the parties of an FA(3) document, and their tax numbers."""

import re

from stdnum.pl import nip as polish_nip

from ..ksef import fa3

# KodUE: Greece is EL, Northern Ireland XI.
EU_PREFIXES = frozenset(
    "AT BE BG CY CZ DK EE FI FR DE EL HR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
    " XI".split()
)
# Sales for which the law wants the EU VAT numbers of both sides (art. 97(10),
# art. 106e(1)(24)): goods and services to EU taxpayers, triangular supplies.
EU_RATES = frozenset({"0 WDT", "np II"})
_NIP = re.compile(r"[1-9](?:\d[1-9]|[1-9]\d)\d{7}")


def elements(facts):
    """Return seller and buyer."""
    in_eu_trade = _is_eu_trade(facts)
    return {
        "seller": seller(facts.seller, in_eu_trade=in_eu_trade),
        "buyer": buyer(facts.buyer, in_eu_trade=in_eu_trade),
    }


def _is_eu_trade(facts):
    return any(facts.rate(line) in EU_RATES for line in facts.sold) or any(
        tax._ksef_procedure() == "TT_D" for tax in facts.all_taxes
    )


def split_vat(partner):
    """Return the tax number of ``partner`` as (country prefix, rest): ``vat`` holds
    it with the prefix or without, and ``/`` stands for a partner without one."""
    vat = re.sub(r"[^0-9A-Z+*]", "", (partner.vat or "").upper())
    prefix = vat[:2] if vat[:2].isalpha() else ""
    if prefix in EU_PREFIXES:
        return prefix, vat[2:]
    country = partner.country_id.code or ""
    return {"GR": "EL"}.get(country, country), vat


def nip(partner):
    """Return the ten digits of a Polish NIP as they are, right or wrong; empty for a
    partner identified otherwise or not at all."""
    prefix, number = split_vat(partner)
    return number if prefix == "PL" else ""


def nip_is_valid(digits):
    return bool(_NIP.fullmatch(digits)) and polish_nip.is_valid(digits)


def is_business(partner):
    return bool(split_vat(partner)[1])


def account_number(text):
    """Return a bank account for comparison: a Polish one without its ``PL``."""
    number = re.sub(r"[^0-9A-Z]", "", (text or "").upper())
    return number.removeprefix("PL")


def seller(partner, *, in_eu_trade):
    return fa3.Seller(
        vat_prefix="PL" if in_eu_trade else None,
        nip=nip(partner),
        name=fa3.token(partner.name or ""),
        address=address(partner),
        contacts=contacts(partner),
    )


def buyer(partner, *, in_eu_trade):
    return fa3.Buyer(
        **identity(partner, in_eu_trade=in_eu_trade),
        name=fa3.token(partner.name or "") or None,
        address=address(partner),
        contacts=contacts(partner),
        customer_number=fitting(fa3.Buyer, "customer_number", partner.ref),
    )


def identity(partner, *, in_eu_trade):
    """Return the identifying values of a ``fa3.Buyer``. Only a NIP in its own element
    lets the buyer receive the invoice; an EU number goes to NrVatUE for sales that
    need it (FA(3) brochure p. 18-19), any other number to NrID."""
    prefix, number = split_vat(partner)
    if not number:
        return {"no_id": True}
    if prefix == "PL":
        return {"nip": number}
    if in_eu_trade and prefix in EU_PREFIXES:
        return {"eu_prefix": prefix, "eu_number": number}
    return {"id_country": {"EL": "GR"}.get(prefix, prefix) or None, "other_id": number}


def address(partner):
    """Return the address as the ministry writes it: street, then postcode and city;
    without a street the first line holds the city."""
    street = fa3.token(", ".join(filter(None, (partner.street, partner.street2))))
    city = fa3.token(" ".join(filter(None, (partner.zip, partner.city))))
    lines = [line for line in (street, city) if line]
    return fa3.Address(
        country=partner.country_id.code or "",
        line1=lines[0] if lines else "",
        line2=lines[1] if len(lines) > 1 else None,
    )


def contacts(partner):
    """Return up to three contacts: the phone beside the first of several addresses.
    What the schema does not admit (art. 106e does not ask for it) is left out."""
    emails = [
        fitting(fa3.Contact, "email", email)
        for email in re.split(r"[\s,;]+", partner.email or "")
        if re.fullmatch(r"[^@<>]+@[^@<>]+", email)
    ]
    phone = fitting(fa3.Contact, "phone", re.sub(r"[^\d+]", "", partner.phone or ""))
    first = fa3.Contact(email=next(iter(emails), None), phone=phone)
    if not first.email and not first.phone:
        return ()
    return (first, *(fa3.Contact(email=email) for email in emails[1:3] if email))


def fitting(record_class, field, text):
    """Return a voluntary ``text`` where the schema has room for it, else ``None``."""
    text = fa3.token(text or "")
    return text if 0 < len(text) <= fa3.limit(record_class, field) else None
