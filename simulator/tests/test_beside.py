"""What stands beside the API: the management interface, and the program itself."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from simulator import Simulator

from .common import (
    BUYER,
    PESEL,
    SELLER,
    Client,
    Law,
    digest,
    invoice,
    load_pair,
    zipped,
)


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
        self.post("/grants", context=BUYER, permissions=["InvoiceRead"], **grant)
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
        assert self.simulator.store.messages[0]["title"] == "Awaria"
        start, end = "2031-01-01T00:00:00Z", "2031-01-02T00:00:00Z"
        self.post("/status", status="MAINTENANCE", event=7, start=start, end=end)
        assert self.simulator.store.messages[1]["end"].startswith("2031-01-02")
        self.post("/away", how="gateway")
        assert self.simulator.gone.how("/v2/auth/challenge") == "gateway"
        self.post("/away", on=False)
        assert self.simulator.gone.how("/v2/auth/challenge") is None
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
            ("/away", {"house": "tower"}),
            ("/away", {"how": "slowly"}),
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

    def test_a_batch_is_kept(self, tmp_path):
        with Simulator(data=tmp_path) as first:
            client = Client(first)
            client.log_in_with_token(SELLER, first.new_token(SELLER))
            client.send_batch(zipped({"a.xml": invoice()}))
        with Simulator(data=tmp_path) as second:
            client = Client(second)
            client.log_in_with_token(SELLER, second.new_token(SELLER))
            status = client.verdict(client.open(), invoice(extra=" inna"))["status"]
            assert status["code"] == 440, "what is held is found again"

    def test_state_of_an_earlier_version_is_read(self, tmp_path):
        with Simulator(data=tmp_path) as first:
            first.issue_certificate(nip=SELLER)
            number = first.put_invoice(invoice())
            first.store.invoices = dict(first.store.invoices)
            del first.store.enrollments, first.store.messages
            first.store.outage = {}
        with Simulator(data=tmp_path) as second:
            assert len(second.store.certificates) == 1
            assert second.store.enrollments == {} and second.store.messages == []
            assert second.ledger().by_hash == {digest(invoice()): 1}
            assert second.store.invoices[number].xml == invoice()
