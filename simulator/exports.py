"""Export packages: ordered, built, encrypted in parts, fetched by link."""

from datetime import timedelta

from . import archive
from .answers import json_answer, sha256
from .clock import polish_day, stamp
from .errors import BadRequest, Gone
from .keys import aes_encrypt
from .numbers import reference
from .queries import date_window, describe, search
from .sessions import session_key
from .store import Export

RUNNING_MOST = 10
UNSEEN_LIFE = timedelta(hours=1)
LINK_LIFE = timedelta(hours=1)
PACKAGE_LIFE = timedelta(days=7)
STATUS_LIFE = timedelta(days=14)
STATUS = {
    100: "Eksport faktur w toku",
    200: "Eksport faktur zakończony sukcesem",
    210: "Eksport faktur wygasł i nie jest już dostępny do pobrania",
    415: "Błąd odszyfrowania dostarczonego klucza",
    420: "Zakres filtrowania wykracza poza dostępny zakres danych",
    500: "Nieznany błąd",
    550: "Operacja została anulowana przez system",
}
LAST = {
    "Issue": "lastIssueDate",
    "Invoicing": "lastInvoicingDate",
    "PermanentStorage": "lastPermanentStorageDate",
}


def order(call):
    """POST /invoices/exports: what it will hold is decided now."""
    body = call.body()
    key, iv = session_key(call, body.part("encryption"))
    _check_running(call)
    filters = body.part("filters")
    form = body.choice("compressionType", archive.FORMS, required=False) or "Zip"
    window = date_window(call, filters)
    found = search(call, filters, window)
    export = Export(
        reference=reference("EH", polish_day(call.now)),
        context=call.login.context,
        subject=call.login.subject,
        ordered=call.now,
        code=415 if key is None else 420 if window.beyond else 200,
    )
    export.stuck = bool(call.simulator.faults.take("export_stuck"))
    ends = call.simulator.faults.take("export_ends")
    export.code = ends.code if ends else export.code
    call.store.exports[export.reference] = export
    if export.code == 200:
        only_metadata = bool(body.flag("onlyMetadata"))
        _build(call, export, found, window, (key, iv, form, only_metadata))
    return json_answer(call, {"referenceNumber": export.reference}, 201)


def status(call):
    """GET /invoices/exports/{reference}"""
    export = call.store.exports.get(call.args["reference"])
    if export is None or export.context != call.login.context:
        raise BadRequest(21175)
    export.looks += 1
    _progress(call, export)
    since = call.now - (export.completed or call.now)
    if since > STATUS_LIFE:
        raise Gone("Operacja nie jest już dostępna.")
    code = export.code if export.shown else 100
    code = 210 if code == 200 and since > PACKAGE_LIFE else code
    answer = {"status": {"code": code, "description": STATUS[code]}}
    if export.shown:
        answer["completedDate"] = stamp(export.completed)
    if code == 200:
        answer["packageExpirationDate"] = stamp(export.completed + PACKAGE_LIFE)
        answer["package"] = _linked(call, export)
    return json_answer(call, answer)


def _check_running(call):
    """21182: ten exports of one subject in one context run at most."""
    owner = call.login.context, call.login.subject
    running = 0
    for export in call.store.exports.values():
        own = (export.context, export.subject) == owner
        running += own and _runs(call, export)
    if running >= RUNNING_MOST:
        raise BadRequest(21182, f"Trwa już {running} eksportów.")


def _runs(call, export):
    """Whether KSeF is working on it: it finishes also what nobody asks for."""
    most = PACKAGE_LIFE if export.stuck else UNSEEN_LIFE
    return not export.shown and call.now - export.ordered < most


def _progress(call, export):
    over = call.simulator.delay.over(export.looks, export.ordered, call.now)
    if over and not export.stuck and not export.shown:
        export.shown, export.completed = True, call.now


def _build(call, export, found, window, settings):
    """Pack, split and encrypt; remember what the status will say."""
    key, iv, form, only_metadata = settings
    kept = found[: call.simulator.package_limit]
    truncated = len(kept) < len(found)
    files = [] if only_metadata else [(i.ksef_number, i.xml) for i in kept]
    if files and call.simulator.faults.take("export_lacks_file"):
        files.pop()
    whole = archive.pack(files, _described(call, kept), form)
    plain = archive.split(whole, call.simulator.part_size) if kept else []
    export.parts = [aes_encrypt(key, iv, part) for part in plain]
    export.package = {
        "invoiceCount": len(kept),
        "size": len(whole) if kept else 0,
        "isTruncated": truncated,
        "compressionType": form,
        "parts": [
            _part(export, number, *pair)
            for number, pair in enumerate(zip(plain, export.parts, strict=True), 1)
        ],
    }
    if truncated:
        last = window.date(kept[-1])
        text = last.isoformat() if window.date_type == "Issue" else stamp(last)
        export.package[LAST[window.date_type]] = text
    if window.mark:
        export.package["permanentStorageHwmDate"] = stamp(window.mark)
    if plain and call.simulator.faults.take("export_wrong_hash"):
        export.package["parts"][0]["encryptedPartHash"] = sha256(b"")


def _described(call, kept):
    """The metadata file's rows; None leaves the file out."""
    if call.simulator.faults.take("export_without_metadata"):
        return None
    described = [describe(invoice) for invoice in kept]
    if call.simulator.faults.take("export_cut_metadata"):
        return described[: len(described) // 2]
    return described


def _part(export, number, plain, encrypted):
    return {
        "ordinalNumber": number,
        "partName": f"{export.reference}-{number:03d}.zip.aes",
        "method": "GET",
        "partSize": len(plain),
        "partHash": sha256(plain),
        "encryptedPartSize": len(encrypted),
        "encryptedPartHash": sha256(encrypted),
    }


def _linked(call, export):
    """The package with fresh links, parts in any order."""
    until = call.now + LINK_LIFE
    parts = [
        part
        | {
            "url": call.simulator.links.url(
                "export", f"{export.reference}.{part['ordinalNumber']}", until
            ),
            "expirationDate": stamp(until),
        }
        for part in export.package["parts"]
    ]
    parts.reverse()
    return {**export.package, "parts": parts}
