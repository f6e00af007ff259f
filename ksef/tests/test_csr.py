"""The request for a certificate: the words of KSeF, octet by octet."""

import base64
import hashlib
import json
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ksef import csr
from ksef.credential import Credential
from ksef.errors import CertificateError
from ksef.messages import Subject

from . import pki

FILE = Path(__file__).resolve().parents[2].parent / "shared/ksef/open-api-2.7.0.json"
KEY = csr.new_key()
UTF8, PRINTABLE = 0x0C, 0x13

SEAL = Subject(
    common_name="Żółw i spółka",
    country="PL",
    organization="Żółw sp. z o.o. & S-ka",
    organization_identifier=f"VATPL-{pki.NIP}",
    unique_identifier="d9d22724-4696-460c-9e5e-b9e3aafb0af3",
)
PERSON = Subject(
    common_name="Zażółć Gęślą",
    country="PL",
    given_names=("Zażółć", "Anna Maria"),
    surname="Gęślą-Jaźń",
    serial_number="TINPL-5265877635",
)


def values(der: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of each ASN.1 value on this level."""
    found, at = [], 0
    while at < len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size >= 0x80:
            octets = size & 0x7F
            size, at = int.from_bytes(der[at : at + octets], "big"), at + octets
            assert size >= 0x80, "DER writes a length in the shortest form"
        found.append((tag, der[at : at + size]))
        at += size
    assert at == len(der)
    return found


def parts(request: bytes) -> list[tuple[int, bytes]]:
    """Version, names, public key and attributes."""
    ((outer, whole),) = values(request)
    (inner, content), _algorithm, (bits, _signature) = values(whole)
    assert (outer, inner, bits) == (0x30, 0x30, 0x03)
    return values(content)


def names(subject: Subject) -> list[tuple[str, int, str]]:
    """Object identifier, type and text of each name; each is in a set of its own."""
    found = []
    for kind, members in values(parts(csr.request(subject, KEY))[1][1]):
        ((sequence, pair),) = values(members)
        (_oid, identifier), (tag, text) = values(pair)
        assert (kind, sequence, identifier[:2]) == (0x31, 0x30, b"\x55\x04")
        found.append((f"2.5.4.{identifier[2]}", tag, text.decode()))
    return found


def loaded(request: bytes) -> x509.CertificateSigningRequest:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return x509.load_der_x509_csr(request)


class TestNames:
    """Order and types of the names are those of the official example."""

    def test_a_seal(self):
        assert names(SEAL) == [
            ("2.5.4.3", UTF8, "Żółw i spółka"),
            ("2.5.4.10", UTF8, "Żółw sp. z o.o. & S-ka"),
            ("2.5.4.97", UTF8, f"VATPL-{pki.NIP}"),
            ("2.5.4.6", PRINTABLE, "PL"),
            ("2.5.4.45", UTF8, "d9d22724-4696-460c-9e5e-b9e3aafb0af3"),
        ]

    def test_a_person_with_two_given_names(self):
        assert names(PERSON) == [
            ("2.5.4.3", UTF8, "Zażółć Gęślą"),
            ("2.5.4.4", UTF8, "Gęślą-Jaźń"),
            ("2.5.4.42", UTF8, "Zażółć"),
            ("2.5.4.42", UTF8, "Anna Maria"),
            ("2.5.4.6", PRINTABLE, "PL"),
            ("2.5.4.5", PRINTABLE, "TINPL-5265877635"),
        ]

    @pytest.mark.parametrize("serial", ["PNO_PL-1", "1@2", "Ż1", "a*b"])
    def test_what_cannot_be_printable_is_utf8(self, serial):
        found = names(replace(PERSON, serial_number=serial))
        assert found[-1] == ("2.5.4.5", UTF8, serial)

    @pytest.mark.parametrize("length", [1, 60, 64, 65, 110, 130, 240, 260, 5000])
    def test_a_name_is_never_cut_or_refused(self, length):
        found = names(replace(SEAL, common_name="ż" * length))
        assert found[0] == ("2.5.4.3", UTF8, "ż" * length)

    @pytest.mark.skipif(not FILE.exists(), reason="../shared is absent")
    def test_the_official_example(self):
        paths = json.loads(FILE.read_text())["paths"]
        ordered = paths["/certificates/enrollments"]["post"]["requestBody"]
        answered = paths["/certificates/enrollments/data"]["get"]["responses"]["200"]
        example = ordered["content"]["application/json"]["example"]["csr"]
        data = answered["content"]["application/json"]["example"]
        ours = csr.request(Subject.from_json(data), KEY)
        assert parts(ours)[1] == parts(base64.b64decode(example))[1]


class TestRequest:
    """A PKCS#10 request as every authority reads it, signed with our key."""

    @pytest.mark.parametrize("subject", [SEAL, PERSON])
    def test_read_by_cryptography(self, subject):
        read = loaded(csr.request(subject, KEY))
        assert read.is_signature_valid
        assert isinstance(read.signature_hash_algorithm, hashes.SHA256)
        assert isinstance(read.public_key().curve, ec.SECP256R1)
        assert list(read.extensions) == [] and read.public_key() is not None
        texts = [(each.oid.dotted_string, each.value) for each in read.subject]
        assert texts == [(oid, text) for oid, _tag, text in names(subject)]

    def test_it_equals_what_cryptography_writes(self):
        written = (
            x509.CertificateSigningRequestBuilder()
            .subject_name(pki.name(pki.PERSON))
            .sign(KEY, hashes.SHA256())
            .tbs_certrequest_bytes
        )
        attributes = dict(pki.PERSON)
        subject = Subject(
            common_name=attributes[pki.CN],
            country="PL",
            given_names=(attributes[pki.GN],),
            surname=attributes[pki.SN],
            serial_number=attributes[pki.SERIAL],
        )
        ours = loaded(csr.request(subject, KEY)).tbs_certrequest_bytes
        assert parts_of(ours) == parts_of(written)

    def test_version_and_attributes(self):
        version, _names, _key, attributes = parts(csr.request(SEAL, KEY))
        assert version == (0x02, b"\x00") and attributes == (0xA0, b"")

    def test_it_holds_nothing_private(self):
        secret = KEY.private_numbers().private_value.to_bytes(32, "big")
        assert secret not in csr.request(SEAL, KEY)


def parts_of(content: bytes) -> list:
    """The parts without the names, and the names without their order."""
    ((_tag, inner),) = values(content)
    version, listed, *rest = values(inner)
    return [version, sorted(values(listed[1])), *rest]


class TestKeys:
    """Made once, sealed as PKCS#8, known by the hash of the public part."""

    def test_each_is_new_and_p256(self):
        one, two = csr.new_key(), csr.new_key()
        assert isinstance(one.curve, ec.SECP256R1)
        assert csr.key_der(one) != csr.key_der(two)

    def test_stored_and_loaded(self):
        der = csr.key_der(KEY)
        assert csr.key_der(csr.load_key(der)) == der
        request = loaded(csr.request(SEAL, csr.load_key(der)))
        assert (
            request.public_key().public_numbers() == KEY.public_key().public_numbers()
        )

    @pytest.mark.parametrize(
        ("case", "reason"),
        [
            ("empty", "unreadable_key"),
            ("not a key", "unreadable_key"),
            ("cut", "unreadable_key"),
            ("under a password", "unreadable_key"),
            ("rsa", "unsupported_key"),
            ("ec384", "unsupported_key"),
        ],
    )
    def test_no_key_of_ours(self, case, reason):
        contents = {
            "empty": b"",
            "not a key": b"0\x03abc",
            "cut": csr.key_der(KEY)[:-1],
            "under a password": pki.key_file(password="x", encoding="DER"),
            "rsa": pki.key_file("rsa", encoding="DER"),
            "ec384": pki.key_file("ec384", encoding="DER"),
        }
        with pytest.raises(CertificateError) as caught:
            csr.load_key(contents[case])
        assert caught.value.reason == reason

    @pytest.mark.parametrize("kind", ["ec", "ec384", "rsa"])
    def test_a_key_and_its_certificate_have_one_hash(self, kind):
        made, key = pki.certificate(kind=kind), pki.key(kind)
        spki = key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        expected = base64.b64encode(hashlib.sha256(spki).digest()).decode()
        for holder in (key, made, pki.crt(made, "DER")):
            assert csr.public_key_hash(holder) == expected
        assert csr.public_key_hash(pki.key(kind, 7)) != expected

    @pytest.mark.parametrize("case", ["empty", "nonsense", "key", "cut"])
    def test_no_certificate(self, case):
        contents = {
            "empty": b"",
            "nonsense": b"0\x03abc",
            "key": csr.key_der(KEY),
            "cut": pki.crt(pki.certificate(), "DER")[:-1],
        }
        with pytest.raises(CertificateError) as caught:
            csr.public_key_hash(contents[case])
        assert caught.value.reason == "unreadable"

    def test_what_is_issued_fits_the_key(self):
        der = csr.key_der(pki.key())
        made = Credential.from_der(pki.crt(pki.certificate(), "DER"), der)
        assert made.private_key_der() == der
