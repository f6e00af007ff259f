"""An export is ordered, waited for, fetched in parts, and opened with one's key."""

import io
import json
import tarfile
import zipfile

import pytest
import requests

from .common import BUYER, Client, code_of, decrypt, digest, invoice
from .test_queries import QueryLaw, filters


class ExportLaw(QueryLaw):
    def order(self, *, encryption=None, **changes):
        body = {"encryption": encryption or self.buyer.encryption()}
        body |= {"filters": filters(restrictToPermanentStorageHwmDate=True)} | changes
        return self.buyer.post("/invoices/exports", json=body)

    def ready(self, answer=None, **changes):
        answer = answer or self.order(**changes)
        assert answer.status_code == 201, answer.text
        path = f"/invoices/exports/{answer.json()['referenceNumber']}"
        for _look in range(5):
            status = self.buyer.get(path).json()
            if status["status"]["code"] != 100:
                return status
        return status

    def archive(self, status):
        """The decrypted archive; every hash and size is compared on the way."""
        whole = b""
        parts = status["package"]["parts"]
        for part in sorted(parts, key=lambda part: part["ordinalNumber"]):
            answer = requests.get(part["url"], timeout=10)
            assert answer.headers["x-ms-meta-hash"] == part["encryptedPartHash"]
            plain = decrypt(self.buyer.key, self.buyer.iv, answer.content)
            assert digest(answer.content) == part["encryptedPartHash"]
            assert (len(plain), digest(plain)) == (part["partSize"], part["partHash"])
            whole += plain
        assert len(whole) == status["package"]["size"]
        return whole

    def files(self, status):
        with zipfile.ZipFile(io.BytesIO(self.archive(status))) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


class TestPackage(ExportLaw):
    """The package holds exactly what matches, and says how far it reaches."""

    def test_files_and_metadata(self):
        status = self.ready()
        files = self.files(status)
        rows = json.loads(files.pop("_metadata.json"))["invoices"]
        assert [row["ksefNumber"] for row in rows] == self.numbers
        assert files == {
            f"{number}.xml": invoice(f"FV/{place}")
            for place, number in enumerate(self.numbers)
        }
        assert status["package"]["invoiceCount"] == 12
        assert status["package"]["permanentStorageHwmDate"]

    def test_it_takes_a_wait(self):
        reference = self.order().json()["referenceNumber"]
        path = f"/invoices/exports/{reference}"
        assert self.buyer.get(path).json()["status"]["code"] == 100

    def test_always_more_than_one_part_and_of_the_size_wanted(self):
        assert len(self.ready()["package"]["parts"]) > 1
        self.simulator.set(part_size=1000)
        parts = self.ready()["package"]["parts"]
        sizes = {part["ordinalNumber"]: part["partSize"] for part in parts}
        assert sizes[1] == sizes[2] == 1000

    def test_tar(self):
        whole = self.archive(self.ready(compressionType="TarGz"))
        with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
            assert len(archive.getnames()) == 13

    def test_metadata_only(self):
        assert list(self.files(self.ready(onlyMetadata=True))) == ["_metadata.json"]

    def test_an_empty_window_has_no_parts(self):
        package = self.ready(filters=filters("Subject1"))["package"]
        empty = (package["invoiceCount"], package["size"], package["parts"])
        assert empty == (0, 0, [])

    def test_truncation_leads_through_everything(self):
        self.simulator.set(package_limit=5)
        seen, wanted = set(), filters()
        for _round in range(4):
            status = self.ready(filters=wanted)
            package = status["package"]
            seen |= {name for name in self.files(status) if name.endswith(".xml")}
            if not package["isTruncated"]:
                break
            assert package["invoiceCount"] == 5
            wanted["dateRange"]["from"] = package["lastPermanentStorageDate"]
        assert seen == {f"{number}.xml" for number in self.numbers}
        assert "lastPermanentStorageDate" not in package


class TestOrders(ExportLaw):
    """What can go wrong with an order, and when it is told."""

    def test_beyond_the_mark(self):
        self.simulator.set(mark_lag=86400 * 60)
        status = self.ready()
        assert status["status"]["code"] == 420 and "package" not in status

    def test_an_unreadable_key(self):
        broken = self.buyer.encryption(key=b"short")
        assert self.ready(encryption=broken)["status"]["code"] == 415

    def test_a_withdrawn_key(self):
        encryption = self.buyer.encryption()
        self.simulator.rotate_keys()
        assert code_of(self.order(encryption=encryption)) == 21470

    def test_ten_at_a_time(self):
        for _order in range(10):
            assert self.order().status_code == 201
        assert code_of(self.order()) == 21182

    def test_an_unknown_or_foreign_reference(self):
        own = self.order().json()["referenceNumber"]
        path = "/invoices/exports/"
        assert code_of(self.buyer.get(path + "2" * 36)) == 21175
        assert code_of(self.client().get(path + own)) == 21175

    def test_it_expires_and_is_forgotten(self):
        answer = self.order()
        status = self.ready(answer)
        path = f"/invoices/exports/{answer.json()['referenceNumber']}"
        for days, told in ((8, 210), (7, None)):
            self.simulator.advance(days * 86400)
            self.buyer = Client(self.simulator)
            self.buyer.log_in_with_token(BUYER, self.simulator.new_token(BUYER))
            answer = self.buyer.get(path)
            if told:
                assert answer.json()["status"]["code"] == told
            else:
                assert answer.status_code == 410
        url = status["package"]["parts"][0]["url"]
        assert requests.get(url, timeout=10).status_code == 403

    def test_links_are_new_each_time_and_last_an_hour(self):
        answer = self.order()
        url = self.ready(answer)["package"]["parts"][0]["url"]
        self.simulator.advance(600)
        assert self.ready(answer)["package"]["parts"][0]["url"] != url
        self.simulator.advance(3001)
        assert requests.get(url, timeout=10).status_code == 403

    @pytest.mark.parametrize(
        "changes",
        [{"compressionType": "Rar"}, {"filters": {}}, {"encryption": {"a": 1}}],
    )
    def test_what_is_no_order(self, changes):
        assert code_of(self.order(**changes)) == 21405


class TestFaults(ExportLaw):
    """Failures of exports that have been seen in production."""

    def test_stuck(self):
        self.simulator.fault("export_stuck")
        assert self.ready()["status"]["code"] == 100

    def test_a_wrong_hash(self):
        self.simulator.fault("export_wrong_hash")
        with pytest.raises(AssertionError):
            self.archive(self.ready())

    def test_no_metadata_file(self):
        self.simulator.fault("export_without_metadata")
        assert "_metadata.json" not in self.files(self.ready())

    def test_a_metadata_file_that_is_cut_short(self):
        self.simulator.fault("export_cut_metadata")
        files = self.files(self.ready())
        rows = json.loads(files.pop("_metadata.json"))["invoices"]
        assert (len(rows), len(files)) == (6, 12)

    def test_a_package_that_lacks_a_file(self):
        self.simulator.fault("export_lacks_file")
        status = self.ready()
        assert status["package"]["invoiceCount"] == 12
        assert len(self.files(status)) == 12, "eleven files and the metadata"

    def test_an_export_that_ends_otherwise(self):
        self.simulator.fault("export_ends", code=500)
        status = self.ready()
        assert status["status"]["code"] == 500
        assert "package" not in status
