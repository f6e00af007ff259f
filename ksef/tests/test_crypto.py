"""Encryption: the published vector, every size of padding, keys chosen by date."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from ksef.crypto import (
    SYMMETRIC_KEY_ENCRYPTION,
    TOKEN_ENCRYPTION,
    SessionKey,
    choose_key,
    encrypt_invoice,
    encrypt_ksef_token,
    sha256_b64,
)
from ksef.errors import ProtocolError

from . import pki

KEY = SessionKey.from_bytes(bytes(range(32)), bytes(range(16, 32)))
XML = "<a>zażółć</a>".encode()


def opened(wrapped: str, which: int = 50) -> bytes:
    """What only the holder of the private key can read."""
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    return pki.key("rsa", which).decrypt(base64.b64decode(wrapped), oaep)


def test_the_published_vector():
    sent = encrypt_invoice(XML, KEY).to_json()
    assert sent == {
        "invoiceHash": "0bYhSMM+UR4z4fVYAI2dUSYWyyKPSi2qEibs8d2+gZo=",
        "invoiceSize": 17,
        "encryptedInvoiceHash": "ogPYsCdbuj6ByOa9TmVMgCcawGDZ82Ov6bsJnNPS64s=",
        "encryptedInvoiceSize": 32,
        "encryptedInvoiceContent": "iAw2cmYMIVACTCuzGoTpVhZ3Hd4DJhA55gRjKwhyhfI=",
    }


@pytest.mark.parametrize("size", [*range(0, 65), 6480, 16037])
def test_r13_padding_is_added_to_every_size_and_no_vector_before_it(size):
    plain = bytes(size)
    secret = KEY.encrypt(plain)
    assert len(secret) == size // 16 * 16 + 16
    assert KEY.decrypt(secret) == plain


def test_new_keys_differ_and_have_the_right_lengths():
    one, other = SessionKey.generate(), SessionKey.generate()
    assert (len(one.key), len(one.iv)) == (32, 16)
    assert one.key != other.key and one.iv != other.iv


@pytest.mark.parametrize("lengths", [(16, 16), (32, 14), (0, 0)])
def test_keys_of_other_lengths_are_refused(lengths):
    with pytest.raises(ValueError):
        SessionKey.from_bytes(bytes(lengths[0]), bytes(lengths[1]))


@pytest.mark.parametrize("wrong", [b"", b"short", bytes(32), bytes(33)])
def test_what_was_not_encrypted_with_this_key_is_a_protocol_error(wrong):
    with pytest.raises(ProtocolError):
        KEY.decrypt(wrong)


def test_no_secret_shows_in_texts():
    shown = repr(KEY) + repr(encrypt_invoice(XML, KEY))
    assert repr(KEY.key)[2:-1] not in shown
    assert "key=" not in shown and "iv=" not in shown and "content=" not in shown


def test_ksef_alone_can_read_the_session_key():
    body = KEY.wrap(pki.public_key()).to_json()
    assert opened(body["encryptedSymmetricKey"]) == KEY.key
    assert base64.b64decode(body["initializationVector"]) == KEY.iv
    assert body["publicKeyId"] == "id-of-the-key"


def test_a_key_without_an_id_is_sent_without_one():
    assert "publicKeyId" not in KEY.wrap(pki.public_key(key_id=None)).to_json()


def test_a_token_is_bound_to_the_milliseconds_of_the_challenge():
    token = "20250101-EC-1-2-3|nip-5265877635|" + "ab" * 32
    secret = encrypt_ksef_token(token, 1752236636015, pki.public_key())
    assert opened(secret) == f"{token}|1752236636015".encode()


def test_a_key_that_is_not_rsa_fails_clearly():
    with pytest.raises(ProtocolError, match="RSA"):
        KEY.wrap(pki.public_key(kind="ec"))


class TestChoiceOfKey:
    """Usage and validity decide; of several the one valid since the latest."""

    def test_r12_the_newest_valid_one(self):
        old = pki.public_key(key_id="old")
        new = pki.public_key(
            key_id="new", valid=(timedelta(days=-1), timedelta(days=9))
        )
        for listed in ((old, new), (new, old)):
            chosen = choose_key(listed, TOKEN_ENCRYPTION, pki.NOW)
            assert chosen.public_key_id == "new"

    @pytest.mark.parametrize(
        "valid",
        [
            (timedelta(seconds=1), timedelta(days=9)),
            (timedelta(days=-9), timedelta(0)),
        ],
    )
    def test_not_one_that_is_not_valid_now(self, valid):
        with pytest.raises(ProtocolError):
            choose_key([pki.public_key(valid=valid)], SYMMETRIC_KEY_ENCRYPTION, pki.NOW)

    def test_r12_not_one_for_another_usage(self):
        token = pki.public_key((TOKEN_ENCRYPTION,), key_id="token")
        other = pki.public_key(("SomethingNew",))
        with pytest.raises(ProtocolError):
            choose_key([token, other], SYMMETRIC_KEY_ENCRYPTION, pki.NOW)
        assert choose_key([other, token], TOKEN_ENCRYPTION, pki.NOW) is token


def test_hashes_are_standard_base64():
    assert sha256_b64(b"") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
