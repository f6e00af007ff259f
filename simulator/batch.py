"""Batch sessions: opened, filled part by part through links, closed, judged apart.

What the package decides is found after closing: 405 hash or size, 415 key, 420 too
many files, 430 archive, 435 decryption, 440 empty. The files are judged beside the
requests, a slice at a time; a small package is done before the answer to its closing.
"""

import threading
from datetime import timedelta

from werkzeug.wrappers import Response

from . import package
from .answers import json_answer, no_content, sha256
from .archive import FORMS
from .call import invalid
from .clock import polish_day
from .errors import BadRequest
from .judging import judge
from .links import refused, storage_error
from .numbers import reference
from .sessions import TOO_LATE, check_open, close_now, new, own, settle
from .store import Batch, DeclaredPart, Submission
from .verification import Declared, read

PARTS_MOST = 50
ARCHIVE_MOST = 5_000_000_000
# 100,000,000 bytes before encryption, which adds a whole block to them.
PART_MOST = 100_000_016
TIME_FOR_A_PART = timedelta(minutes=20)
HEADERS = {"x-ms-blob-type": "BlockBlob"}
SLICE = 50


def open_batch(call):
    """POST /sessions/batch: the parts are declared, none is here yet."""
    body = call.body()
    archive = body.part("batchFile")
    parts = _declared(archive)
    batch = Batch(
        hash=archive.hash("fileHash"),
        size=_archive_size(archive),
        form=archive.choice("compressionType", FORMS, required=False) or "Zip",
        parts=parts,
        upload_until=call.now + len(parts) * TIME_FOR_A_PART,
    )
    offline = bool(body.flag("offlineMode"))
    session = new(call, body, "SB", batch=batch, offline=offline)
    requests = [_request(call, session, ordinal) for ordinal in parts]
    call.simulator.chance.shuffle(requests)
    answer = {
        "referenceNumber": session.reference,
        "partUploadRequests": requests,
    }
    return json_answer(call, answer, 201)


def upload(call):
    """PUT /storage/batch/…: one encrypted part, as often as one likes."""
    refusal, request = refused(call), call.request
    if refusal:
        return refusal
    if any(request.headers.get(name) != value for name, value in HEADERS.items()):
        return storage_error(400, "MissingRequiredHeader")
    name, _dot, ordinal = call.args["name"].partition(".")
    session = call.store.sessions[name]
    fault = call.simulator.faults.take("part_refused")
    if fault and fault.code != 405:
        return storage_error(fault.code, "RefusedBySimulator")
    session.end_code = 405 if fault else session.end_code
    if session.code == 100:
        session.batch.uploaded[int(ordinal)] = request.get_data()
    return Response(status=201)


def close(call):
    """POST /sessions/batch/{reference}/close: the judging begins."""
    session = own(call, "Batch")
    settle(call.simulator, session, call.now)
    if session.code == 440 and session.details == TOO_LATE:
        raise _too_late()
    check_open(session)
    _check_complete(call, session)
    close_now(call, session)
    settle(call.simulator, session, call.now)
    begin(call.simulator, session, call)
    return no_content(call)


def begin(simulator, session, call):
    """Judge the package beside the requests; a small one is waited for.

    The answer to closing waits `closing_wait` seconds at most.
    """
    thread = threading.Thread(target=_work, args=(simulator, session), daemon=True)
    simulator.judging = [each for each in simulator.judging if each.is_alive()]
    simulator.judging.append(thread)
    thread.start()
    call.before_answer.append(lambda: thread.join(simulator.closing_wait))


def _declared(archive):
    """The parts by ordinal. Raises BadRequest 21157, 21161, 21405."""
    listed = archive.parts("fileParts")
    if len(listed) > PARTS_MOST:
        raise BadRequest(21161, f"Dozwolona liczba części: {PARTS_MOST}.")
    parts = {
        part.number("ordinalNumber"): DeclaredPart(
            part.hash("fileHash"), part.number("fileSize")
        )
        for part in listed
    }
    if not listed or sorted(parts) != list(range(1, len(listed) + 1)):
        raise invalid("'batchFile.fileParts': nieprawidłowa numeracja części.")
    for ordinal, part in parts.items():
        if part.size > PART_MOST:
            raise BadRequest(21157, f"Część '{ordinal}' przekracza 100 MB.")
    return parts


def _archive_size(archive):
    size = archive.number("fileSize")
    if size > ARCHIVE_MOST:
        raise invalid(f"'batchFile.fileSize': najwyżej {ARCHIVE_MOST}.")
    return size


def _request(call, session, ordinal):
    name = f"{session.reference}.{ordinal}"
    return {
        "ordinalNumber": ordinal,
        "method": "PUT",
        "url": call.simulator.links.url("batch", name, session.batch.upload_until),
        "headers": dict(HEADERS),
    }


def _check_complete(call, session):
    """Raises BadRequest 21157, 21205, 21208."""
    batch = session.batch
    for ordinal, part in batch.parts.items():
        if ordinal not in batch.uploaded and call.now >= batch.upload_until:
            session.code, session.details, session.updated = 440, TOO_LATE, call.now
            raise _too_late()
        if ordinal not in batch.uploaded:
            text = f"Nie przesłano zadeklarowanej '{ordinal}' części pliku."
            raise BadRequest(21205, text)
        if len(batch.uploaded[ordinal]) != part.size:
            text = f"Zadeklarowany rozmiar części '{ordinal}' nie zgadza się."
            raise BadRequest(21157, text)


def _too_late():
    return BadRequest(21208, "Sesja anulowana, przekroczony czas wysyłki.")


def _work(simulator, session):
    """Everything that happens between closing and the verdict."""
    files = _unpacked(simulator, session)
    with simulator.lock:
        session.batch.uploaded.clear()
        session.submissions += [_entry(session, *pair) for pair in enumerate(files, 1)]
        session.batch.counted = bool(files)
    for start in range(0, len(files), SLICE):
        if session.end_code:
            break
        _judge(simulator, session, start, files[start : start + SLICE])
    with simulator.lock:
        session.batch.judged = True
        simulator.keep()


def _unpacked(simulator, session):
    """The files; none if the package ends its session, as a wrong key does."""
    if not session.key or session.end_code == 415:
        return []
    try:
        return package.unpack(session, simulator.session_limit)
    except package.Unusable as unusable:
        session.end_code = unusable.code
        return []


def _entry(session, ordinal, file):
    """A file not yet judged. KSeF took it in when the session was opened."""
    return Submission(
        reference=reference("EE", polish_day(session.created)),
        ordinal=ordinal,
        declared_hash=sha256(file.content),
        received=session.created,
        offline=session.offline,
        file_name=file.name,
    )


def _judge(simulator, session, start, files):
    """Read a slice beside the requests, then decide on it between two of them."""
    entries = session.submissions[start : start + len(files)]
    documents = [
        read(simulator, file.content, Declared(entry.declared_hash, len(file.content)))
        for file, entry in zip(files, entries, strict=True)
    ]
    with simulator.lock:
        for entry, document in zip(entries, documents, strict=True):
            judge(simulator, session, entry, document, session.created)
