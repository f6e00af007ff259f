"""Everything that forbids issuing an invoice in KSeF, told at once, before it is
posted: each sentence names the field and says what to do."""

from ..facts import Facts
from . import (
    advances,
    amounts,
    company,
    corrections,
    currency,
    deductions,
    header,
    lines,
    parties,
    payment,
    taxes,
    texts,
)
from .problem import Problem

__all__ = ["Problem", "problems"]

DOMAINS = (
    company,
    parties,
    header,
    corrections,
    advances,
    deductions,
    lines,
    taxes,
    amounts,
    currency,
    payment,
    texts,
)


def problems(move):
    """Return every ``Problem`` of an invoice, worded in the language of the
    environment; an empty list when it may be issued."""
    facts = Facts(move)
    found = [problem for domain in DOMAINS for problem in domain.problems(facts)]
    # Amounts can only be added up once everything else is right.
    return found or list(amounts.sums(facts))
