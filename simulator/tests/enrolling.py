"""Asking for certificates, as a base for tests."""

import base64

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .common import PESEL, SELLER, b64, load_pair
from .signed_login import SignatureLaw

OIDS = {
    "commonName": NameOID.COMMON_NAME,
    "surname": NameOID.SURNAME,
    "givenName": NameOID.GIVEN_NAME,
    "organizationName": NameOID.ORGANIZATION_NAME,
    "organizationIdentifier": x509.ObjectIdentifier("2.5.4.97"),
    "countryName": NameOID.COUNTRY_NAME,
    "serialNumber": NameOID.SERIAL_NUMBER,
    "uniqueIdentifier": x509.ObjectIdentifier("2.5.4.45"),
}
EC = ec.SECP256R1()


def data_of(client):
    """What the next certificate must say."""
    told = client.get("/certificates/enrollments/data").json()
    return {name: told[name] for name in OIDS if told.get(name)}


def request(told, key, algorithm=None, **scheme):
    """PKCS#10 in DER, in an order of its own."""
    names = [
        x509.NameAttribute(OIDS[name], told[name]) for name in OIDS if name in told
    ]
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))
    signed = builder.sign(key, algorithm, **scheme)
    return signed.public_bytes(serialization.Encoding.DER)


class EnrollmentLaw(SignatureLaw):
    def order(self, client, key=None, *, der=None, **changes):
        """Ask for a certificate, return the answer."""
        key = key or ec.generate_private_key(EC)
        der = der or request(data_of(client), key, hashes.SHA256())
        body = {
            "certificateName": "Certyfikat próbny",
            "certificateType": "Authentication",
            "csr": b64(der),
        }
        return client.post("/certificates/enrollments", json=body | changes)

    def path(self, ordered):
        assert ordered.status_code == 202, ordered.text
        return f"/certificates/enrollments/{ordered.json()['referenceNumber']}"

    def end(self, client, ordered):
        """Poll the request to its end."""
        for _look in range(4):
            answer = client.get(self.path(ordered)).json()
            if answer["status"]["code"] != 100:
                return answer
        return answer

    def enrolled(self, client, key=None, **changes):
        """The serial number and the certificate of a request that succeeds."""
        answer = self.end(client, self.order(client, key, **changes))
        assert answer["status"]["code"] == 200, answer
        serial = answer["certificateSerialNumber"]
        return serial, self.fetched(client, serial)[serial]

    def fetched(self, client, *serials):
        body = {"certificateSerialNumbers": list(serials)}
        answer = client.post("/certificates/retrieve", json=body)
        assert answer.status_code == 200, answer.text
        return {
            row["certificateSerialNumber"]: x509.load_der_x509_certificate(
                base64.b64decode(row["certificate"])
            )
            for row in answer.json()["certificates"]
        }

    def listed(self, client, **filters):
        answer = client.post("/certificates/query", json=filters)
        assert answer.status_code == 200, answer.text
        return answer.json()["certificates"]

    def company(self):
        return self.client_for(*self.certificate())

    def person(self, **order):
        order = {"nip": None, "pesel": PESEL} | order
        self.simulator.grant(SELLER, "Pesel", PESEL, ["InvoiceWrite"])
        return self.client_for(*self.certificate(**order))


def pem(certificate, key):
    """The pair as PEM, checked to be one."""
    crt = certificate.public_bytes(serialization.Encoding.PEM)
    form, clear = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, form, clear)
    load_pair(crt, private)
    return crt, private
