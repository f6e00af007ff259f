"""A batch is declared, uploaded in parts, closed, and then judged file by file."""

import io
import json
import zipfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests

from .common import (
    ATTACHMENT,
    STRANGER,
    Law,
    code_of,
    decrypt,
    digest,
    invoice,
    needs_shared,
    parse,
    tarred,
    zipped,
)

UPO = "{http://upo.schematy.mf.gov.pl/KSeF/v4-3}"
TODAY = datetime.now(ZoneInfo("Europe/Warsaw")).date()
TOMORROW, YESTERDAY = TODAY + timedelta(days=1), TODAY - timedelta(days=1)


def files(count=3):
    return {f"{n}.xml": invoice(f"FV/{n}") for n in range(count)}


class TestBatch(Law):
    """Every file gets its own verdict, under its name and its hash."""

    @pytest.mark.parametrize("form, pack", [("Zip", zipped), ("TarGz", tarred)])
    def test_a_whole_batch(self, form, pack):
        client, sent = self.client(), files(12)
        session = client.send_batch(pack(sent), form=form, parts=3)
        status = client.session_status(session)
        assert status["status"]["code"] == 200
        assert (status["invoiceCount"], status["successfulInvoiceCount"]) == (12, 12)
        listed = client.listed(session, 10)
        hashes = {entry["invoiceFileName"]: entry["invoiceHash"] for entry in listed}
        assert hashes == {name: digest(xml) for name, xml in sent.items()}
        held = [i.xml for i in self.simulator.invoices]
        assert held == list(sent.values()), "byte for byte what was sent"

    def test_it_takes_a_wait(self):
        client = self.client()
        session, links, parts = client.open_batch(zipped(files()))
        path = f"/sessions/{session}"
        before = client.get(path).json()
        assert before["status"]["code"] == 100 and before["invoiceCount"] is None
        client.upload(links[0], parts[0])
        assert client.get(path).json()["status"]["code"] == 100, "closing is needed"
        client.close_batch(session)
        codes = [client.get(path).json()["status"]["code"] for _ in range(3)]
        assert codes[0] == 150 and codes[-1] == 200

    def test_the_default_is_zip(self):
        client = self.client()
        body, (part,) = client.batch_body(zipped(files()))
        del body["batchFile"]["compressionType"]
        answer = client.post("/sessions/batch", json=body).json()
        client.upload(answer["partUploadRequests"][0], part)
        client.close_batch(answer["referenceNumber"])
        status = client.session_status(answer["referenceNumber"])
        assert status["status"]["code"] == 200

    def test_the_good_pass_beside_the_bad(self):
        sent = {
            "good.xml": invoice("FV/1"),
            "twin.xml": invoice("FV/1", extra=" inna"),
            "tomorrow.xml": invoice("FV/2", day=TOMORROW),
            "foreign.xml": invoice("FV/3", seller=STRANGER),
            "broken.xml": b"<Faktura",
        }
        client = self.client()
        session = client.send_batch(zipped(sent))
        status = client.session_status(session)
        assert status["status"]["code"] == 200 and status["failedInvoiceCount"] == 4
        codes = {
            entry["invoiceFileName"]: entry["status"]["code"]
            for entry in client.listed(session)
        }
        assert list(codes.values()) == [200, 440, 450, 410, 450]
        failed = client.get(f"/sessions/{session}/invoices/failed").json()["invoices"]
        assert {e["invoiceFileName"] for e in failed} == set(codes) - {"good.xml"}

    def test_none_is_good(self):
        client = self.client()
        session = client.send_batch(zipped({"a.xml": invoice(day=TOMORROW)}))
        assert client.session_status(session)["status"]["code"] == 445

    def test_receipts(self):
        self.simulator.set(upo_page_size=2)
        client = self.client()
        status = client.session_status(client.send_batch(zipped(files())))
        pages = [
            parse(requests.get(page["downloadUrl"], timeout=10).content)
            for page in status["upo"]["pages"]
        ]
        hashes = {p.text for page in pages for p in page.iter(f"{UPO}SkrotDokumentu")}
        assert len(pages) == 2
        assert hashes == {digest(xml) for xml in files().values()}

    def test_the_session_is_listed_as_what_it_is(self):
        client = self.client()
        session = client.send_batch(zipped(files()))
        client.session_status(session)
        path = "/sessions?sessionType="
        (row,) = client.get(path + "Batch&statuses=Succeeded").json()["sessions"]
        assert (row["referenceNumber"], row["totalInvoiceCount"]) == (session, 3)
        assert client.get(path + "Online").json()["sessions"] == []

    @needs_shared
    def test_attachments_travel_here_with_consent(self):
        xml = invoice().replace(b"</Faktura>", ATTACHMENT)
        client = self.client()
        self.simulator.set(attachment_consent=False)
        session = client.send_batch(zipped({"a.xml": xml}))
        client.session_status(session)
        assert client.listed(session)[0]["status"]["code"] == 415
        self.simulator.set(attachment_consent=True)
        session = client.send_batch(zipped({"a.xml": xml}))
        assert client.session_status(session)["status"]["code"] == 200

    def test_kinds_do_not_mix(self):
        client = self.client()
        session, _links, _parts = client.open_batch(zipped(files()))
        assert code_of(client.send(session, invoice())) == 21173
        assert code_of(client.post(f"/sessions/online/{session}/close")) == 21173
        assert code_of(client.close_batch(client.open())) == 21173


class TestVolume(Law):
    """A large package is judged beside the requests, which go on being answered."""

    def test_answers_while_it_is_judged(self):
        self.simulator.set(closing_wait=0.0)
        client, sent = self.client(), files(600)
        session = client.send_batch(zipped(sent), parts=7)
        path = f"/sessions/{session}"
        code, codes = None, set()
        while code != 200:
            code = client.get(path).json()["status"]["code"]
            codes.add(code)
            client.listed(session)
            failed = client.get(f"{path}/invoices/failed").json()["invoices"]
            assert failed == [], "what is not decided has not failed"
        assert codes == {150, 200}
        assert len(self.simulator.invoices) == 600

    def test_sales_are_told_as_metadata_alone(self):
        client, sent = self.client(), files(300)
        session = client.send_batch(zipped(sent), parts=2)
        client.session_status(session)
        filters = {
            "subjectType": "Subject1",
            "dateRange": {
                "dateType": "PermanentStorage",
                "from": f"{YESTERDAY}T00:00:00Z",
                "restrictToPermanentStorageHwmDate": True,
            },
        }
        order = {"encryption": client.encryption(), "filters": filters}
        answer = client.post("/invoices/exports", json=order | {"onlyMetadata": True})
        path = f"/invoices/exports/{answer.json()['referenceNumber']}"
        package = [client.get(path).json() for _ in range(2)][-1]["package"]
        whole = b"".join(
            decrypt(
                client.key, client.iv, requests.get(part["url"], timeout=10).content
            )
            for part in sorted(package["parts"], key=lambda part: part["ordinalNumber"])
        )
        with zipfile.ZipFile(io.BytesIO(whole)) as archive:
            assert archive.namelist() == ["_metadata.json"]
            rows = json.loads(archive.read("_metadata.json"))["invoices"]
        hashes = {row["invoiceNumber"]: row["invoiceHash"] for row in rows}
        assert hashes == {f"FV/{n}": digest(sent[f"{n}.xml"]) for n in range(300)}

    def test_the_parts_are_dropped(self):
        client = self.client()
        session = client.send_batch(zipped(files()))
        assert self.simulator.store.sessions[session].batch.uploaded == {}

    def test_without_the_schema(self):
        self.simulator.set(check_schema=False)
        xml = invoice().replace(b"<P_12>23</P_12>", b"<P_12>24</P_12>")
        client = self.client()
        session = client.send_batch(zipped({"a.xml": xml}))
        assert client.session_status(session)["status"]["code"] == 200


class TestMode(Law):
    """The day a batch was opened decides between online and offline."""

    def modes(self, days, **changes):
        client = self.client()
        sent = {f"{day}.xml": invoice(f"FV/{day}", day=day) for day in days}
        session = client.send_batch(zipped(sent), **changes)
        client.session_status(session)
        return [entry["invoicingMode"] for entry in client.listed(session)]

    def test_by_day(self):
        assert self.modes([TODAY, YESTERDAY]) == ["Online", "Offline"]

    def test_declared_for_all(self):
        assert self.modes([TODAY], offlineMode=True) == ["Offline"]

    def test_closing_after_midnight_changes_nothing(self):
        late = datetime(2026, 3, 10, 23, 59, tzinfo=ZoneInfo("Europe/Warsaw"))
        self.simulator.set_clock(late)
        client = self.client()
        whole = zipped({"a.xml": invoice(day="2026-03-10")})
        session, (link,), (part,) = client.open_batch(whole)
        self.simulator.advance(600)
        client.upload(link, part)
        client.close_batch(session)
        client.session_status(session)
        (entry,) = client.listed(session)
        assert entry["invoicingMode"] == "Online"
        assert entry["invoicingDate"].startswith("2026-03-10T22:59")
