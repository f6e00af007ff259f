"""Positions of an invoice before and after a correction, without Odoo.

A position is what one line of the original has become: one row, several where only
part of the quantity was changed, none where everything was returned. Rows are
``fa3.Line`` or ``fa3.OrderLine``. A change is a row by difference: less quantity at
the old price (a return), more quantity, or a price change for the quantity concerned.
``P_11 = P_8B x P_9A`` holds in each, so none has both minus signs (FA(3) brochure
p. 86, 101-104).
"""

from dataclasses import fields, replace
from decimal import ROUND_HALF_UP, Decimal

PRICES = ("net_price", "gross_price")
AMOUNTS = ("net", "gross", "tax")

#: Unit prices with eight decimals may differ in the last one.
SAME_PRICE = Decimal("0.000001")

#: What two rows of one position may differ in and still be merged.
_CHANGEABLE = frozenset(
    {"number", "uid", "quantity", "before", "supply_date", "exchange_rate", "excise"}
    | {*PRICES, *AMOUNTS, "unit_discount"}
)


class NotExpressible(Exception):
    """The change does not fit the rows: it can be stated by difference only."""


def price(row):
    """Return the unit price of a row after its discount, net or gross."""
    stated = getattr(row, "gross_price", None)
    if row.net_price is not None:
        stated = row.net_price
    if stated is None:
        return None
    return stated - (getattr(row, "unit_discount", None) or 0)


def same_kind(one, other):
    """Return whether the prices of two rows are both net or both gross."""
    return (one.net_price is None) == (other.net_price is None)


def same_price(one, other):
    one, other = price(one), price(other)
    return None not in (one, other) and abs(one - other) <= SAME_PRICE


def signed(row, *, pieces, adds):
    """Return ``row`` as a row by difference.

    :param pieces: goods go back or are added, at the price stated; otherwise the price
        changes for the quantity stated
    :param adds: the row raises the total
    """
    quantity = abs(row.quantity or Decimal())
    values = {"quantity": quantity if adds or not pieces else -quantity}
    factor = 1 if adds or pieces else -1
    discounted = price(row)
    for name in PRICES:
        if getattr(row, name, None) is None:
            continue
        values[name] = abs(getattr(row, name))
        if not pieces:
            values[name] = factor * abs(discounted)
    discount = getattr(row, "unit_discount", None)
    if discount is not None:
        values["unit_discount"] = abs(discount) if pieces else None
    return replace(row, **values)


def after(rows, changes, pieces=()):
    """Return the rows of a position after ``changes``; one with quantity 0 where
    nothing is left.

    :param pieces: those of the changes that are known to add goods, at whatever price
    :raises NotExpressible: a change concerns what the position does not have
    """
    changes = sorted(changes, key=lambda change: change.quantity >= 0)
    returned = any(change.quantity < 0 for change in changes)
    left = tuple(rows)
    for change in changes:
        if change.quantity < 0:
            left = _taken(left, change)
        elif change in pieces or _is_added(left, change, returned):
            left = _added(left, change)
        else:
            left = _repriced(left, change)
    present = tuple(row for row in left if row.quantity)
    return present or left[:1]


def _is_added(rows, change, returned):
    if price(change) is None or price(change) < 0:
        return False
    return returned or not rows or any(_is_same(row, change) for row in rows)


def _taken(rows, change):
    for number, row in enumerate(rows):
        enough = row.quantity is not None and row.quantity + change.quantity >= 0
        if enough and same_price(row, change) and _same_rate(row, change):
            changed = _moved(row, change, quantity=row.quantity + change.quantity)
            _check_empty(changed)
            return (*rows[:number], changed, *rows[number + 1 :])
    raise NotExpressible


def _check_empty(row):
    """Nothing left costs nothing: a grosz of rounding would be left over."""
    if not row.quantity and any(getattr(row, name, None) for name in AMOUNTS):
        raise NotExpressible


def _added(rows, change):
    for number, row in enumerate(rows):
        if row.quantity and _is_same(row, change):
            changed = _moved(row, change, quantity=row.quantity + change.quantity)
            return (*rows[:number], changed, *rows[number + 1 :])
    return (*rows, replace(change, before=False))


def _repriced(rows, change):
    for number, row in enumerate(rows):
        if not _same_rate(row, change) or not row.quantity:
            continue
        if row.quantity == change.quantity:
            return (*rows[:number], _dearer(row, change), *rows[number + 1 :])
        if row.quantity > change.quantity > 0:
            return (*rows[:number], *_split(row, change), *rows[number + 1 :])
    raise NotExpressible


def _dearer(row, change):
    values = {
        name: getattr(row, name) + price(change)
        for name in PRICES
        if getattr(row, name, None) is not None
    }
    if price(row) + price(change) < 0:
        raise NotExpressible
    return _moved(row, change, **values)


def _split(row, change):
    """Return the part of a row that keeps its price and the part that does not."""
    rest = row.quantity - change.quantity
    kept = {
        name: _share(getattr(row, name), rest / row.quantity)
        for name in AMOUNTS
        if getattr(row, name, None) is not None
    }
    part = {name: getattr(row, name) - amount for name, amount in kept.items()}
    concerned = replace(row, quantity=change.quantity, **part)
    return replace(row, quantity=rest, **kept), _dearer(concerned, change)


def _share(amount, part):
    return (amount * part).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _moved(row, change, **values):
    """Return ``row`` with the amounts of ``change`` added, to the grosz."""
    for name in ("net", "gross"):
        one, other = getattr(row, name, None), getattr(change, name, None)
        if (one is None) != (other is None):
            raise NotExpressible
    for name in AMOUNTS:
        one, other = getattr(row, name, None), getattr(change, name, None)
        if one is not None:
            values[name] = None if other is None else one + other
    return replace(row, **values)


def _same_rate(one, other):
    return (one.rate, one.oss_rate) == (other.rate, other.oss_rate)


def _is_same(one, other):
    """Return whether two rows name the same goods at the same price."""
    return same_price(one, other) and all(
        getattr(one, field.name) == getattr(other, field.name)
        for field in fields(one)
        if field.name not in _CHANGEABLE
    )


def listed(positions):
    """Return the rows of a correction before and after, each series numbered from 1:
    the first rows of a position share their number, what was added follows.

    :param positions: (rows before, rows after) of every position
    """
    made, extra = [], []
    for number, (before, now) in enumerate(positions, 1):
        made += [replace(row, before=True, number=number) for row in before[:1]]
        made += [replace(row, before=False, number=number) for row in now[:1]]
        extra += [(before[1:], now[1:])]
    numbers = {True: len(positions), False: len(positions)}
    for before, now in extra:
        for row, is_before in (
            *((r, True) for r in before),
            *((r, False) for r in now),
        ):
            numbers[is_before] += 1
            made.append(replace(row, before=is_before, number=numbers[is_before]))
    return tuple(made)
