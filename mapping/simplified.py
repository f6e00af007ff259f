"""UPR: which invoices may be simplified (art. 106e(5)(3) and (6) of the VAT act)."""

from decimal import Decimal

from . import amounts, parties

#: P_15 at most; no other currency is in the act.
LIMITS = {"PLN": Decimal(450), "EUR": Decimal(100)}

#: Rates of sales in Poland that the seller accounts for.
DOMESTIC = frozenset({"23", "22", "8", "7", "5", "4", "3", "0 KR", "zw"})


def may_be_simplified(facts):
    return not (
        exceeds_limit(facts) or lacks_nip(facts) or foreign_lines(facts)
    ) and bool(facts.sold)


def exceeds_limit(facts):
    limit = LIMITS.get(facts.currency)
    return limit is None or amounts.total(facts) > limit


def lacks_nip(facts):
    return not parties.nip(facts.buyer)


def foreign_lines(facts):
    """Return the lines whose VAT is not Polish VAT of the seller."""
    return facts.sold.filtered(lambda line: facts.rate(line) not in DOMESTIC)
