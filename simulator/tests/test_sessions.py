"""A session is open until it is closed, and ends by what was in it."""

from datetime import timedelta

import pytest
import requests

from .common import BUYER, PESEL, SELLER, Law, code_of, digest, encrypt, invoice, parse
from .foreign_signer import verified


def fetch(url, **kwargs):
    """What a pre-signed link gives."""
    return requests.get(url, timeout=10, **kwargs)


def close(client, session):
    return client.post(f"/sessions/online/{session}/close")


class TestEnds(Law):
    """200 with one good invoice, 445 with none, 440 with nothing."""

    def test_a_good_invoice_beside_a_bad_one(self):
        client = self.client()
        session = client.open()
        client.send(session, invoice("FV/1"))
        client.send(session, invoice("FV/2", seller=BUYER))
        assert client.get(f"/sessions/{session}").json()["status"]["code"] == 100
        assert close(client, session).status_code == 204
        assert client.get(f"/sessions/{session}").json()["status"]["code"] == 170
        end = client.session_status(session)
        counts = ("invoiceCount", "successfulInvoiceCount", "failedInvoiceCount")
        assert end["status"]["code"] == 200
        assert [end[name] for name in counts] == [2, 1, 1]

    @pytest.mark.parametrize("files, code", [([], 440), ([invoice(seller=BUYER)], 445)])
    def test_without_a_good_invoice(self, files, code):
        client = self.client()
        session = client.open()
        for xml in files:
            client.send(session, xml)
        close(client, session)
        assert client.session_status(session)["status"]["code"] == code

    def test_twelve_hours_close_it(self):
        client = self.client()
        session = client.open()
        client.send(session, invoice())
        self.simulator.advance(12 * 3600)
        client = self.client()
        assert client.session_status(session)["status"]["code"] == 200
        assert code_of(client.send(session, invoice("FV/2"))) == 21180

    def test_closed_is_closed(self):
        client = self.client()
        session = client.open()
        close(client, session)
        assert code_of(client.send(session, invoice())) == 21180
        assert code_of(close(client, session)) == 21180

    def test_an_unreadable_key_shows_late(self):
        client = self.client()
        session = client.open(key=b"too short")
        sent = client.send(session, invoice()).json()["referenceNumber"]
        assert client.session_status(session)["status"]["code"] == 415
        entry = client.get(f"/sessions/{session}/invoices/{sent}").json()
        assert entry["status"]["code"] == 405
        assert code_of(client.send(session, invoice())) == 21180
        assert not self.simulator.invoices

    def test_who_polls_only_the_invoice_learns_it_too(self):
        client = self.client()
        session = client.open(key=b"too short")
        assert client.verdict(session, invoice())["status"]["code"] == 405

    def test_a_withdrawn_or_unknown_key(self):
        client = self.client()
        body = {"formCode": {}, "encryption": client.encryption()}
        body["formCode"] = {"systemCode": "FA (3)", "schemaVersion": "1-0E"}
        body["formCode"]["value"] = "FA"
        self.simulator.rotate_keys()
        assert code_of(client.post("/sessions/online", json=body)) == 21470

    def test_another_form(self):
        client = self.client()
        form = {"systemCode": "FA (2)", "schemaVersion": "1-0E", "value": "FA"}
        body = {"formCode": form, "encryption": client.encryption()}
        assert code_of(client.post("/sessions/online", json=body)) == 21405


class TestWhoSees(Law):
    """InvoiceWrite shows one's own sessions, Introspection all of the company."""

    def person(self, pesel, permissions):
        """A client for somebody with a grant, without the road through XAdES."""
        client = self.client()
        login = list(self.simulator.store.logins.values())[-1]
        identity = type(login.context)
        login.subject, login.permissions = identity("Pesel", pesel), permissions
        fresh = client.post("/auth/token/refresh", token=client.refresh_token)
        self.simulator.grant(SELLER, "Pesel", pesel, permissions)
        client.token = fresh.json()["accessToken"]["token"]
        return client

    def test_sessions_of_others(self):
        session = self.client().open()
        other = self.person(PESEL, ("InvoiceWrite",))
        assert other.get(f"/sessions/{session}").status_code == 403
        listed = other.get("/sessions?sessionType=Online").json()["sessions"]
        assert listed == []

    def test_another_company_sees_nothing(self):
        session = self.client().open()
        assert code_of(self.client(BUYER).get(f"/sessions/{session}")) == 21173

    def test_the_list_is_filtered_and_newest_first(self):
        client = self.client()
        first, second = client.open(), client.open()
        close(client, first)
        client.session_status(first)
        names = [
            [s["referenceNumber"] for s in client.get(path).json()["sessions"]]
            for path in (
                "/sessions?sessionType=Online",
                "/sessions?sessionType=Online&statuses=InProgress",
                "/sessions?sessionType=Online&statuses=Cancelled&statuses=Failed",
                "/sessions?sessionType=Batch",
                "/sessions?sessionType=Online&dateCreatedTo=2020-01-01T00:00:00Z",
            )
        ]
        assert names == [[second, first], [second], [first], [], []]
        assert code_of(client.get("/sessions")) == 21405


class TestReceipts(Law):
    """The UPO names the very bytes, and is signed."""

    NS = "{http://upo.schematy.mf.gov.pl/KSeF/v4-3}"

    def test_the_receipt_of_one_invoice(self, tmp_path):
        client = self.client()
        session = client.open()
        xml = invoice()
        entry = client.verdict(session, xml)
        path = f"/sessions/{session}/invoices"
        by_path = client.get(f"{path}/{entry['referenceNumber']}/upo")
        by_number = client.get(f"{path}/ksef/{entry['ksefNumber']}/upo")
        by_link = fetch(entry["upoDownloadUrl"])
        assert by_path.content == by_number.content == by_link.content
        assert by_link.headers["x-ms-meta-hash"] == digest(by_link.content)
        assert verified(tmp_path, by_path.content)
        document = parse(by_path.content).find(f"{self.NS}Dokument")
        assert document.findtext(f"{self.NS}SkrotDokumentu") == digest(xml)
        number = document.findtext(f"{self.NS}NumerKSeFDokumentu")
        assert number == entry["ksefNumber"]

    def test_a_changed_receipt_is_not_verified(self, tmp_path):
        client = self.client()
        session = client.open()
        entry = client.verdict(session, invoice("FV/1"))
        path = f"/sessions/{session}/invoices/{entry['referenceNumber']}/upo"
        upo = client.get(path).content
        assert not verified(tmp_path, upo.replace(b"FV/1", b"FV/2"))

    def test_the_pages_of_a_session(self):
        self.simulator.set(upo_page_size=2)
        client = self.client()
        session = client.open()
        for number in range(3):
            client.send(session, invoice(f"FV/{number}"))
        path = f"/sessions/{session}/upo/{'2' * 36}"
        assert code_of(client.get(path)) == 21178, "not before the session is closed"
        close(client, session)
        pages = client.session_status(session)["upo"]["pages"]
        assert len(pages) == 2
        for page, count in zip(pages, (2, 1), strict=True):
            path = f"/sessions/{session}/upo/{page['referenceNumber']}"
            content = client.get(path).content
            assert content == fetch(page["downloadUrl"]).content
            assert len(parse(content).findall(f"{self.NS}Dokument")) == count

    def test_a_refused_invoice_has_no_receipt(self):
        client = self.client()
        session = client.open()
        entry = client.verdict(session, invoice(seller=BUYER))
        path = f"/sessions/{session}/invoices/{entry['referenceNumber']}/upo"
        assert code_of(client.get(path)) == 21178

    def test_links_want_no_token_and_grow_old(self):
        client = self.client()
        session = client.open()
        url = client.verdict(session, invoice())["upoDownloadUrl"]
        header = {"Authorization": f"Bearer {client.token}"}
        assert fetch(url, headers=header).status_code == 400
        assert fetch(url.replace("sig=", "sig=x")).status_code == 403
        self.simulator.advance(timedelta(days=3).total_seconds() + 1)
        assert fetch(url).status_code == 403


class TestEncryption(Law):
    """Two files of a session share key and IV; sizes of every kind arrive."""

    @pytest.mark.parametrize("length", range(0, 17, 4))
    def test_every_length(self, length):
        client = self.client()
        session = client.open()
        xml = invoice(extra="x" * length)
        assert len(encrypt(client.key, client.iv, xml)) % 16 == 0
        assert client.verdict(session, xml)["status"]["code"] == 200
