"""What stands beside the API: QR pages, the status service, the management."""

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from simulator import Simulator

from .common import BUYER, PESEL, SELLER, STRANGER, Law, digest, invoice, load_pair


def url_safe(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


class TestCodeOne(Law):
    """The code of an invoice finds it, by seller, day and hash together."""

    @pytest.fixture(autouse=True)
    def put(self, running):
        xml = invoice("FV/1", day="2026-02-01")
        self.number = self.simulator.put_invoice(xml)
        self.hash = digest(xml).replace("+", "-").replace("/", "_").rstrip("=")

    def get(self, nip=SELLER, day="01-02-2026", hash_=None):
        path = f"/invoice/{nip}/{day}/{hash_ or self.hash}"
        return requests.get(self.simulator.url + path, timeout=10)

    def test_the_right_link(self):
        answer = self.get()
        assert answer.status_code == 200 and self.number in answer.text

    @pytest.mark.parametrize(
        "wrong", [{"nip": BUYER}, {"day": "2026-02-01"}, {"hash_": "x" * 43}]
    )
    def test_a_wrong_link(self, wrong):
        answer = self.get(**wrong)
        assert answer.status_code == 404 and self.number not in answer.text


class TestCodeTwo(Law):
    """The issuer's code proves an Offline certificate with rights in the context."""

    def link(self, *, kind="Offline", key="EC", seller=SELLER, form="p1363", **order):
        order = order or {"nip": SELLER}
        crt, pem = self.simulator.issue_certificate(kind, key=key, **order)
        certificate, private = load_pair(crt, pem)
        serial = f"{certificate.serial_number:016X}"
        address = self.simulator.url.removeprefix("http://")
        text = f"{address}/certificate/Nip/{SELLER}/{seller}/{serial}/{'h' * 43}"
        return f"http://{text}/{url_safe(sign(private, text.encode(), form))}"

    def status(self, link):
        return requests.get(link, timeout=10).status_code

    @pytest.mark.parametrize(
        "key, form", [("EC", "p1363"), ("EC", "der"), ("RSA", "pss")]
    )
    def test_the_right_link(self, key, form):
        assert self.status(self.link(key=key, form=form)) == 200

    def test_another_certificate_or_signature(self):
        assert self.status(self.link(kind="Authentication")) == 400
        assert self.status(self.link(nip=STRANGER)) == 400, "no right in the context"
        assert self.status(self.link(seller=STRANGER)) == 400, "nor for this seller"
        link = self.link().replace("h" * 43, "i" * 43)
        assert self.status(link) == 400, "signed for another document"

    def test_a_person_with_a_grant(self):
        assert self.status(self.link(pesel=PESEL)) == 400
        self.simulator.grant(SELLER, "Pesel", PESEL, ["InvoiceWrite"])
        assert self.status(self.link(pesel=PESEL)) == 200


class TestLighthouse(Law):
    """Available, until something is announced."""

    def get(self, path):
        return requests.get(self.simulator.url + path, timeout=10).json()

    def test_an_outage_comes_and_goes(self):
        assert self.get("/status")["status"] == "AVAILABLE"
        assert self.get("/messages") == []
        self.simulator.announce("MAINTENANCE", "Prace")
        assert self.get("/status")["status"] == "MAINTENANCE"
        assert self.get("/messages")[0]["type"] == "MAINTENANCE_ANNOUNCEMENT"
        self.simulator.announce("AVAILABLE")
        assert self.get("/messages") == []


class TestManagement(Law):
    """Another process can do what a test in the same process can."""

    def ask(self, method, path, **kwargs):
        url = f"{self.simulator.url}/manage{path}"
        return requests.request(method, url, timeout=10, **kwargs)

    def post(self, path, **params):
        answer = self.ask("POST", path, json=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def test_invoices(self):
        answer = self.ask("POST", "/invoices", data=invoice("FV/7"))
        number = answer.json()["ksefNumber"]
        assert self.ask("GET", f"/invoices/{number}").content == invoice("FV/7")
        assert self.ask("GET", "/state").json()["invoices"][0]["number"] == "FV/7"
        assert "FV/7" in self.ask("GET", "").text
        assert self.ask("GET", "/invoices/x").status_code == 404

    def test_identities(self):
        pair = self.post("/certificates", nip=SELLER, password="haslo", key="RSA")
        certificate, _key = load_pair(
            pair["certificate"].encode(), pair["key"].encode(), "haslo"
        )
        assert f"VATPL-{SELLER}" in certificate.subject.rfc4514_string()
        client = self.client()
        token = self.post("/tokens", nip=SELLER, permissions=["InvoiceRead"])["token"]
        client.log_in_with_token(SELLER, token)
        self.post("/persons", pesel=PESEL, nip=SELLER)
        assert self.simulator.store.persons == {PESEL: SELLER}
        grant = {"identifier_type": "Pesel", "identifier": PESEL}
        self.post("/grants", context_nip=BUYER, permissions=["InvoiceRead"], **grant)
        assert self.simulator.store.grants[0].permissions == ("InvoiceRead",)

    def test_knobs(self):
        self.post("/clock", now="2030-01-01T00:00:00Z", stopped=True)
        assert self.post("/clock", advance=60)["now"].startswith("2030-01-01T00:01")
        self.post("/clock")
        self.post("/delay", steps=0, seconds=2)
        assert self.simulator.delay.seconds == 2
        self.post("/settings", part_size=10)
        assert self.simulator.part_size == 10
        self.post("/status", status="FAILURE", text="Awaria")
        assert self.simulator.store.outage["title"] == "Awaria"
        self.post("/rate-limits", on=True, other=[1, 2, 3])
        assert self.simulator.limits.values["other"] == (1, 2, 3)
        before = self.simulator.store.keys["public"]
        self.post("/keys/rotate")
        assert self.simulator.store.keys["public"] != before

    def test_faults(self):
        self.post("/faults", name="stuck")
        assert self.ask("GET", "/state").json()["faults"][0]["name"] == "stuck"
        assert self.ask("DELETE", "/faults").status_code == 200
        assert self.ask("GET", "/state").json()["faults"] == []

    def test_the_log_keeps_no_secrets(self):
        client = self.client()
        text = self.ask("GET", "/requests").text
        assert "/v2/auth/challenge" in text
        assert client.token not in text and "Bearer" not in text
        self.ask("DELETE", "/requests")
        assert self.ask("GET", "/requests").json() == []

    @pytest.mark.parametrize(
        "path, body",
        [
            ("/faults", {"name": "earthquake"}),
            ("/certificates", {}),
            ("/certificates", {"nip": SELLER, "kind": "Other"}),
            ("/settings", {"colour": "red"}),
            ("/status", {"status": "SLEEPY", "text": ""}),
        ],
    )
    def test_a_mistake_is_named(self, path, body):
        answer = self.ask("POST", path, json=body)
        assert answer.status_code == 400
        assert answer.json()["exception"]["exceptionDetailList"][0]["details"]


class TestProgram:
    """python -m simulator: state survives a restart only when it has a folder."""

    def test_it_serves_and_stops(self, tmp_path):
        folder = Path(__file__).resolve().parents[2]
        command = [sys.executable, "-m", "simulator", "--port", "0", "--data", tmp_path]
        program = subprocess.Popen(
            [str(part) for part in command],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONUNBUFFERED": "1"},
        )
        try:
            line = program.stdout.readline()
            url = line.split()[-1]
            assert requests.get(f"{url}/state", timeout=10).json()["invoices"] == []
        finally:
            program.terminate()
            program.wait(timeout=10)

    def test_state_is_kept_in_the_folder(self, tmp_path):
        with Simulator(data=tmp_path) as first:
            url = f"{first.url}/manage/invoices"
            answer = requests.post(url, data=invoice(), timeout=10)
            first.issue_certificate(nip=SELLER)
        number = json.loads(answer.content)["ksefNumber"]
        with Simulator(data=tmp_path) as second:
            assert second.store.invoices[number].xml == invoice()
            assert second.store.keys["ca"] == first.store.keys["ca"]
        with Simulator() as third:
            assert third.invoices == []


def sign(key, octets, form):
    """KOD II's signature."""
    if form == "pss":
        scheme = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
        return key.sign(octets, scheme, hashes.SHA256())
    der = key.sign(octets, ec.ECDSA(hashes.SHA256()))
    if form == "der":
        return der
    return b"".join(half.to_bytes(32, "big") for half in decode_dss_signature(der))
