"""Whether a bill that Odoo has already is the invoice that KSeF delivers.

Records are read, never written.
"""

import re
from datetime import timedelta

#: People enter the day of receipt or of supply for that of issue. A seller has each
#: number once; KSeF refuses it for a second invoice of the same kind.
DAYS_OFF = timedelta(days=7)


def plain_number(text):
    """Return an invoice number for comparison: people write blanks, dashes and slashes
    as they like. ``ksef_document_join`` says the same to PostgreSQL."""
    return re.sub(r"[^0-9A-Za-z]", "", text or "").upper()


def is_same(document, bill):
    """Whether ``bill`` is the invoice of ``document`` beyond doubt: its PDF bears the
    hash, or supplier, number, amount and currency agree, and the date nearly."""
    if bill.ksef_read_code and bill.ksef_read_code == document.sha256:
        return True
    if bill.partner_id and not bill.commercial_partner_id.vat:
        return False  # perhaps another supplier
    if plain_number(bill.ref) not in ("", plain_number(document.number)):
        return False
    day = bill.invoice_date or document.issue_date
    if abs(day - document.issue_date) > DAYS_OFF:
        return False
    return is_empty(bill) or has_amount(bill, document)


def is_empty(bill):
    """Whether nobody has entered anything but what a file is for."""
    return bill.state == "draft" and not bill.invoice_line_ids


def has_amount(bill, document):
    """Whether the total of ``bill`` is P_15, in its currency."""
    sign = -1 if bill.move_type == "in_refund" else 1
    currency = bill.currency_id
    same = currency.is_zero(bill.amount_total * sign - document.amount)
    return same and currency.name == document.currency
