"""The holder lists, fetches, revokes and, on TEST, shortens own certificates."""

from datetime import datetime, timedelta, timezone

import pytest

from .common import PESEL, SELLER, STRANGER, code_of
from .enrolling import EnrollmentLaw

NOW = datetime.now(timezone.utc)


class RegisterLaw(EnrollmentLaw):
    def serial(self, label):
        """The serial number of the certificate with that name."""
        (found,) = [
            entry.serial
            for entry in self.simulator.store.certificates.values()
            if entry.name == label
        ]
        return found

    def revoke(self, client, serial, **body):
        return client.post(f"/certificates/{serial}/revoke", json=body)

    def states(self, client, **filters):
        return {row["name"]: row["status"] for row in self.listed(client, **filters)}

    def stranger(self):
        return self.client_for(*self.certificate(nip=STRANGER), nip=STRANGER)


class TestList(RegisterLaw):
    """Newest first, by any of the filters, page by page."""

    @pytest.fixture(autouse=True)
    def some(self, folder):
        pair = self.certificate(label="Biuro")
        self.certificate(kind="Offline", label="Kasa", not_after=NOW)
        self.certificate(kind="Offline", label="Kasa druga")
        self.certificate(label="Dawny", not_after=NOW + timedelta(days=9))
        self.certificate(nip=STRANGER, label="Obcy")
        self.simulator.revoke_certificate(self.serial("Dawny"))
        self.ksef = self.client_for(*pair)

    def names(self, **filters):
        return [row["name"] for row in self.listed(self.ksef, **filters)]

    def test_all_of_them(self):
        rows = self.listed(self.ksef)
        assert [(row["name"], row["type"], row["status"]) for row in rows] == [
            ("Dawny", "Authentication", "Revoked"),
            ("Kasa druga", "Offline", "Active"),
            ("Kasa", "Offline", "Expired"),
            ("Biuro", "Authentication", "Active"),
        ]

    @pytest.mark.parametrize(
        "filters, names",
        [
            ({"name": "asa"}, ["Kasa druga", "Kasa"]),
            ({"name": "kasa"}, []),
            ({"type": "Authentication"}, ["Dawny", "Biuro"]),
            ({"type": "Offline", "status": "Active"}, ["Kasa druga"]),
            ({"status": "Expired"}, ["Kasa"]),
            ({"status": "Revoked"}, ["Dawny"]),
            ({"status": "Blocked"}, []),
            (
                {"expiresAfter": (NOW + timedelta(days=99)).isoformat()},
                ["Kasa druga", "Biuro"],
            ),
        ],
    )
    def test_filters(self, filters, names):
        assert self.names(**filters) == names

    def test_one(self):
        filters = {"certificateSerialNumber": self.serial("Kasa")}
        assert self.names(**filters) == ["Kasa"]
        filters = {"certificateSerialNumber": self.serial("Obcy")}
        assert self.names(**filters) == []

    @pytest.mark.parametrize(
        "filters",
        [{"type": "Seal"}, {"status": "active"}, {"certificateSerialNumber": "1f"}],
    )
    def test_filters_that_mean_nothing(self, filters):
        answer = self.ksef.post("/certificates/query", json=filters)
        assert code_of(answer) == 21405

    def test_pages(self):
        for number in range(9):
            self.certificate(label=f"Nr {number}")
        pages = [
            self.ksef.post(f"/certificates/query?pageSize=10&pageOffset={n}").json()
            for n in range(3)
        ]
        assert [len(page["certificates"]) for page in pages] == [10, 3, 0]
        assert [page["hasMore"] for page in pages] == [True, False, False]
        names = [row["name"] for page in pages for row in page["certificates"]]
        assert names[0] == "Nr 8" and names[-1] == "Biuro"
        answer = self.ksef.post("/certificates/query?pageSize=51")
        assert code_of(answer) == 21405

    def test_last_use_is_the_last_login(self):
        used = {row["name"]: row["lastUseDate"] for row in self.listed(self.ksef)}
        assert used.pop("Biuro") and not any(used.values())

    def test_not_by_token(self):
        client = self.client()
        for answer in (
            client.post("/certificates/query", json={}),
            client.post("/certificates/retrieve", json={}),
            self.revoke(client, self.serial("Biuro")),
        ):
            assert answer.status_code == 403
            assert answer.json()["reasonCode"] == "auth-method-not-allowed"


class TestFetching(RegisterLaw):
    """Up to ten at once; those that are not there are left out."""

    def test_own_ones_only(self):
        client = self.company()
        self.certificate(label="Kasa", kind="Offline", not_after=NOW)
        self.certificate(nip=STRANGER, label="Obcy")
        own = self.serial("Kasa")
        found = self.fetched(client, own, self.serial("Obcy"), "0" * 16)
        assert list(found) == [own], "an expired one can still be fetched"

    @pytest.mark.parametrize("serials", [[], ["0" * 16] * 11, ["1f"], [1], "0" * 16])
    def test_a_wrong_order(self, serials):
        client = self.company()
        answer = client.post(
            "/certificates/retrieve", json={"certificateSerialNumbers": serials}
        )
        assert code_of(answer) == 21405


class TestRevoking(RegisterLaw):
    """Blocked at once, revoked a moment later, for good."""

    @pytest.mark.parametrize(
        "body", [{}, {"revocationReason": None}, {"revocationReason": "Superseded"}]
    )
    def test_it_takes_a_moment(self, body):
        client = self.company()
        self.certificate(label="Kasa")
        serial = self.serial("Kasa")
        assert self.revoke(client, serial, **body).status_code == 204
        assert code_of(self.revoke(client, serial)) == 25009
        states = [self.states(client)["Kasa"] for _look in range(2)]
        assert states == ["Blocked", "Revoked"]
        assert code_of(self.revoke(client, serial)) == 25009

    def test_at_once(self):
        self.simulator.set_delay(steps=0)
        client = self.company()
        serial, _certificate = self.enrolled(client, certificateName="Kasa nowa")
        self.revoke(client, serial)
        assert self.states(client)["Kasa nowa"] == "Revoked"

    def test_it_does_not_log_in(self):
        crt, key = self.certificate(label="Kasa")
        client, serial = self.company(), self.serial("Kasa")
        self.revoke(client, serial)
        blocked = self.end_status(self.signed(crt, key))
        assert (blocked["code"], blocked["details"]) == (
            460,
            ["Certyfikat zawieszony."],
        )
        for _look in range(2):
            self.states(client)
        assert self.end_status(self.signed(crt, key))["code"] == 460

    def test_an_expired_one(self):
        client = self.company()
        self.certificate(label="Kasa")
        self.simulator.expire_certificate(self.serial("Kasa"))
        assert code_of(self.revoke(client, self.serial("Kasa"))) == 25009

    def test_whose_it_is_matters(self):
        client = self.company()
        self.certificate(nip=STRANGER, label="Obcy")
        assert code_of(self.revoke(client, self.serial("Obcy"))) == 25008
        assert code_of(self.revoke(client, "0" * 16)) == 25008
        assert code_of(self.revoke(client, "1f")) == 21405

    def test_a_proprietor_revokes_what_the_company_holds(self):
        person = self.certificate(nip=None, pesel=PESEL, label="Osoba")
        self.certificate(label="Firma")
        self.simulator.link_person(PESEL, SELLER)
        client = self.client_for(*person)
        assert self.revoke(client, self.serial("Firma")).status_code == 204

    def test_an_unknown_reason(self):
        client = self.company()
        serial = self.serial("Certyfikat próbny")
        answer = self.revoke(client, serial, revocationReason="Lost")
        assert code_of(answer) == 21405


class TestExpiry(RegisterLaw):
    """On TEST the end can be brought forward, and never put off."""

    def shorten(self, client, serial, moment):
        path = f"/testdata/certificates/{serial}"
        return client.call("PUT", path, json={"validTo": moment.isoformat()})

    def test_it_ends_earlier(self):
        crt, key = self.certificate(label="Kasa")
        client, serial = self.company(), self.serial("Kasa")
        now = self.simulator.clock.now()
        assert self.shorten(client, serial, now).status_code == 200
        assert self.states(client)["Kasa"] == "Expired"
        assert self.end_status(self.signed(crt, key))["code"] == 460
        later = now + timedelta(days=1)
        assert code_of(self.shorten(client, serial, later)) == 21405

    def test_only_own_ones(self):
        self.certificate(label="Kasa")
        answer = self.shorten(self.stranger(), self.serial("Kasa"), NOW)
        assert code_of(answer) == 25008

    def test_on_request(self):
        crt, key = self.certificate(label="Kasa")
        assert self.end_status(self.signed(crt, key))["code"] == 200
        self.simulator.expire_certificate(self.serial("Kasa"))
        assert self.end_status(self.signed(crt, key))["code"] == 460
