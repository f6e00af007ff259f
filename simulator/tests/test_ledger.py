"""What is asked afterwards agrees with what has happened."""

import requests

from .common import SELLER, Client, Law, digest, invoice, zipped

ONE, TWO = invoice("FV/1"), invoice("FV/2")


class TestLedger(Law):
    """KSeF's own count of what it has accepted."""

    def test_what_is_accepted_counts_once(self):
        client = self.client()
        client.verdict(client.open(), ONE)
        session = client.send_batch(zipped({"1.xml": ONE, "2.xml": TWO}))
        client.session_status(session)
        held = self.simulator.ledger()
        assert held.by_hash == {digest(ONE): 1, digest(TWO): 1}
        keys = {(SELLER, "VAT", "FV/1"): 1, (SELLER, "VAT", "FV/2"): 1}
        assert held.by_key == keys
        told = requests.get(self.simulator.url + "/manage/ledger", timeout=10).json()
        assert told["hashes"] == held.by_hash
        assert {tuple(row[:3]): row[3] for row in told["keys"]} == keys

    def test_the_same_twice_is_seen(self):
        self.simulator.put_invoice(ONE)
        self.simulator.put_invoice(ONE)
        assert self.simulator.ledger().by_hash == {digest(ONE): 2}

    def test_what_a_failed_session_takes_along_was_never_there(self):
        client = self.client()
        session = client.open()
        client.send(session, ONE)
        self.simulator.fault("session_cancelled")
        client.session_status(session)
        assert self.simulator.ledger().by_hash == {}


class TestCounts(Law):
    """Requests by group of limits, as KSeF counts them."""

    def test_groups(self):
        client = self.client()
        self.simulator.requests.clear()
        session = client.send_batch(zipped({"1.xml": ONE}), parts=2)
        client.session_status(session)
        client.listed(session)
        counted = self.simulator.counts()
        assert counted.pop("sessionMisc") >= 2
        assert counted == {
            "anonymous": 1,
            "batchSession": 2,
            "sessionInvoiceList": 1,
            "unlimited": 2,
        }
        told = requests.get(self.simulator.url + "/manage/counts", timeout=10).json()
        assert told["batchSession"] == 2

    def test_what_is_refused_does_not_count(self):
        client = self.client()
        self.simulator.rate_limits(True, sessionList=(5, 2, 60))
        path = "/sessions?sessionType=Batch"
        codes = [client.get(path).status_code for _ in range(4)]
        assert codes == [200, 200, 429, 429]
        assert Client(self.simulator).get(path).status_code == 401
        assert self.simulator.counts()["sessionList"] == 2
        self.simulator.advance(61)
        assert client.get(path).status_code == 200, "refusals prolong nothing"
