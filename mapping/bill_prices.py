"""Quantity, price and discount of a bill line that give the amount of the document."""

from decimal import Decimal
from typing import NamedTuple

from .bill_items import grosze


class Priced(NamedTuple):
    quantity: Decimal
    price: Decimal
    discount: Decimal = Decimal()  # percent

    @property
    def value(self):
        return self.quantity * self.price * (1 - self.discount / 100)


def priced_as(item, tax, booking):
    """Return the ``Priced`` of an ``Item``: a positive quantity, as Odoo wants it. A
    line without a tax bears its VAT as cost, so that the total holds."""
    gross = not tax or any(tax.mapped("price_include"))
    amount = (item.net + item.tax if gross else item.net) * booking.sign
    quantity = round(abs(item.quantity), _digits(booking, "Product Unit"))
    if not quantity:
        return Priced(Decimal(1), amount)
    reduced = _discounted(item, gross, quantity, amount, booking)
    if reduced:
        return reduced
    price = round(amount / quantity, 8)
    if not tax and grosze(price * quantity) != amount:
        return Priced(Decimal(1), amount)
    return Priced(quantity, price)


def _discounted(item, gross, quantity, amount, booking):
    """Return price and discount as the document states them, if a percentage of Odoo's
    digits gives its amount; ``None`` otherwise: the price is then the reduced one."""
    line = item.line
    if not (line and line.unit_discount) or amount <= 0:
        return None
    price = line.gross_price if gross else line.net_price
    if not price or price * quantity <= amount:
        return None
    percent = round(
        100 - amount * 100 / (price * quantity), _digits(booking, "Discount")
    )
    found = Priced(quantity, price, percent)
    return found if grosze(found.value) == amount else None


def _digits(booking, name):
    return booking.company.env["decimal.precision"].precision_get(name)
