"""The other side of a received invoice: how it is found among partners, and the values
of the partner that is created for it."""

import re
from dataclasses import dataclass

from odoo import Command

from ..ksef import fa3
from . import parties

_POSTCODE = re.compile(r"(?:(?P<street>.*?)[,\s]+)?(?P<zip>\d\d-\d{3})\s+(?P<city>.+)")
_NRB = re.compile(r"[0-9]{26}")

# Full and short forms of the same firm; KSeF names are often those of the register.
_LEGAL_FORMS = (
    ("spółka z ograniczoną odpowiedzialnością", "sp. z o.o."),
    ("spółka akcyjna", "s.a."),
    ("spółka komandytowa", "sp. k."),
    ("spółka jawna", "sp. j."),
    ("spółka cywilna", "s.c."),
)


@dataclass(frozen=True)
class Counterparty:
    """``prefix`` and ``number`` as ``parties.split_vat`` gives them for a partner;
    without a number only the name tells who it is."""

    prefix: str = ""
    number: str = ""
    name: str = ""

    @property
    def vat(self):
        """The tax number as Odoo writes it: with the prefix inside the EU."""
        inside = self.prefix in parties.EU_PREFIXES
        return f"{self.prefix}{self.number}" if inside and self.number else self.number

    @property
    def written(self):
        """The ways in which people write the number."""
        forms = _nip_forms(self.number) if self.prefix == "PL" else (self.number,)
        starts = ("", self.prefix, f"{self.prefix} ")
        return [f"{start}{form}" for form in forms for start in starts]

    @property
    def names(self):
        """The name as it stands and with the other form of its legal form."""
        plain = self.name.casefold()
        swapped = {
            plain.replace(one, other)
            for long, short in _LEGAL_FORMS
            for one, other in ((long, short), (short, long))
        }
        return {plain, *swapped} - {""}


def counterparty(party):
    """Return the ``Counterparty`` of an ``fa3.Seller`` or ``fa3.Buyer``."""
    prefix, number = _numbers(party)
    return Counterparty(prefix, number, fa3.token(party.name or ""))


def other_side(invoice, own):
    """Return the party of ``invoice`` that is not the company of NIP ``own``: the buyer
    of what the company sold, else the seller."""
    sold = is_own_sale(invoice.seller.nip, invoice.buyer.nip, own)
    return invoice.buyer if sold else invoice.seller


def is_own_sale(seller_nip, buyer_nip, own):
    """Tell whether the company of NIP ``own`` sold what it received the invoice of: it
    was issued elsewhere, or by the buyer."""
    return bool(own) and seller_nip == own and buyer_nip != own


def of_nip(nip):
    """Return the ``Counterparty`` of which only the NIP is known."""
    return Counterparty("PL", nip or "")


def _numbers(party):
    if party.nip:
        return "PL", party.nip
    if getattr(party, "eu_number", None):
        return party.eu_prefix or "", party.eu_number.upper()
    other = re.sub(r"[^\w+*]|_", "", (getattr(party, "other_id", None) or "").upper())
    country = getattr(party, "id_country", None) or _country(party)
    return ({"GR": "EL"}.get(country, country), other) if other else ("", "")


def _country(party):
    return party.address.country if party.address else ""


def _nip_forms(nip):
    return (
        nip,
        f"{nip[:3]}-{nip[3:6]}-{nip[6:8]}-{nip[8:]}",
        f"{nip[:3]}-{nip[3:5]}-{nip[5:7]}-{nip[7:]}",
    )


def partner_values(party, countries, accounts=()):
    """Return the values for ``res.partner.create`` of a seller or buyer.

    :param countries: ids of ``res.country`` by code
    :param accounts: the bank accounts that the invoice names
    """
    found = counterparty(party)
    contact = next(iter(party.contacts), fa3.Contact())
    return {
        "name": found.name or found.vat,
        "is_company": bool(found.number),
        "vat": found.vat or False,
        "country_id": countries.get(_odoo_country(_country(party)), False),
        "email": contact.email,
        "phone": contact.phone,
        **(_address_values(party.address) if party.address else {}),
        "bank_ids": [Command.create(_bank_values(one)) for one in _distinct(accounts)],
    }


def country_codes(found):
    """Return the codes of the countries of parties as Odoo knows them."""
    return {_odoo_country(_country(party)) for party in found} - {""}


def _odoo_country(code):
    return {"XI": "GB", "EL": "GR"}.get(code, code)


def _address_values(address):
    """Return street, postcode and city of the two free lines of an FA(3) address."""
    second = _POSTCODE.fullmatch(address.line2 or "")
    if second and not second["street"]:
        return {
            "street": address.line1,
            "zip": second["zip"],
            "city": second["city"],
        }
    first = _POSTCODE.fullmatch(address.line1)
    if first and not address.line2:
        return first.groupdict()
    return {"street": address.line1, "street2": address.line2}


def _distinct(accounts):
    return {parties.account_number(one.number): one for one in accounts}.values()


def _bank_values(account):
    """A new account never pays until a person trusts it, whoever receives the bill."""
    number = parties.account_number(account.number)
    return {
        "acc_number": f"PL{number}" if _NRB.fullmatch(number) else number,
        "allow_out_payment": False,
    }
