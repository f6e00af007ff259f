"""The search finds what is there: else its silence would mean nothing."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from .search import cores, found

DER, PEM = Encoding.DER, Encoding.PEM
PKCS8, OLD = PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL
KEYS = {
    "EC": ec.generate_private_key(ec.SECP256R1()),
    "RSA": rsa.generate_private_key(65537, 2048),
}
WORD = b"tak-tajne-ze-nikt-nie-zgadnie"
AROUND = b"INSERT INTO x VALUES (%s);\n" * 50


def written(key, encoding, form):
    return key.private_bytes(encoding, form, NoEncryption())


def bytea(content):
    return b"\\\\x" + content.hex().encode()


FORMS = {
    "raw": lambda content: content,
    "base64": base64.b64encode,
    "base64 of a link": base64.urlsafe_b64encode,
    "base64 behind one": lambda content: base64.b64encode(b"1" + content),
    "base64 behind two": lambda content: base64.b64encode(b"22" + content),
    "base64 in lines": base64.encodebytes,
    "base64 in a COPY": lambda c: base64.encodebytes(c).replace(b"\n", b"\\n"),
    "hexadecimal": lambda content: content.hex().encode(),
    "HEXADECIMAL": lambda content: content.hex().upper().encode(),
    "bytes": bytea,
    "Binary field": lambda content: bytea(base64.b64encode(content)),
}


@pytest.mark.parametrize("write", FORMS.values(), ids=FORMS)
class TestFound:
    """Whatever the secret and however it is written, it is found."""

    @pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
    @pytest.mark.parametrize("form", [PKCS8, OLD], ids=["PKCS8", "traditional"])
    def test_key(self, write, key, form):
        secrets = dict.fromkeys(cores("private key", written(key, DER, PKCS8)), "key")
        content = AROUND + write(written(key, DER, form)) + AROUND
        assert found(secrets, content) == {"key"}

    def test_word(self, write):
        assert found({WORD: "word"}, AROUND + write(WORD) + AROUND) == {"word"}


class TestOtherForms:
    @pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
    def test_pem(self, key):
        secrets = dict.fromkeys(cores("private key", written(key, DER, PKCS8)), "key")
        assert found(secrets, AROUND + written(key, PEM, PKCS8)) == {"key"}

    def test_decimal(self):
        number = KEYS["EC"].private_numbers().private_value
        secrets = dict.fromkeys(
            cores("private key", written(KEYS["EC"], DER, PKCS8)), "key"
        )
        assert found(secrets, f"d={number}".encode()) == {"key"}

    def test_nothing_is_found_where_nothing_is(self):
        """Neither a sealed key nor its public half is taken for the key."""
        key = KEYS["EC"]
        secrets = dict.fromkeys(cores("private key", written(key, DER, PKCS8)), "key")
        sealed = key.private_bytes(PEM, PKCS8, BestAvailableEncryption(WORD))
        assert not found(secrets | {WORD: "word"}, AROUND + sealed)
