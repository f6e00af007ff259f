"""The calls of batch sessions, against prepared answers."""

import io
import socket
import threading
import time
from types import SimpleNamespace

import pytest

from ksef import batches
from ksef.batch import Archive, pack
from ksef.client import KsefClient
from ksef.crypto import SessionKey
from ksef.errors import (
    ApiError,
    AuthenticationError,
    KsefError,
    ProtocolError,
    ServerError,
)
from ksef.messages import OpenedBatch, PartUpload
from ksef.transport import Transport

from . import pki
from .answering import Prepared

KEY = SessionKey.generate()
SECRET = "secret-token"
HEADERS = {"x-ms-blob-type": "BlockBlob"}


def archive_of(count: int) -> Archive:
    """An archive of so many parts."""
    content = bytes(range(256)) * 4
    plain = io.BytesIO()
    sealed = io.BytesIO()
    pack([("a.xml", content)], KEY, plain=plain, sealed=io.BytesIO())
    size = -(-len(plain.getvalue()) // count)
    return pack(
        [("a.xml", content)], KEY, plain=io.BytesIO(), sealed=sealed, part_size=size
    )


def upload(server: str, number: int = 1, **changed) -> dict:
    given = {
        "ordinalNumber": number,
        "method": "PUT",
        "url": f"{server}/part/{number}?sig=a%2Bb%3D",
        "headers": HEADERS,
    }
    return {**given, **changed}


def uploads(url: str, count: int) -> tuple[PartUpload, ...]:
    return tuple(PartUpload.from_json(upload(url, n + 1)) for n in range(count))


class Reader:
    """A storage on a slow line: a few bytes at a time, and an answer in the end."""

    def __init__(self) -> None:
        self._listening = socket.socket()
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.ended_early = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self._listening.accept()[0] as line:
            head = b""
            while b"\r\n\r\n" not in head:
                head += line.recv(1)
            left = int(head.lower().partition(b"content-length:")[2].split()[0])
            while left and (read := line.recv(65_536)):
                left -= len(read)
                time.sleep(0.006)
            if left:
                self.ended_early.set()
            else:
                line.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

    def stop(self) -> None:
        self._listening.close()


class Memory:
    """In place of archive and transport: how many of the parts given out are held."""

    def __init__(self, count: int) -> None:
        self.parts = archive_of(count).parts
        self.given, self.most = 0, 0
        self.arrived: list[io.BytesIO] = []

    # A file, not a record: pylint: disable=method-required-super
    def read(self, part):
        self.given += 1
        let_go = sum(body.closed for body in self.arrived)
        self.most = max(self.most, self.given - let_go)
        return b"part"

    def another(self):
        return self

    def fetch(self, url, *, data, **_options):
        self.arrived.append(data)
        time.sleep(0.02)

    def close(self):
        """Nothing is open."""


@pytest.fixture
def client(server):
    return KsefClient(Transport(server.url, timeout=(2, 2)), lambda: SECRET)


@pytest.fixture
def slow():
    reader = Reader()
    yield reader
    reader.stop()


class TestOpen:
    """The session is ours only with one place for each part."""

    def open(self, client, archive, offline=False):
        encryption = KEY.wrap(pki.public_key())
        return batches.open_batch_session(client, encryption, archive, offline=offline)

    @pytest.mark.parametrize("offline", [False, True])
    def test_what_is_sent_and_read(self, client, server, offline):
        archive = archive_of(2)
        answered = [upload(server.url, 2), upload(server.url, 1)]
        server.prepare(201, {"referenceNumber": "r", "partUploadRequests": answered})
        opened = self.open(client, archive, offline)
        assert opened == OpenedBatch("r", uploads(server.url, 2))
        (sent,) = server.received
        assert (sent.method, sent.path) == ("POST", "/sessions/batch")
        assert sent.json()["batchFile"] == archive.to_json()
        assert sent.json()["offlineMode"] is offline
        assert sent.json()["formCode"]["systemCode"] == "FA (3)"

    @pytest.mark.parametrize("numbers", [[], [1], [1, 1], [1, 3], [1, 2, 3], [1, 2, 2]])
    def test_other_places_than_parts(self, client, server, numbers):
        given = [upload(server.url, number) for number in numbers]
        server.prepare(201, {"referenceNumber": "r", "partUploadRequests": given})
        with pytest.raises(ProtocolError, match="place"):
            self.open(client, archive_of(2))

    @pytest.mark.parametrize(
        "changed",
        [
            {"headers": {"a": "b\r\nHost: c"}},
            {"headers": {"a": "b\n"}},
            {"headers": {"a": 1}},
            {"headers": {"a b": "c"}},
            {"headers": {"": "c"}},
            {"headers": {"a": "ż"}},
            {"url": ""},
            {"url": None},
            {"method": None},
            {"ordinalNumber": "x"},
        ],
    )
    def test_places_that_cannot_be_used(self, changed):
        with pytest.raises(ProtocolError):
            PartUpload.from_json(upload("http://127.0.0.1", **changed))

    def test_headers_as_they_came_without_those_that_are_null(self):
        given = {"X-A": 'b; c="d"', "x-none": None, "x-empty": ""}
        read = PartUpload.from_json(upload("http://127.0.0.1", headers=given))
        assert read.headers == {"X-A": 'b; c="d"', "x-empty": ""}

    def test_no_link_shows_in_texts(self, server):
        assert "sig=" not in repr(uploads(server.url, 1))


class TestUpload:
    """A part travels as KSeF said: method, headers, bytes, and nothing of ours."""

    def test_one_part(self, client, server):
        server.prepare(201)
        (place,) = uploads(server.url, 1)
        batches.upload_part(client.transport, place, b"secret bytes")
        (sent,) = server.received
        assert (sent.method, sent.path) == ("PUT", "/part/1?sig=a%2Bb%3D")
        assert sent.body == b"secret bytes"
        added = {"Host", "User-Agent", "Accept-Encoding", "Accept", "Connection"}
        assert set(sent.headers) - added == {"x-ms-blob-type", "Content-Length"}

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 500])
    def test_a_refusal_is_no_lost_login(self, client, server, status):
        server.prepare(status, b"<Error/>")
        with pytest.raises(ApiError) as caught:
            batches.upload_part(client.transport, uploads(server.url, 1)[0], b"x")
        assert not isinstance(caught.value, AuthenticationError)
        assert len(server.received) == 1

    @pytest.mark.parametrize("method", ["GET", "DELETE", "PUT\r\nHost: a"])
    def test_other_methods(self, client, server, method):
        place = PartUpload.from_json(upload(server.url, method=method))
        with pytest.raises(ProtocolError):
            batches.upload_part(client.transport, place, b"x")
        assert not server.received

    @pytest.mark.parametrize("url", ["http://storage.example.pl/a", "file:///a", "/a"])
    def test_other_links(self, client, url):
        place = PartUpload.from_json(upload("", url=url))
        with pytest.raises(ProtocolError):
            batches.upload_part(client.transport, place, b"x")

    def test_a_slow_line_is_no_timeout(self, slow):
        """The limit of time is one of silence, not of the whole upload."""
        transport = Transport(slow.url, timeout=(0.4, 0.4))
        begun = time.monotonic()
        batches.upload_part(transport, uploads(slow.url, 1)[0], bytes(8_000_000))
        assert time.monotonic() - begun > 0.5, "else the line was not slow"


class TestUploadParts:
    """All parts, some at a time; the first failure is the last request."""

    def test_every_part_arrives_once(self, client, server):
        archive = archive_of(7)
        server.prepared += [Prepared(201) for _ in range(7)]
        asked = []
        batches.upload_parts(
            client.transport,
            archive,
            uploads(server.url, 7)[::-1],
            workers=3,
            between=lambda: asked.append(threading.current_thread()),
        )
        arrived = {int(each.path[6]): each.body for each in server.received}
        assert arrived == {
            part.ordinal_number: archive.read(part) for part in archive.parts
        }
        assert asked == [threading.main_thread()] * 7

    def test_the_first_refusal_ends_all(self, client, server):
        server.prepare(403)
        server.prepared += [Prepared(201) for _ in range(20)]
        with pytest.raises(KsefError):
            batches.upload_parts(
                client.transport, archive_of(20), uploads(server.url, 20), workers=2
            )
        assert len(server.received) <= 4

    def test_what_between_raises_ends_all(self, client, server):
        def lost():
            raise InterruptedError("the lease is lost")

        server.prepared += [Prepared(201) for _ in range(20)]
        with pytest.raises(InterruptedError):
            batches.upload_parts(
                client.transport,
                archive_of(20),
                uploads(server.url, 20),
                workers=2,
                between=lost,
            )
        assert len(server.received) <= 4

    def test_a_running_upload_is_cut_off(self, server, slow):
        """Nobody waits for a long part once another one has failed."""
        server.prepare(500)
        places = (uploads(server.url, 2)[0], uploads(slow.url, 2)[1])
        archive = SimpleNamespace(
            parts=archive_of(2).parts, read=lambda part: bytes(99_000_000)
        )
        begun = time.monotonic()
        with pytest.raises(ServerError):
            batches.upload_parts(Transport(server.url), archive, places, workers=2)
        assert time.monotonic() - begun < 5, "all of it takes nine seconds"
        assert slow.ended_early.wait(2)

    def test_no_more_parts_in_memory_than_workers(self):
        memory = Memory(9)
        batches.upload_parts(memory, memory, uploads("http://127.0.0.1", 9), workers=3)
        assert len(memory.arrived) == 9
        assert memory.most <= 3


class TestCloseAndFailed:
    def test_close(self, client, server):
        server.prepare(204)
        batches.close_batch_session(client, "r/1")
        (sent,) = server.received
        assert (sent.method, sent.path) == ("POST", "/sessions/batch/r%2F1/close")
        assert sent.headers["Authorization"] == f"Bearer {SECRET}"
