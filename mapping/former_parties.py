"""Podmiot1K and Podmiot2K: seller and buyers as they stood before the correction.

What stood there is read from the document last issued. An identifier cannot be
corrected: the invoice is corrected to zero and issued anew (FA(3) brochure p. 67-68).
"""

from dataclasses import replace

from ..ksef import fa3
from . import amounts, parties

ADDITIONAL_BUYER = "4"  # Rola


def elements(facts):
    """Return the parties of a correction where they differ from those of the invoice
    itself."""
    last = facts.chain[-1] if facts.chain else None
    if last is None:
        return {}
    now = parties.elements(facts)
    if number(last.buyer) != number(now["buyer"]):
        return {"buyer": last.buyer} if is_to_zero(facts) else {}
    if not facts.move.ksef_former_parties:
        return {}
    return _former_seller(last.seller, now["seller"]) | _former_buyers(last, now)


def number(party):
    """Return the identifier of a party, whatever element it stands in."""
    return party.nip or party.eu_number or party.other_id


def is_to_zero(facts):
    """Return whether nothing is left of the corrected invoices."""
    before = sum(document.total for document in facts.chain)
    return bool(before) and before + amounts.total(facts) == 0


def _former_seller(before, now):
    former = fa3.FormerSeller.of(before)
    return {} if former == fa3.FormerSeller.of(now) else {"former_seller": former}


def _former_buyers(last, now):
    buyer, former = _linked(last.buyer, now["buyer"], 1)
    third_parties = list(now.get("third_parties", ()))
    additional = [one for one in last.third_parties if one.role == ADDITIONAL_BUYER]
    found = [former] if former else []
    for place, party in enumerate(third_parties):
        same = [
            one
            for one in additional
            if party.role == ADDITIONAL_BUYER and number(one) == number(party)
        ]
        if same:
            linked, former = _linked(same[0], party, place + 2)
            third_parties[place] = linked
            found += [former] if former else []
    if not found:
        return {}
    return {
        "buyer": buyer,
        "third_parties": tuple(third_parties),
        "former_buyers": tuple(found),
    }


def _linked(before, now, place):
    """Return the party with the key that links it to its former data, and those; as it
    is and ``None`` where nothing has changed."""
    if (before.name, before.address) == (now.name, now.address):
        return now, None
    key = now.link_id or before.link_id or f"{place:04d}"
    return replace(now, link_id=key), fa3.FormerBuyer.of(before, key)
