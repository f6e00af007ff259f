"""A certificate is issued for the data of the login, and for nothing else."""

import re
import subprocess
from datetime import timedelta
from typing import ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

from . import foreign_signer
from .common import PESEL, SELLER, STRANGER, code_of
from .enrolling import EC, OIDS, EnrollmentLaw, data_of, pem, request

EC384 = ec.SECP384R1()


class TestData(EnrollmentLaw):
    """The subject comes from the certificate of the login, in KSeF's spelling."""

    options: ClassVar = {"self_signed": True}

    def test_a_company(self):
        assert data_of(self.company()) == {
            "commonName": SELLER,
            "countryName": "PL",
            "organizationName": "Podmiot Próbny",
            "organizationIdentifier": f"VATPL-{SELLER}",
        }

    def test_a_person(self):
        assert data_of(self.person(name="Zoë Łąka-Nowak")) == {
            "commonName": "Zoë Łąka-Nowak",
            "countryName": "PL",
            "givenName": "Zoë",
            "surname": "Łąka-Nowak",
            "serialNumber": f"PNOPL-{PESEL}",
        }

    def test_a_fingerprint(self):
        pair = self.certificate(nip=None, name="Anna Nowak")
        self.grant_fingerprint()
        told = data_of(self.client_for(*pair, subject="certificateFingerprint"))
        assert told.pop("uniqueIdentifier")
        assert told == {
            "commonName": "Anna Nowak",
            "countryName": "PL",
            "givenName": "Anna",
            "surname": "Nowak",
        }

    def test_a_self_signed_one(self):
        told = data_of(self.client_for(*foreign_signer.self_signed(SELLER)))
        assert told["organizationIdentifier"] == f"VATPL-{SELLER}"

    def test_not_by_token(self):
        client = self.client()
        assert code_of(client.get("/certificates/enrollments/data")) == 25001

    def grant_fingerprint(self):
        (entry,) = self.simulator.store.certificates.values()
        self.simulator.grant(
            SELLER, "Fingerprint", entry.subject.value, ["InvoiceRead"]
        )
        return entry.subject

    def test_what_a_fingerprint_enrolled_stands_for_it(self):
        pair = self.certificate(nip=None, name="Anna Nowak")
        subject = self.grant_fingerprint()
        by_fingerprint = {"subject": "certificateFingerprint"}
        client = self.client_for(*pair, **by_fingerprint)
        key = ec.generate_private_key(EC)
        _serial, certificate = self.enrolled(client, key)
        client = self.client_for(*pem(certificate, key), **by_fingerprint)
        told = {row["subjectIdentifier"]["value"] for row in self.listed(client)}
        assert told == {subject.value}


class TestRequest(EnrollmentLaw):
    """Name, key, algorithm, signature and subject are each looked at."""

    @pytest.mark.parametrize("kind", ["Authentication", "Offline"])
    def test_what_is_issued(self, kind):
        client, key = self.company(), ec.generate_private_key(EC)
        serial, certificate = self.enrolled(client, key, certificateType=kind)
        assert certificate.public_key().public_numbers() == (
            key.public_key().public_numbers()
        )
        assert f"{certificate.serial_number:016X}" == serial
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.digital_signature == (kind == "Authentication")
        assert usage.content_commitment == (kind == "Offline")
        (row,) = self.listed(client, certificateSerialNumber=serial)
        assert (row["name"], row["type"]) == ("Certyfikat próbny", kind)
        assert (row["status"], row["lastUseDate"]) == ("Active", None)
        assert row["commonName"] == SELLER
        assert row["subjectIdentifier"] == {"type": "Nip", "value": SELLER}

    def test_it_logs_in(self):
        key = ec.generate_private_key(EC)
        serial, certificate = self.enrolled(self.company(), key)
        client = self.client_for(*pem(certificate, key))
        (row,) = self.listed(client, certificateSerialNumber=serial)
        assert row["lastUseDate"], "from the login just made"

    def test_an_offline_one_does_not(self):
        key = ec.generate_private_key(EC)
        _serial, certificate = self.enrolled(
            self.company(), key, certificateType="Offline"
        )
        status = self.end_status(self.signed(*pem(certificate, key)))
        assert status["code"] == 460

    @pytest.mark.parametrize("name", ["SHA256", "SHA384", "SHA512"])
    def test_algorithms(self, name):
        client, algorithm = self.company(), getattr(hashes, name)()
        told = data_of(client)
        curve = ec.generate_private_key(EC)
        self.enrolled(client, der=request(told, curve, algorithm))
        prime = rsa.generate_private_key(65537, 2048)
        self.enrolled(client, der=request(told, prime, algorithm))
        salted = padding.PSS(padding.MGF1(algorithm), 32)
        csr = request(told, prime, algorithm, rsa_padding=salted)
        self.enrolled(client, der=csr)

    @pytest.mark.parametrize("kind", ["ec:curve", "rsa:2048"])
    def test_an_old_algorithm_by_another_program(self, kind):
        client = self.company()
        self.enrolled(client, der=self.by_openssl(data_of(client), kind))

    def by_openssl(self, told, kind):
        subject = "".join(
            f"/{OIDS[part].dotted_string}={value}" for part, value in told.items()
        )
        curve = str(self.tmp / "curve")
        make = ["openssl", "ecparam", "-name", "prime256v1", "-out", curve]
        subprocess.run(make, check=True, capture_output=True)
        command = ["openssl", "req", "-new", "-utf8", "-sha1", "-subj", subject]
        command += ["-newkey", kind.replace("curve", curve), "-nodes"]
        command += ["-keyout", str(self.tmp / "key"), "-outform", "DER"]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def test_an_algorithm_that_is_not_allowed(self):
        client, key = self.company(), ec.generate_private_key(EC)
        csr = request(data_of(client), key, hashes.SHA224())
        assert code_of(self.order(client, der=csr)) == 25011

    def test_keys_that_are_not_allowed(self):
        client = self.company()
        told = data_of(client)
        for csr in (
            request(told, ec.generate_private_key(EC384), hashes.SHA256()),
            request(told, rsa.generate_private_key(65537, 3072), hashes.SHA256()),
            request(told, ed25519.Ed25519PrivateKey.generate()),
        ):
            assert code_of(self.order(client, der=csr)) == 25010

    def test_a_signature_that_proves_nothing(self):
        client, key = self.company(), ec.generate_private_key(EC)
        csr = request(data_of(client), key, hashes.SHA256())
        changed = csr.replace("Podmiot Próbny".encode(), "Podmiot Próbna".encode())
        assert changed != csr
        assert code_of(self.order(client, der=changed)) == 25004
        assert code_of(self.order(client, der=csr[:-9])) == 25004
        assert code_of(self.order(client, der=csr + b"0")) == 25004

    @pytest.mark.parametrize(
        "change",
        [
            {"commonName": "Inna"},
            {"organizationName": None},
            {"organizationIdentifier": f"VATPL-{STRANGER}"},
            {"serialNumber": f"TINPL-{SELLER}"},
        ],
    )
    def test_a_subject_that_departs(self, change):
        client = self.company()
        told = {**data_of(client), **change}
        told = {name: value for name, value in told.items() if value}
        csr = request(told, ec.generate_private_key(EC), hashes.SHA256())
        assert code_of(self.order(client, der=csr)) == 25003

    def test_an_attribute_that_nobody_asked_for(self):
        client, key = self.company(), ec.generate_private_key(EC)
        unit = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "Kasa")
        names = [x509.NameAttribute(OIDS[n], v) for n, v in data_of(client).items()]
        builder = x509.CertificateSigningRequestBuilder()
        builder = builder.subject_name(x509.Name([*names, unit]))
        csr = builder.sign(key, hashes.SHA256())
        der = csr.public_bytes(serialization.Encoding.DER)
        assert code_of(self.order(client, der=der)) == 25003

    @pytest.mark.parametrize(
        "change",
        [
            {"certificateName": "Cert"},
            {"certificateName": "x" * 101},
            {"certificateName": "Kasa #1"},
            {"certificateType": "Other"},
            {"csr": "no base64"},
            {"validFrom": "2020-01-01T00:00:00Z"},
        ],
    )
    def test_a_form_filled_in_wrongly(self, change):
        assert code_of(self.order(self.company(), **change)) == 21405

    def test_validity(self):
        client = self.company()
        _serial, certificate = self.enrolled(client)
        start = certificate.not_valid_before_utc
        assert timedelta() <= self.simulator.clock.now() - start < timedelta(minutes=1)
        end = certificate.not_valid_after_utc
        assert end - start == timedelta(days=730)
        moment = (self.simulator.clock.now() + timedelta(days=9)).isoformat()
        key = ec.generate_private_key(EC)
        _serial, certificate = self.enrolled(client, key, validFrom=moment)
        assert certificate.not_valid_before_utc > start + timedelta(days=8)
        status = self.end_status(self.signed(*pem(certificate, key)))
        assert status["code"] == 460, "it is not valid yet"

    def test_not_by_token(self):
        client = self.client()
        answer = self.order(client, der=b"-")
        assert code_of(answer) == 25002
        for path in ("/certificates/limits", self.unknown()):
            refused = client.get(path)
            assert refused.status_code == 403
            assert refused.json()["reasonCode"] == "auth-method-not-allowed"

    def unknown(self):
        return "/certificates/enrollments/20260101-EH-0123456789-0123456789-01"


class TestProgress(EnrollmentLaw):
    """A request is accepted first and decided later, looked at or not."""

    def test_looks(self):
        client = self.company()
        self.simulator.set_delay(steps=2)
        path = self.path(self.order(client))
        answers = [client.get(path).json() for _look in range(3)]
        assert [a["status"]["code"] for a in answers] == [100, 100, 200]
        assert answers[1]["certificateSerialNumber"] is None

    def test_seconds(self):
        client = self.company()
        self.simulator.set_delay(steps=0, seconds=60)
        path = self.path(self.order(client))
        assert client.get(path).json()["status"]["code"] == 100
        self.simulator.advance(61)
        assert client.get(path).json()["status"]["code"] == 200

    def test_a_list_shows_it_in_the_end(self):
        client = self.company()
        self.order(client, certificateName="Nowy certyfikat")
        names = [[row["name"] for row in self.listed(client)] for _ in range(2)]
        assert names[0] == ["Certyfikat próbny"]
        assert names[1] == ["Nowy certyfikat", "Certyfikat próbny"]

    def test_a_lost_answer_has_worked_all_the_same(self):
        client = self.company()
        self.simulator.fault("lost_answer", method="POST", path="enrollments$")
        with pytest.raises(OSError):
            self.order(client, certificateName="Zgubiony")
        self.listed(client)
        assert self.listed(client)[0]["name"] == "Zgubiony"

    def test_somebody_elses_or_none(self):
        path = self.path(self.order(self.company()))
        other = self.client_for(*self.certificate(nip=STRANGER), nip=STRANGER)
        assert code_of(other.get(path)) == 25005
        assert code_of(other.get(re.sub("EH-.", "EH-X", path))) == 25005

    def test_it_is_told_for_thirty_days(self):
        client = self.company()
        path = self.path(self.order(client))
        self.simulator.advance(31 * 86400)
        assert self.company().get(path).status_code == 410

    @pytest.mark.parametrize("code", [500, 550])
    def test_trouble_on_request(self, code):
        client = self.company()
        self.simulator.fault("enrollment_ends", code=code, details=["przerwa"])
        status = self.end(client, self.order(client))["status"]
        assert (status["code"], status["details"]) == (code, ["przerwa"])
        self.enrolled(client)

    def test_stuck(self):
        client = self.company()
        self.simulator.fault("enrollment_stuck")
        answer = self.end(client, self.order(client))
        assert answer["status"]["code"] == 100

    def test_the_public_key_of_somebody_else(self):
        key = ec.generate_private_key(EC)
        client = self.company()
        self.enrolled(client, key)
        self.enrolled(client, key, certificateType="Offline")
        other = self.client_for(*self.certificate(nip=STRANGER), nip=STRANGER)
        status = self.end(other, self.order(other, key))["status"]
        assert status["code"] == 400 and "inny podmiot" in status["details"][0]


class TestLimits(EnrollmentLaw):
    """So many requests and so many active certificates, and no more."""

    def limits(self, client):
        told = client.get("/certificates/limits").json()
        return told["canRequest"], told["enrollment"], told["certificate"]

    def test_a_company(self):
        assert self.limits(self.company()) == (
            True,
            {"limit": 300, "remaining": 300},
            {"limit": 100, "remaining": 99},
        )

    def test_a_person(self):
        client = self.person()
        for left in range(4, -1, -1):
            self.enrolled(client)
            assert self.limits(client)[2] == {"limit": 6, "remaining": left}
        assert not self.limits(client)[0]
        assert code_of(self.order(client)) == 25007
        serial = self.listed(client)[0]["certificateSerialNumber"]
        assert client.post(f"/certificates/{serial}/revoke").status_code == 204
        self.enrolled(client)

    def test_requests_are_counted_for_good(self):
        self.simulator.set(enrollment_limit=2)
        client = self.company()
        for _time in range(2):
            serial, _certificate = self.enrolled(client)
            client.post(f"/certificates/{serial}/revoke")
        can, enrollment, _certificates = self.limits(client)
        assert not can and enrollment == {"limit": 2, "remaining": 0}
        assert code_of(self.order(client)) == 25006
        told = client.get("/limits/subject").json()
        assert told["enrollment"] == {"maxEnrollments": 2}

    def test_two_requests_for_the_last_place(self):
        self.simulator.set(certificate_limit=2)
        client = self.company()
        first, second = self.order(client), self.order(client)
        assert self.end(client, first)["status"]["code"] == 200
        status = self.end(client, second)["status"]
        assert status["code"] == 400 and "limit" in status["details"][0]
