"""Opening an export package: encrypted parts to metadata and invoice files.

Source: official documentation, export of invoices. A package comes from outside:
number, size and compression ratio of what is inside are limited.
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import BinaryIO

from .crypto import SessionKey, sha256_b64
from .errors import ProtocolError
from .messages import ExportPackage, InvoiceMetadata, metadata_list

METADATA_FILE = "_metadata.json"

# A package holds 10,000 invoices of at most 3 MB (10 MB where limits were raised).
_MOST_FILES = 20_000
_LARGEST_FILE = 10_000_000
_LARGEST_METADATA = 200_000_000
_LARGEST_WHOLE = 30_000_000_000
# XML shrinks to a tenth, seldom to a fiftieth; deflate cannot exceed 1032. A supplier
# can pad invoices with blanks, which shrink that much: as many files as KSeF announces
# may be of full size, or such invoices would keep all others out.
_HIGHEST_RATIO = 250
_RATIO_FREE = 10_000_000
_BLOCK = 65_536

# What others need is not what KSeF makes, and their unpackers fail in other ways.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Package:
    """An opened package; `metadata` is empty where KSeF gave no readable one."""

    metadata: tuple[InvoiceMetadata, ...]
    _archive: BinaryIO = field(repr=False)
    _credible: int = field(repr=False)

    @property
    def files(self) -> Iterator[tuple[str, bytes]]:
        """(KSeF number, XML) of every invoice, one at a time, bytes unchanged.

        :raises ProtocolError: the archive is broken or beyond all limits
        """
        for name, content in _members(self._archive, self._credible):
            if name != METADATA_FILE and name.lower().endswith(".xml"):
                yield name[:-4], content


def read_package(
    parts: Iterable[bytes],
    key: SessionKey,
    package: ExportPackage,
    archive: BinaryIO | None = None,
) -> Package:
    """Decrypt the parts, in their order, check their hashes and open the archive.

    The archive is read through to its end here, so a broken one is refused before
    any of its files is handed out. A package may have 1 GB: of `parts` one at a time
    is in memory, and `archive` is the file to keep the rest in (memory by default).

    :raises ProtocolError: a part is missing, cannot be decrypted or has another
        hash than announced, or the archive is broken or beyond all limits
    """
    archive = io.BytesIO() if archive is None else archive
    _join(parts, key, package, archive)
    credible = _credible(archive.seek(0, io.SEEK_END), package.invoice_count)
    metadata: tuple[InvoiceMetadata, ...] = ()
    for name, content in _members(archive, credible):
        if name == METADATA_FILE:
            metadata = _read_metadata(content)
    return Package(metadata, archive, credible)


def open_archive(archive: BinaryIO) -> Package:
    """Return an archive that came another way: nobody has announced what it holds."""
    return Package((), archive, _credible(archive.seek(0, io.SEEK_END), 0))


def _credible(packed: int, announced: int) -> int:
    """To how many bytes an archive of this size and number of invoices may unpack."""
    likely = max(_RATIO_FREE, packed * _HIGHEST_RATIO, announced * _LARGEST_FILE)
    return min(likely, _LARGEST_WHOLE)


def _join(
    parts: Iterable[bytes], key: SessionKey, package: ExportPackage, archive: BinaryIO
) -> None:
    try:
        for content, announced in zip(parts, package.parts, strict=True):
            plain = key.decrypt(content)
            if sha256_b64(plain) != announced.part_hash:
                number = announced.ordinal_number
                raise ProtocolError(f"part {number} has another hash")
            archive.write(plain)
    except ValueError:  # of zip: not as many as announced
        raise ProtocolError("a package lacks parts, or has too many") from None


def _read_metadata(content: bytes) -> tuple[InvoiceMetadata, ...]:
    """The invoices of the metadata file; a cut or broken one tells nothing."""
    try:
        data = json.loads(content, parse_float=Decimal)
        return metadata_list(data) if isinstance(data, dict) else ()
    except (ValueError, RecursionError, ProtocolError):
        return ()


def _members(archive: BinaryIO, credible: int) -> Iterator[tuple[str, bytes]]:
    """Name without folders, and content, of every file of a zip or tar.gz."""
    if not archive.seek(0, io.SEEK_END):
        return
    archive.seek(0)
    magic = archive.read(2)
    archive.seek(0)
    if magic not in (b"PK", b"\x1f\x8b"):
        raise ProtocolError("a package is neither zip nor tar.gz")
    read = _zip_members if magic == b"PK" else _tar_members
    with _broken_archives():
        for count, (name, content) in enumerate(read(archive, credible)):
            if count >= _MOST_FILES:
                raise ProtocolError("a package holds too many files")
            if not name.isprintable():  # PostgreSQL takes not every text
                raise ProtocolError("a file of a package has no readable name")
            yield name.replace("\\", "/").rpartition("/")[2], content


def _zip_members(archive: BinaryIO, credible: int) -> Iterator[tuple[str, bytes]]:
    total = 0
    with zipfile.ZipFile(archive) as opened:
        for member in opened.infolist():
            if member.compress_type not in _METHODS:
                raise zipfile.BadZipFile
            if not member.filename or member.is_dir():
                continue
            with opened.open(member) as stream:
                content = stream.read(_limit(member.filename) + 1)
            total += len(content)
            _check(member.filename, content, total, credible)
            yield member.filename, content


def _tar_members(archive: BinaryIO, credible: int) -> Iterator[tuple[str, bytes]]:
    limited = _LimitedGzip(archive, credible)
    with tarfile.open(fileobj=limited, mode="r|") as opened:
        for member in opened:
            stream = opened.extractfile(member) if member.isfile() else None
            if stream is not None:
                content = stream.read(_limit(member.name) + 1)
                _check(member.name, content, limited.given, credible)
                yield member.name, content
    limited.finish()


class _LimitedGzip(io.RawIOBase):
    """The unpacked bytes of a gzip stream, as many as are credible."""

    def __init__(self, archive: BinaryIO, credible: int) -> None:
        self._credible = credible
        self._unpacker = zlib.decompressobj(wbits=31)
        self._archive = archive
        self.given = 0

    # A stream, not a record: pylint: disable=method-required-super
    def read(self, size: int = -1) -> bytes:
        plain = b""
        while not plain and not self._unpacker.eof:
            packed = self._unpacker.unconsumed_tail or self._archive.read(_BLOCK)
            if not packed:
                break
            plain = self._unpacker.decompress(packed, max(size, 1))
        self.given += len(plain)
        _check_total(self.given, self._credible)
        return plain

    def finish(self) -> None:
        """Read on to the end; tarfile does not notice that a stream was cut."""
        while self.read(_BLOCK):
            pass
        if not self._unpacker.eof:
            raise EOFError


def _limit(name: str) -> int:
    return _LARGEST_METADATA if name.endswith(METADATA_FILE) else _LARGEST_FILE


def _check(name: str, content: bytes, total: int, credible: int) -> None:
    if len(content) > _limit(name):
        raise ProtocolError("a file of a package is too large")
    _check_total(total, credible)


def _check_total(total: int, credible: int) -> None:
    if total > credible:
        raise ProtocolError("a package unpacks to too much")


@contextmanager
def _broken_archives() -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
    ):
        raise ProtocolError("a package cannot be unpacked") from None
