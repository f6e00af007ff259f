"""The package of a batch session: from uploaded parts to named files."""

import io
import re
import tarfile
import zipfile
import zlib
from dataclasses import dataclass

from .answers import sha256
from .keys import aes_decrypt

UNPACKED_MOST = 5_000_000_000
# Whether KSeF reads other methods of ZIP, or folders, is not documented: it does not.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NAME = re.compile(r"[^/\\]{1,128}")


class Unusable(Exception):
    """The whole package is refused: with the code at which its session ends."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class File:
    """One file of the package; its declared hash is the one it has."""

    name: str
    content: bytes


def unpack(session, most: int) -> list[File]:
    """The files, in the order of the archive. Raises Unusable 405, 420, 430, 435."""
    batch = session.batch
    _check_parts(batch)
    whole = b"".join(_decrypted(session, part) for part in _in_order(batch))
    if (len(whole), sha256(whole)) != (batch.size, batch.hash):
        raise Unusable(405)
    read = _zip if batch.form == "Zip" else _tar
    try:
        files = read(whole, most)
    except (zipfile.BadZipFile, tarfile.TarError, OSError, EOFError) as error:
        raise Unusable(430) from error
    except (zlib.error, NotImplementedError, RuntimeError, ValueError) as error:
        raise Unusable(430) from error
    names = [file.name for file in files]
    if len(set(names)) < len(names) or not all(map(_NAME.fullmatch, names)):
        raise Unusable(430)
    return files


def _in_order(batch):
    return [batch.uploaded[ordinal] for ordinal in sorted(batch.uploaded)]


def _check_parts(batch):
    for ordinal, declared in batch.parts.items():
        if sha256(batch.uploaded[ordinal]) != declared.hash:
            raise Unusable(405)


def _decrypted(session, part):
    try:
        return aes_decrypt(session.key, session.iv, part)
    except ValueError as error:
        raise Unusable(435) from error


def _zip(whole, most):
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        _check_amount(entries, most, sum(entry.file_size for entry in entries))
        if any(entry.compress_type not in _METHODS for entry in entries):
            raise Unusable(430)
        return [File(entry.filename, archive.read(entry)) for entry in entries]


def _tar(whole, most):
    with tarfile.open(fileobj=io.BytesIO(whole), mode="r:gz") as archive:
        entries = [entry for entry in archive.getmembers() if not entry.isdir()]
        if not all(entry.isfile() for entry in entries):
            raise Unusable(430)
        _check_amount(entries, most, sum(entry.size for entry in entries))
        return [
            File(entry.name, archive.extractfile(entry).read()) for entry in entries
        ]


def _check_amount(entries, most, size):
    if size > UNPACKED_MOST:
        raise Unusable(430)
    if len(entries) > most:
        raise Unusable(420)
