"""Answers about certificates and logins: what we need is read, all else passed over."""

from datetime import datetime, timezone

import pytest

from ksef.errors import ProtocolError
from ksef.messages import (
    AuthSession,
    Enrolment,
    IssuedCertificate,
    Limits,
    RegisteredCertificate,
    Subject,
)

SERIAL = "018209160C631F1E"
MOMENT = "2025-10-11T12:23:56.0154302+00:00"
READ = datetime(2025, 10, 11, 12, 23, 56, 15430, timezone.utc)

LIMITS = {
    "canRequest": True,
    "enrollment": {"remaining": 299, "limit": 300},
    "certificate": {"remaining": 0, "limit": 100},
}
SUBJECT = {"commonName": "Firma", "countryName": "PL"}
ENROLMENT = {
    "requestDate": MOMENT,
    "status": {"code": 200, "description": "Wniosek obsłużony"},
    "certificateSerialNumber": SERIAL,
}
ISSUED = {
    "certificate": "MAA=",
    "certificateName": "Cert 00023",
    "certificateSerialNumber": SERIAL,
    "certificateType": "Authentication",
}
REGISTERED = {
    "certificateSerialNumber": SERIAL,
    "name": "Certyfikat 1",
    "type": "Offline",
    "commonName": "Jan Kowalski",
    "status": "Active",
    "subjectIdentifier": {"type": "Nip", "value": "1234445678"},
    "validFrom": MOMENT,
    "validTo": "2027-08-24T14:15:22+00:00",
    "lastUseDate": MOMENT,
    "requestDate": MOMENT,
}
SESSION = {
    "referenceNumber": "20251010-AU-19F5E39000-39B5B182BA-B8",
    "isCurrent": True,
    "startDate": MOMENT,
    "authenticationMethod": "QualifiedSeal",
    "authenticationMethodInfo": {
        "category": "XadesSignature",
        "code": "xades.qualified-seal",
        "displayName": "Pieczęć kwalifikowana",
    },
    "status": {"code": 200, "description": "Sukces"},
    "isTokenRedeemed": True,
    "lastTokenRefreshDate": MOMENT,
    "refreshTokenValidUntil": MOMENT,
}
ALL = {
    Limits: (LIMITS, set()),
    Subject: (SUBJECT, {"commonName", "countryName"}),
    Enrolment: (ENROLMENT, {"status"}),
    IssuedCertificate: (ISSUED, {"certificate", "certificateSerialNumber"}),
    RegisteredCertificate: (
        REGISTERED,
        {"certificateSerialNumber", "type", "status", "validFrom", "validTo"},
    ),
    AuthSession: (SESSION, {"referenceNumber"}),
}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
class TestTolerance:
    """The same rules for every answer."""

    def test_more_fields_change_nothing(self, kind):
        data, _needed = ALL[kind]
        more = {**data, "new": {"a": [1]}, "status2": None}
        assert kind.from_json(more) == kind.from_json(data)

    def test_only_what_we_need_may_not_be_missing(self, kind):
        data, needed = ALL[kind]
        for name in data:
            less = {key: value for key, value in data.items() if key != name}
            for given in (less, {**data, name: None}, {**data, name: {"odd": 1}}):
                if name in needed:
                    with pytest.raises(ProtocolError):
                        kind.from_json(given)
                else:
                    kind.from_json(given)

    @pytest.mark.parametrize("answer", [None, [], "x", 1, [{}]])
    def test_no_object_at_all(self, kind, answer):
        with pytest.raises(ProtocolError):
            kind.from_json(answer)


class TestWhatIsRead:
    def test_limits(self):
        assert Limits.from_json(LIMITS) == Limits(True, 299, 0)
        assert Limits.from_json({}) == Limits(False, None, None)
        assert not Limits.from_json({**LIMITS, "canRequest": "true"}).can_request

    def test_a_seal(self):
        told = {
            **SUBJECT,
            "givenName": None,
            "surname": "",
            "serialNumber": None,
            "uniqueIdentifier": "u",
            "organizationName": "O",
            "organizationIdentifier": "VATPL-1",
        }
        assert Subject.from_json(told) == Subject(
            common_name="Firma",
            country="PL",
            unique_identifier="u",
            organization="O",
            organization_identifier="VATPL-1",
        )

    @pytest.mark.parametrize(
        ("given", "names"),
        [
            ("Anna Maria", ("Anna Maria",)),
            (["Anna", "Maria"], ("Anna", "Maria")),
            ([], ()),
            (None, ()),
            ("", ()),
        ],
    )
    def test_a_person(self, given, names):
        told = {**SUBJECT, "givenName": given, "surname": "S", "serialNumber": "N"}
        read = Subject.from_json(told)
        assert (read.given_names, read.surname, read.serial_number) == (names, "S", "N")

    def test_an_enrolment(self):
        read = Enrolment.from_json(ENROLMENT)
        assert (read.code, read.serial_number, read.requested) == (200, SERIAL, READ)
        refused = {"status": {"code": 400, "description": "x", "details": ["limit"]}}
        read = Enrolment.from_json(refused)
        assert (read.details, read.serial_number) == (("limit",), None)

    def test_a_certificate(self):
        read = IssuedCertificate.from_json(ISSUED)
        assert read == IssuedCertificate(b"0\0", "Cert 00023", SERIAL, "Authentication")
        assert "0\\x00" not in repr(read)

    @pytest.mark.parametrize("written", ["MAA", "MA*A=", "żż=="])
    def test_a_certificate_that_is_not_base64(self, written):
        with pytest.raises(ProtocolError):
            IssuedCertificate.from_json({**ISSUED, "certificate": written})

    def test_a_row_of_the_register(self):
        read = RegisteredCertificate.from_json(REGISTERED)
        assert read == RegisteredCertificate(
            serial_number=SERIAL,
            name="Certyfikat 1",
            kind="Offline",
            common_name="Jan Kowalski",
            status="Active",
            valid_from=READ,
            valid_to=datetime(2027, 8, 24, 14, 15, 22, tzinfo=timezone.utc),
            last_used=READ,
            requested=READ,
        )

    def test_a_status_that_is_new_is_kept_as_it_is(self):
        told = {**REGISTERED, "status": "Suspended", "type": "Seal"}
        read = RegisteredCertificate.from_json(told)
        assert (read.status, read.kind) == ("Suspended", "Seal")

    def test_a_login(self):
        assert AuthSession.from_json(SESSION) == AuthSession(
            reference=SESSION["referenceNumber"],
            is_current=True,
            started=READ,
            method="Pieczęć kwalifikowana",
            redeemed=True,
            last_refresh=READ,
            refresh_valid_until=READ,
        )

    @pytest.mark.parametrize(
        ("info", "method"),
        [
            ({"code": "xades.qualified-seal"}, "xades.qualified-seal"),
            ({}, "QualifiedSeal"),
            (None, "QualifiedSeal"),
        ],
    )
    def test_how_it_was_made(self, info, method):
        told = {**SESSION, "authenticationMethodInfo": info}
        assert AuthSession.from_json(told).method == method

    def test_the_old_name_of_the_method_may_be_gone(self):
        less = {"referenceNumber": "r"}
        assert AuthSession.from_json(less).method == ""
        assert AuthSession.from_json(less).is_current is False
