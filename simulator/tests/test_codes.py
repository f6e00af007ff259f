"""The pages behind the QR codes find what is there and prove what is signed."""

import base64
from datetime import datetime, timedelta, timezone
from urllib.parse import quote

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from .common import BUYER, PESEL, SELLER, STRANGER, Law, digest, invoice, load_pair

HASH = "h" * 43
NOW = datetime.now(timezone.utc)
UNIT = f"{SELLER}-12345"
ENTITY = f"{SELLER}-IE1234567+A"
PROVIDER = "PPL123456"


def url_safe(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def code_hash(xml):
    return digest(xml).replace("+", "-").replace("/", "_").rstrip("=")


class CodeOneLaw(Law):
    def get(self, hash_, *, nip=SELLER, day="01-02-2026"):
        path = f"/invoice/{nip}/{day}/{hash_}"
        return requests.get(self.simulator.url + path, timeout=10)


class TestCodeOne(CodeOneLaw):
    """The code of an invoice finds it, by seller, day and hash together."""

    @pytest.fixture(autouse=True)
    def put(self, running):
        xml = invoice("FV/1", day="2026-02-01")
        self.number = self.simulator.put_invoice(xml)
        self.hash = code_hash(xml)

    def test_the_right_link(self):
        answer = self.get(self.hash)
        assert answer.status_code == 200 and self.number in answer.text
        assert "technicznie" not in answer.text

    @pytest.mark.parametrize("wrong", [{"nip": BUYER}, {"day": "2026-02-01"}])
    def test_a_wrong_link(self, wrong):
        answer = self.get(self.hash, **wrong)
        assert answer.status_code == 404 and self.number not in answer.text
        assert self.get("x" * 43).status_code == 404


class TestCorrectedCodeOne(CodeOneLaw):
    """The code of a refused invoice leads to the one that repairs it, and says so."""

    def test_the_old_and_the_new_code(self):
        client = self.client()
        session = client.open()
        old = invoice("FV/1", day="2026-02-01", kind="ODD")
        new = invoice("FV/1", day="2026-02-01")
        assert client.verdict(session, old, offlineMode=True)["status"]["code"] == 450
        assert self.get(code_hash(old)).status_code == 404
        fixed = client.verdict(
            session, new, offlineMode=True, hashOfCorrectedInvoice=digest(old)
        )
        for xml, corrected in ((old, True), (new, False)):
            page = self.get(code_hash(xml))
            assert page.status_code == 200 and fixed["ksefNumber"] in page.text
            assert ("skorygowana technicznie" in page.text) == corrected
        assert self.get(code_hash(old), nip=BUYER).status_code == 404


class TestCodeTwo(Law):
    """The issuer's code proves an Offline certificate with rights in the context."""

    def link(self, private, serial, **changes):
        """A code that is right, but for the changes."""
        parts = {
            "kind": "Nip",
            "context": SELLER,
            "seller": SELLER,
            "serial": serial,
            "hash": HASH,
        } | changes
        address = self.simulator.url.removeprefix("http://")
        form = parts.pop("form", "p1363")
        text = "/".join([address, "certificate", *parts.values()])
        return f"http://{text}/{url_safe(sign(private, text.encode(), form))}"

    def pair(self, kind="Offline", **order):
        """A key and the serial number of its certificate."""
        order = order if {"pesel", "nip"} & set(order) else {"nip": SELLER, **order}
        certificate, private = load_pair(
            *self.simulator.issue_certificate(kind, **order)
        )
        return private, f"{certificate.serial_number:016X}"

    def get(self, link):
        return requests.get(link, timeout=10)

    def proves(self, link):
        answer = self.get(link)
        assert answer.status_code == 200, answer.text

    def refuses(self, link, reason):
        answer = self.get(link)
        assert answer.status_code == 400 and reason in answer.text, answer.text

    @pytest.mark.parametrize(
        "key, form", [("EC", "p1363"), ("EC", "der"), ("RSA", "pss")]
    )
    def test_signatures(self, key, form):
        self.proves(self.link(*self.pair(key=key), form=form))

    @pytest.mark.parametrize("form", ["pss0", "pkcs1"])
    def test_signatures_of_another_kind(self, form):
        link = self.link(*self.pair(key="RSA"), form=form)
        self.refuses(link, "Podpis jest nieprawidłowy")

    def test_every_part_is_signed(self):
        link = self.link(*self.pair())
        for old, new in (
            (HASH, "i" * 43),
            (f"/Nip/{SELLER}", f"/Nip/{STRANGER}"),
            (f"{SELLER}/0", f"{STRANGER}/0"),
            ("127.0.0.1", "localhost"),
        ):
            assert old in link
            self.refuses(link.replace(old, new, 1), "Podpis jest nieprawidłowy")
        _key, other = self.pair()
        serial = link.split("/")[-3]
        self.refuses(link.replace(serial, other), "Podpis jest nieprawidłowy")

    @pytest.mark.parametrize(
        "changes",
        [{"kind": "nip"}, {"kind": "Pesel"}, {"context": "12"}, {"hash": "h" * 42}],
    )
    def test_a_malformed_link(self, changes):
        self.refuses(self.link(*self.pair(), **changes), "Link jest nieprawidłowy")

    def test_a_padded_signature(self):
        link = self.link(*self.pair()) + "%3D%3D"
        self.refuses(link, "Link jest nieprawidłowy")

    def test_the_register(self):
        pair = self.pair("Authentication")
        self.refuses(self.link(*pair), "Nie znaleziono certyfikatu")
        private, serial = self.pair()
        link = self.link(private, "01" + "0" * 14)
        self.refuses(link, "Nie znaleziono certyfikatu")
        self.refuses(self.link(private, serial.lower()), "Nie znaleziono certyfikatu")

    @pytest.mark.parametrize(
        "order",
        [{"not_after": NOW}, {"not_before": NOW + timedelta(days=1)}],
        ids=["expired", "not yet valid"],
    )
    def test_validity(self, order):
        link = self.link(*self.pair(**order))
        self.refuses(link, "Certyfikat jest nieważny")

    @pytest.mark.parametrize("end", ["revoke_certificate", "expire_certificate"])
    def test_an_end_before_its_time(self, end):
        private, serial = self.pair()
        link = self.link(private, serial)
        self.proves(link)
        getattr(self.simulator, end)(serial)
        self.refuses(link, "Certyfikat jest nieważny")

    def test_blocked_is_as_good_as_revoked(self):
        private, serial = self.pair()
        self.simulator.store.certificates[serial].blocked = NOW
        self.refuses(self.link(private, serial), "Certyfikat jest nieważny")

    def test_rights_of_a_person(self):
        link = self.link(*self.pair(pesel=PESEL))
        self.refuses(link, "Brak uprawnień")
        self.simulator.grant(SELLER, "Pesel", PESEL, ["InvoiceRead"])
        self.refuses(link, "Brak uprawnień")
        self.simulator.grant(SELLER, "Pesel", PESEL, ["InvoiceWrite"])
        self.proves(link)

    def test_rights_of_another_company(self):
        link = self.link(*self.pair(nip=STRANGER))
        self.refuses(link, "Brak uprawnień")
        self.simulator.grant(SELLER, "Nip", STRANGER, ["InvoiceWrite"])
        self.proves(link)

    @pytest.mark.parametrize("right", ["SelfInvoicing", "TaxRepresentative"])
    def test_a_seller_for_whom_the_context_issues(self, right):
        link = self.link(*self.pair(), seller=STRANGER)
        self.refuses(link, "Brak uprawnień")
        self.simulator.grant(STRANGER, "Nip", SELLER, [right])
        self.proves(link)

    @pytest.mark.parametrize(
        "kind, context",
        [("InternalId", UNIT), ("NipVatUe", ENTITY), ("PeppolId", PROVIDER)],
    )
    def test_other_contexts(self, kind, context):
        link = self.link(*self.pair(pesel=PESEL), kind=kind, context=quote(context))
        self.refuses(link, "Brak uprawnień")
        rights = ["PefInvoiceWrite" if kind == "PeppolId" else "InvoiceWrite"]
        self.simulator.grant(context, "Pesel", PESEL, rights, context_type=kind)
        if kind == "PeppolId":
            self.refuses(link, "Brak uprawnień")
            self.simulator.grant(SELLER, "PeppolId", PROVIDER, ["PefInvoicing"])
        self.proves(link)


def sign(key, octets, form):
    """KOD II's signature."""
    if form == "pkcs1":
        return key.sign(octets, padding.PKCS1v15(), hashes.SHA256())
    if form.startswith("pss"):
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32 if form == "pss" else 0)
        return key.sign(octets, scheme, hashes.SHA256())
    der = key.sign(octets, ec.ECDSA(hashes.SHA256()))
    if form == "der":
        return der
    return b"".join(half.to_bytes(32, "big") for half in decode_dss_signature(der))
