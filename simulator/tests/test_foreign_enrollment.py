"""A client that others wrote enrols, uses and revokes certificates here."""

import base64

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from ksef_client import KsefApiError
from ksef_client import models as m
from ksef_client.services.csr import generate_csr_ec, generate_csr_rsa
from ksef_client.services.verification_link import VerificationLinkService

from .common import PESEL, SELLER, digest, invoice
from .enrolling import EnrollmentLaw, pem
from .foreign_client import ForeignLaw

OFFLINE = m.KsefCertificateType.OFFLINE
AUTHENTICATION = m.KsefCertificateType.AUTHENTICATION


class TestForeignEnrollment(ForeignLaw, EnrollmentLaw):
    """Limits, data, request, status, certificate, list, code, end."""

    @property
    def office(self):
        return self.ksef.certificates

    def ask(self, token, kind, make=generate_csr_ec):
        """Order a certificate. Returns the request's reference and the key."""
        data = self.office.get_enrollment_data(token)
        told = {name: value for name, value in data.to_dict().items() if value}
        made = make(told)
        payload = m.EnrollCertificateRequest(
            certificate_name="Obcy klient", certificate_type=kind, csr=made.csr_base64
        )
        sent = self.office.send_enrollment(payload, access_token=token)
        der = base64.b64decode(made.private_key_base64)
        return sent.reference_number, serialization.load_der_private_key(der, None)

    def issued(self, token, kind, make=generate_csr_ec):
        """The serial number, the certificate and its key."""
        reference, key = self.ask(token, kind, make)
        codes = []
        for _look in range(2):
            status = self.office.get_enrollment_status(reference, access_token=token)
            codes.append(status.status.code)
        assert codes == [100, 200]
        serial = status.certificate_serial_number
        wanted = m.RetrieveCertificatesRequest(certificate_serial_numbers=[serial])
        (found,) = self.office.retrieve_certificate(
            wanted, access_token=token
        ).certificates
        der = base64.b64decode(found.certificate)
        return serial, x509.load_der_x509_certificate(der), key

    @pytest.mark.parametrize("make", [generate_csr_ec, generate_csr_rsa])
    def test_a_company(self, make):
        token = self.company().token
        before = self.office.get_limits(token)
        _serial, certificate, key = self.issued(token, AUTHENTICATION, make)
        after = self.office.get_limits(token)
        assert before.can_request and after.can_request
        assert before.enrollment.remaining - after.enrollment.remaining == 1
        assert before.certificate.remaining - after.certificate.remaining == 1
        renewed = self.client_for(*pem(certificate, key))
        assert renewed.get("/certificates/limits").status_code == 200

    def test_a_person(self):
        token = self.person().token
        serial, _certificate, _key = self.issued(token, OFFLINE)
        filters = m.QueryCertificatesRequest(certificate_serial_number=serial)
        listed = self.office.query_certificates(filters, access_token=token)
        (row,) = listed.certificates
        assert (row.name, row.type, row.status.value) == (
            "Obcy klient",
            OFFLINE,
            "Active",
        )
        assert row.subject_identifier.value == PESEL and not listed.has_more

    @pytest.mark.parametrize("make", [generate_csr_ec, generate_csr_rsa])
    def test_the_code_of_an_offline_invoice(self, make):
        token = self.company().token
        serial, certificate, key = self.issued(token, OFFLINE, make)
        crt, private = pem(certificate, key)
        links = VerificationLinkService(self.options_of_ksef)
        link = links.build_certificate_verification_url(
            seller_nip=SELLER,
            context_identifier_type="Nip",
            context_identifier_value=SELLER,
            certificate_serial=serial,
            invoice_hash=digest(invoice()),
            signing_certificate_pem=crt.decode(),
            private_key_pem=private.decode(),
        )
        assert requests.get(link, timeout=10).status_code == 200
        reason = m.RevokeCertificateRequest(
            revocation_reason=m.CertificateRevocationReason.SUPERSEDED
        )
        self.office.revoke_certificate(serial, reason, access_token=token)
        assert requests.get(link, timeout=10).status_code == 400

    def test_a_token_may_not(self):
        with pytest.raises(KsefApiError) as caught:
            self.office.get_enrollment_data(self.client().token)
        assert "25001" in str(caught.value.response_body)
