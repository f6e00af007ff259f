"""The signed login request: two independent verifiers accept it, and its form is the
one the official documentation asks for."""

import base64
import hashlib
import shutil
import subprocess
from datetime import timedelta, timezone

import pytest
from cryptography import x509
from lxml import etree
from signxml import XMLVerifier
from signxml.exceptions import InvalidDigest, InvalidSignature

from ksef import xades
from ksef.errors import CertificateError
from ksef.xades import AUTH_NS, DS_NS, XADES_NS, auth_token_request, check_signed, sign

from . import pki

CHALLENGE = "20250625-CR-20F5EE4000-DA48AE4124-46"
NS = {"a": AUTH_NS, "ds": DS_NS, "xades": XADES_NS}

KINDS = ["ec", "ec384", "rsa"]


def signed(kind: str, **options) -> bytes:
    return sign(
        auth_token_request(CHALLENGE, pki.NIP),
        pki.credential(kind=kind, **options),
        pki.NOW,
    )


def find(xml: bytes, path: str) -> etree._Element:
    found = etree.fromstring(xml).findall(path, NS)
    assert len(found) == 1, path
    return found[0]


def test_the_request_is_that_of_the_documentation():
    root = etree.fromstring(auth_token_request(CHALLENGE, pki.NIP))
    assert root.tag == "{http://ksef.mf.gov.pl/auth/token/2.1}AuthTokenRequest"
    assert [child.tag.partition("}")[2] for child in root] == [
        "Challenge",
        "ContextIdentifier",
        "SubjectIdentifierType",
    ]
    assert [child.text for child in root] == [CHALLENGE, None, "certificateSubject"]
    assert root.findtext("a:ContextIdentifier/a:Nip", namespaces=NS) == pki.NIP
    assert auth_token_request(CHALLENGE, pki.NIP).startswith(b"<?xml")


@pytest.mark.parametrize("kind", KINDS)
class TestVerifiers:
    """What signxml and xmlsec1 accept, and refuse once a byte has changed."""

    def test_r22_signxml(self, kind):
        certificate = pki.certificate(kind=kind)
        pem = pki.crt(certificate).decode()
        XMLVerifier().verify(signed(kind), x509_cert=pem, expect_references=2)

    def test_signxml_notices_a_changed_request(self, kind):
        pem = pki.crt(pki.certificate(kind=kind)).decode()
        changed = signed(kind).replace(pki.NIP.encode(), b"1111111111", 1)
        with pytest.raises((InvalidDigest, InvalidSignature)):
            XMLVerifier().verify(changed, x509_cert=pem, expect_references=2)

    def test_r22_xmlsec1(self, kind, tmp_path):
        assert self.xmlsec1(signed(kind), kind, tmp_path)

    @pytest.mark.parametrize(
        "change",
        [
            (pki.NIP.encode(), b"1111111111"),
            (b"2026-03-02T11:59:00Z", b"2026-03-02T11:58:00Z"),
            (b"exc-c14n#", b"exc-c14n#WithComments"),
        ],
    )
    def test_xmlsec1_notices_a_change(self, kind, change, tmp_path):
        assert not self.xmlsec1(signed(kind).replace(*change), kind, tmp_path)

    def xmlsec1(self, xml: bytes, kind: str, folder) -> bool:
        program = shutil.which("xmlsec1")
        assert program, "xmlsec1 is missing: apt-get install xmlsec1"
        (folder / "c.pem").write_bytes(pki.crt(pki.certificate(kind=kind)))
        (folder / "s.xml").write_bytes(xml)
        trusted = ["--trusted-pem", folder / "c.pem"]
        options = ["--enabled-key-data", "x509", "--id-attr:Id", "SignedProperties"]
        at = ["--verification-time", "2026-03-02 12:00:00"]
        run = subprocess.run(
            [program, "--verify", *options, *trusted, *at, folder / "s.xml"],
            capture_output=True,
            check=False,
        )
        return run.returncode == 0


class TestForm:
    """Enveloped, two references, SHA-256, XAdES-BES with the v1 certificate mark."""

    @pytest.mark.parametrize(
        ("kind", "algorithm"),
        [
            ("rsa", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
            ("ec", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
            ("ec384", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
        ],
    )
    def test_the_algorithm_follows_the_key(self, kind, algorithm):
        method = find(signed(kind), ".//ds:SignedInfo/ds:SignatureMethod")
        assert method.get("Algorithm") == algorithm

    def test_not_the_issuers_algorithm(self):
        xml = signed("rsa", issuer_kind="ec")
        method = find(xml, ".//ds:SignedInfo/ds:SignatureMethod")
        assert method.get("Algorithm").endswith("#rsa-sha256")

    @pytest.mark.parametrize(
        ("kind", "size"), [("ec", 64), ("ec384", 96), ("rsa", 256)]
    )
    def test_r22_elliptic_signatures_are_r_and_s_side_by_side(self, kind, size):
        for _ in range(20 if kind == "ec" else 1):
            value = find(signed(kind), ".//ds:SignatureValue").text
            assert len(base64.b64decode(value)) == size

    def test_small_numbers_keep_their_width(self, monkeypatch):
        monkeypatch.setattr(xades, "decode_dss_signature", lambda _der: (1, 2))
        value = base64.b64decode(find(signed("ec"), ".//ds:SignatureValue").text)
        assert value == bytes(31) + b"\x01" + bytes(31) + b"\x02"

    def test_one_signature_last_in_the_root(self):
        root = etree.fromstring(signed("ec"))
        assert root[-1].tag == f"{{{DS_NS}}}Signature"
        assert len(root.findall(".//ds:Signature", NS)) == 1

    def test_both_references(self):
        references = etree.fromstring(signed("ec")).findall(".//ds:Reference", NS)
        transforms = [
            [each.get("Algorithm") for each in ref.findall(".//ds:Transform", NS)]
            for ref in references
        ]
        exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
        enveloped = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
        assert transforms == [[enveloped, exclusive], [exclusive]]
        assert references[0].get("URI") == ""
        assert references[1].get("Type") == "http://uri.etsi.org/01903#SignedProperties"
        identifier = find(signed("ec"), ".//xades:SignedProperties").get("Id")
        assert references[1].get("URI") == f"#{identifier}"

    def test_r22_the_properties_name_the_certificate(self):
        xml, made = signed("ec"), pki.certificate()
        der = pki.crt(made, "DER")
        digest = find(xml, ".//xades:CertDigest/ds:DigestValue").text
        assert base64.b64decode(digest) == hashlib.sha256(der).digest()
        assert find(xml, ".//ds:X509SerialNumber").text == str(made.serial_number)
        issuer = find(xml, ".//ds:X509IssuerName").text
        assert issuer == f"CN={pki.NIP},O=Beta sp. z o.o.,2.5.4.97=VATPL-{pki.NIP},C=PL"
        inside = base64.b64decode(find(xml, ".//ds:X509Certificate").text)
        assert x509.load_der_x509_certificate(inside) == made
        target = find(xml, ".//xades:QualifyingProperties").get("Target")
        assert target == "#" + find(xml, ".//ds:Signature").get("Id")

    @pytest.mark.parametrize("hours", [0, 2])
    def test_signing_time_is_utc_and_a_minute_back(self, hours):
        now = pki.NOW.astimezone(timezone(timedelta(hours=hours)))
        xml = sign(auth_token_request(CHALLENGE, pki.NIP), pki.credential(), now)
        assert find(xml, ".//xades:SigningTime").text == "2026-03-02T11:59:00Z"


def test_what_a_name_contains_cannot_break_the_document():
    subject = ((pki.ORG, 'A & B <x> "y", ś'), (pki.CN, "a"))
    xml = sign(auth_token_request(CHALLENGE, pki.NIP), pki.credential(subject), pki.NOW)
    pem = pki.crt(pki.certificate(subject)).decode()
    XMLVerifier().verify(xml, x509_cert=pem, expect_references=2)


class TestSignedElsewhere:
    """What a person brings back is our request with a signature, or is told apart."""

    REQUEST = auth_token_request(CHALLENGE, pki.NIP)

    def enveloping(self, content: bytes) -> bytes:
        held = base64.b64encode(content).decode()
        return (
            f'<ds:Signature xmlns:ds="{DS_NS}"><ds:SignatureValue>x'
            f"</ds:SignatureValue><ds:Object> {held} </ds:Object>"
            "<ds:Object>no Base64, ż</ds:Object><ds:Object/></ds:Signature>"
        ).encode()

    def around(self, content: bytes) -> bytes:
        inner = content.partition(b"?>")[2]
        return (
            b'<Signature xmlns="%s"><SignatureValue>x</SignatureValue><Object>%s'
            b"</Object></Signature>" % (DS_NS.encode(), inner)
        )

    def test_within_around_and_as_base64(self):
        check_signed(signed("ec"), self.REQUEST)
        check_signed(self.around(self.REQUEST), self.REQUEST)
        check_signed(self.enveloping(self.REQUEST), self.REQUEST)

    def test_a_signing_tool_may_rewrite_what_means_nothing(self):
        pretty = signed("rsa").replace(b"<Challenge>", b"\r\n  <Challenge>\n ")
        check_signed(b"\xef\xbb\xbf" + pretty, self.REQUEST)

    @pytest.mark.parametrize("wrap", ["around", "enveloping"])
    @pytest.mark.parametrize(
        "other",
        [
            auth_token_request(CHALLENGE, "1111111111"),
            auth_token_request(CHALLENGE[:-1] + "7", pki.NIP),
            auth_token_request(CHALLENGE, pki.NIP, by_fingerprint=True),
            b"<?xml version='1.0'?><invoice/>",
        ],
    )
    def test_another_request(self, wrap, other):
        content = getattr(self, wrap)(other)
        assert self.reason(content) == "request_other"

    def test_the_request_itself_unsigned(self):
        assert self.reason(self.REQUEST) == "request_unsigned"

    @pytest.mark.parametrize("case", ["empty", "pdf", "key", "not XML", "cut", "huge"])
    def test_no_document_at_all(self, case):
        contents = {
            "empty": b"",
            "pdf": b"%PDF-1.7",
            "key": pki.key_file(),
            "not XML": b"<a>",
            "cut": signed("ec")[:-5],
            "huge": signed("ec") + b" " * 1_000_000,
        }
        assert self.reason(contents[case]) == "request_unreadable"

    def test_entities_stay_closed(self, tmp_path):
        secret = tmp_path / "secret"
        secret.write_text(CHALLENGE)
        declared = f'<!DOCTYPE a [<!ENTITY e SYSTEM "{secret}">]>'.encode()
        content = signed("ec").replace(CHALLENGE.encode(), b"&e;")
        head, mark, rest = content.partition(b"?>")
        assert self.reason(head + mark + declared + rest) == "request_other"

    def reason(self, content: bytes) -> str:
        with pytest.raises(CertificateError) as caught:
            check_signed(content, self.REQUEST)
        return caught.value.reason
