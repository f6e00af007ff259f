"""Quantity, price and discount of a bill line that give the amount of the document."""

from decimal import Decimal
from typing import NamedTuple

from .bill_forced import can_be_forced
from .bill_items import grosze


class Priced(NamedTuple):
    quantity: Decimal
    price: Decimal
    discount: Decimal = Decimal()  # percent

    @property
    def value(self):
        return self.quantity * self.price * (1 - self.discount / 100)


def priced_as(item, tax, booking):
    """Return the ``Priced`` of an ``Item``: a positive quantity, as Odoo wants it;
    price and discount as the document states them, where they give its amount."""
    amount = booking.amount(item, tax)
    quantity = kept_quantity(item, booking)
    if not quantity:
        return Priced(Decimal(1), amount)
    exact = not can_be_forced(tax)
    for found in _stated(item, tax, quantity, amount, booking):
        if found.value == amount if exact else grosze(found.value) == amount:
            return found
    price = round(amount / quantity, 8)
    if exact and grosze(price * quantity) != amount:
        return Priced(Decimal(1), amount)
    return Priced(quantity, price)


def kept_quantity(item, booking):
    """Return the positive quantity with as many decimals as Odoo keeps."""
    return round(abs(item.quantity), _digits(booking, "Product Unit"))


def _stated(item, tax, quantity, amount, booking):
    """Yield what the document states: its unit price, and the same with the percentage
    that its discount amounts to."""
    line = item.line
    price = line and (line.gross_price if booking.is_gross(tax) else line.net_price)
    if not price:
        return
    price *= booking.sign * _sign(item.quantity) * (-1 if item.before else 1)
    yield Priced(quantity, price)
    if line.unit_discount and 0 <= amount < price * quantity:
        percent = 100 - amount * 100 / (price * quantity)
        yield Priced(quantity, price, round(percent, _digits(booking, "Discount")))


def _sign(number):
    return -1 if number < 0 else 1


def _digits(booking, name):
    return booking.company.env["decimal.precision"].precision_get(name)
