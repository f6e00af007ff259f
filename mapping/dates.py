"""Dates of supply: P_6, P_6A, OkresFa."""


def elements(facts):
    return {"supply_date": _supply_date(facts.original or facts.move)}


def _supply_date(move):
    """Return P_6: the date of supply where it differs from the date of issue; of a
    correction that of the corrected invoice (example 2 of the ministry)."""
    supplied = move.taxable_supply_date
    return supplied if supplied and supplied != move.invoice_date else None
