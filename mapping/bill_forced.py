"""Net and VAT of the document that Odoo takes for given, where it would compute others.

Odoo rounds the sum of all lines, not each line: prices that give every line to the
grosz may still add up to another total.
"""

from decimal import Decimal
from typing import NamedTuple

from .bill_items import grosze
from .bill_taxes import is_reverse_charge


class Charge(NamedTuple):
    """An ``Item`` with its tax and the ``Priced`` of its line."""

    item: object
    tax: object
    priced: object


def can_be_forced(tax):
    """Tell whether Odoo takes the amounts of a line for given. Of none, several or
    reverse-charge taxes it does not."""
    single = len(tax) == 1 and tax.amount_type == "percent"
    return single and not is_reverse_charge(tax)


def forced_taxes(charges, booking):
    """Return the taxes under which the amounts of the document are forced: where Odoo
    would compute others, and all that can be where its total would be another."""
    by_tax = {}
    for charge in charges:
        by_tax.setdefault(charge.tax, []).append(charge)
    possible = {tax: same for tax, same in by_tax.items() if can_be_forced(tax)}
    forced = {tax for tax, same in possible.items() if _differs(tax, same, booking)}
    computed = [charge for charge in charges if charge.tax not in forced]
    return set(possible) if grosze(_excess(computed, booking)) else forced


def _excess(charges, booking):
    """Return what prices and quantities give more than the document charges."""
    excesses = (
        charge.priced.value - booking.amount(charge.item, charge.tax)
        for charge in charges
    )
    return sum(excesses, Decimal())


def _differs(tax, charges, booking):
    """Tell whether Odoo would compute another net or VAT for ``charges``."""
    items = [charge.item for charge in charges]
    if booking.rate and any(item.tax_pln is not None for item in items):
        return True
    nets = [item.net * booking.sign for item in items]
    values = [charge.priced.value for charge in charges]
    if [grosze(value) for value in values] != nets or grosze(sum(values)) != sum(nets):
        return True
    percent = Decimal(repr(tax.amount)) / 100
    if booking.company.tax_calculation_rounding_method == "round_per_line":
        computed = sum(grosze(net * percent) for net in nets)
    else:
        computed = grosze(sum(values) * percent)
    return computed != sum(item.tax for item in items) * booking.sign


def forced_amounts(charge, booking):
    """Return what Odoo's tax engine takes for given: net and VAT of the line, as long
    as nobody changes its price, quantity, discount or tax; and the VAT in PLN, which
    is that of the invoice (art. 106e(11))."""
    item, tax, priced = charge
    net = float(item.net * booking.sign)
    amounts = {
        "tax_amount_currency": float(item.tax * booking.sign),
        "base_amount_currency": net,
    }
    rate = {}
    if booking.rate and item.tax_pln is not None:
        amounts["tax_amount"] = float(item.tax_pln * booking.sign)
        rate = {"rate": booking.rate}
    return {
        **rate,
        "currency_id": booking.currency.id,
        "price_unit": float(priced.price),
        "quantity": float(priced.quantity),
        "discount": float(priced.discount),
        "manual_total_excluded_currency": net,
        "manual_tax_amounts": {str(tax.id): amounts},
    }
