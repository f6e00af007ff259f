"""Whether a rule of assignment fits a received invoice. Records are read, never
written."""

from fnmatch import fnmatch

from . import parties


def fits(rule, document, invoice):
    """Tell whether ``invoice`` meets every condition that ``rule`` sets."""
    return all(
        condition(rule, document, invoice)
        for condition in (_role, _supplier, _third_party, _order, _amount)
    )


def _role(rule, document, _invoice):
    return not rule.role or rule.role == document.role


def _supplier(rule, _document, invoice):
    partner = rule.partner_id.commercial_partner_id
    return not partner or parties.nip(partner) == invoice.seller.nip


def _third_party(rule, _document, invoice):
    """A NIP also stands for all units of that NIP (IDWew)."""
    wanted = _plain(rule.third_party)
    if not wanted:
        return True
    named = [
        number
        for party in invoice.third_parties
        for number in (party.nip, party.internal_id)
        if number
    ]
    return any(_plain(n) == wanted or n.startswith(f"{wanted}-") for n in named)


def _plain(text):
    """Return a NIP or identifier without the dashes that people put into a NIP."""
    text = (text or "").strip().upper().removeprefix("PL").strip()
    digits = text.replace("-", "").replace(" ", "")
    return digits if len(digits) == 10 else text


def _order(rule, _document, invoice):
    if not rule.order_pattern:
        return True
    pattern = rule.order_pattern.strip().casefold().replace("[", "[[]")
    if not {"*", "?"} & set(pattern):
        pattern = f"*{pattern}*"
    return any(fnmatch(n.casefold(), pattern) for n in order_numbers(invoice))


def order_numbers(invoice):
    """Return the numbers of orders and contracts, and of delivery notes."""
    terms = invoice.terms
    found = [*invoice.delivery_notes]
    if terms:
        found += [one.number for one in (*terms.orders, *terms.contracts)]
    return [number for number in found if number]


def _amount(rule, _document, invoice):
    amount = abs(invoice.total)
    above = not rule.amount_from or amount >= _decimal(rule.amount_from, amount)
    return above and (not rule.amount_to or amount <= _decimal(rule.amount_to, amount))


def _decimal(value, like):
    return type(like)(f"{value:.2f}")
