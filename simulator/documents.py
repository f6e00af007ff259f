"""Files by API path: an invoice by its number, and receipts."""

from . import upo
from .answers import content
from .call import invalid
from .clock import stamp
from .errors import BadRequest
from .judging import store_waiting
from .numbers import KSEF_NUMBER
from .queries import ROLES, concerns
from .sending import find
from .sessions import looked_at


def invoice(call):
    """GET /invoices/ksef/{number}: only for a party, only once it is stored."""
    number = call.args["number"]
    if not KSEF_NUMBER.fullmatch(number):
        raise invalid(f"Nieprawidłowy numer KSeF {number}.")
    found = call.store.invoices.get(number)
    context = call.login.context
    if found is None or not any(concerns(found, context, role) for role in ROLES):
        raise BadRequest(21164, f"Faktura o numerze KSeF {number} nie istnieje.")
    stored = stamp(found.storage_date)
    store_waiting(call.simulator, call.now)
    if not stored:
        raise BadRequest(21165, f"Faktura {number} nie jest jeszcze dostępna.")
    return content(found.xml, "application/xml")


def invoice_upo(call):
    """GET /sessions/{reference}/invoices/{invoice}/upo"""
    session = looked_at(call)
    return _receipt(call, session, find(call, session))


def upo_by_number(call):
    """GET /sessions/{reference}/invoices/ksef/{number}/upo"""
    session = looked_at(call)
    number = call.args["number"]
    for entry in session.submissions:
        if entry.invoice and entry.invoice.ksef_number == number:
            return _receipt(call, session, entry)
    raise _no_upo(call)


def session_upo(call):
    """GET /sessions/{reference}/upo/{upo}"""
    session = looked_at(call)
    for page in session.upo_pages:
        if page.reference == call.args["upo"]:
            return content(page.xml, "application/xml")
    raise _no_upo(call)


def _receipt(call, session, entry):
    if not entry.shown or not entry.invoice:
        raise _no_upo(call)
    return content(upo.invoice_upo(call.simulator, session, entry), "application/xml")


def _no_upo(call):
    return BadRequest(21178, f"Sesja {call.args['reference']}: brak UPO.")
