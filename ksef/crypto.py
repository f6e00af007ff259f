"""Encryption for KSeF: session keys, invoices, tokens, hashes.

Source: official documentation, security: AES-256-CBC with PKCS#7 padding, the
initialization vector only beside the wrapped key and never before the ciphertext;
RSAES-OAEP with SHA-256. `Credential` lives in credential.py.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .credential import Credential
from .errors import ProtocolError
from .messages import PublicKey

__all__ = [
    "Credential",
    "EncryptedInvoice",
    "Encryption",
    "SessionKey",
    "TOKEN_ENCRYPTION",
    "SYMMETRIC_KEY_ENCRYPTION",
    "b64url",
    "choose_key",
    "encrypt_invoice",
    "encrypt_ksef_token",
    "sha256_b64",
]

TOKEN_ENCRYPTION = "KsefTokenEncryption"
SYMMETRIC_KEY_ENCRYPTION = "SymmetricKeyEncryption"

_AES_BLOCK_BITS = 128


def sha256_b64(content: bytes) -> str:
    """SHA-256 in standard Base64, as the API wants it."""
    return _b64(hashlib.sha256(content).digest())


def b64url(content: bytes) -> str:
    """Base64 for links: URL-safe, without padding."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


@dataclass(frozen=True)
class Encryption:
    """A session key wrapped for KSeF: the `encryption` of a request."""

    encrypted_symmetric_key: str
    initialization_vector: str
    public_key_id: str | None

    def to_json(self) -> dict[str, str]:
        body = {
            "encryptedSymmetricKey": self.encrypted_symmetric_key,
            "initializationVector": self.initialization_vector,
        }
        if self.public_key_id:
            body["publicKeyId"] = self.public_key_id
        return body


@dataclass(frozen=True)
class EncryptedInvoice:
    """An invoice ready to be sent, with the hashes and sizes KSeF compares."""

    invoice_hash: str
    invoice_size: int
    encrypted_hash: str
    encrypted_size: int
    content: bytes = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        return {
            "invoiceHash": self.invoice_hash,
            "invoiceSize": self.invoice_size,
            "encryptedInvoiceHash": self.encrypted_hash,
            "encryptedInvoiceSize": self.encrypted_size,
            "encryptedInvoiceContent": _b64(self.content),
        }


@dataclass(frozen=True)
class SessionKey:
    """The AES key (32 bytes) and vector (16 bytes) of one session or export."""

    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != 32 or len(self.iv) != 16:
            raise ValueError("a session key has 32 bytes and its vector 16")

    @classmethod
    def generate(cls) -> SessionKey:
        """A new one; never use a key for a second session."""
        return cls(secrets.token_bytes(32), secrets.token_bytes(16))

    @classmethod
    def from_bytes(cls, key: bytes, iv: bytes) -> SessionKey:
        """The one kept when the session or export was begun.

        :raises ValueError: a wrong length
        """
        return cls(key, iv)

    def encrypt(self, content: bytes) -> bytes:
        """Encrypt one document or part."""
        return b"".join(self.encrypted([content]))

    def encrypted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """One document or part, piece by piece, so that it is never held whole."""
        padder = padding.PKCS7(_AES_BLOCK_BITS).padder()
        encryptor = self._cipher().encryptor()
        for chunk in chunks:
            yield encryptor.update(padder.update(chunk))
        yield encryptor.update(padder.finalize()) + encryptor.finalize()

    def decrypt(self, content: bytes) -> bytes:
        """Decrypt one document or part.

        :raises ProtocolError: not encrypted with this key
        """
        decryptor = self._cipher().decryptor()
        unpadder = padding.PKCS7(_AES_BLOCK_BITS).unpadder()
        try:
            padded = decryptor.update(content) + decryptor.finalize()
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            raise ProtocolError("a part cannot be decrypted") from None

    def wrap(self, public_key: PublicKey) -> Encryption:
        """This key, readable for KSeF alone.

        :raises ProtocolError: the public key is no RSA key
        """
        wrapped = _encrypt_for(public_key, self.key)
        return Encryption(wrapped, _b64(self.iv), public_key.public_key_id)

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self.key), modes.CBC(self.iv))


def encrypt_invoice(xml: bytes, key: SessionKey) -> EncryptedInvoice:
    """Encrypt these very bytes."""
    content = key.encrypt(xml)
    return EncryptedInvoice(
        invoice_hash=sha256_b64(xml),
        invoice_size=len(xml),
        encrypted_hash=sha256_b64(content),
        encrypted_size=len(content),
        content=content,
    )


def encrypt_ksef_token(token: str, timestamp_ms: int, public_key: PublicKey) -> str:
    """A KSeF token bound to a challenge by its time (milliseconds, from KSeF).

    :raises ProtocolError: the public key is no RSA key
    """
    return _encrypt_for(public_key, f"{token}|{timestamp_ms}".encode())


def choose_key(
    public_keys: Iterable[PublicKey], usage: str, now: datetime
) -> PublicKey:
    """The key to use: valid now, and of several the one valid since the latest.

    :raises ProtocolError: KSeF offers none for this usage
    """
    usable = [
        each
        for each in public_keys
        if usage in each.usage and each.valid_from <= now < each.valid_to
    ]
    if not usable:
        raise ProtocolError(f"KSeF offers no valid key for {usage}")
    return max(usable, key=lambda each: each.valid_from)


def _encrypt_for(public_key: PublicKey, content: bytes) -> str:
    try:
        key = x509.load_der_x509_certificate(public_key.certificate).public_key()
    except ValueError:
        raise ProtocolError("a public key of KSeF is unreadable") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise ProtocolError("the public key of KSeF is not RSA")
    oaep = rsa_padding.OAEP(
        mgf=rsa_padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None
    )
    return _b64(key.encrypt(content, oaep))


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()
