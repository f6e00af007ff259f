"""Signs login requests with the xmlsec1 program, a stranger to the simulator."""

import base64
import hashlib
import subprocess
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from .common import load_pair

REQUEST = """<?xml version="1.0" encoding="utf-8"?>
<AuthTokenRequest xmlns="http://ksef.mf.gov.pl/auth/token/2.1">
  <Challenge>{challenge}</Challenge>
  <ContextIdentifier><Nip>{nip}</Nip></ContextIdentifier>
  <SubjectIdentifierType>{subject}</SubjectIdentifierType>
{signature}</AuthTokenRequest>
"""
SIGNATURE = """<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="S">
<ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{c14n}"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{method}"/>
<ds:Reference URI=""><ds:Transforms>
<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<ds:Transform Algorithm="{c14n}"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
<ds:DigestValue/></ds:Reference>
<ds:Reference URI="#P" Type="http://uri.etsi.org/01903#SignedProperties">
<ds:Transforms><ds:Transform Algorithm="{c14n}"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
<ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>
<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data>
</ds:KeyInfo><ds:Object>
<xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Target="#S">
<xades:SignedProperties Id="P"><xades:SignedSignatureProperties>
<xades:SigningTime>{time:%Y-%m-%dT%H:%M:%SZ}</xades:SigningTime>
<xades:SigningCertificate><xades:Cert><xades:CertDigest>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
<ds:DigestValue>{digest}</ds:DigestValue></xades:CertDigest><xades:IssuerSerial>
<ds:X509IssuerName>CN=x</ds:X509IssuerName>
<ds:X509SerialNumber>{serial}</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert>
</xades:SigningCertificate></xades:SignedSignatureProperties></xades:SignedProperties>
</xades:QualifyingProperties></ds:Object></ds:Signature>"""
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"


def template(
    challenge,
    nip,
    certificate,
    *,
    c14n=EXCLUSIVE,
    time=None,
    subject="certificateSubject",
    **changes,
):
    """The request with an empty signature."""
    der = certificate.public_bytes(serialization.Encoding.DER)
    curve = isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    values = {
        "c14n": c14n,
        "method": "ecdsa-sha256" if curve else "rsa-sha256",
        "der": base64.b64encode(der).decode(),
        "digest": base64.b64encode(hashlib.sha256(der).digest()).decode(),
        "serial": certificate.serial_number,
        "time": time or datetime.now(timezone.utc),
    }
    signature = SIGNATURE.format(**{**values, **changes})
    request = REQUEST.format(
        challenge=challenge, nip=nip, subject=subject, signature=signature
    )
    return request.encode()


def sign(folder, xml, key) -> bytes:
    """Let xmlsec1 fill the template in."""
    (folder / "request.xml").write_bytes(xml)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    command = ["xmlsec1", "--sign", "--privkey-pem", str(folder / "key.pem")]
    command += ["--id-attr:Id", "SignedProperties", str(folder / "request.xml")]
    return subprocess.run(command, check=True, capture_output=True).stdout


def request(folder, challenge, nip, crt, key, **changes) -> bytes:
    """A signed AuthTokenRequest for a certificate and key in PEM."""
    certificate, private = load_pair(crt, key)
    return sign(folder, template(challenge, nip, certificate, **changes), private)


def self_signed(nip) -> tuple[bytes, bytes]:
    """A company's certificate that only it vouches for: (.crt, .key) as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    parts = {"2.5.4.6": "PL", "2.5.4.10": "Firma", "2.5.4.3": "Firma"}
    parts["2.5.4.97"] = f"VATPL-{nip}"
    name = x509.Name(
        x509.NameAttribute(x509.ObjectIdentifier(oid), text)
        for oid, text in parts.items()
    )
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, clear = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return certificate.public_bytes(pem), key.private_bytes(pem, form, clear)


def verified(folder, xml) -> bool:
    """Whether xmlsec1 finds the enveloped signature right."""
    (folder / "signed.xml").write_bytes(xml)
    command = ["xmlsec1", "--verify", "--insecure"]
    command += ["--id-attr:Id", "SignedProperties", str(folder / "signed.xml")]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
