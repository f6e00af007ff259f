"""KSeF's own keys: the public ones that clients encrypt to, and the UPO seal."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.x509.oid import NameOID

from .answers import json_answer
from .clock import stamp

SYMMETRIC = "SymmetricKeyEncryption"
TOKEN = "KsefTokenEncryption"
OAEP = rsa_padding.OAEP(
    mgf=rsa_padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None
)


@dataclass
class PublicKey:
    """One published key; `private` is PEM, the usages are KSeF's words."""

    private: bytes
    certificate: bytes
    usage: tuple
    valid_from: datetime
    valid_to: datetime
    withdrawn: bool = False

    @property
    def id(self) -> str:
        """Base64 SHA-256 of the SubjectPublicKeyInfo."""
        key = load_key(self.private).public_key()
        return _digest(
            key.public_bytes(
                serialization.Encoding.DER,
                serialization.PublicFormat.SubjectPublicKeyInfo,
            )
        )

    def usable(self, usage: str, now: datetime) -> bool:
        """Whether a client may encrypt to it for `usage`."""
        valid = self.valid_from <= now < self.valid_to
        return usage in self.usage and valid and not self.withdrawn

    def decrypt(self, ciphertext: bytes) -> bytes:
        """RSA-OAEP with SHA-256. Raises ValueError."""
        return load_key(self.private).decrypt(ciphertext, OAEP)

    def listing(self) -> dict:
        """As the list of public keys shows it."""
        return {
            "certificate": base64.b64encode(self.certificate).decode(),
            "certificateId": _digest(self.certificate),
            "publicKeyId": self.id,
            "validFrom": stamp(self.valid_from),
            "validTo": stamp(self.valid_to),
            "usage": list(self.usage),
        }


def published(now: datetime, generation: int = 0) -> list[PublicKey]:
    """The keys of one generation: outgoing, current and not yet valid ones.

    The current ones last long on both sides, for tests that move the clock.
    """
    day = timedelta(days=1)
    long_ago, far_off, never = (now + days * day for days in (-900, 900, 1600))
    return [
        _key("next", generation, (SYMMETRIC, TOKEN), far_off - day, never),
        _key("token", generation, (TOKEN,), long_ago, far_off),
        _key("old", generation, (SYMMETRIC,), long_ago - 700 * day, now + 9 * day),
        _key("symmetric", generation, (SYMMETRIC,), long_ago, far_off),
    ]


def public_keys(call):
    """GET /security/public-key-certificates: a bare list, in any order."""
    keys = [key for key in call.store.keys["public"] if not key.withdrawn]
    call.simulator.chance.shuffle(keys)
    return json_answer(call, [key.listing() for key in keys])


def seal(now: datetime) -> PublicKey:
    """The key and certificate that sign UPO documents."""
    return _key("upo", 0, (), now - timedelta(days=9), now + timedelta(days=700))


def unlock(keys, usage, ciphertext, key_id, now) -> bytes | None:
    """Decrypt with the named key, or with any that could be meant.

    None if none of them can. Raises KeyError if the named key is not in use.
    """
    usable = [key for key in keys if key.usable(usage, now)]
    if key_id:
        usable = [key for key in usable if key.id == key_id]
        if not usable:
            raise KeyError(key_id)
    for key in usable:
        try:
            return key.decrypt(ciphertext)
        except ValueError:
            continue
    return None


@lru_cache(maxsize=64)
def load_key(pem: bytes):
    """A private key from its unencrypted PEM; reading one is slow."""
    return serialization.load_pem_private_key(pem, None)


def aes_decrypt(key: bytes, iv: bytes, ciphertext: bytes) -> bytes:
    """AES-256-CBC with PKCS#7. Raises ValueError."""
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    padded = decryptor.update(ciphertext) + decryptor.finalize()
    remover = padding.PKCS7(128).unpadder()
    return remover.update(padded) + remover.finalize()


def aes_encrypt(key: bytes, iv: bytes, plaintext: bytes) -> bytes:
    """AES-256-CBC with PKCS#7; the IV is not put in front."""
    adder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).encryptor()
    padded = adder.update(plaintext) + adder.finalize()
    return encryptor.update(padded) + encryptor.finalize()


def _digest(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


@lru_cache(maxsize=32)
def _private(name, generation):
    """RSA keys are slow to make: one set serves all simulators of a process."""
    size = 3072 if name == "symmetric" else 2048
    key = rsa.generate_private_key(public_exponent=65537, key_size=size)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _key(name, generation, usage, valid_from, valid_to):
    pem = _private(name, generation)
    key = load_key(pem)
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "PL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Ministerstwo Finansów"),
            x509.NameAttribute(NameOID.COMMON_NAME, "Symulator KSeF"),
        ]
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(valid_from)
        .not_valid_after(valid_to)
    )
    certificate = builder.sign(key, hashes.SHA256())
    der = certificate.public_bytes(serialization.Encoding.DER)
    whole = [moment.replace(microsecond=0) for moment in (valid_from, valid_to)]
    return PublicKey(pem, der, usage, *whole)
