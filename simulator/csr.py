"""Certificate requests (PKCS#10): their key, their algorithm, their signature."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from .errors import BadRequest

RSA_BITS = 2048
HASHES = (hashes.SHA256(), hashes.SHA384(), hashes.SHA512(), hashes.SHA1())
PSS = "1.2.840.113549.1.1.10"
PKCS1 = {
    "1.2.840.113549.1.1.5": hashes.SHA1(),
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
ECDSA = {
    "1.2.840.10045.4.1": hashes.SHA1(),
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}


def read(der: bytes) -> x509.CertificateSigningRequest:
    """A request that KSeF accepts. Raises BadRequest 25004, 25010, 25011."""
    try:
        request = x509.load_der_x509_csr(der)
        list(request.subject)
    except ValueError as error:
        raise BadRequest(25004, "Nieczytelny wniosek PKCS#10.") from error
    _check_key(request)
    algorithm = request.signature_algorithm_oid.dotted_string
    if algorithm not in (PSS, *PKCS1, *ECDSA):
        raise BadRequest(25011, algorithm)
    if not _signed(request, algorithm):
        raise BadRequest(25004, "Podpis wniosku jest nieprawidłowy.")
    return request


def public_key(holder) -> bytes:
    """The SubjectPublicKeyInfo of a request or of a certificate."""
    return holder.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _check_key(request):
    try:
        key = request.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        raise BadRequest(25010, "Nieobsługiwany klucz.") from error
    if isinstance(key, rsa.RSAPublicKey):
        good = key.key_size == RSA_BITS
    else:
        good = isinstance(key, ec.EllipticCurvePublicKey) and isinstance(
            key.curve, ec.SECP256R1
        )
    if not good:
        raise BadRequest(25010, "Dozwolone klucze: RSA 2048, EC P-256.")


def _signed(request, algorithm) -> bool:
    """Whether one of the ways that the algorithm may mean proves the key."""
    return any(_proves(request, way) for way in _ways(request.public_key(), algorithm))


def _ways(key, algorithm):
    if isinstance(key, ec.EllipticCurvePublicKey):
        return [(ec.ECDSA(ECDSA[algorithm]),)] if algorithm in ECDSA else []
    if algorithm == PSS:
        auto = padding.PSS.AUTO
        return [(padding.PSS(padding.MGF1(h), auto), h) for h in HASHES]
    return [(padding.PKCS1v15(), PKCS1[algorithm])] if algorithm in PKCS1 else []


def _proves(request, way) -> bool:
    parts = request.signature, request.tbs_certrequest_bytes
    try:
        request.public_key().verify(*parts, *way)
    except InvalidSignature:
        return False
    return True
