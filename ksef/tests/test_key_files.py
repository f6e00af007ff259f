"""Certificate and key files as people have them, and what else they pick by mistake.

Every refusal says why, and what the file is instead where that can be told.
"""

import base64
import io

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)
from PIL import Image

from ksef.credential import Credential
from ksef.errors import CertificateError

from . import pki
from .pki import PASSWORD

# Made once with OpenSSL the way the taxpayer application does it: PKCS#8, PBES2 with
# PBKDF2-HMAC-SHA256, 100,000 iterations, AES-256-CBC, around an EC P-256 key.
APPLICATION_KEY = b"""\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHtMFgGCSqGSIb3DQEFDTBLMCoGCSqGSIb3DQEFDDAdBAh2m8JfVC5fjQIDAYag
MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBAqYjau2xDPH/N1TW3010ZnBIGQ
J428038x1bb3YRBlYa9x2kHotc/KJx845VYKMtX/65WR4lVgZhY+gzmETzoxiR9I
hdv5/ls3ipDSRFE1ejlzxpvhCRuB9vCK2Cki5twf/RIFsowdEDotFRJIHh2sf9wH
2hcRsoHU5/jDChOJYuyHvPPW0t4+R/GdwL9cq5U2i4FYX0B93j07b9mBT89qCkPg
-----END ENCRYPTED PRIVATE KEY-----
"""
APPLICATION_CERTIFICATE = b"""\
-----BEGIN CERTIFICATE-----
MIICADCCAaWgAwIBAgIUHB+6aF7IcbaBNct8xIA/clzTI3MwCgYIKoZIzj0EAwIw
TDELMAkGA1UEBhMCUEwxGTAXBgNVBGEMEFZBVFBMLTUyNjU4Nzc2MzUxDTALBgNV
BAoMBEJldGExEzARBgNVBAMMCjUyNjU4Nzc2MzUwIBcNMjYxMTIyMTYyMzIxWhgP
MjEyNjEwMjkxNjIzMjFaMEwxCzAJBgNVBAYTAlBMMRkwFwYDVQRhDBBWQVRQTC01
MjY1ODc3NjM1MQ0wCwYDVQQKDARCZXRhMRMwEQYDVQQDDAo1MjY1ODc3NjM1MFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEDphreh+sL8Q2gGJW1xh6O9Ocq7GX0ILe
YeGOxwkMMQ2UF1QzOZ6SFhmg2XxypvyKQ8mjui1yUI/AQNqzUifDMqNjMGEwHQYD
VR0OBBYEFDMqHe7iss7MIKa72dwq+V9VIpU3MB8GA1UdIwQYMBaAFDMqHe7iss7M
IKa72dwq+V9VIpU3MA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgeAMAoG
CCqGSM49BAMCA0kAMEYCIQDXXwcX+Qs6/n53t3UDGXxoGhLa1/Jhe3jc8reYXZA3
cQIhAMC1op1NT+E7q7orh+XB2ei+PjSPnIYjbiqEBQ3pTm/f
-----END CERTIFICATE-----
"""


def refused(certificate: bytes, key: bytes | None = None, password=None):
    with pytest.raises(CertificateError) as caught:
        Credential.load(certificate, key, password)
    return caught.value.reason, caught.value.found


def request_for_a_certificate(encoding: str = "PEM") -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(pki.name(pki.SEAL))
    signed = builder.sign(pki.key(), hashes.SHA256())
    return signed.public_bytes(getattr(Encoding, encoding))


def public_key_file(encoding: str = "PEM") -> bytes:
    return (
        pki.key()
        .public_key()
        .public_bytes(getattr(Encoding, encoding), PublicFormat.SubjectPublicKeyInfo)
    )


def p12(password=PASSWORD, kind="ec", key=True, certificate=True, others=()) -> bytes:
    return pkcs12.serialize_key_and_certificates(
        b"mine",
        pki.key(kind) if key else None,
        pki.certificate(kind=kind) if certificate else None,
        list(others) or None,
        BestAvailableEncryption(password.encode()) if password else NoEncryption(),
    )


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("1", (4, 4)).save(out, "PNG")
    return out.getvalue()


BOM = b"\xef\xbb\xbf"
AS_THEY_COME = {
    "as is": lambda pem: pem,
    "crlf": lambda pem: pem.replace(b"\n", b"\r\n"),
    "old mac": lambda pem: pem.replace(b"\n", b"\r"),
    "bom": lambda pem: BOM + pem,
    "text around": lambda pem: b"Bag Attributes\n  x: y\n" + pem + b"\n\x00\x00end",
    "blank lines": lambda pem: b"\r\n\r\n" + pem + b"\r\n\r\n",
}


class TestReadable:
    """Whatever the encoding, the tool or the platform: it loads."""

    @pytest.mark.parametrize("written", AS_THEY_COME.values(), ids=AS_THEY_COME)
    @pytest.mark.parametrize("kind", ["ec", "rsa"])
    def test_pem(self, kind, written):
        certificate = written(pki.crt(pki.certificate(kind=kind)))
        key = written(pki.key_file(kind, PASSWORD))
        assert Credential.load(certificate, key, PASSWORD).owner == "Beta sp. z o.o."

    @pytest.mark.parametrize("tail", [b"", b"\n", b"\x00" * 8, b"more"])
    @pytest.mark.parametrize("password", [None, PASSWORD])
    @pytest.mark.parametrize("kind", ["ec", "rsa"])
    def test_der_with_and_without_trailing_data(self, kind, password, tail):
        certificate = pki.crt(pki.certificate(kind=kind), "DER") + tail
        key = pki.key_file(kind, password, "DER") + tail
        assert Credential.load(certificate, key, password)

    @pytest.mark.parametrize("encoding", ["PEM", "DER"])
    @pytest.mark.parametrize("kind", ["ec", "rsa"])
    def test_older_key_formats(self, kind, encoding):
        key = pki.key_file(kind, None, encoding, "TraditionalOpenSSL")
        assert Credential.load(pki.crt(pki.certificate(kind=kind)), key)

    @pytest.mark.parametrize("kind", ["ec", "rsa"])
    def test_older_encrypted_pem(self, kind):
        key = pki.key_file(kind, PASSWORD, "PEM", "TraditionalOpenSSL")
        certificate = pki.crt(pki.certificate(kind=kind))
        assert Credential.load(certificate, key, PASSWORD)
        assert refused(certificate, key, "other")[0] == "wrong_password"
        assert refused(certificate, key)[0] == "password_missing"

    def test_base64_without_armour_as_the_api_gives_it(self):
        written = base64.encodebytes(pki.crt(pki.certificate(), "DER"))
        assert Credential.load(written, pki.key_file())

    def test_a_password_for_a_key_that_needs_none(self):
        assert Credential.load(pki.crt(pki.certificate()), pki.key_file(), "needless")

    def test_a_chain_in_any_order(self):
        chain = pki.crt(pki.certificate(which=7)) + pki.crt(pki.certificate())
        assert Credential.load(chain, pki.key_file()).private_key is not None

    def test_one_pem_file_with_both(self):
        both = pki.key_file(password=PASSWORD) + pki.crt(pki.certificate())
        assert Credential.load(both, None, PASSWORD)

    def test_the_issuer_may_sign_with_another_kind_of_key(self):
        made = pki.certificate(kind="rsa", issuer_kind="ec")
        assert Credential.load(pki.crt(made), pki.key_file("rsa"))

    @pytest.mark.parametrize("kind", ["ec", "rsa"])
    @pytest.mark.parametrize("password", [PASSWORD, None])
    @pytest.mark.parametrize("tail", [b"", b"\n\n"])
    def test_pkcs12(self, kind, password, tail):
        assert Credential.load(p12(password, kind) + tail, None, password)

    def test_pkcs12_finds_its_certificate_among_others(self):
        made = p12(certificate=False, others=[pki.certificate(which=7)])
        assert refused(made, None, PASSWORD) == ("key_mismatch", "")
        made = p12(certificate=False, others=[pki.certificate(which=7)] * 0)
        assert refused(made, None, PASSWORD) == ("not_a_certificate", "pkcs12")

    def test_the_files_of_the_taxpayer_application(self):
        made = Credential.load(APPLICATION_CERTIFICATE, APPLICATION_KEY, "Aplikacja-15")
        assert made.identifier == "5265877635"
        reason = refused(APPLICATION_CERTIFICATE, APPLICATION_KEY, "aplikacja-15")
        assert reason == ("wrong_password", "")


class TestPassword:
    """Missing and wrong are two different sentences to the user."""

    @pytest.mark.parametrize("encoding", ["PEM", "DER"])
    @pytest.mark.parametrize(
        ("password", "reason"),
        [(None, "password_missing"), ("", "password_missing"), ("x", "wrong_password")],
    )
    def test_of_a_key(self, password, reason, encoding):
        key = pki.key_file("ec", PASSWORD, encoding)
        assert refused(pki.crt(pki.certificate()), key, password) == (reason, "")

    @pytest.mark.parametrize(
        ("password", "reason"),
        [(None, "password_missing"), ("", "password_missing"), ("x", "wrong_password")],
    )
    def test_of_pkcs12(self, password, reason):
        assert refused(p12(), None, password) == (reason, "")

    def test_hundreds_of_wrong_ones_all_give_the_same_reason(self):
        key = pki.key_file("ec", PASSWORD, "DER")
        certificate = pki.crt(pki.certificate())
        # A wrong key passes the padding check once in 256 times.
        reasons = {refused(certificate, key, f"wrong {i}") for i in range(400)}
        assert reasons == {("wrong_password", "")}

    def test_nothing_of_it_shows_in_the_error(self):
        with pytest.raises(CertificateError) as caught:
            Credential.load(
                pki.crt(pki.certificate()), pki.key_file("ec", PASSWORD), "secret-word"
            )
        assert "secret-word" not in repr(caught.value) + str(caught.value)
        assert caught.value.__suppress_context__


WRONG_FILES = {
    "empty": (b"", "empty"),
    "blank": (b" \r\n", "empty"),
    "only a bom": (BOM, "empty"),
    "png": (picture(), "image"),
    "pdf": (b"%PDF-1.7\n...", "pdf"),
    "zip": (b"PK\x03\x04\x14\x00", "zip"),
    "xml": (BOM + b"<?xml version='1.0'?><a/>", "xml"),
    "text": ("Hasło: zażółć".encode(), "text"),
    "request": (request_for_a_certificate(), "certificate_request"),
    "request der": (request_for_a_certificate("DER"), "certificate_request"),
    "public key": (public_key_file(), "public_key"),
    "public key der": (public_key_file("DER"), "public_key"),
    "cut": (pki.crt(pki.certificate(), "DER")[:100], ""),
    "noise": (bytes(range(256)), ""),
}


class TestWrongFile:
    """What it is instead is said, whichever of the two fields it was put into."""

    @pytest.mark.parametrize(
        ("content", "found"), WRONG_FILES.values(), ids=WRONG_FILES
    )
    def test_as_certificate(self, content, found):
        reason = "not_a_certificate" if found else "unreadable"
        assert refused(content, pki.key_file()) == (reason, found)

    @pytest.mark.parametrize(
        ("content", "found"), WRONG_FILES.values(), ids=WRONG_FILES
    )
    def test_as_key(self, content, found):
        certificate = pki.crt(pki.certificate())
        assert refused(certificate, content, PASSWORD) == ("unreadable_key", found)

    @pytest.mark.parametrize("encoding", ["PEM", "DER"])
    @pytest.mark.parametrize("password", [None, PASSWORD])
    def test_key_and_certificate_exchanged(self, encoding, password):
        key = pki.key_file("ec", password, encoding)
        certificate = pki.crt(pki.certificate(), encoding)
        assert refused(key, certificate) == ("not_a_certificate", "private_key")
        assert refused(certificate, certificate) == ("unreadable_key", "certificate")

    def test_pkcs12_as_key(self):
        found = refused(pki.crt(pki.certificate()), p12(), PASSWORD)
        assert found == ("unreadable_key", "pkcs12")

    @pytest.mark.parametrize("encoding", ["PEM", "DER"])
    def test_certificates_without_a_key(self, encoding):
        assert refused(pki.crt(pki.certificate(), encoding)) == ("key_missing", "")
        chain = pkcs7.serialize_certificates(
            [pki.certificate()], getattr(Encoding, encoding)
        )
        assert refused(chain, pki.key_file()) == ("not_a_certificate", "pkcs7")

    def test_pkcs12_without_a_key_or_with_another(self):
        assert refused(p12(key=False), None, PASSWORD) == ("key_missing", "")
        both = refused(p12(), pki.key_file(which=3), PASSWORD)
        assert both == ("key_mismatch", "")

    @pytest.mark.parametrize("which", [1, 2])
    def test_the_key_of_another_certificate(self, which):
        found = refused(pki.crt(pki.certificate()), pki.key_file(which=which))
        assert found == ("key_mismatch", "")
        found = refused(pki.crt(pki.certificate()), pki.key_file("rsa"))
        assert found == ("key_mismatch", "")

    @pytest.mark.parametrize("made", [ed25519.Ed25519PrivateKey.generate])
    def test_kinds_of_keys_that_ksef_does_not_take(self, made):
        key = made().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        found = refused(pki.crt(pki.certificate()), key)
        assert found == ("unsupported_key", "")

    def test_dsa(self):
        made = dsa.generate_private_key(1024)
        key = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        assert refused(pki.crt(pki.certificate()), key)[0] == "unsupported_key"

    @pytest.mark.parametrize("content", [pki.crt(pki.certificate()), pki.key_file()])
    def test_damaged_pem(self, content):
        damaged = content[:60] + b"!!" + content[90:]
        reason, _found = refused(damaged, pki.key_file())
        assert reason in ("unreadable", "not_a_certificate")
        reason, _found = refused(pki.crt(pki.certificate()), damaged)
        assert reason == "unreadable_key"

    @pytest.mark.parametrize("times", [5_000, 200_000])
    def test_a_file_made_to_be_slow_is_refused_at_once(self, times):
        slow = b"-----BEGIN CERTIFICATE-----\n" * times
        reason, _found = refused(slow, pki.key_file())
        assert reason in ("unreadable", "not_a_certificate")
