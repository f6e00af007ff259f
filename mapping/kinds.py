"""RodzajFaktury of an invoice."""

from ..ksef.fa3 import Kind


def kind(facts):
    """Return the ``Kind`` of the document."""
    if facts.original or not facts.adds:
        return Kind.CORRECTION
    return Kind.INVOICE
