"""Who a certificate belongs to, what it is for, how long it holds."""

from datetime import timedelta, timezone

import pytest

from ksef.credential import Credential
from ksef.errors import CertificateError

from . import pki
from .pki import CN, GN, NIP, ORG, ORG_ID, SERIAL, SN, C


def person(serial: str):
    return ((GN, "Jan"), (SN, "Kowalski"), (SERIAL, serial), (CN, "Jan K"), (C, "PL"))


@pytest.mark.parametrize(
    ("subject", "identity"),
    [
        (pki.SEAL, ("Nip", NIP)),
        (pki.PERSON, ("Pesel", "90010112349")),
        (person("PNOPL-90010112349"), ("Pesel", "90010112349")),
        (person("PESEL: 90010112349"), ("Pesel", "90010112349")),
        (person(f"TINPL-{NIP}"), ("Nip", NIP)),
        (person(f"NIP-{NIP}"), ("Nip", NIP)),
    ],
)
def test_the_identifier_is_the_one_ksef_reads(subject, identity):
    made = pki.credential(subject)
    assert (made.identifier_type, made.identifier) == identity


@pytest.mark.parametrize(
    "subject",
    [
        ((ORG, "Beta"), (CN, "Beta"), (C, "PL")),
        ((ORG, "Beta"), (ORG_ID, "VATDE-123456789"), (CN, "Beta"), (C, "PL")),
        # A seal is a company's: with a person's name it is neither.
        ((GN, "Jan"), (SN, "K"), (ORG_ID, f"VATPL-{NIP}"), (CN, "J"), (C, "PL")),
        # A serial number is a person's.
        ((ORG, "Beta"), (SERIAL, "PNOPL-90010112349"), (CN, "Beta"), (C, "PL")),
        person("IDCPL-ABC123456"),
    ],
)
def test_any_other_subject_is_known_by_its_fingerprint(subject):
    made = pki.credential(subject)
    assert made.identifier_type == "Fingerprint"
    assert made.identifier == made.fingerprint
    assert len(made.fingerprint) == 64 and made.fingerprint.isupper()


@pytest.mark.parametrize(
    ("subject", "owner"),
    [
        (pki.SEAL, "Beta sp. z o.o."),
        (pki.PERSON, "Zażółć Gęślą"),
        (((GN, "Jan"), (GN, "Maria"), (SN, "K"), (CN, "x")), "Jan Maria K"),
        (((CN, "only this"),), "only this"),
    ],
)
def test_the_owner_is_named_as_people_do(subject, owner):
    assert pki.credential(subject).owner == owner


@pytest.mark.parametrize(
    ("usage", "purpose"),
    [
        ("authentication", "authentication"),
        ("offline", "offline"),
        # A qualified signature may have both; only an Offline one has no other use.
        ("authentication and offline", "authentication"),
        ("neither", None),
        (None, None),
    ],
)
def test_the_purpose_is_told_by_key_usage(usage, purpose):
    assert pki.credential(usage=usage).purpose == purpose


@pytest.mark.parametrize(
    ("serial", "written"),
    [
        (0x01F20A5D352AE590, "01F20A5D352AE590"),
        (0x1, "0000000000000001"),
        (0xABCDEF0123456789ABCDEF, "ABCDEF0123456789ABCDEF"),
    ],
)
def test_the_serial_number_is_padded_hexadecimal(serial, written):
    assert pki.credential(serial=serial).serial_number == written


def test_validity_is_aware_utc():
    made = pki.credential()
    assert made.valid_from == pki.NOW - timedelta(days=10)
    assert made.valid_to == pki.NOW + timedelta(days=720)
    assert made.valid_from.tzinfo == made.valid_to.tzinfo == timezone.utc


@pytest.mark.parametrize(
    ("shift", "reason"),
    [
        (timedelta(days=-11), "not_yet_valid"),
        (timedelta(days=-10), None),
        (timedelta(0), None),
        (timedelta(days=720), None),
        (timedelta(days=720, seconds=1), "expired"),
    ],
)
def test_validity_is_checked_at_the_moment_given(shift, reason):
    made = pki.credential()
    if reason is None:
        made.check_valid(pki.NOW + shift)
        return
    with pytest.raises(CertificateError) as caught:
        made.check_valid(pki.NOW + shift)
    assert caught.value.reason == reason


@pytest.mark.parametrize("kind", ["ec", "ec384", "rsa"])
def test_stored_and_read_again_it_is_the_same(kind):
    made = pki.credential(kind=kind)
    again = Credential.from_der(made.certificate_der, made.private_key_der())
    assert again.certificate == made.certificate
    assert again.private_key_der() == made.private_key_der()


@pytest.mark.parametrize(
    ("certificate", "key", "reason"),
    [
        (b"junk", None, "unreadable"),
        (None, b"junk", "unreadable_key"),
        (None, b"", "unreadable_key"),
    ],
)
def test_damaged_stored_bytes_are_told(certificate, key, reason):
    made = pki.credential()
    with pytest.raises(CertificateError) as caught:
        Credential.from_der(
            made.certificate_der if certificate is None else certificate,
            made.private_key_der() if key is None else key,
        )
    assert caught.value.reason == reason


def test_a_key_of_another_certificate_is_refused():
    with pytest.raises(CertificateError) as caught:
        Credential(pki.certificate(), pki.key("ec", 1))
    assert caught.value.reason == "key_mismatch"


@pytest.mark.parametrize("kind", ["rsa1024", "ec192"])
def test_keys_that_ksef_refuses_are_refused_here(kind):
    with pytest.raises(CertificateError) as caught:
        Credential.load(pki.crt(pki.certificate(kind=kind)), pki.key_file(kind))
    assert caught.value.reason == "unsupported_key"


def test_a_name_that_no_signature_can_carry_is_refused_at_once():
    with pytest.raises(CertificateError) as caught:
        pki.credential(((CN, "a\x01b"),))
    assert caught.value.reason == "unreadable"


def test_the_text_form_shows_no_key():
    made = pki.credential(kind="rsa")
    assert "rivate" not in repr(made)
    assert str(made.private_key.private_numbers().d) not in repr(made)
