"""FormaPlatnosci: how money is paid."""

from ..ksef import fa3
from .parties import fitting

CASH, CARD, CHEQUE, TRANSFER = "1", "2", "4", "6"
OTHER = "other"  # PlatnoscInna, told in words
BY_JOURNAL = {"cash": CASH, "credit": CARD, "bank": TRANSFER}
BY_CODE = {"check_printing": CHEQUE, "custom": TRANSFER}
#: Payment methods that say no more than their journal does.
PLAIN = frozenset({"manual", "batch_payment", "sepa_ct", "iso20022"})


def method(line, journal):
    """Return ``method`` of an ``account.payment.method.line`` and a journal, or
    ``other_method``, the name of what the schema does not list; an empty dict where
    nothing is known."""
    code = line.code
    if code in BY_CODE:
        return {"method": BY_CODE[code]}
    if code and code not in PLAIN:
        name = fitting(fa3.Payment, "other_method", line.name)
        return {"other_method": name} if name else {}
    return {"method": BY_JOURNAL[journal.type]} if journal.type in BY_JOURNAL else {}
