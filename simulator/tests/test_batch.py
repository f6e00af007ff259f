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
    BUYER,
    FORM,
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


class TestPackage(Law):
    """What is wrong with the package ends its session, after closing only."""

    def end(self, whole, **changes):
        client = self.client()
        session = client.send_batch(whole, **changes)
        status = client.session_status(session)
        assert not self.simulator.invoices
        return status["status"]

    def test_a_wrong_archive_hash(self):
        client = self.client()
        body, _parts = client.batch_body(zipped(files()))
        wrong = body["batchFile"] | {"fileHash": digest(b"other")}
        assert self.end(zipped(files()), batchFile=wrong)["code"] == 405

    def test_a_wrong_part_hash(self):
        client = self.client()
        body, parts = client.batch_body(zipped(files()))
        body["batchFile"]["fileParts"][0]["fileHash"] = digest(b"other")
        answer = client.post("/sessions/batch", json=body).json()
        client.upload(answer["partUploadRequests"][0], parts[0])
        client.close_batch(answer["referenceNumber"])
        status = client.session_status(answer["referenceNumber"])
        assert status["status"]["code"] == 405

    def test_a_refused_key(self):
        self.simulator.fault("session_refused_key")
        client = self.client()
        session, (link,), (part,) = client.open_batch(zipped(files()))
        path = f"/sessions/{session}"
        codes = {client.get(path).json()["status"]["code"] for _ in range(4)}
        assert codes == {100}, "the key is looked at after closing"
        client.upload(link, part)
        client.close_batch(session)
        assert client.session_status(session)["status"]["code"] == 415

    def test_too_many_files(self):
        self.simulator.set(session_limit=2)
        assert self.end(zipped(files(3)))["code"] == 420

    @pytest.mark.parametrize("form", ["Zip", "TarGz"])
    def test_no_archive(self, form):
        assert self.end(b"no archive" * 100, form=form)["code"] == 430

    def test_the_other_archive(self):
        assert self.end(tarred(files()), form="Zip")["code"] == 430

    def test_another_key(self):
        assert self.end(zipped(files()), key=bytes(32))["code"] in (435, 405)

    def test_no_files(self):
        status = self.end(zipped({}))
        assert (status["code"], status["details"]) == (440, ["Nie przesłano faktur"])

    def test_an_end_by_request_takes_the_files_along(self):
        self.simulator.fault("session_ends", code=500)
        client = self.client()
        session = client.send_batch(zipped(files()))
        assert client.session_status(session)["status"]["code"] == 500
        assert not self.simulator.invoices
        assert {e["status"]["code"] for e in client.listed(session)} == {405}


class TestOpening(Law):
    """What is declared is checked at once."""

    def refusal(self, permissions=("InvoiceWrite",), **changes):
        client = self.client(permissions=permissions)
        body, _parts = client.batch_body(zipped(files()))
        body["batchFile"] |= changes.pop("batch", {})
        return client.post("/sessions/batch", json=body | changes)

    @pytest.mark.parametrize(
        "parts, code",
        [
            ([(1, 100_000_017)], 21157),
            ([(n, 16) for n in range(1, 52)], 21161),
            ([], 21405),
            ([(1, 16), (1, 16)], 21405),
            ([(2, 16)], 21405),
            ([(1, 0)], 21405),
        ],
        ids=["large part", "51 parts", "none", "twice", "not from 1", "empty"],
    )
    def test_parts(self, parts, code):
        listed = [
            {"ordinalNumber": n, "fileSize": size, "fileHash": digest(b"")}
            for n, size in parts
        ]
        assert code_of(self.refusal(batch={"fileParts": listed})) == code

    @pytest.mark.parametrize(
        "batch",
        [{"fileSize": 5_000_000_001}, {"compressionType": "Rar"}, {"fileHash": "x"}],
    )
    def test_the_archive(self, batch):
        assert code_of(self.refusal(batch=batch)) == 21405

    def test_the_form(self):
        form = FORM | {"systemCode": "PEF (3)"}
        assert code_of(self.refusal(formCode=form)) == 21405

    def test_an_unknown_key(self):
        encryption = self.client().encryption() | {"publicKeyId": digest(b"unknown")}
        assert code_of(self.refusal(encryption=encryption)) == 21470

    def test_rights(self):
        assert self.refusal(permissions=["InvoiceRead"]).status_code == 403
        assert self.refusal(permissions=["PefInvoiceWrite"]).status_code == 403


class UploadLaw(Law):
    @pytest.fixture(autouse=True)
    def opened(self, running):
        self.sender = self.client()
        self.session, links, parts = self.sender.open_batch(zipped(files()), parts=2)
        self.first, self.second = zip(links, parts, strict=True)


class TestUpload(UploadLaw):
    """A link takes one part, for a while, and wants no token."""

    def test_a_token_is_refused(self):
        answer = self.sender.upload(*self.first, Authorization="Bearer x")
        assert answer.status_code == 400

    def test_the_header_is_needed(self):
        link, part = self.first
        assert requests.put(link["url"], data=part, timeout=10).status_code == 400

    def test_an_expired_link(self):
        self.simulator.advance(2 * 20 * 60 - 30)
        assert self.sender.upload(*self.first).status_code == 201
        self.simulator.advance(60)
        assert self.sender.upload(*self.second).status_code == 403

    def test_a_forged_link(self):
        link, part = self.first
        forged = link | {"url": link["url"].replace(".1?", ".2?")}
        assert self.sender.upload(forged, part).status_code == 403

    def test_nothing_can_be_read_through_it(self):
        self.sender.upload(*self.first)
        answer = requests.get(self.first[0]["url"], timeout=10)
        assert answer.status_code == 403

    def test_uploads_are_not_counted(self):
        self.simulator.rate_limits(True, batchSession=(1, 1, 1), other=(1, 1, 1))
        codes = {self.sender.upload(*self.first).status_code for _ in range(4)}
        assert codes == {201}


class TestClosing(UploadLaw):
    """A batch is closed when all of it is there, and only once."""

    def close(self):
        return self.client().close_batch(self.session)

    def test_a_missing_part(self):
        self.sender.upload(*self.first)
        assert code_of(self.close()) == 21205
        self.sender.upload(*self.second)
        assert self.close().status_code == 204

    def test_a_part_of_another_size(self):
        self.sender.upload(*self.first)
        self.sender.upload(self.second[0], b"short")
        assert code_of(self.close()) == 21157
        self.sender.upload(*self.second)
        assert self.close().status_code == 204

    def test_too_late_for_what_is_missing(self):
        self.sender.upload(*self.first)
        self.simulator.advance(2 * 20 * 60 + 1)
        assert code_of(self.close()) == 21208
        status = self.client().session_status(self.session)
        assert status["status"]["code"] == 440

    def test_late_but_complete(self):
        for pair in (self.first, self.second):
            self.sender.upload(*pair)
        self.simulator.advance(3600)
        assert self.close().status_code == 204

    def test_never_closed(self):
        for pair in (self.first, self.second):
            self.sender.upload(*pair)
        self.simulator.advance(12 * 3600 + 1)
        sender = self.client()
        status = sender.session_status(self.session)["status"]
        assert (status["code"], status["details"]) == (
            440,
            ["Przekroczono czas wysyłki"],
        )
        assert code_of(sender.close_batch(self.session)) == 21208
        assert not self.simulator.invoices

    def test_twice(self):
        for pair in (self.first, self.second):
            self.sender.upload(*pair)
        assert self.close().status_code == 204
        assert code_of(self.close()) == 21180

    def test_unknown_and_foreign(self):
        assert code_of(self.sender.close_batch("2" * 36)) == 21173
        assert code_of(self.client(BUYER).close_batch(self.session)) == 21173
