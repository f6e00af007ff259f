"""Which invoices a credit or debit note corrects."""

from ..ksef import fa3


def is_correction(move):
    """Return whether FA(3) calls this document a correction: a credit note, a debit
    note, what takes a credit note back, or an invoice that the user says corrects
    another one."""
    return bool(
        move.move_type in ("out_refund", "in_refund")
        or move.debit_origin_id
        or move.reversed_entry_id
        or move.ksef_corrects
        or move.sudo().ksef_corrected_ids
    )


def corrected_invoice(move):
    """Return the first invoice of Odoo that a correction corrects, empty for none."""
    return originals(move)[:1]


def originals(move):
    """Return the invoices of Odoo that a correction corrects in the end: the one it was
    made from and those that the user has listed. Corrections of a correction name the
    first invoice again (FA(3) brochure p. 69-70)."""
    made_from = move.reversed_entry_id or move.debit_origin_id
    found = _first(made_from)
    for row in move.sudo().ksef_corrected_ids:
        found |= _first(row.original_id.with_env(move.env))
    return found - move


def _first(move):
    seen = move
    while earlier := (move.reversed_entry_id or move.debit_origin_id) - seen:
        move, seen = earlier, seen | earlier
    return move


def corrected(move):
    """Return DaneFaKorygowanej: the originals in Odoo, and those outside it as the user
    has typed them."""
    inside = [_named(original) for original in originals(move)]
    outside = [
        fa3.CorrectedInvoice(
            issue_date=row.issue_date,
            number=fa3.token(row.number or ""),
            ksef_number=row._stated_number() or None,
        )
        for row in move.ksef_corrected_ids
        if not row.original_id
    ]
    return (*inside, *outside)


def _named(original):
    return fa3.CorrectedInvoice(
        issue_date=original.invoice_date,
        number=fa3.token(original.name),
        ksef_number=original.ksef_number or None,
    )
