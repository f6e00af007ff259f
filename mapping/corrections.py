"""Corrections: KOR and what it says of the corrected invoice."""

from ..ksef import fa3

AT_CORRECTION = "2"  # TypKorekty: booked on the date of the correction


def elements(facts):
    original = facts.original
    if not original:
        return {}
    corrected = fa3.CorrectedInvoice(
        issue_date=original.invoice_date,
        number=fa3.token(original.name),
        ksef_number=original.ksef_number or None,
    )
    return {
        "correction_reason": correction_reason(facts.move),
        "correction_type": None if facts.adds else AT_CORRECTION,
        "corrected": (corrected,),
    }


def correction_reason(move):
    """Return the reason that the user gave. Odoo writes it after the number of the
    corrected invoice, in the language of the partner."""
    number = (move.reversed_entry_id or move.debit_origin_id).name or ""
    _before, found, after = (move.ref or "").partition(number)
    reason = after.lstrip(", ") if number and found else move.ref
    return fa3.token(reason or "") or None
