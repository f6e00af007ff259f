"""Dividing a query that KSeF cuts off although its window is but one moment.

KSeF hands out 10,000 invoices of a query. More of them on one timestamp are told
apart by other filters of `InvoiceQueryFilters`, each of which leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from .messages import InvoiceMetadata
from .reading import inner

Filters = dict[str, Any]

#: Amounts of FA(3) have two decimals (TKwotowy).
_GROSZ = Decimal("0.01")

_EITHER: tuple[tuple[str, tuple[Any, Any]], ...] = (
    ("invoicingMode", ("Online", "Offline")),
    ("isSelfInvoicing", (True, False)),
    ("hasAttachment", (True, False)),
)


def divide(filters: Filters, seen: Sequence[InvoiceMetadata]) -> list[Filters]:
    """Filters that together find what `filters` finds: by the gross amount first, and
    where all have one amount, by what else there are two kinds of.

    :param seen: those that were handed out; without any nothing can be divided.
    :return: nothing where no filter divides them further.
    """
    amounts = sorted(one.gross_amount for one in seen if one.gross_amount is not None)
    if not amounts:
        return []
    lowest, highest = _range(filters)
    if lowest is None or lowest != highest:
        ranges = _cut(lowest, highest, amounts)
        return [{**filters, "amount": _amount(*each)} for each in ranges]
    for name, kinds in _EITHER:
        if name not in filters:
            return [{**filters, name: kind} for kind in kinds]
    return []


def _cut(
    lowest: Decimal | None, highest: Decimal | None, amounts: Sequence[Decimal]
) -> list[tuple[Decimal | None, Decimal | None]]:
    """The range, cut at the middle amount: into below or equal and above, or where none
    of those seen is above, into what is below, equal and above."""
    middle = amounts[len(amounts) // 2]
    if amounts[0] < middle:
        cut = [(lowest, middle - _GROSZ), (middle, highest)]
    elif amounts[-1] > middle:
        cut = [(lowest, middle), (middle + _GROSZ, highest)]
    else:
        below, above = middle - _GROSZ, middle + _GROSZ
        cut = [(lowest, below), (middle, middle), (above, highest)]
    return [each for each in cut if None in each or each[0] <= each[1]]


def _range(filters: Filters) -> tuple[Decimal | None, Decimal | None]:
    amount = inner(filters, "amount")
    return _read(amount.get("from")), _read(amount.get("to"))


def _read(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(_GROSZ)


def _amount(lowest: Decimal | None, highest: Decimal | None) -> Filters:
    limits = {"from": lowest, "to": highest}
    given = {name: float(one) for name, one in limits.items() if one is not None}
    return {"type": "Brutto", **given}
