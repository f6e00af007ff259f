"""Is this XML really signed? XML Signature and XAdES, checked step by step."""

import base64
import hashlib
import re
from copy import deepcopy
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from .clock import parse_moment
from .errors import BadRequest

DS = "{http://www.w3.org/2000/09/xmldsig#}"
XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
C14N = {
    EXCLUSIVE,
    EXCLUSIVE + "WithComments",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
}
DIGESTS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": hashlib.sha256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384": hashlib.sha384,
    "http://www.w3.org/2001/04/xmlenc#sha512": hashlib.sha512,
}
_METHOD = re.compile(
    r"http://www\.w3\.org/2001/04/xmldsig-more#(rsa|ecdsa)-sha(256|384|512)"
)
_HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}


@dataclass(frozen=True)
class Signed:
    """A document whose signature is right, without it, and who signed."""

    root: etree._Element
    certificate: x509.Certificate


def verify(xml: bytes, now) -> Signed:
    """Check the one enveloped signature. Raises BadRequest 9101 to 9105, 21001."""
    root = parse(xml)
    signature = _signature(root)
    certificate = _certificate(signature)
    try:
        _check_references(root, signature)
        _check_value(signature, certificate)
        _check_properties(signature, certificate, now)
    except (AttributeError, TypeError, ValueError) as error:
        raise _bad("niepełna budowa podpisu") from error
    signature.getparent().remove(signature)
    return Signed(root, certificate)


def parse(xml: bytes):
    """The root of a document without entities. Raises BadRequest."""
    try:
        xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadRequest(21217) from error
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise BadRequest(21001, str(error)) from error
    if root.getroottree().docinfo.doctype:
        raise BadRequest(9101, "DOCTYPE")
    return root


def _signature(root):
    found = list(root.iter(DS + "Signature"))
    if not found:
        raise BadRequest(9102)
    if len(found) > 1:
        raise BadRequest(9103)
    if found[0].getparent() is not root:
        raise _bad("podpis musi być otoczony przez dokument (enveloped)")
    return found[0]


def _certificate(signature):
    text = signature.findtext(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    try:
        return x509.load_der_x509_certificate(base64.b64decode(text))
    except (TypeError, ValueError) as error:
        raise BadRequest(21115) from error


def _check_references(root, signature):
    """One reference covers the document, one the signed properties."""
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    covered = [
        _covered(root, signature, reference.get("URI"), reference.get("Type"))
        for reference in references
    ]
    if sorted(covered) != ["document", "properties"]:
        raise _bad("brak profilu XAdES: wymagane dwie referencje")
    for reference in references:
        octets = _octets(root, signature, reference)
        method = reference.find(DS + "DigestMethod").get("Algorithm")
        expected = base64.b64decode(reference.findtext(DS + "DigestValue"))
        if method not in DIGESTS or DIGESTS[method](octets).digest() != expected:
            raise _bad(f"skrót referencji {reference.get('URI')!r}")


def _covered(root, signature, uri, kind):
    if uri == "":
        return "document"
    properties = _properties(signature)
    if kind == SIGNED_PROPERTIES and uri == f"#{properties.get('Id')}":
        same_id = root.xpath("//*[@Id=$id]", id=uri[1:])
        return "properties" if same_id == [properties] else "ambiguous"
    return "unknown"


def _octets(root, signature, reference):
    """What the reference's transforms make of what it points to."""
    transforms = reference.findall(f"{DS}Transforms/{DS}Transform")
    names = [_transform(transform) for transform in transforms]
    whole = reference.get("URI") == ""
    if whole and ENVELOPED not in names:
        raise _bad("brak transformacji enveloped-signature")
    target = _without(root, signature) if whole else _properties(signature)
    canonical = next((t for t in transforms if t.get("Algorithm") in C14N), None)
    return canonicalize(target, canonical)


def _transform(transform):
    name = transform.get("Algorithm")
    expression = "".join(transform.itertext()).replace(" ", "").strip()
    if name == XPATH and expression == "not(ancestor-or-self::ds:Signature)":
        return ENVELOPED
    if name != ENVELOPED and name not in C14N:
        raise _bad(f"transformacja {name}")
    return name


def canonicalize(element, method=None) -> bytes:
    """Canonical form of `element` as it stands in its document.

    `method` is the element naming the algorithm; without one, C14N 1.0 applies.
    """
    name = "" if method is None else method.get("Algorithm")
    if method is not None and name not in C14N:
        raise _bad(f"kanonizacja {name}")
    exclusive = name.startswith(EXCLUSIVE)
    prefixes = None
    if exclusive:
        included = method.find(f"{{{EXCLUSIVE}}}InclusiveNamespaces")
        prefixes = included.get("PrefixList").split() if included is not None else None
    return etree.tostring(
        _in_context(element),
        method="c14n",
        exclusive=exclusive,
        with_comments=name.endswith("WithComments"),
        inclusive_ns_prefixes=prefixes,
    )


def _in_context(element):
    """A copy that carries the namespaces and xml: attributes it inherits."""
    if element.getparent() is None:
        return element
    # Serializing a part writes down every namespace in scope, under its own prefix.
    copy = etree.fromstring(etree.tostring(element, with_tail=False))
    for ancestor in element.iterancestors():
        for name, value in ancestor.attrib.items():
            if name.startswith("{http://www.w3.org/XML/1998/namespace}"):
                copy.set(name, copy.get(name, value))
    return copy


def _without(root, signature):
    """The document as it was before the signature came in, white space kept."""
    copy = deepcopy(root)
    inner = copy.find(DS + "Signature")
    before = inner.getprevious()
    if inner.tail and before is not None:
        before.tail = (before.tail or "") + inner.tail
    elif inner.tail:
        copy.text = (copy.text or "") + inner.tail
    copy.remove(inner)
    return copy


def _check_value(signature, certificate):
    """The signature over SignedInfo, with the certificate's key."""
    info = signature.find(DS + "SignedInfo")
    method = info.find(DS + "SignatureMethod").get("Algorithm")
    match = _METHOD.fullmatch(method)
    octets = canonicalize(info, info.find(DS + "CanonicalizationMethod"))
    value = base64.b64decode(signature.findtext(DS + "SignatureValue"))
    key = certificate.public_key()
    kinds = {"rsa": rsa.RSAPublicKey, "ecdsa": ec.EllipticCurvePublicKey}
    if not match or not isinstance(key, kinds[match[1]]):
        raise _bad(f"algorytm {method}")
    try:
        _verify(key, value, octets, _HASHES[match[2]]())
    except InvalidSignature as error:
        raise _bad("wartość podpisu") from error


def _verify(key, value, octets, algorithm):
    """RSA is PKCS#1 v1.5 of 2048 bits or more, ECDSA is R || S of fixed width."""
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size < 2048:
            raise _bad("klucz RSA krótszy niż 2048 bitów")
        return key.verify(value, octets, padding.PKCS1v15(), algorithm)
    width = (key.curve.key_size + 7) // 8
    if key.curve.key_size < 256 or len(value) != 2 * width:
        raise _bad("podpis ECDSA musi mieć postać R || S stałej długości")
    pair = (int.from_bytes(half, "big") for half in (value[:width], value[width:]))
    return key.verify(encode_dss_signature(*pair), octets, ec.ECDSA(algorithm))


def _properties(signature):
    path = f"{DS}Object/{XADES}QualifyingProperties/{XADES}SignedProperties"
    found = signature.findall(path)
    if len(found) != 1:
        raise _bad("brak profilu XAdES: SignedProperties")
    return found[0]


def _check_properties(signature, certificate, now):
    """The signed properties name this signature, this certificate, a past time."""
    properties = _properties(signature)
    target = properties.getparent().get("Target")
    if not signature.get("Id") or target != f"#{signature.get('Id')}":
        raise _bad("QualifyingProperties/@Target")
    signed = properties.find(XADES + "SignedSignatureProperties")
    if signed is None:
        raise _bad("brak SignedSignatureProperties")
    cert = signed.find(f"{XADES}SigningCertificate/{XADES}Cert")
    if cert is None:
        cert = signed.find(f"{XADES}SigningCertificateV2/{XADES}Cert")
    _check_signer(cert, certificate)
    if parse_moment(signed.findtext(XADES + "SigningTime")) > now:
        raise _bad("SigningTime w przyszłości")


def _check_signer(cert, certificate):
    """SigningCertificate binds the certificate, so that it cannot be exchanged."""
    if cert is None:
        raise _bad("brak SigningCertificate")
    method = cert.find(f"{XADES}CertDigest/{DS}DigestMethod").get("Algorithm")
    digest = base64.b64decode(cert.findtext(f"{XADES}CertDigest/{DS}DigestValue"))
    der = certificate.public_bytes(serialization.Encoding.DER)
    if method not in DIGESTS or DIGESTS[method](der).digest() != digest:
        raise _bad("SigningCertificate nie wskazuje certyfikatu z KeyInfo")
    serial = cert.findtext(f"{XADES}IssuerSerial/{DS}X509SerialNumber")
    if serial is not None and int(serial) != certificate.serial_number:
        raise _bad("X509SerialNumber")


def _bad(detail):
    return BadRequest(9105, detail)
