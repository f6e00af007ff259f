"""The numbers by which a received invoice may name an order of ours."""

import re

_ORDER = re.compile(r"zam[oó]w|\border\b|\bPO\b", re.IGNORECASE)
_PARTS = re.compile(r"[\s,;]+")

# A shorter word of a longer text says little: “nr”, “z”, “3”.
_SHORTEST = 4


def order_numbers(invoice):
    """Return the order numbers, delivery notes, and texts under a key like “numer
    zamówienia”; a text of several words also word by word."""
    stated = [
        *(order.number for order in (invoice.terms.orders if invoice.terms else ())),
        *invoice.delivery_notes,
        *(text.value for text in invoice.descriptions if _ORDER.search(text.key)),
    ]
    found = {}
    for text in filter(None, stated):
        found[text] = None
        for part in _PARTS.split(text):
            if len(part) >= _SHORTEST:
                found[part] = None
    return list(found)
