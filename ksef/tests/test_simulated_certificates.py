"""The life of a certificate at a KSeF that keeps a register: asked for, used, renewed,
listed, revoked; and the logins that it made."""

from datetime import timedelta

import pytest

from ksef import csr
from ksef.auth import log_in_signed, new_request
from ksef.certificates import CertificateOffice
from ksef.credential import Credential
from ksef.errors import (
    ApiError,
    AuthenticationError,
    KsefError,
    ServerError,
    TransportError,
)
from ksef.messages import EnrolmentPhase, enrolment_phase
from ksef.xades import check_signed, sign

from . import pki
from .ksef_login import BUYER, SELLER, Conversation

PESEL = "44051401458"
ENROL = ("POST", "/certificates/enrollments$")


class Enrolling(Conversation):
    """Base of tests that ask for certificates."""

    def office(self, login=None, nip: str = SELLER, **options) -> CertificateOffice:
        client = self.client(self.log_in(login, nip), **options)
        return CertificateOffice(client)

    def enrol(self, office, kind="Offline", key=None, name="Odoo 1", **options):
        """A certificate for a new key, as far as KSeF gives one."""
        key = key or csr.new_key()
        request = csr.request(office.subject(), key)
        reference = office.enrol(name, kind, request, **options)
        done = self.until_issued(office, reference)
        (issued,) = office.retrieve([done.serial_number])
        return Credential.from_der(issued.der, csr.key_der(key))

    def until_issued(self, office, reference):
        for _look in range(10):
            found = office.enrolment(reference)
            if enrolment_phase(found.code) is not EnrolmentPhase.WAIT:
                return found
        raise AssertionError("still waiting")


class TestIssued(Enrolling):
    """Whoever logs in by signature gets certificates in their own name."""

    @pytest.mark.parametrize("key", ["EC", "RSA"])
    def test_by_a_company_seal(self, key):
        files = self.simulator.issue_certificate(nip=SELLER, key=key)
        made = self.enrol(self.office(Credential.load(*files)))
        assert made.purpose == "offline"
        assert (made.identifier_type, made.identifier) == ("Nip", SELLER)

    def test_by_a_sole_proprietor(self):
        files = self.simulator.issue_certificate(pesel=PESEL)
        self.simulator.link_person(PESEL, SELLER)
        made = self.enrol(self.office(Credential.load(*files)), "Authentication")
        assert made.purpose == "authentication"
        assert (made.identifier_type, made.identifier) == ("Pesel", PESEL)

    def test_one_to_log_in_renews_the_next_and_itself(self):
        first = self.enrol(self.office(), "Authentication", name="Odoo first")
        second = self.enrol(self.office(first), "Authentication", name="Odoo second")
        assert second.serial_number != first.serial_number
        self.office(second).revoke(first.serial_number, "Superseded")
        assert self.log_in(second)
        with pytest.raises(AuthenticationError) as caught:
            self.log_in(first)
        assert caught.value.code == 460

    def test_a_start_in_future(self):
        start = self.simulator.clock.now() + timedelta(days=3)
        made = self.enrol(self.office(), valid_from=start)
        assert made.valid_from == start.replace(microsecond=0)

    def test_by_a_token_none(self):
        office = self.office(self.simulator.new_token(SELLER))
        key = csr.new_key()
        request = csr.request(self.office().subject(), key)
        codes, reasons = set(), set()
        for call in (
            office.subject,
            lambda: office.enrol("Odoo 1", "Offline", request),
            office.limits,
            office.query,
            lambda: office.revoke("0" * 16),
        ):
            with pytest.raises(ApiError) as caught:
                call()
            codes.add(caught.value.code)
            reasons.add(caught.value.reason_code)
        assert codes == {25001, 25002, None}
        assert reasons == {None, "auth-method-not-allowed"}


class TestRefused(Enrolling):
    """Limits, other words, broken off: each is told apart."""

    def test_limits(self):
        office = self.office()
        before = office.limits()
        self.enrol(office)
        after = office.limits()
        assert before.can_request and after.can_request
        assert after.enrolments_left == before.enrolments_left - 1
        assert after.certificates_left == before.certificates_left - 1

    @pytest.mark.parametrize(
        ("setting", "code"), [("enrollment_limit", 25006), ("certificate_limit", 25007)]
    )
    def test_a_limit_is_reached(self, setting, code):
        office = self.office()
        self.simulator.set(**{setting: 0})
        assert not office.limits().can_request
        with pytest.raises(ApiError) as caught:
            self.enrol(office)
        assert caught.value.code == code

    def test_the_words_of_another_company(self):
        stranger = self.office(nip=BUYER).subject()
        request = csr.request(stranger, csr.new_key())
        with pytest.raises(ApiError) as caught:
            self.office().enrol("Odoo 1", "Offline", request)
        assert caught.value.code == 25003

    def test_bytes_that_are_no_request(self):
        office = self.office()
        request = csr.request(office.subject(), csr.new_key())
        changed = request[:-1] + bytes((request[-1] ^ 1,))
        for content in (changed, b"0\0", b""):
            with pytest.raises(ApiError) as caught:
                office.enrol("Odoo 1", "Offline", content)
            assert caught.value.code in (25004, 21405)

    @pytest.mark.parametrize(
        ("code", "phase"), [(400, "REFUSED"), (500, "AGAIN"), (550, "AGAIN")]
    )
    def test_how_it_ends(self, code, phase):
        self.simulator.fault("enrollment_ends", code=code, details=("powód",))
        office, key = self.office(), csr.new_key()
        request = csr.request(office.subject(), key)
        ended = self.until_issued(office, office.enrol("Odoo 1", "Offline", request))
        assert (ended.code, ended.serial_number) == (code, None)
        assert ended.details == ("powód",)
        assert enrolment_phase(ended.code) is EnrolmentPhase[phase]
        assert office.find(csr.public_key_hash(key)) is None
        again = self.enrol(office, key=key)
        assert again.private_key_der() == csr.key_der(key), "the same key will do"


class TestLostAnswers(Enrolling):
    """No certificate is lost with an answer: its key finds it."""

    def lose(self, method: str, path: str) -> None:
        self.simulator.fault("lost_answer", method=method, path=path, after=True)

    @pytest.mark.parametrize("steps", [0, 1, 3])
    def test_that_of_the_request(self, steps):
        office, key = self.office(), csr.new_key()
        self.enrol(office, name="Odoo 0")
        self.simulator.set_delay(steps)
        self.lose(*ENROL)
        with pytest.raises(TransportError):
            self.enrol(office, key=key, name="Odoo 1")
        looks = (office.find(csr.public_key_hash(key), "Odoo 1") for _ in range(10))
        found = next(each for each in looks if each is not None)
        assert Credential.from_der(found.der, csr.key_der(key)).purpose == "offline"
        assert (found.name, found.kind) == ("Odoo 1", "Offline")
        mine = [row for row in office.query(name="Odoo") if row.name == "Odoo 1"]
        assert len(mine) == 1, "nothing was asked for twice"

    def test_a_request_that_never_arrived_leaves_nothing(self):
        office, key = self.office(), csr.new_key()
        self.simulator.fault("server_error", method=ENROL[0], path=ENROL[1])
        with pytest.raises(ServerError):
            self.enrol(office, key=key)
        for _look in range(3):
            assert office.find(csr.public_key_hash(key)) is None

    def test_those_of_the_questions_cost_nothing(self):
        office, key = self.office(), csr.new_key()
        request = csr.request(office.subject(), key)
        reference = office.enrol("Odoo 1", "Offline", request)
        for path in ("/certificates/enrollments/", "/certificates/retrieve"):
            self.lose(None, path)
        with pytest.raises(TransportError):
            office.enrolment(reference)
        done = self.until_issued(office, reference)
        with pytest.raises(TransportError):
            office.retrieve([done.serial_number])
        assert len(office.retrieve([done.serial_number])) == 1

    def test_that_of_a_revocation(self):
        office = self.office()
        made = self.enrol(office)
        self.lose("POST", "/revoke$")
        with pytest.raises(TransportError):
            office.revoke(made.serial_number)
        with pytest.raises(ApiError) as caught:
            office.revoke(made.serial_number)
        assert caught.value.code == 25009, "it was revoked the first time"


class TestRegister(Enrolling):
    """What KSeF holds for us, with names, kinds and states."""

    def test_every_page(self):
        office = self.office()
        before = len(office.query())
        for _number in range(60):
            self.simulator.issue_certificate("Offline", nip=SELLER)
        assert len(office.query()) == before + 60
        assert len({row.serial_number for row in office.query()}) == before + 60

    def test_filters(self):
        office = self.office()
        offline = self.enrol(office, "Offline", name="Odoo kasa 1")
        login = self.enrol(office, "Authentication", name="Odoo kasa 2")
        self.enrol(self.office(nip=BUYER), name="Odoo kasa 3")
        serials = {row.serial_number for row in office.query(name="kasa")}
        assert serials == {offline.serial_number, login.serial_number}
        (row,) = office.query(name="kasa", kind="Offline")
        assert (row.serial_number, row.name) == (offline.serial_number, "Odoo kasa 1")
        assert (row.kind, row.status, row.last_used) == ("Offline", "Active", None)
        assert (row.valid_from, row.valid_to) == (offline.valid_from, offline.valid_to)
        (row,) = office.query(login.serial_number)
        assert row.kind == "Authentication"

    def test_revoked_in_two_steps(self):
        self.simulator.set_delay(2)
        office = self.office()
        made = self.enrol(office)
        office.revoke(made.serial_number, "KeyCompromise")
        seen = [office.query(made.serial_number)[0].status for _look in range(5)]
        assert seen[0] == "Blocked" and seen[-1] == "Revoked"
        assert set(seen) == {"Blocked", "Revoked"}
        assert office.query(made.serial_number, status="Active") == ()

    def test_that_of_a_stranger_cannot_be_revoked(self):
        made = self.enrol(self.office(nip=BUYER))
        with pytest.raises(ApiError) as caught:
            self.office().revoke(made.serial_number)
        assert caught.value.code == 25008

    def test_a_self_signed_one_is_in_no_register(self):
        office, made = self.office(), pki.credential(serial=1 << 100)
        assert office.query(made.serial_number) == ()
        assert office.query(pki.credential().serial_number) == ()


class TestLogins(Enrolling):
    """Log out everywhere."""

    def test_all_of_them(self):
        first, second = self.log_in(), self.log_in()
        client = self.client(second)
        listed = client.auth_sessions()
        assert [each.is_current for each in listed] == [True, False]
        assert all(each.redeemed and each.method and each.started for each in listed)
        for each in listed:
            if not each.is_current:
                client.end_auth_session(each.reference)
        client.end_current_auth_session()
        for tokens in (first, second):
            with pytest.raises(ApiError):
                self.client().refresh(tokens.refresh.token)

    def test_only_ours(self):
        stranger = self.log_in(nip=BUYER)
        (theirs,) = self.client(stranger).auth_sessions()
        client = self.company()
        assert len(client.auth_sessions()) == 1
        with pytest.raises(KsefError):
            client.end_auth_session(theirs.reference)
        assert self.client().refresh(stranger.refresh.token)


class TestSignedElsewhere(Enrolling):
    """The first login, by a signature that no Odoo can make."""

    def sign_with(self, request: bytes, **order) -> bytes:
        made = Credential.load(*self.simulator.issue_certificate(**order))
        return sign(request, made, self.simulator.clock.now())

    def log_in_with(self, signed: bytes):
        now = self.simulator.clock.now
        return log_in_signed(
            self.client(),
            signed,
            now=now,
            sleep=lambda _seconds: None,
            deadline=now() + timedelta(minutes=1),
        )

    @pytest.mark.parametrize("key", ["EC", "RSA"])
    def test_it_logs_in_and_gets_the_first_certificate(self, key):
        request = new_request(self.client(), SELLER)
        signed = self.sign_with(request, nip=SELLER, key=key)
        check_signed(signed, request)
        office = CertificateOffice(self.client(self.log_in_with(signed)))
        assert self.log_in(self.enrol(office, "Authentication"))

    def test_once(self):
        request = new_request(self.client(), SELLER)
        signed = self.sign_with(request, nip=SELLER)
        self.log_in_with(signed)
        with pytest.raises(ApiError) as caught:
            self.log_in_with(signed)
        assert caught.value.code == 21111

    def test_not_after_ten_minutes(self):
        request = new_request(self.client(), SELLER)
        self.simulator.advance(601)
        with pytest.raises(ApiError) as caught:
            self.log_in_with(self.sign_with(request, nip=SELLER))
        assert caught.value.code == 21111

    def test_nobody_s_rights(self):
        request = new_request(self.client(), SELLER)
        with pytest.raises(AuthenticationError) as caught:
            self.log_in_with(self.sign_with(request, nip=BUYER))
        assert caught.value.code == 415
