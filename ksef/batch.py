"""The archive of a batch session: invoice files to encrypted parts, as a stream.

Two passes over temporary files: the archive is written plain, then it is read once,
hashed, cut into parts and encrypted. No file and no part is ever held whole, except
the one part that is being uploaded.

Source: official documentation, batch session.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import SEEK_END, BytesIO
from typing import Any, BinaryIO

from .crypto import SessionKey

ZIP = "Zip"
TAR_GZ = "TarGz"

# Official documentation, limits: invoices of a session, parts of a batch, and bytes of
# a part before its encryption. Both together keep an archive within its 5 GB.
MOST_FILES = 10_000
MOST_PARTS = 50
LARGEST_PART = 100_000_000
# The longest `invoiceFileName` in the official OpenAPI file. What else a name may hold
# is not documented: printable ASCII and no folders are safe in both formats.
LONGEST_NAME = 128
_NAME = re.compile(r"[ -.0-\[\]-~]+")

_LARGE = 20_000_000
_BLOCK = 262_144
# The earliest time a ZIP can hold: the same invoices make the same archive.
_FIXED_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Part:
    """One encrypted part: its place in the archive, its size and hash."""

    ordinal_number: int
    file_size: int
    file_hash: str
    _offset: int = field(repr=False)


@dataclass(frozen=True)
class Archive:
    """A packed batch: `file_size` and `file_hash` are those of the plain archive."""

    compression: str
    file_size: int
    file_hash: str
    parts: tuple[Part, ...]
    _sealed: BinaryIO = field(repr=False, compare=False)

    def to_json(self) -> dict[str, Any]:
        """The `batchFile` of the request that opens the session."""
        return {
            "fileSize": self.file_size,
            "fileHash": self.file_hash,
            "compressionType": self.compression,
            "fileParts": [
                {
                    "ordinalNumber": part.ordinal_number,
                    "fileSize": part.file_size,
                    "fileHash": part.file_hash,
                }
                for part in self.parts
            ],
        }

    # A file, not a record: pylint: disable=method-required-super
    def read(self, part: Part) -> bytes:
        """The ciphertext of one part; not for several threads at once."""
        self._sealed.seek(part._offset)
        return self._sealed.read(part.file_size)


def compression_for(total_bytes: int) -> str:
    """How to pack invoices of so many bytes.

    ZIP packs each file alone, TarGz across files, and invoices of one seller are much
    alike: of 10,000 (60 MB) a ZIP left 35 MB to upload, TarGz 5. For a small session
    that saves a second or two, and ZIP is KSeF's default and the older of the two.
    """
    return TAR_GZ if total_bytes > _LARGE else ZIP


def pack(
    files: Iterable[tuple[str, bytes]],
    key: SessionKey,
    *,
    plain: BinaryIO,
    sealed: BinaryIO,
    compression: str = ZIP,
    part_size: int = 50_000_000,
) -> Archive:
    """Pack files (name, content) into `plain` and its encrypted parts into `sealed`.

    Both are empty files to begin with. `sealed` must stay open as long as parts are
    read; `plain` holds invoices in clear and is needed no longer.

    :raises ValueError: no file or too many, a name that is not unique or not safe, too
        many parts, a part size or compression that KSeF does not take
    """
    if not 0 < part_size <= LARGEST_PART:
        raise ValueError("no part size that KSeF takes")
    if compression not in _WRITERS:
        raise ValueError("no compression that KSeF takes")
    _WRITERS[compression](_checked(files), plain)
    if plain.seek(0, SEEK_END) > MOST_PARTS * part_size:
        raise ValueError(f"a batch of more than {MOST_PARTS} parts")
    return _seal(plain, sealed, key, compression, part_size)


def _checked(files: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    names: set[str] = set()
    for name, content in files:
        if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
            raise ValueError(f"no safe file name: {name[:200]!r}")
        if name in names:
            raise ValueError(f"a file name comes twice: {name}")
        if len(names) == MOST_FILES:
            raise ValueError(f"a batch of more than {MOST_FILES} files")
        names.add(name)
        yield name, content
    if not names:
        raise ValueError("a batch without files")


def _write_zip(files: Iterable[tuple[str, bytes]], plain: BinaryIO) -> None:
    with zipfile.ZipFile(plain, "w") as archive:
        for name, content in files:
            member = zipfile.ZipInfo(name, _FIXED_TIME)
            member.create_system = 3  # else it tells on which system we run
            member.external_attr = 0o100600 << 16
            archive.writestr(member, content, zipfile.ZIP_DEFLATED)


def _write_tar(files: Iterable[tuple[str, bytes]], plain: BinaryIO) -> None:
    """A plain ustar, as the official client's; pax only for names over 100 letters."""
    with (
        gzip.GzipFile("", "wb", fileobj=plain, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
            # Every entry is kept for reading, which nobody does here.
            archive.members.clear()  # type: ignore[attr-defined]


_WRITERS = {ZIP: _write_zip, TAR_GZ: _write_tar}


def _seal(
    plain: BinaryIO, sealed: BinaryIO, key: SessionKey, compression: str, part_size: int
) -> Archive:
    size, whole = plain.seek(0, SEEK_END), hashlib.sha256()
    plain.seek(0)
    parts = []
    for number, start in enumerate(range(0, size, part_size), 1):
        chunks = _chunks(plain, min(part_size, size - start), whole)
        parts.append(_seal_part(number, key.encrypted(chunks), sealed))
    return Archive(compression, size, _b64(whole), tuple(parts), sealed)


def _chunks(plain: BinaryIO, count: int, whole: hashlib._Hash) -> Iterator[bytes]:
    """The next `count` bytes of the archive, counted into its hash as well."""
    while count and (chunk := plain.read(min(count, _BLOCK))):
        whole.update(chunk)
        count -= len(chunk)
        yield chunk


def _seal_part(number: int, encrypted: Iterable[bytes], sealed: BinaryIO) -> Part:
    start, digest = sealed.tell(), hashlib.sha256()
    for chunk in encrypted:
        digest.update(chunk)
        sealed.write(chunk)
    return Part(number, sealed.tell() - start, _b64(digest), start)


def _b64(digest: hashlib._Hash) -> str:
    return base64.b64encode(digest.digest()).decode()
