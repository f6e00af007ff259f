"""KOD II: the seller's own signature under an offline invoice, as KSeF checks it."""

import base64
import io
import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from PIL import Image
from pyzbar.pyzbar import decode

from ksef import qr
from ksef.errors import CertificateError

from . import pki

HASH = "UtQp9Gpc51y+u3xApZjIjgkpZ01js+J8KflSPW8WzI/="
UNSIGNED = (
    "https://qr-test.ksef.mf.gov.pl/certificate/Nip/1111111111/5265877635/"
    "01F20A5D352AE590/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzI_"
)
SHARED = Path(__file__).resolve().parents[2].parent / "shared/ksef"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent")

# RFC 6979, A.2.5: the key; its signature (SHA-256) of the ministry's sample string.
RFC_6979 = int("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721", 16)
RFC_6979_LINK = (
    "https://qr-test.ksef.mf.gov.pl/certificate/Nip/1111111111/1111111111/"
    "01F20A5D352AE590/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE/"
    "IBA8IW9KvcXwzpr53LYVZ7rEJnZkgdErsYY0Y7XegZGP-v7w0eKNztWhRZ0ysZxf-eTf_iBlGN2MNE7"
    "go14bqw"
)


def verify(link, public_key):
    """Check a link with `cryptography` alone.

    :raises InvalidSignature: it does not fit
    """
    unsigned, _, written = link.removeprefix("https://").rpartition("/")
    signature = base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))
    if isinstance(public_key, rsa.RSAPublicKey):
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        public_key.verify(signature, unsigned.encode(), pss, hashes.SHA256())
        return
    half = len(signature) // 2
    r, s = (int.from_bytes(part) for part in (signature[:half], signature[half:]))
    der = encode_dss_signature(r, s)
    public_key.verify(der, unsigned.encode(), ec.ECDSA(hashes.SHA256()))


def rsa_2048_key_within(certificate):
    """Newer versions of `cryptography` do not read the ministry's sample certificate
    (parameters where there must be none), so its key is cut out by its header."""
    header = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f00")
    start = certificate.index(header)
    return load_der_public_key(certificate[start : start + 4 + 0x122])


def link(credential=None, **changed):
    parts = {
        "context_type": "Nip",
        "context_value": "1111111111",
        "seller_nip": "5265877635",
        "sha256_b64": HASH,
        "credential": credential or pki.credential(usage="offline"),
    }
    return qr.certificate_link("https://qr-test.ksef.mf.gov.pl", **(parts | changed))


class TestLink:
    def test_its_parts_stand_in_the_order_of_the_specification(self):
        unsigned, _, signature = link().rpartition("/")
        assert unsigned == UNSIGNED
        assert "=" not in signature and "+" not in signature

    @pytest.mark.parametrize("kind", ["ec", "ec384", "rsa", "rsa3072"])
    def test_the_certificate_proves_it(self, kind):
        made = pki.credential(kind=kind, usage="offline")
        public_key = made.certificate.public_key()
        signed = link(made)
        verify(signed, public_key)
        for forged in (
            signed.replace("5265877635", "5265877636"),
            signed.replace("https://qr-test.", "https://qr."),
        ):
            with pytest.raises(InvalidSignature):
                verify(forged, public_key)

    @pytest.mark.parametrize(
        ("kind", "length"), [("ec", 86), ("ec384", 128), ("rsa", 342)]
    )
    def test_the_signature_is_as_long_as_its_key_says(self, kind, length):
        signed = link(pki.credential(kind=kind, usage="offline"))
        assert len(signed.rpartition("/")[2]) == length

    def test_small_numbers_of_a_signature_keep_their_zeros(self):
        # One of 128 signatures has a leading zero byte in R or S.
        key = pki.key("ec")
        lengths = {len(qr.link_signature(UNSIGNED, key)) for _ in range(2000)}
        assert lengths == {86}

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("Nip", "1111111111"),
            ("InternalId", "1111111111-00017"),
            ("NipVatUe", "1111111111-DE123456789"),
            ("PeppolId", "PPL123456"),
        ],
    )
    def test_every_context_of_a_login(self, kind, value):
        signed = link(context_type=kind, context_value=value)
        assert f"/certificate/{kind}/{value}/5265877635/" in signed
        verify(signed, pki.key("ec").public_key())

    @pytest.mark.parametrize("kind", ["nip", "Pesel", ""])
    def test_other_contexts_are_refused(self, kind):
        with pytest.raises(ValueError, match="no context"):
            link(context_type=kind)

    @pytest.mark.parametrize("usage", ["authentication", "neither", None])
    def test_only_an_offline_certificate_signs(self, usage):
        with pytest.raises(CertificateError) as caught:
            link(pki.credential(usage=usage))
        assert caught.value.reason == "wrong_purpose_offline"

    def test_the_serial_number_keeps_its_zeros(self):
        assert "/00000000000000AF/" in link(pki.credential(usage="offline", serial=175))

    def test_an_address_of_this_machine_is_signed_without_its_scheme(self):
        offline = pki.credential(usage="offline")
        signed = qr.certificate_link(
            "http://127.0.0.1:8765",
            context_type="Nip",
            context_value="1111111111",
            seller_nip="5265877635",
            sha256_b64=HASH,
            credential=offline,
        )
        assert signed.startswith("http://127.0.0.1:8765/certificate/")
        verify(signed.removeprefix("http://"), offline.certificate.public_key())


class TestPublishedVectors:
    """Signatures that others made verify, and so does ours with the same key."""

    def test_the_key_of_rfc_6979(self):
        key = ec.derive_private_key(RFC_6979, ec.SECP256R1())
        verify(RFC_6979_LINK, key.public_key())
        unsigned = RFC_6979_LINK.rpartition("/")[0]
        verify(f"{unsigned}/{qr.link_signature(unsigned, key)}", key.public_key())

    @needs_shared
    def test_the_one_that_the_ministry_signed(self):
        vectors = json.loads((SHARED / "qr-vectors.json").read_text())["kod_II"]
        signed = [each for each in vectors if "url" in each]
        assert signed
        for vector in signed:
            certificate = (SHARED / vector["cert"]).read_bytes()
            verify(vector["url"], rsa_2048_key_within(certificate))
            assert bytes.fromhex(vector["cert_serial"]) in certificate

    @needs_shared
    def test_our_link_up_to_the_signature_is_that_of_the_ministry(self):
        vector = json.loads((SHARED / "qr-vectors.json").read_text())["kod_II"][0]
        digest = vector["hash_b64url"].replace("-", "+").replace("_", "/") + "="
        made = qr.certificate_link(
            "https://" + vector["signed_string"].partition("/")[0],
            context_type=vector["ctx_type"],
            context_value=vector["ctx"],
            seller_nip=vector["seller_nip"],
            sha256_b64=digest,
            credential=pki.credential(
                usage="offline", serial=int(vector["cert_serial"], 16)
            ),
        )
        unsigned = made.removeprefix("https://").rpartition("/")[0]
        assert unsigned == vector["signed_string"]


class TestImage:
    @pytest.mark.parametrize(
        ("kind", "sides"), [("ec", 57 + 8), ("rsa", 85 + 8)], ids=["EC", "RSA"]
    )
    def test_a_reader_of_codes_reads_the_link_again(self, kind, sides):
        signed = link(pki.credential(kind=kind, usage="offline"))
        picture = Image.open(io.BytesIO(qr.image(signed, box_size=3)))
        assert qr.modules(signed) == sides
        assert picture.size == (3 * sides, 3 * sides)
        (found,) = decode(picture)
        assert found.data.decode() == signed

    def test_kod_i_has_41_modules_and_the_quiet_zone(self):
        assert qr.modules("https://qr-test.ksef.mf.gov.pl/invoice/" + "x" * 65) == 49
