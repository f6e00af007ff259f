"""What a received invoice says of dates, payment, orders and corrected invoices, for
the fields of a bill."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command

from ..ksef import fa3

#: Beginnings of the words in which a payment term is described (TerminOpis).
_UNITS = {"dni": "days", "dzi": "days", "tyg": "weeks", "tyd": "weeks", "mie": "months"}
_ISSUED, _SUPPLIED = ("wystaw",), ("sprzeda", "dostaw", "wykona")
LONGEST = 3660  # units: more is no payment term

#: What the fields of an invoice take; files hold other values as well.
METHODS, TYPES = frozenset("1234567"), frozenset("123")


def values(invoice):
    """Return values of ``account.move`` that need no record of Odoo."""
    return {
        **_dates(invoice),
        **_payment(invoice.payment or fa3.Payment()),
        **_terms(invoice.terms or fa3.Terms()),
        **_correction(invoice),
        "ksef_split_payment": invoice.annotations.split_payment,
        "ksef_delivery_notes": _joined(invoice.delivery_notes),
        "ksef_settled_ids": [
            Command.create({"number": one.number, "ksef_number": one.ksef_number})
            for one in invoice.advances
        ],
    }


def _joined(texts):
    return ", ".join(dict.fromkeys(filter(None, texts))) or False


# ----------------------------------------------------------------------
# Dates
# ----------------------------------------------------------------------


def _dates(invoice):
    dates = {
        "invoice_date": invoice.issue_date,
        "taxable_supply_date": invoice.supply_date or invoice.period_to or False,
        "ksef_period_from": invoice.period_from or False,
        "ksef_period_to": invoice.period_to or False,
    }
    due = due_days(invoice)
    if due:
        dates |= {"invoice_payment_term_id": False, "invoice_date_due": max(due)}
    return dates


def deduction_day(invoice):
    """Return when a bill is booked: its VAT may be deducted neither before the supply
    nor before the invoice (art. 86(10), (10b))."""
    supplied = invoice.supply_date or invoice.period_to
    return max(invoice.issue_date, supplied or invoice.issue_date)


def due_days(invoice):
    """Return the days on which it has to be paid, as far as they can be told."""
    payment = invoice.payment or fa3.Payment()
    days = (due.day or described_day(due, invoice) for due in payment.due)
    return sorted(filter(None, days))


def described_day(due, invoice):
    """Return the day that a description means, as "14 dni od wystawienia faktury", or
    ``None``."""
    event = (due.event or "").casefold()
    unit = _UNITS.get((due.unit or "").strip().casefold()[:3])
    if any(word in event for word in _ISSUED):
        start = invoice.issue_date
    elif any(word in event for word in _SUPPLIED):
        start = invoice.supply_date
    else:
        return None
    if not (unit and start and 0 <= (due.count or 0) <= LONGEST):
        return None
    return start + _period(unit, due.count or 0)


def _period(unit, count):
    if unit == "months":
        return relativedelta(months=count)
    return timedelta(**{unit: count})


# ----------------------------------------------------------------------
# Payment, orders
# ----------------------------------------------------------------------


def _payment(payment):
    known = payment.method if payment.method in METHODS else False
    return {
        "ksef_payment_method": known or (payment.other_method and "other") or False,
        "ksef_payment_method_other": payment.other_method or False,
        "ksef_paid_on": (payment.paid and payment.paid_on) or False,
    }


def _terms(terms):
    return {
        "ksef_order_number": _joined(order.number for order in terms.orders),
        "ksef_order_date": _only(order.day for order in terms.orders),
        "ksef_contract_number": _joined(one.number for one in terms.contracts),
        "ksef_contract_date": _only(one.day for one in terms.contracts),
    }


def _only(days):
    known = set(filter(None, days))
    return known.pop() if len(known) == 1 else False


# ----------------------------------------------------------------------
# Corrections
# ----------------------------------------------------------------------


def _correction(invoice):
    if not invoice.kind.is_correction:
        return {}
    return {
        "invoice_origin": _joined(one.number for one in invoice.corrected),
        "ksef_corrects": True,
        "ksef_correction_type": _known_type(invoice),
        "ksef_corrected_period": invoice.corrected_period or False,
        "ksef_corrected_number": invoice.corrected_number or False,
        "ksef_former_parties": bool(invoice.former_seller or invoice.former_buyers),
        "ksef_corrected_ids": [
            Command.create(_corrected(c)) for c in invoice.corrected
        ],
    }


def _corrected(one):
    return {
        "number": one.number,
        "issue_date": one.issue_date,
        "ksef_number": one.ksef_number,
        "outside_ksef": not one.ksef_number,
    }


def _known_type(invoice):
    return invoice.correction_type if invoice.correction_type in TYPES else False
