"""RodzajFaktury of an invoice (fa3.md 6.1)."""

from ..ksef.fa3 import Kind

#: What corrects an invoice of this kind; KOR corrects all others, also UPR.
CORRECTED_BY = {
    Kind.ADVANCE: Kind.ADVANCE_CORRECTION,
    Kind.SETTLEMENT: Kind.SETTLEMENT_CORRECTION,
}

#: They state the order behind the payment instead of lines.
ADVANCES = (Kind.ADVANCE, Kind.ADVANCE_CORRECTION)


def kind(facts):
    """Return the ``Kind`` of the document. A correction takes it from the invoice that
    it corrects; where that is not in Odoo, from what the user says of the correction
    itself."""
    own = _own_kind(facts.move, facts.settles_advances)
    if not facts.corrects:
        return own
    first = own
    if facts.original:
        first = _own_kind(facts.original, settling_lines(facts.original))
    return CORRECTED_BY.get(first, Kind.CORRECTION)


def _own_kind(move, settling):
    if is_advance(move):
        return Kind.ADVANCE
    if settling or _settles(move):
        return Kind.SETTLEMENT
    return Kind.SIMPLIFIED if move.ksef_simplified else Kind.INVOICE


def is_advance(move):
    """Return whether an invoice documents a payment before the supply: said by the
    user, or a down payment of a sales order."""
    return move.ksef_advance_role == "advance" or bool(move.sudo()._is_downpayment())


def _settles(move):
    return bool(
        move.ksef_advance_role or move.ksef_settled_ids or move.ksef_part_advance_ids
    )


def settling_lines(move):
    """Return the lines of an invoice that ``settles_advance``."""
    return move.invoice_line_ids.filtered(settles_advance)


def settles_advance(line):
    """Return whether a line of an invoice that is no advance takes away an advance: one
    of Odoo's sales orders, or marked by hand."""
    by_order = "is_downpayment" in line._fields and line.is_downpayment
    settles = by_order or line.ksef_settles_advance
    return settles and line.display_type == "product"
