"""Corrections: KOR, what it says of the corrected invoice and of its lines.

Totals are always the difference (the ledger's); lines state the difference or each
position before and after, all other fields the state after (FA(3) brochure p. 42).
"""

from dataclasses import replace
from typing import Any, NamedTuple

from ..ksef import fa3
from . import former_parties, lines, positions
from .corrected import corrected

AT_ORIGINAL = "1"  # TypKorekty: takes effect on the date of the corrected invoice
AT_CORRECTION = "2"

BEFORE_AFTER, DIFFERENCE, NAMES, NONE = "before_after", "difference", "names", "none"

#: What a collective discount of some goods says of them (art. 106j(3), example 7).
_AMOUNTS = ("net_price", "gross_price", "unit_discount", "net", "gross", "tax", "rate")


class Change(NamedTuple):
    """What a line of a correction changes."""

    line: Any
    row: fa3.Line  # by difference
    pieces: bool  # goods go back or are added; otherwise their price changes


def elements(facts):
    if not facts.corrects:
        return {}
    move = facts.move
    return {
        "correction_reason": correction_reason(move),
        "correction_type": move.ksef_correction_type or correction_type(facts),
        "corrected": corrected(move),
        "corrected_period": fa3.token(move.ksef_corrected_period or "") or None,
        "corrected_number": fa3.token(move.ksef_corrected_number or "") or None,
        **former_parties.elements(facts),
        **_lines(facts),
    }


def correction_reason(move):
    """Return the reason that the user gave."""
    return fa3.token(divided_reference(move)[1]) or None


def divided_reference(move):
    """Return the reference as (what Odoo has written, the reason after it). Odoo writes
    "Reversal of: NUMBER, reason" in the language of the partner, or "NUMBER, reason";
    a user may name the number anywhere."""
    number = (move.reversed_entry_id or move.debit_origin_id).name
    before, found, after = (move.ref or "").partition(number or " ")
    by_odoo = not before.strip() or before.rstrip().endswith((":", "："))
    if number and found and by_odoo:
        return before + found, after.lstrip(", ")
    return "", move.ref or ""


def correction_type(facts):
    """Return the TypKorekty that follows from the books where the user has chosen none:
    a reduction counts when it is made (art. 29a(13)), an increase in the month of the
    original only if it is booked there (art. 29a(17)); data alone had been wrong from
    the beginning."""
    move = facts.move
    if not move.amount_total:
        return AT_ORIGINAL
    booked, first = move.date, facts.original.date
    same_month = (
        booked
        and first
        and (booked.year, booked.month)
        == (
            first.year,
            first.month,
        )
    )
    return AT_ORIGINAL if facts.adds and same_month else AT_CORRECTION


def total_before(facts):
    """Return P_15 of the originals with all earlier corrections, ``None`` where Odoo
    does not hold their files."""
    return None if facts.chain is None else sum(one.total for one in facts.chain)


def last_state(facts):
    """Return the last ``fa3.Invoice`` issued before this correction, or ``None``."""
    return facts.chain[-1] if facts.chain else None


# ----------------------------------------------------------------------
# Lines
# ----------------------------------------------------------------------


def method(facts):
    """Return how the lines are stated: as the user has chosen; otherwise before and
    after where the company wants it and the state before is known, else the
    difference."""
    chosen = facts.move.ksef_correction_method
    if chosen:
        return chosen
    wanted = facts.company.sudo().ksef_correction_method
    if wanted == BEFORE_AFTER and _before_and_after(facts, strict=True) is None:
        return DIFFERENCE
    return wanted or DIFFERENCE


def row_numbers(facts):
    """Return {id of a line: NrWierszaFa} of the lines that the correction states."""
    if facts.kind is fa3.Kind.ADVANCE_CORRECTION or method(facts) == NONE:
        return {}
    if method(facts) == NAMES:
        return {line.id: number for number, line in enumerate(facts.sold, start=1)}
    numbers = {row.uid: row.number for row in reversed(_stated(facts))}
    changes = _changes(facts, states(facts.chain))
    return {
        one.line.id: numbers[one.row.uid] for one in changes if one.row.uid in numbers
    }


def _lines(facts):
    """Return the value of ``lines``; none where another section states them."""
    if facts.kind is fa3.Kind.ADVANCE_CORRECTION or not facts.sold:
        return {}
    return {"lines": _stated(facts)}


def _stated(facts):
    chosen = method(facts)
    if chosen == NONE:
        return ()
    if chosen == NAMES:
        return tuple(
            _named(lines.row(facts, line, number))
            for number, line in enumerate(facts.sold, start=1)
        )
    if chosen == BEFORE_AFTER:
        stated = _before_and_after(facts, strict=False)
        if stated is not None:
            return positions.listed(stated)
    changes = _changes(facts, states(facts.chain))
    return tuple(change.row for change in changes)


def _named(row):
    unpriced = dict.fromkeys((*_AMOUNTS, "uid", "oss_rate", "exchange_rate"))
    quantity = row.quantity and abs(row.quantity)
    return replace(row, quantity=quantity, **unpriced)


def _before_and_after(facts, *, strict):
    """Return (rows before, rows after) of every position that changes, added ones last;
    ``None`` where that cannot be told.

    :param strict: every line has to concern a position of the original
    """
    if facts.chain is None:
        return None
    known = states(facts.chain)
    grouped = {}
    for change in _changes(facts, known):
        grouped.setdefault(change.row.uid, []).append(change)
    changed, added = [], []
    for uid, changes in grouped.items():
        rows = [change.row for change in changes]
        before = known.get(uid)
        if before is None:
            if strict or uid in known:
                return None
            added.append(((), tuple(rows)))
            continue
        pieces = [change.row for change in changes if change.pieces]
        try:
            after = positions.after(before, rows, pieces)
        except positions.NotExpressible:
            return None
        if after != before:
            changed.append((before, after))
    return [*changed, *added]


def states(chain):
    """Return the rows of every position after the documents ``chain``, by UU_ID;
    ``None`` for a position whose rows cannot be told."""
    known = {}
    for document in chain or ():
        stated = {}
        for row in document.lines:
            if row.uid:
                stated.setdefault(row.uid, []).append(row)
        if document.kind.is_correction and _is_unplaced(stated, known):
            known = dict.fromkeys(known)
        for uid, rows in stated.items():
            known[uid] = _next(known.get(uid, ()), rows, document.kind)
    return known


def _is_unplaced(stated, known):
    """Return whether a correction lowers something, but no position of those known."""
    return any(
        (row.net or row.gross or 0) < 0
        for uid, rows in stated.items()
        for row in rows
        if uid not in known
    )


def _next(rows, stated, kind):
    if not kind.is_correction:
        return tuple(stated)
    if any(row.before for row in stated):
        return tuple(row for row in stated if not row.before)
    try:
        return None if rows is None else positions.after(rows, stated)
    except (positions.NotExpressible, TypeError):
        return None


def _changes(facts, known):
    """Return the ``Change`` of every line: UU_ID of the position concerned, signs of a
    return or of a price change (F17)."""
    changes = []
    for number, line in enumerate(facts.sold, start=1):
        row = lines.row(facts, line, number)
        first = corrected_line(line)
        uid = lines.uid(facts, first) if first else row.uid
        rows = known.get(uid)
        negative = (line.quantity < 0) != (line.price_unit < 0)
        pieces = _is_about_pieces(facts, line, row, rows)
        made = positions.signed(row, pieces=pieces, adds=facts.adds != negative)
        changes.append(Change(line, replace(made, uid=uid), pieces))
    return changes


def corrected_line(line):
    """Return the line of the original that a correction line is about; none once the
    user has chosen another product."""
    first = line.ksef_corrected_line_id
    return first if first.product_id == line.product_id else first.browse()


def _is_about_pieces(facts, line, row, rows):
    """Return whether goods go back or are added at their price, that of the original or
    that of today; otherwise the price of the stated quantity changes (fa3.md 6.2)."""
    if line.price_unit < 0:
        return False
    if line.quantity < 0 and not facts.adds:
        return True
    alike = [one for one in rows or () if positions.same_kind(one, row)]
    first = corrected_line(line)
    if alike:
        known = any(positions.same_price(one, row) for one in alike)
        return known or bool(first and _sold_so(first, line))
    if not facts.originals:
        return bool(line.product_id)
    sold = first or facts.originals.invoice_line_ids
    return any(_sold_so(one, line) for one in sold)


def _sold_so(sold, line):
    return (sold.product_id, sold.price_unit, sold.discount, sold.tax_ids) == (
        line.product_id,
        line.price_unit,
        line.discount,
        line.tax_ids,
    )
