"""What is declared, uploaded and closed decides whether a package is judged at all."""

import io
import zipfile

import pytest
import requests

from .common import (
    BUYER,
    FORM,
    Law,
    code_of,
    digest,
    invoice,
    tarred,
    zipped,
)


def files(count=3):
    return {f"{n}.xml": invoice(f"FV/{n}") for n in range(count)}


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

    def test_names_and_methods_that_are_nowhere_promised(self):
        long, nested = "x" * 125 + ".xml", "folder/a.xml"
        for name in (long, nested):
            assert self.end(zipped({name: invoice()}))["code"] == 430
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_BZIP2) as archive:
            archive.writestr("a.xml", invoice())
        assert self.end(target.getvalue())["code"] == 430

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
