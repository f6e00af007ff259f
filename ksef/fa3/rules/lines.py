"""Each line in itself: numbers, signs, arithmetic. KSeF calculates nothing, so what
does not add up is a warning. Sources: FA(3) brochure of 2026-03-04, pages 86-104
(P_8B to P_12, StanPrzed; P_10 is the discount of one unit, example 4)."""

from collections.abc import Sequence
from decimal import Decimal

from ..vat import PERCENTS
from .document import GROSZ, Document, Findings, Row, Section, error, warning


def numbers(document: Document) -> Findings:
    """Unique among the lines, and of a correction among those before and after."""
    yield from _numbers(document, document.rows, "NrWierszaFa", "StanPrzed")
    yield from _numbers(document, document.order_rows, "NrWierszaZam", "StanPrzedZ")


def _numbers(
    document: Document, rows: Sequence[Section], name: str, before: str
) -> Findings:
    told = warning if document.is_correction else error
    known = set()
    for row in rows:
        number = row.text(name)
        key = (number, row.has(before))
        if number and key in known:
            message = f"the number {number} stands on another line too"
            yield told("line-number-repeated", row.at(name), message, number)
        known.add(key)


def signs(document: Document) -> Findings:
    for row in document.rows:
        quantity = row.number("P_8B")
        if quantity is None or quantity >= 0:
            continue
        price = row.number("P_9A")
        if price is None:
            price = row.number("P_9B")
        where = row.at("P_8B")
        if price is not None and price < 0:
            message = "a negative quantity at a negative price makes an increase"
            yield warning("negative-twice", where, message)
        elif not document.is_correction:
            message = "a negative quantity on an invoice that corrects nothing"
            yield warning("negative-quantity", where, message)


def arithmetic(document: Document) -> Findings:
    for row in document.rows:
        yield from _product(row, "P_9A", "P_11", row.net)
        yield from _product(row, "P_9B", "P_11A", row.gross)
        yield from _tax(row)


def _product(row: Row, price: str, name: str, stated: Decimal | None) -> Findings:
    """Quantity x (price - discount of one unit)."""
    quantity, unit_price = row.number("P_8B"), row.number(price)
    if quantity is None or unit_price is None or stated is None:
        return
    expected = quantity * (unit_price - (row.number("P_10") or 0))
    if abs(expected - stated) > GROSZ:
        message = f"is {stated}, P_8B x {price} comes to {expected:.2f}"
        yield warning("line-arithmetic", row.at(name), message, f"{expected:.2f}")


def _tax(row: Row) -> Findings:
    tax, percent = row.number("P_11Vat"), percent_of(row)
    if tax is None:
        return
    if row.net is not None and row.gross is not None:
        gross = row.net + tax
        if abs(gross - row.gross) > GROSZ:
            message = f"is {row.gross}, P_11 + P_11Vat come to {gross}"
            yield warning("line-gross", row.at("P_11A"), message, str(gross))
    if percent is None:
        return
    if row.net is not None:
        expected = row.net * percent / 100
    elif row.gross is not None:
        expected = row.gross * percent / (100 + percent)
    else:
        return
    if abs(expected - tax) > GROSZ:
        message = f"is {tax}, the rate makes it {expected:.2f}"
        yield warning("line-tax", row.at("P_11Vat"), message, f"{expected:.2f}")


def percent_of(row: Row) -> Decimal | None:
    if row.rate in PERCENTS:
        return Decimal(PERCENTS[row.rate])
    return row.number("P_12_XII")


RULES = (numbers, signs, arithmetic)
