"""Which tax the lines of a received invoice get, by the rate that they state.

The company's tax of that KSeF rate comes first; the fiscal position of the supplier may
replace it, as long as the bill stays what the supplier charges.
"""

from typing import NamedTuple

from ..ksef.fa3 import PERCENTS

#: Supplied outside Poland (art. 28b): the buyer may have to account for the VAT.
ABROAD = ("np I", "np II")


class Choice(NamedTuple):
    """``why`` something is to be said of it: unknown rate, kept in spite of the fiscal
    position, import of services."""

    tax: object  # empty: the line bears its VAT as cost
    why: str | None = None


def choices(codes, company, position, tax_for):
    """Return the ``Choice`` for each KSeF rate in ``codes``.

    :param position: the fiscal position of the bill, may be empty
    :param tax_for: function from a KSeF rate to the tax, empty if none
    """
    none = company.env["account.tax"]
    chosen = {code: _choice(code, position, tax_for) for code in codes if code}
    return {None: Choice(none), **chosen}


def _choice(code, position, tax_for):
    tax = tax_for(code)
    if not tax:
        imported = code in ABROAD and _import_of_services(position)
        return Choice(imported, "imported") if imported else Choice(tax, "unknown")
    mapped = position.map_tax(tax)
    if mapped == tax or not mapped or _charges_the_same(mapped, code):
        return Choice(mapped)
    return Choice(tax, "kept")


def _charges_the_same(taxes, code):
    """Return whether the supplier gets the VAT of ``code`` under ``taxes``; where he
    states a Polish rate, no other VAT arises beside it."""
    percent = PERCENTS.get(code, 0)
    if charged(taxes) != percent:
        return False
    return code not in _POLISH or arising(taxes) == percent


#: Rates at which the supplier accounts for the VAT, or need not.
_POLISH = frozenset(PERCENTS) - {"oo", *ABROAD}


def charged(taxes):
    """Return the percentage that ``taxes`` add to what is paid; ``None`` where they are
    no percentages."""
    return _percent(taxes, lambda factors: sum(factors))


def arising(taxes):
    """Return the percentage of VAT that may be deducted or is cost: more than what is
    ``charged`` where the buyer accounts for it."""
    return _percent(taxes, lambda factors: sum(one for one in factors if one > 0))


def is_reverse_charge(taxes):
    return charged(taxes) != arising(taxes)


def _percent(taxes, factor):
    flat = taxes.flatten_taxes_hierarchy()
    if any(tax.amount_type != "percent" for tax in flat):
        return None
    return round(sum(tax.amount * factor(_factors(tax)) for tax in flat), 6)


def _factors(tax):
    lines = tax.invoice_repartition_line_ids
    return lines.filtered(lambda one: one.repartition_type == "tax").mapped("factor")


def _import_of_services(position):
    """Return the tax of ``position`` under which the buyer accounts for the VAT of
    services from abroad, ``False`` if it has none or several."""
    found = position.tax_ids.filtered(
        lambda tax: tax.type_tax_use == "purchase"
        and tax.tax_scope == "service"
        and is_reverse_charge(tax)
    )
    return found if len(found) == 1 else False
