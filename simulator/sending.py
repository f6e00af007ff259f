"""Files in a session: taken in at once, judged unseen, shown later."""

from datetime import timedelta

from . import verification
from .answers import json_answer, sha256
from .call import Fields, invalid
from .clock import polish_day, stamp
from .errors import BadRequest, Rejected
from .numbers import ksef_number, reference
from .sessions import looked_at, own, settle
from .store import Invoice, Submission

LIMIT = 10_000
STATUS = {
    100: "Faktura przyjęta do dalszego przetwarzania",
    150: "Trwa przetwarzanie",
    200: "Sukces",
    405: "Przetwarzanie anulowane z powodu błędu sesji",
    410: "Nieprawidłowy zakres uprawnień",
    415: "Brak możliwości wysyłania faktury z załącznikiem",
    430: "Błąd weryfikacji pliku faktury",
    435: "Błąd odszyfrowania pliku",
    440: "Duplikat faktury",
    450: "Błąd weryfikacji semantyki dokumentu faktury",
    500: "Nieznany błąd",
    550: "Operacja została anulowana przez system",
}


def send(call):
    """POST /sessions/online/{reference}/invoices"""
    session = own(call)
    settle(call.simulator, session, call.now)
    if session.code != 100:
        raise BadRequest(21180, f"Status sesji {session.code} uniemożliwia wysyłkę.")
    if len(session.submissions) >= LIMIT:
        raise BadRequest(21155, f"Sesja {session.reference}: limit {LIMIT} faktur.")
    body = call.body()
    ciphertext = _ciphertext(body)
    corrected = _corrected(call, body)
    entry = Submission(
        reference=reference("EE", polish_day(call.now)),
        ordinal=len(session.submissions) + 1,
        declared_hash=body.hash("invoiceHash"),
        received=call.now,
        offline=bool(body.flag("offlineMode")),
    )
    declared = verification.Declared(entry.declared_hash, body.number("invoiceSize"))
    session.submissions.append(entry)
    session.updated = call.now
    if not session.end_code:
        _judge(call, session, entry, ciphertext, declared, corrected)
    return json_answer(call, {"referenceNumber": entry.reference}, 202)


def status(call):
    """GET /sessions/{reference}/invoices/{invoice}"""
    session = looked_at(call)
    return json_answer(call, _seen(call, session, find(call, session)))


def listing(call):
    """GET /sessions/{reference}/invoices"""
    session = looked_at(call)
    rows, token = call.continued(session.submissions, 10, 1000)
    return _listed(call, session, rows, token)


def failed(call):
    """GET /sessions/{reference}/invoices/failed"""
    session = looked_at(call)
    refused = [e for e in session.submissions if e.shown and not e.invoice]
    rows, token = call.continued(refused, 10, 1000)
    return _listed(call, session, rows, token)


def find(call, session) -> Submission:
    """The file named in the address. Raises BadRequest 21405."""
    for entry in session.submissions:
        if entry.reference == call.args["invoice"]:
            return entry
    raise invalid(f"Faktura {call.args['invoice']} nie została odnaleziona w sesji.")


def accept(simulator, xml, facts, now, *, session="", offline=False) -> Invoice:
    """Make an invoice of the file: from now on it exists in KSeF."""
    late = facts.issue_date < polish_day(now)
    invoice = Invoice(
        ksef_number=ksef_number(facts.seller_nip, polish_day(now)),
        xml=xml,
        hash=sha256(xml),
        facts=facts,
        mode="Offline" if offline or late else "Online",
        invoicing_date=now,
        acquisition_date=simulator.clock.now(),
        session_reference=session or reference("SO", polish_day(now)),
    )
    simulator.store.invoices[invoice.ksef_number] = invoice
    return invoice


def store_waiting(simulator, now):
    """Put accepted invoices into the repository, where queries see them."""
    for invoice in simulator.store.invoices.values():
        waiting = invoice.storage_date is None and not invoice.never_stored
        if waiting and simulator.delay.passed(invoice.acquisition_date, now):
            invoice.storage_date = simulator.clock.now()


def _ciphertext(body: Fields):
    """The encrypted file. Raises BadRequest 21402, 21403, 21405."""
    ciphertext = body.base64("encryptedInvoiceContent")
    if body.number("encryptedInvoiceSize") != len(ciphertext):
        raise BadRequest(21402, "encryptedInvoiceSize")
    if body.hash("encryptedInvoiceHash") != sha256(ciphertext):
        raise BadRequest(21403, "encryptedInvoiceHash")
    return ciphertext


def _corrected(call, body):
    """The hash of the refused offline invoice that this file repairs."""
    corrected = body.hash("hashOfCorrectedInvoice", required=False)
    if corrected is None:
        return None
    if not body.flag("offlineMode"):
        raise invalid("'hashOfCorrectedInvoice': wymaga offlineMode.")
    for invoice in call.store.invoices.values():
        if invoice.hash == corrected:
            raise BadRequest(21167, "Faktura została przetworzona prawidłowo.")
        if invoice.corrected_hash == corrected:
            raise BadRequest(21166, "Faktura posiada już korektę techniczną.")
    return corrected


def _judge(call, session, entry, ciphertext, declared, corrected):
    """Decide on the file at once; the status tells it later."""
    faults = call.simulator.faults
    try:
        entry.xml = verification.decrypt(session, ciphertext)
        facts = _check(call, session, entry, declared, corrected)
    except Rejected as refusal:
        entry.code, entry.details = refusal.code, refusal.details
        entry.extensions = faults.extensions(refusal.extensions)
    else:
        entry.code = 200
        entry.invoice = accept(
            call.simulator,
            entry.xml,
            facts,
            call.now,
            session=session.reference,
            offline=entry.offline,
        )
        entry.invoice.corrected_hash = corrected
        entry.invoice.never_stored = bool(faults.take("not_stored"))
    entry.stuck = bool(faults.take("stuck"))


def _check(call, session, entry, declared, corrected):
    """The facts of a good file. Raises Rejected."""
    entry.number = verification.number(entry.xml)
    if entry.number:
        call.simulator.faults.before_verdict(call.simulator, entry.xml)
    return verification.check(
        call.simulator,
        session.context,
        entry.xml,
        declared,
        call.now,
        correction=bool(corrected),
    )


def _listed(call, session, rows, token):
    shown = [_seen(call, session, entry) for entry in rows]
    return json_answer(call, {"continuationToken": token, "invoices": shown})


def _seen(call, session, entry):
    """One look at the file: progress first, then the description."""
    simulator, now = call.simulator, call.now
    entry.looks += 1
    if entry.shown and entry.invoice and not entry.invoice.never_stored:
        entry.invoice.storage_date = entry.invoice.storage_date or now
    over = simulator.delay.over(entry.looks, entry.received, now)
    if over and not entry.stuck and not session.end_code:
        entry.shown = True
    return _described(call, session, entry)


def _described(call, session, entry):
    code = entry.code if entry.shown else 150
    if not entry.shown and entry.looks == 1 and not entry.stuck:
        code = 100
    status = {"code": code, "description": STATUS.get(code, "Nieznany błąd")}
    if entry.shown:
        status["details"] = list(entry.details) or None
        if entry.extensions:
            status["extensions"] = entry.extensions
    answer = {
        "ordinalNumber": entry.ordinal,
        "referenceNumber": entry.reference,
        "invoiceHash": entry.declared_hash,
        "invoicingDate": stamp(entry.received),
        "status": status,
    }
    if entry.shown and entry.number:
        answer["invoiceNumber"] = entry.number
    if entry.shown and entry.invoice:
        answer |= _accepted(call, session, entry)
    return answer


def _accepted(call, session, entry):
    invoice, until = entry.invoice, call.now + timedelta(days=3)
    name = f"{session.reference}.{entry.reference}"
    return {
        "ksefNumber": invoice.ksef_number,
        "acquisitionDate": stamp(invoice.acquisition_date),
        "permanentStorageDate": stamp(invoice.storage_date),
        "invoicingMode": invoice.mode,
        "upoDownloadUrl": call.simulator.links.url("upo", name, until),
        "upoDownloadUrlExpirationDate": stamp(until),
    }
