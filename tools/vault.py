"""Seal and unseal bytes with a master key that is kept outside the database.

A sealed blob is ``KSV1 | key id (8) | nonce (12) | AES-256-GCM ciphertext``; the
purpose given at sealing is authenticated with it, so a blob moved to another record
or field does not open. A dump of the database alone opens nothing.

Several keys may be known, so that the master key can be changed: the present one
seals, it and the former ones open.
"""

import base64
import hashlib
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ..ksef.errors import KsefError

MAGIC = b"KSV1"
KEY_ID_LENGTH = 8
NONCE_LENGTH = 12
HEAD = len(MAGIC) + KEY_ID_LENGTH
#: Shorter secrets from the environment or odoo.conf are refused.
SHORTEST_SECRET = 32
ENVIRONMENT_VARIABLE = "KSEF_MASTER_KEY"
FORMER_VARIABLE = "KSEF_MASTER_KEY_FORMER"
KEY_FILE = "ksef_master.key"


class VaultError(KsefError):
    """The master key is missing, unusable or another one than sealed the blob.

    ``reason`` is one of: missing, other_key, too_short, damaged, unwritable.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Vault:
    """The master keys and what can be done with them.

    :param secret: ``KSEF_MASTER_KEY`` or the odoo.conf option, if set.
    :param former: keys of earlier times, one or several parted by white space.
    :param key_file: its first line is the key where no ``secret`` is set; each
        further line, or each line beside a ``secret``, is a former key.
    """

    def __init__(self, secret: str | None, former: str | None, key_file: Path) -> None:
        self._secret = secret
        self._former = former or ""
        self._key_file = key_file

    @classmethod
    def of_this_host(
        cls, option: str | None, former: str | None, data_dir: Path
    ) -> "Vault":
        """Return the vault of this host: its keys come from the environment variables,
        else from the odoo.conf options, else from a file in Odoo's data_dir."""
        return cls(
            os.environ.get(ENVIRONMENT_VARIABLE) or option,
            os.environ.get(FORMER_VARIABLE) or former,
            data_dir / KEY_FILE,
        )

    def seal(self, plain: bytes, purpose: str, *, may_create_key: bool) -> bytes:
        """Return the sealed form of ``plain``.

        :param may_create_key: False while blobs of a lost key exist: a second key
            would hide that the first one has to be brought back.
        :raises VaultError: no usable key.
        """
        key = self._key(may_create=may_create_key)
        nonce = os.urandom(NONCE_LENGTH)
        sealed = AESGCM(key).encrypt(nonce, plain, purpose.encode())
        return MAGIC + _key_id(key) + nonce + sealed

    def unseal(self, blob: bytes, purpose: str) -> bytes:
        """Return what was sealed for ``purpose``.

        :raises VaultError: missing or other key, damaged blob, other purpose.
        """
        if blob[: len(MAGIC)] != MAGIC:
            raise VaultError("damaged")
        key = self._opening_key(blob)
        nonce, sealed = blob[HEAD : HEAD + NONCE_LENGTH], blob[HEAD + NONCE_LENGTH :]
        try:
            return AESGCM(key).decrypt(nonce, sealed, purpose.encode())
        except (InvalidTag, ValueError):
            raise VaultError("damaged") from None

    def opens(self, blob: bytes) -> bool:
        """Whether the key that sealed ``blob`` is known here."""
        try:
            return blob[: len(MAGIC)] == MAGIC and bool(self._opening_key(blob))
        except VaultError:
            return False

    def is_present(self, blob: bytes) -> bool:
        """Whether ``blob`` is sealed with the key that seals today.

        :raises VaultError: no usable key.
        """
        return blob[len(MAGIC) : HEAD] == _key_id(self._key(may_create=False))

    def _opening_key(self, blob: bytes) -> bytes:
        present = self._key(may_create=False)
        wanted = blob[len(MAGIC) : HEAD]
        for key in (present, *self._former_keys()):
            if _key_id(key) == wanted:
                return key
        raise VaultError("other_key")

    def _key(self, *, may_create: bool) -> bytes:
        if self._secret:
            return _derive(self._secret)
        if not self._key_file.exists():
            if not may_create:
                raise VaultError("missing")
            _create_key_file(self._key_file)
        kept = self._lines()
        if not kept or len(kept[0]) < SHORTEST_SECRET:
            raise VaultError("missing")
        return _derive(kept[0])

    def _former_keys(self) -> list[bytes]:
        lines = self._lines() if self._secret else self._lines()[1:]
        given = [self._former, *self._former.split(), *lines]
        return [_derive(one) for one in given if len(one) >= SHORTEST_SECRET]

    def _lines(self) -> list[str]:
        try:
            lines = self._key_file.read_text(encoding="ascii").splitlines()
        except (OSError, UnicodeDecodeError):
            return []
        return [line.strip() for line in lines if line.strip()]


@lru_cache(maxsize=16)
def _derive(secret: str) -> bytes:
    if len(secret) < SHORTEST_SECRET:
        raise VaultError("too_short")
    return hashlib.sha256(b"l10n_pl_ksef master key\0" + secret.encode()).digest()


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"l10n_pl_ksef key id\0" + key).digest()[:KEY_ID_LENGTH]


def _create_key_file(path: Path) -> None:
    """Write a new key: complete and on disk before it has its name, and never over
    an existing one (two workers may come at once: the first one wins)."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(base64.urlsafe_b64encode(os.urandom(32)))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        finally:
            os.unlink(draft)
        _sync_folder(path.parent)
    except OSError:
        raise VaultError("unwritable") from None


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
