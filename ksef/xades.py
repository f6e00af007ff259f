"""The AuthTokenRequest and its enveloped XAdES-BES signature.

Source: official documentation, authentication (signature requirements); XML
Signature 1.1; ETSI EN 319 132 with the v1 SigningCertificate that KSeF expects.
Exclusive canonicalization throughout, so no outer namespace can change a digest.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from lxml import etree

from .credential import Credential
from .errors import CertificateError

AUTH_NS = "http://ksef.mf.gov.pl/auth/token/2.1"
DS_NS = "http://www.w3.org/2000/09/xmldsig#"
XADES_NS = "http://uri.etsi.org/01903/v1.3.2#"

_EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
_SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"

# With its chain of certificates and timestamps a signed request has some 50 kB.
_FILE_LIMIT = 1_000_000

# A signing time in KSeF's future invalidates the signature: allow for our clock.
_CLOCK_SKEW = timedelta(minutes=1)


def auth_token_request(
    challenge: str, nip: str, *, by_fingerprint: bool = False
) -> bytes:
    """The request to log in to the context of this NIP, not yet signed.

    `by_fingerprint`: rights were given to the certificate itself, because it names
    neither a NIP nor a PESEL.
    """
    root = etree.Element(f"{{{AUTH_NS}}}AuthTokenRequest", nsmap={None: AUTH_NS})
    _add(root, AUTH_NS, "Challenge", challenge)
    context = _add(root, AUTH_NS, "ContextIdentifier")
    _add(context, AUTH_NS, "Nip", nip)
    known_by = "certificateFingerprint" if by_fingerprint else "certificateSubject"
    _add(root, AUTH_NS, "SubjectIdentifierType", known_by)
    return _document(root)


def sign(xml: bytes, credential: Credential, now: datetime) -> bytes:
    """Sign a document; the signature becomes the last child of its root."""
    root = _parsed(xml)
    digest = _digest(root)
    signature = etree.SubElement(
        root, f"{{{DS_NS}}}Signature", nsmap={"ds": DS_NS}, Id="Signature"
    )
    signed_info = _add(signature, DS_NS, "SignedInfo")
    value = _add(signature, DS_NS, "SignatureValue")
    _add_key_info(signature, credential)
    properties = _add_properties(signature, credential, now)
    _fill_signed_info(signed_info, credential, digest, _digest(properties))
    value.text = _b64(_signature_value(credential, _canonical(signed_info)))
    return _document(root)


def check_signed(signed: bytes, request: bytes) -> None:
    """Pass if a file is this very request with a signature in it or around it.

    Whether the signature is good is for KSeF to say.

    :raises CertificateError: request_unreadable, request_unsigned, request_other
    """
    if len(signed) > _FILE_LIMIT:
        raise CertificateError("request_unreadable")
    try:
        root = _parsed(signed)
    except etree.XMLSyntaxError:
        raise CertificateError("request_unreadable") from None
    if root.find(f".//{{{DS_NS}}}SignatureValue") is None:
        raise CertificateError("request_unsigned")
    wanted = _content(_parsed(request))
    if wanted not in (_content(each) for each in _signed_roots(root)):
        raise CertificateError("request_other")


def _signed_roots(root: etree._Element) -> Iterator[etree._Element]:
    """Where the request may be: in the file itself, or in it as Base64."""
    yield root
    for held in root.iter(f"{{{DS_NS}}}Object"):
        try:
            yield _parsed(base64.b64decode(held.text or ""))
        except (ValueError, etree.XMLSyntaxError):
            continue


def _content(request: etree._Element) -> list[tuple[str, str]]:
    """The elements of a request with their texts, without any signature."""
    return [
        (each.tag, (each.text or "").strip())
        for each in request.iter(f"{{{AUTH_NS}}}*")
    ]


def _parsed(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root: etree._Element = etree.fromstring(xml, parser)
    return root


def _add_key_info(signature: etree._Element, credential: Credential) -> None:
    info = _add(_add(signature, DS_NS, "KeyInfo"), DS_NS, "X509Data")
    _add(info, DS_NS, "X509Certificate", _b64(credential.certificate_der))


def _add_properties(
    signature: etree._Element, credential: Credential, now: datetime
) -> etree._Element:
    """The signed properties: when, and with which certificate."""
    holder = etree.SubElement(
        _add(signature, DS_NS, "Object"),
        f"{{{XADES_NS}}}QualifyingProperties",
        nsmap={"xades": XADES_NS},
        Target="#Signature",
    )
    properties = _add(holder, XADES_NS, "SignedProperties")
    properties.set("Id", "SignedProperties")
    signed = _add(properties, XADES_NS, "SignedSignatureProperties")
    moment = (now - _CLOCK_SKEW).astimezone(timezone.utc)
    _add(signed, XADES_NS, "SigningTime", f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    cert = _add(_add(signed, XADES_NS, "SigningCertificate"), XADES_NS, "Cert")
    digest = _add(cert, XADES_NS, "CertDigest")
    _add_digest(digest, _sha256(credential.certificate_der))
    issuer = _add(cert, XADES_NS, "IssuerSerial")
    name = credential.certificate.issuer.rfc4514_string()
    _add(issuer, DS_NS, "X509IssuerName", name)
    number = str(credential.certificate.serial_number)
    _add(issuer, DS_NS, "X509SerialNumber", number)
    return properties


def _fill_signed_info(
    signed_info: etree._Element,
    credential: Credential,
    document_digest: str,
    properties_digest: str,
) -> None:
    method = _add(signed_info, DS_NS, "CanonicalizationMethod")
    method.set("Algorithm", _EXCLUSIVE_C14N)
    elliptic = isinstance(credential.private_key, ec.EllipticCurvePrivateKey)
    algorithm = _ECDSA_SHA256 if elliptic else _RSA_SHA256
    _add(signed_info, DS_NS, "SignatureMethod").set("Algorithm", algorithm)
    document = _add(signed_info, DS_NS, "Reference")
    document.set("URI", "")
    _add_transforms(document, _ENVELOPED, _EXCLUSIVE_C14N)
    _add_digest(document, document_digest)
    properties = _add(signed_info, DS_NS, "Reference")
    properties.set("URI", "#SignedProperties")
    properties.set("Type", _SIGNED_PROPERTIES)
    _add_transforms(properties, _EXCLUSIVE_C14N)
    _add_digest(properties, properties_digest)


def _signature_value(credential: Credential, content: bytes) -> bytes:
    """By the type of the public key, never by what its issuer signs with."""
    key = credential.private_key
    if isinstance(key, ec.EllipticCurvePrivateKey):
        der = key.sign(content, ec.ECDSA(hashes.SHA256()))
        # XML Signature wants R and S side by side; KSeF refuses DER (9105).
        width = (key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(der)
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")
    return key.sign(content, padding.PKCS1v15(), hashes.SHA256())


def _add(
    parent: etree._Element, namespace: str, name: str, text: str | None = None
) -> etree._Element:
    child = etree.SubElement(parent, f"{{{namespace}}}{name}")
    child.text = text
    return child


def _add_transforms(reference: etree._Element, *algorithms: str) -> None:
    transforms = _add(reference, DS_NS, "Transforms")
    for algorithm in algorithms:
        _add(transforms, DS_NS, "Transform").set("Algorithm", algorithm)


def _add_digest(parent: etree._Element, value: str) -> None:
    _add(parent, DS_NS, "DigestMethod").set("Algorithm", _SHA256)
    _add(parent, DS_NS, "DigestValue", value)


def _canonical(element: etree._Element) -> bytes:
    canonical: bytes = etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False, with_tail=False
    )
    return canonical


def _digest(element: etree._Element) -> str:
    return _sha256(_canonical(element))


def _sha256(content: bytes) -> str:
    return _b64(hashlib.sha256(content).digest())


def _b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _document(root: etree._Element) -> bytes:
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return written
