"""Posted customer invoice → ``fa3.Invoice``. What must not be is in ``problems``."""

from dataclasses import replace

from odoo import release

from ..ksef import fa3
from . import (
    advances,
    amounts,
    annotations,
    corrections,
    dates,
    lines,
    parties,
    payment,
    terms,
    texts,
)
from .facts import Facts

SYSTEM = f"Odoo {release.series} / l10n_pl_ksef"

#: Each gives the values of its elements; a later one overrules an earlier one.
SECTIONS = (
    parties,
    dates,
    lines,
    amounts,
    annotations,
    payment,
    terms,
    texts,
    advances,
    corrections,
)


def to_fa3(move, *, created, issue_date):
    """Return the document of an invoice or credit note that ``problems`` finds right.

    :param created: aware datetime of the document, DataWytworzeniaFa
    :param issue_date: P_1
    """
    facts = Facts(move)
    if facts.corrects:
        facts.numbers = corrections.row_numbers(facts)
    values = {
        "created": created,
        "system": SYSTEM,
        "currency": facts.currency,
        "issue_date": issue_date,
        "issue_place": parties.fitting(fa3.Invoice, "issue_place", facts.company.city),
        "number": fa3.token(move.name or ""),
        "kind": facts.kind,
    }
    for section in SECTIONS:
        values.update(section.elements(facts))
    return fa3.Invoice(**_with_days_of_lines(values))


def _with_days_of_lines(values):
    """Return ``values`` without the common day of supply where lines bear days of their
    own: one excludes the other. Lines of a correction may be those of the corrected
    invoice, as they were."""
    lines, day = values.get("lines", ()), values.get("supply_date")
    if not day or not any(line.supply_date for line in lines):
        return values
    dated = (replace(line, supply_date=line.supply_date or day) for line in lines)
    return {**values, "supply_date": None, "lines": tuple(dated)}
