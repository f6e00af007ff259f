"""The calls of batch sessions: open, upload, close.

Status, listing and receipts are those of every session and stand in client.py.
Opening and closing share 60 requests an hour; uploads are not counted.

Source: official documentation, batch session; the official OpenAPI file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing
from io import BytesIO
from threading import Event

from .batch import Archive, Part
from .client import FA3, KsefClient, segment
from .crypto import Encryption
from .errors import ProtocolError
from .messages import OpenedBatch, PartUpload
from .transport import Transport

# What a storage says of an upload is nothing, or an error of a few lines.
_ANSWER_LIMIT = 1_000_000


def open_batch_session(
    client: KsefClient, encryption: Encryption, archive: Archive, *, offline: bool
) -> OpenedBatch:
    """Open a batch session for FA(3); `offline` holds for all of its invoices.

    An unreadable key shows only after closing, as 415.

    Codes 21157: size of a part; 21161: too many parts; 21470: KSeF has changed its key.

    :raises ProtocolError: KSeF gave other places than one for each part
    """
    body = {
        "formCode": FA3,
        "batchFile": archive.to_json(),
        "encryption": encryption.to_json(),
        "offlineMode": offline,
    }
    opened = OpenedBatch.from_json(
        client.call("POST", "/sessions/batch", json=body).json()
    )
    _pairs(archive, opened.uploads)
    return opened


def upload_part(transport: Transport, upload: PartUpload, content: bytes) -> None:
    """Hand in the ciphertext of one part, with the headers given and no token.

    :raises ApiError: refused; 403: the time for it is over
    """
    _upload(transport, upload, BytesIO(content))


def upload_parts(
    transport: Transport,
    archive: Archive,
    uploads: Sequence[PartUpload],
    *,
    workers: int,
    between: Callable[[], None] = lambda: None,
) -> None:
    """Hand in all parts, `workers` at a time; no more of them are in memory.

    `between` is called in this thread after each part. What it raises, or the first
    KsefError of a part, ends the uploads that run and is raised here.
    """
    pairs, stop = _pairs(archive, uploads), Event()
    running: dict[Future[None], Transport] = {}
    with ExitStack() as connections, ThreadPoolExecutor(workers) as pool:
        lines = [closing(transport.another()) for _ in range(workers)]
        free = [connections.enter_context(line) for line in lines]
        try:
            for part, upload in pairs:
                if not free:
                    free += _finished(running, between)
                line, body = free.pop(), _Body(archive.read(part), stop)
                running[pool.submit(_upload, line, upload, body)] = line
            while running:
                _finished(running, between)
        finally:
            stop.set()


def close_batch_session(client: KsefClient, session: str) -> None:
    """Close a session: only then KSeF looks at the parts.

    What its refusals mean: `close_refusal` in messages/statuses.py.
    """
    client.call("POST", f"/sessions/batch/{segment(session)}/close", accept=None)


class _Body(BytesIO):
    """A part on its way, which is cut off as soon as all of it is in vain."""

    def __init__(self, content: bytes, stop: Event) -> None:
        super().__init__(content)
        self._stop = stop

    def read(self, size: int | None = -1) -> bytes:
        if self._stop.is_set():
            raise OSError("cancelled")
        return super().read(size)


def _upload(transport: Transport, upload: PartUpload, body: BytesIO) -> None:
    # Azure, which KSeF uses, knows PUT; whatever does not write would be a mistake.
    if upload.method not in ("PUT", "POST"):
        raise ProtocolError(f"a part to be uploaded by {upload.method}")
    with body:  # and let go of it before anybody is told
        transport.fetch(
            upload.url,
            method=upload.method,
            headers=upload.headers,
            data=body,
            max_bytes=_ANSWER_LIMIT,
        )


def _pairs(
    archive: Archive, uploads: Sequence[PartUpload]
) -> list[tuple[Part, PartUpload]]:
    """Each part with its place, by number."""
    places = {upload.ordinal_number: upload for upload in uploads}
    numbers = [part.ordinal_number for part in archive.parts]
    if len(uploads) != len(numbers) or set(places) != set(numbers):
        raise ProtocolError("not one place for each part of a batch")
    return [(part, places[part.ordinal_number]) for part in archive.parts]


def _finished(
    running: dict[Future[None], Transport], between: Callable[[], None]
) -> list[Transport]:
    """Wait for a part; the connections that are free now.

    :raises KsefError: a part could not be handed in
    """
    done, _others = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        future.result()
        between()
    return [running.pop(future) for future in done]
