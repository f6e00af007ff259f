"""Whether a file becomes an invoice, and when the invoice can be found."""

from .answers import sha256
from .clock import polish_day
from .errors import Rejected
from .numbers import ksef_number, reference
from .store import Invoice
from .verification import Document, admit


def judge(simulator, session, entry, document: Document, now, corrected=None):
    """Decide on the file at once; its status tells it later."""
    faults = simulator.faults
    entry.xml, entry.number = document.xml, document.number
    try:
        if entry.number:
            faults.before_verdict(simulator, document)
        admit(simulator, session, document, now, correction=bool(corrected))
    except Rejected as refusal:
        entry.code, entry.details = refusal.code, refusal.details
        entry.extensions = faults.extensions(refusal.extensions, now)
    else:
        entry.code = 200
        entry.invoice = accept(
            simulator,
            document,
            now,
            session=session.reference,
            offline=entry.offline,
            corrected_hash=corrected,
            never_stored=bool(faults.take("not_stored")),
        )
    entry.stuck = bool(faults.take("stuck"))


def accept(simulator, document, now, *, session="", offline=False, **details):
    """Make an invoice of the file: from now on it exists in KSeF."""
    facts = document.facts
    late = facts.issue_date < polish_day(now)
    invoice = Invoice(
        ksef_number=ksef_number(facts.seller_nip, polish_day(now)),
        xml=document.xml,
        hash=sha256(document.xml),
        facts=facts,
        mode="Offline" if offline or late else "Online",
        invoicing_date=now,
        acquisition_date=simulator.clock.now(),
        session_reference=session or reference("SO", polish_day(now)),
        **details,
    )
    simulator.store.invoices[invoice.ksef_number] = invoice
    return invoice


def stored(simulator, invoice, moment):
    """Put an accepted invoice into the repository, where queries see it."""
    invoice.storage_date = invoice.storage_date or moment
    simulator.store.invoices.waiting.pop(invoice.ksef_number, None)


def store_waiting(simulator, now):
    """Put all of them there whose time has come."""
    for invoice in list(simulator.store.invoices.waiting.values()):
        if simulator.delay.passed(invoice.acquisition_date, now):
            stored(simulator, invoice, simulator.clock.now())
