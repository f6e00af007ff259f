"""UPO v4-3: the signed receipt, for one invoice or for a session's page of them."""

import base64
import hashlib
from itertools import count

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from .clock import WARSAW, polish_day
from .keys import load_key
from .numbers import reference
from .store import UpoPage
from .xades import DS, ENVELOPED, SIGNED_PROPERTIES, XADES, canonicalize

NAMESPACE = "http://upo.schematy.mf.gov.pl/KSeF/v4-3"
RECEIVER = "Ministerstwo Finansów - symulator"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_RSA = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_CONTEXTS = {
    "Nip": "Nip",
    "InternalId": "IdWewnetrzny",
    "NipVatUe": "IdZlozonyVatUE",
    "PeppolId": "IdDostawcyUslugPeppol",
}


def invoice_upo(simulator, session, entry) -> bytes:
    """The receipt of one accepted invoice: always the same bytes."""
    if entry.upo is None:
        root = _head(simulator, session)
        _form(root)
        _document(root, entry)
        entry.upo = _signed(root, simulator)
    return entry.upo


def session_pages(simulator, session) -> list[UpoPage]:
    """The collective receipts of a finished session."""
    accepted = [entry for entry in session.submissions if entry.invoice]
    size = simulator.upo_page_size
    chunks = [accepted[i : i + size] for i in range(0, len(accepted), size)]
    pages, first = [], 1
    for number, chunk in zip(count(1), chunks, strict=False):
        root = _head(simulator, session)
        span = (first, first + len(chunk) - 1)
        _description(root, number, len(chunks), span, len(accepted))
        _form(root)
        for entry in chunk:
            _document(root, entry)
        name = reference("EU", polish_day(session.created))
        pages.append(UpoPage(name, _signed(root, simulator)))
        first += len(chunk)
    return pages


def _head(simulator, session):
    root = etree.Element(f"{{{NAMESPACE}}}Potwierdzenie", nsmap={None: NAMESPACE})
    _add(root, "NazwaPodmiotuPrzyjmujacego", RECEIVER)
    _add(root, "NumerReferencyjnySesji", session.reference)
    login = simulator.store.logins[session.login_reference]
    authentication = _add(root, "Uwierzytelnienie")
    context = _add(authentication, "IdKontekstu")
    _add(context, _CONTEXTS[session.context.type], session.context.value)
    if login.token_reference:
        _add(authentication, "NumerReferencyjnyTokenaKSeF", login.token_reference)
    else:
        name = "SkrotDokumentuUwierzytelniajacego"
        _add(authentication, name, login.document_hash)
    return root


def _description(root, number, total, span, documents):
    part = _add(root, "OpisPotwierdzenia")
    _add(part, "Strona", number)
    _add(part, "LiczbaStron", total)
    _add(part, "ZakresDokumentowOd", span[0])
    _add(part, "ZakresDokumentowDo", span[1])
    _add(part, "CalkowitaLiczbaDokumentow", documents)


def _form(root):
    _add(root, "NazwaStrukturyLogicznej", "Schemat_FA(3)_v1-0E.xsd")
    _add(root, "KodFormularza", "FA (3)")


def _document(root, entry):
    invoice, part = entry.invoice, _add(root, "Dokument")
    _add(part, "NipSprzedawcy", invoice.facts.seller_nip)
    _add(part, "NumerKSeFDokumentu", invoice.ksef_number)
    _add(part, "NumerFaktury", invoice.facts.number)
    _add(part, "DataWystawieniaFaktury", invoice.facts.issue_date.isoformat())
    _add(part, "DataPrzeslaniaDokumentu", _local(invoice.invoicing_date))
    _add(part, "DataNadaniaNumeruKSeF", _local(invoice.acquisition_date))
    _add(part, "SkrotDokumentu", invoice.hash)
    _add(part, "TrybWysylki", invoice.mode)


def _local(moment):
    return moment.astimezone(WARSAW).isoformat(timespec="milliseconds")


def _add(parent, name, text=None):
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    element.text = None if text is None else str(text)
    return element


def _signed(root, simulator) -> bytes:
    """Put an enveloped XAdES signature in, as the ministry does."""
    seal = simulator.store.keys["seal"]
    digest = _digest(canonicalize(root))
    signature = etree.SubElement(
        root, DS + "Signature", nsmap={None: DS[1:-1]}, Id="Signature"
    )
    info = etree.SubElement(signature, DS + "SignedInfo")
    value = etree.SubElement(signature, DS + "SignatureValue")
    data = etree.SubElement(
        etree.SubElement(signature, DS + "KeyInfo"), DS + "X509Data"
    )
    certificate = etree.SubElement(data, DS + "X509Certificate")
    certificate.text = base64.b64encode(seal.certificate).decode()
    properties = _properties(signature, seal, simulator.clock.now())
    _method(info, "CanonicalizationMethod", _C14N)
    _method(info, "SignatureMethod", _RSA)
    _reference(info, "", ENVELOPED, digest)
    octets = canonicalize(properties)
    _reference(info, "#SignedProperties", _C14N, _digest(octets), SIGNED_PROPERTIES)
    signed = load_key(seal.private).sign(
        canonicalize(info), padding.PKCS1v15(), hashes.SHA256()
    )
    value.text = base64.b64encode(signed).decode()
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


def _properties(signature, seal, now):
    holder = etree.SubElement(signature, DS + "Object")
    qualifying = etree.SubElement(
        holder,
        XADES + "QualifyingProperties",
        nsmap={"xades": XADES[1:-1]},
        Target="#Signature",
    )
    properties = etree.SubElement(
        qualifying, XADES + "SignedProperties", Id="SignedProperties"
    )
    signed = etree.SubElement(properties, XADES + "SignedSignatureProperties")
    time = etree.SubElement(signed, XADES + "SigningTime")
    time.text = f"{now:%Y-%m-%dT%H:%M:%SZ}"
    chain = etree.SubElement(signed, XADES + "SigningCertificate")
    cert = etree.SubElement(chain, XADES + "Cert")
    digest = etree.SubElement(cert, XADES + "CertDigest")
    _method(digest, "DigestMethod", _SHA256)
    etree.SubElement(digest, DS + "DigestValue").text = _digest(seal.certificate)
    issuer = etree.SubElement(cert, XADES + "IssuerSerial")
    known = x509.load_der_x509_certificate(seal.certificate)
    name, serial = known.issuer.rfc4514_string(), str(known.serial_number)
    etree.SubElement(issuer, DS + "X509IssuerName").text = name
    etree.SubElement(issuer, DS + "X509SerialNumber").text = serial
    return properties


def _reference(info, uri, transform, digest, kind=None):
    attributes = {"URI": uri} | ({"Type": kind} if kind else {})
    part = etree.SubElement(info, DS + "Reference", attributes)
    _method(etree.SubElement(part, DS + "Transforms"), "Transform", transform)
    _method(part, "DigestMethod", _SHA256)
    etree.SubElement(part, DS + "DigestValue").text = digest


def _method(parent, name, algorithm):
    etree.SubElement(parent, DS + name, Algorithm=algorithm)


def _digest(octets):
    return base64.b64encode(hashlib.sha256(octets).digest()).decode()
