"""The pages that the QR codes lead to."""

import base64
import re
from html import escape

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from werkzeug.wrappers import Response

from .certificates import period, state
from .login_request import CONTEXTS
from .rights import WRITE, expand, may_issue_for, permissions
from .store import Identity

DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def invoice(call):
    """GET /invoice/{nip}/{DD-MM-YYYY}/{hash}: KOD I."""
    nip, day, wanted = (call.args[name] for name in ("nip", "day", "hash"))
    held, digest = call.store.invoices, _standard(wanted)
    for found, title in (
        (held.with_hash(digest), "Faktura znajduje się w KSeF"),
        (held.correcting(digest), "Faktura została skorygowana technicznie"),
    ):
        if found and (found.seller, f"{found.facts.issue_date:%d-%m-%Y}") == (nip, day):
            return _page(title, _summary(found))
    return _page("Nie znaleziono faktury w KSeF", [("Skrót", wanted)], 404)


def certificate(call):
    """GET /certificate/…: KOD II. It proves the issuer, not the document."""
    problem = _problem(call)
    rows = [("NIP sprzedawcy", call.args["nip"]), ("Certyfikat", call.args["serial"])]
    if problem:
        return _page(problem, rows, 400)
    return _page("Certyfikat wystawcy jest prawidłowy", rows)


def _problem(call):
    args = call.args
    if not _well_formed(args):
        return "Link jest nieprawidłowy"
    entry = call.store.certificates.get(args["serial"])
    if entry is None or entry.kind != "Offline":
        return "Nie znaleziono certyfikatu"
    if state(entry, call.now) != "Active" or call.now < period(entry)[0]:
        return "Certyfikat jest nieważny"
    key = x509.load_der_x509_certificate(entry.der).public_key()
    if not _signed(key, args["signature"], _signed_text(call.request)):
        return "Podpis jest nieprawidłowy"
    context = Identity(args["kind"], args["context"])
    allowed = expand(permissions(call.store, context, entry.subject))
    issues = may_issue_for(call.store, context, args["nip"])
    if not issues or not set(allowed) & set(WRITE):
        return "Brak uprawnień do wystawienia faktury"
    return None


def _well_formed(args):
    """Whether context, hash and signature are written as they must be."""
    value = CONTEXTS.get(args["kind"])
    encoded = DIGEST.fullmatch(args["hash"]) and BASE64URL.fullmatch(args["signature"])
    return bool(value and value.fullmatch(args["context"]) and encoded)


def _signed_text(request):
    """The address as it was asked for, without its scheme and its last part."""
    path = request.environ["RAW_URI"].partition("?")[0]
    return (request.host + path).rpartition("/")[0].encode()


def _signed(key, signature, octets):
    """RSA-PSS with a salt of 32 bytes, or ECDSA as R || S or in DER."""
    try:
        value = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        if not isinstance(key, ec.EllipticCurvePublicKey):
            scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            key.verify(value, octets, scheme, hashes.SHA256())
            return True
        if len(value) == 64:
            halves = (int.from_bytes(v, "big") for v in (value[:32], value[32:]))
            value = encode_dss_signature(*halves)
        key.verify(value, octets, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _standard(digest):
    """A hash of an address in the alphabet of the API."""
    return digest.replace("-", "+").replace("_", "/") + "="


def _summary(found):
    facts = found.facts
    return [
        ("Numer KSeF", found.ksef_number),
        ("Numer faktury", facts.number),
        ("Sprzedawca", f"{facts.seller_name} ({facts.seller_nip})"),
        ("Data wystawienia", facts.issue_date.isoformat()),
        ("Kwota", f"{facts.gross:.2f} {facts.currency}"),
    ]


def _page(title, rows, status=200):
    cells = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>"
        for name, value in rows
    )
    return Response(
        f"<!doctype html><html lang='pl'><title>{escape(title)}</title>"
        f"<h1>{escape(title)}</h1><table>{cells}</table>"
        "<p>Symulator KSeF. Bez skutków prawnych.</p></html>",
        status=status,
        content_type="text/html; charset=utf-8",
    )
