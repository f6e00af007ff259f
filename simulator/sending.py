"""Files in a session: taken in at once, judged unseen, shown later."""

from datetime import timedelta

from . import verification
from .answers import json_answer, sha256
from .call import Fields, invalid
from .clock import polish_day, stamp
from .errors import BadRequest, Rejected
from .judging import judge, stored
from .numbers import reference
from .sessions import looked_at, own, settle
from .store import Submission

UNDECIDED = 150
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
    session = own(call, "Online")
    settle(call.simulator, session, call.now)
    if session.code != 100:
        raise BadRequest(21180, f"Status sesji {session.code} uniemożliwia wysyłkę.")
    limit = call.simulator.session_limit
    if len(session.submissions) >= limit:
        raise BadRequest(21155, f"Sesja {session.reference}: limit {limit} faktur.")
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
        document = _opened(call, session, ciphertext, declared)
        judge(call.simulator, session, entry, document, call.now, corrected)
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
    entry = session.find(call.args["invoice"])
    if entry is None:
        raise invalid(f"Faktura {call.args['invoice']} nie została odnaleziona.")
    return entry


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
    if call.store.invoices.with_hash(corrected):
        raise BadRequest(21167, "Faktura została przetworzona prawidłowo.")
    if call.store.invoices.correcting(corrected):
        raise BadRequest(21166, "Faktura posiada już korektę techniczną.")
    return corrected


def _opened(call, session, ciphertext, declared):
    """The decrypted file as KSeF reads it."""
    try:
        xml = verification.decrypt(session, ciphertext)
    except Rejected as refusal:
        return verification.Document(None, None, refusal)
    return verification.read(call.simulator, xml, declared)


def _listed(call, session, rows, token):
    shown = [_seen(call, session, entry) for entry in rows]
    return json_answer(call, {"continuationToken": token, "invoices": shown})


def _seen(call, session, entry):
    """One look at the file: progress first, then the description."""
    simulator, now = call.simulator, call.now
    entry.looks += 1
    if entry.shown and entry.invoice and not entry.invoice.never_stored:
        stored(simulator, entry.invoice, now)
    began = session.closed if session.batch else entry.received
    over = simulator.delay.over(entry.looks, began, now)
    decided = entry.code != UNDECIDED and not entry.stuck
    if over and decided and not session.end_code:
        entry.shown = True
    return _described(call, session, entry)


def _described(call, session, entry):
    unknown = call.simulator.faults.take("unknown_code", "file")
    shown = entry.shown and not unknown
    code = unknown.code if unknown else _code(entry)
    status = {"code": code, "description": STATUS.get(code, "Nieznany błąd")}
    if shown:
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
    if entry.file_name:
        answer["invoiceFileName"] = entry.file_name
    if shown and entry.number:
        answer["invoiceNumber"] = entry.number
    if shown and entry.invoice:
        answer |= _accepted(call, session, entry)
    return answer


def _code(entry):
    if entry.shown:
        return entry.code
    return 100 if entry.looks == 1 and not entry.stuck else UNDECIDED


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
