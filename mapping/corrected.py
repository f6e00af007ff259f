"""Which invoice a credit or debit note corrects."""


def corrected_invoice(move):
    """Return the invoice that a credit or debit note corrects in the end: further
    corrections name the first invoice again (FA(3) brochure p. 69-70)."""
    original = move.reversed_entry_id or move.debit_origin_id
    while earlier := original.reversed_entry_id or original.debit_origin_id:
        original = earlier
    return original
