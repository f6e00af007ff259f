"""A file that KSeF took is judged later, and judged strictly."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from .common import ATTACHMENT, STRANGER, Law, code_of, digest, invoice, needs_shared

TOMORROW = datetime.now(ZoneInfo("Europe/Warsaw")).date() + timedelta(days=1)
YESTERDAY = TOMORROW - timedelta(days=2)

# Nothing but its prolog speaks against this file: it is pure ASCII.
LATIN = invoice().decode().encode("ascii", "xmlcharrefreplace")
LATIN = LATIN.replace(b'"UTF-8"', b'"ISO-8859-2"')


class TestSending(Law):
    """202 means received, nothing else; the verdict comes by polling."""

    def test_an_invoice_gets_its_number_after_a_wait(self):
        client = self.client()
        session = client.open()
        xml = invoice()
        reference = client.send(session, xml).json()["referenceNumber"]
        path = f"/sessions/{session}/invoices/{reference}"
        codes = [client.get(path).json()["status"]["code"] for _ in range(3)]
        assert codes[0] == 100 and codes[-1] == 200, "asynchronous: first a wait"
        status = client.get(path).json()
        assert status["invoiceHash"] == digest(xml)
        assert status["invoicingMode"] == "Online"
        stored = self.simulator.store.invoices[status["ksefNumber"]]
        assert stored.xml == xml, "byte for byte what was sent"

    def test_storage_comes_after_acceptance(self):
        client = self.client()
        session = client.open()
        first = client.verdict(session, invoice())
        assert first["status"]["code"] == 200
        assert first["permanentStorageDate"] is None, "accepted is not yet stored"
        path = f"/sessions/{session}/invoices/{first['referenceNumber']}"
        assert client.get(path).json()["permanentStorageDate"]

    def test_stuck_never_ends_and_holds_the_session(self):
        self.simulator.fault("stuck")
        client = self.client()
        session = client.open()
        assert client.verdict(session, invoice())["status"]["code"] == 150
        client.post(f"/sessions/online/{session}/close")
        assert client.session_status(session)["status"]["code"] == 170

    @pytest.mark.parametrize(
        "change, code",
        [
            ({"encryptedInvoiceSize": 1}, 21402),
            ({"encryptedInvoiceHash": digest(b"other")}, 21403),
            ({"invoiceHash": "short"}, 21405),
            ({"invoiceSize": 0}, 21405),
            ({"hashOfCorrectedInvoice": digest(b"old")}, 21405),
        ],
    )
    def test_the_envelope_is_checked_at_once(self, change, code):
        client = self.client()
        assert code_of(client.send(client.open(), invoice(), **change)) == code

    @pytest.mark.parametrize(
        "change, code",
        [({"invoiceHash": digest(b"other")}, 430), ({"invoiceSize": 5}, 430)],
    )
    def test_the_plain_pair_is_checked_later(self, change, code):
        client = self.client()
        status = client.verdict(client.open(), invoice(), **change)["status"]
        assert status["code"] == code

    @pytest.mark.parametrize(
        "xml, code, why",
        [
            (b"\xef\xbb\xbf" + invoice(), 430, "byte order mark"),
            (invoice(day=TOMORROW), 450, "issued tomorrow"),
            (invoice(extra="\x80"), 450, "discouraged Unicode"),
            (invoice(extra="<?a b?>"), 450, "processing instruction"),
            (invoice() + b"<", 450, "not well-formed"),
            (invoice().replace(b"Nabywca", b"Nabywc\xb9"), 450, "not UTF-8"),
            (LATIN, 450, "other encoding"),
            (invoice(buyer="1111111112"), 450, "check digit of a NIP"),
            (invoice(seller=STRANGER), 410, "no right to issue for this seller"),
            (invoice(extra="x" * 1_000_000), 430, "too large"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_what_is_refused(self, xml, code, why):
        client = self.client()
        entry = client.verdict(client.open(), xml)
        assert entry["status"]["code"] == code, why
        assert "ksefNumber" not in entry
        assert not self.simulator.invoices, "a refused file never existed"

    @needs_shared
    def test_the_schema_is_applied(self):
        client = self.client()
        xml = invoice().replace(b"<P_12>23</P_12>", b"<P_12>24</P_12>")
        status = client.verdict(client.open(), xml)["status"]
        assert status["code"] == 450 and "P_12" in status["details"][0]

    @needs_shared
    def test_an_attachment_does_not_go_online(self):
        xml = invoice().replace(b"</Faktura>", ATTACHMENT)
        client = self.client()
        assert client.verdict(client.open(), xml)["status"]["code"] == 415

    def test_a_file_encrypted_with_another_key(self):
        client = self.client()
        session = client.open()
        client.key = bytes(32)
        status = client.verdict(session, invoice())["status"]
        assert status["code"] in (430, 435), "unreadable, or readable as nonsense"

    def test_an_initialization_vector_of_the_wrong_length(self):
        client = self.client()
        client.iv = client.iv[:14]
        session = client.open()
        client.iv = bytes(16)
        assert client.verdict(session, invoice())["status"]["code"] == 435

    def test_number_and_kind_exist_once(self):
        client = self.client()
        session = client.open()
        first = client.verdict(session, invoice("FV/7"))
        again = client.verdict(session, invoice("FV/7", extra=" inna"))
        assert again["status"]["code"] == 440
        assert again["invoiceNumber"] == "FV/7"
        assert again["status"]["extensions"] == {
            "originalKsefNumber": first["ksefNumber"],
            "originalSessionReferenceNumber": session,
        }
        other_kind = client.verdict(session, invoice("FV/7", kind="UPR"))
        assert other_kind["status"]["code"] == 200, "the kind belongs to the key"

    def test_the_day_is_polish(self):
        moment = datetime(2026, 3, 10, 23, 30, tzinfo=ZoneInfo("UTC"))
        client = self.client()
        session = client.open()
        self.simulator.set_clock(moment)
        client = self.client()
        session = client.open()
        entry = client.verdict(session, invoice(day="2026-03-11"))
        assert entry["status"]["code"] == 200, "already the 11th in Poland"
        assert "-20260311-" in entry["ksefNumber"]


class TestListing(Law):
    """A listing shows every file of the session, page by page."""

    def test_pages_follow_the_continuation_token(self):
        client = self.client()
        session = client.open()
        for number in range(13):
            client.send(session, invoice(f"FV/{number}"))
        path = f"/sessions/{session}/invoices?pageSize=10"
        first = client.get(path).json()
        token = first["continuationToken"]
        second = client.get(path, headers={"x-continuation-token": token}).json()
        ordinals = [
            entry["ordinalNumber"] for entry in first["invoices"] + second["invoices"]
        ]
        assert ordinals == list(range(1, 14))
        assert second["continuationToken"] is None

    def test_a_foreign_continuation_token(self):
        client = self.client()
        path = f"/sessions/{client.open()}/invoices"
        answer = client.get(path, headers={"x-continuation-token": "bm8="})
        assert code_of(answer) == 21418

    @pytest.mark.parametrize("size", ["9", "1001", "x"])
    def test_page_sizes(self, size):
        client = self.client()
        path = f"/sessions/{client.open()}/invoices?pageSize={size}"
        assert code_of(client.get(path)) == 21405

    def test_the_failed_list_holds_the_refused_only(self):
        client = self.client()
        session = client.open()
        client.verdict(session, invoice("FV/1"))
        bad = client.verdict(session, invoice("FV/2", day=TOMORROW))
        failed = client.get(f"/sessions/{session}/invoices/failed").json()["invoices"]
        assert [e["referenceNumber"] for e in failed] == [bad["referenceNumber"]]
