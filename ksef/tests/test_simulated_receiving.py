"""Receiving: packages and queries, by marks, in parts, from a KSeF that cuts them."""

from datetime import timedelta

import pytest

from ksef.crypto import SessionKey, sha256_b64
from ksef.errors import ApiError, ServerError
from ksef.messages import ExportStatus, InvoiceQuery
from ksef.package import Package, read_package

from .ksef_login import BUYER, SELLER, Conversation, utc_now, xml

SINCE = (utc_now() - timedelta(days=30)).isoformat()


class Received(Conversation):
    def put(self, count: int, first: int = 0) -> dict[str, bytes]:
        """Invoices of the seller for the buyer, already in KSeF."""
        made = [xml(f"FV/{first + index}") for index in range(count)]
        return {self.simulator.put_invoice(each): each for each in made}

    def export(self, client, mark=SINCE) -> tuple[ExportStatus, SessionKey]:
        key = SessionKey.generate()
        query = InvoiceQuery("Subject2", mark)
        reference = client.start_export(self.wrap(client, key), query)
        status = self.until_decided(lambda: client.export_status(reference))
        return status, key

    def open_package(self, client, status, key) -> Package:
        parts = [client.fetch_part(part) for part in status.package.parts]
        return read_package(parts, key, status.package)


class TestExport(Received):
    """Every file of the window once, byte for byte, wherever packages are cut."""

    def test_all_files_and_their_metadata(self):
        sent, client = self.put(5), self.company(BUYER)
        status, key = self.export(client)
        opened = self.open_package(client, status, key)
        assert dict(opened.files) == sent
        told = {each.ksef_number: each.invoice_hash for each in opened.metadata}
        assert told == {name: sha256_b64(content) for name, content in sent.items()}
        assert opened.metadata[0].seller_nip == SELLER
        assert status.package.invoice_count == 5

    def test_many_parts(self):
        sent, client = self.put(5), self.company(BUYER)
        self.simulator.set(part_size=500)
        status, key = self.export(client)
        assert len(status.package.parts) > 3
        assert dict(self.open_package(client, status, key).files) == sent

    def test_a_truncated_package_goes_on_from_its_last_record(self):
        sent, client = self.put(7), self.company(BUYER)
        self.simulator.set(package_limit=3)
        found, mark = {}, SINCE
        for _ in range(10):
            status, key = self.export(client, mark)
            found.update(self.open_package(client, status, key).files)
            mark = status.package.next_mark
            if not status.package.is_truncated:
                break
        assert found == sent

    def test_the_mark_makes_the_next_package_empty(self):
        self.put(2)
        client = self.company(BUYER)
        status, _key = self.export(client)
        mark = status.package.next_mark
        later = self.put(1, first=10)
        again, key = self.export(client, mark)
        names = set(dict(self.open_package(client, again, key).files))
        assert names == set(later)

    def test_nothing_at_all(self):
        client = self.company(BUYER)
        status, key = self.export(client)
        assert status.package.parts == () and status.package.next_mark
        assert list(self.open_package(client, status, key).files) == []

    def test_a_mark_beyond_the_high_water_mark_is_420(self):
        self.simulator.set(mark_lag=3600)
        client = self.company(BUYER)
        status, _key = self.export(client, utc_now().isoformat())
        assert status.code == 420 and status.package is None

    def test_without_metadata_the_files_remain(self):
        sent, client = self.put(2), self.company(BUYER)
        self.simulator.fault("export_without_metadata")
        opened = self.open_package(client, *self.export(client))
        assert opened.metadata == () and dict(opened.files) == sent

    def test_a_part_with_another_hash_is_not_taken(self):
        self.put(2)
        client = self.company(BUYER)
        self.simulator.fault("export_wrong_hash")
        status, key = self.export(client)
        with pytest.raises(ServerError):
            self.open_package(client, status, key)

    def test_one_that_never_ends_stays_100(self):
        client = self.company(BUYER)
        self.simulator.fault("export_stuck")
        key = SessionKey.generate()
        query = InvoiceQuery("Subject2", SINCE)
        reference = client.start_export(self.wrap(client, key), query)
        assert {client.export_status(reference).code for _ in range(5)} == {100}

    def test_an_expired_link_is_told_and_a_fresh_one_works(self):
        sent, client = self.put(1), self.company(BUYER)
        key = SessionKey.generate()
        query = InvoiceQuery("Subject2", SINCE)
        reference = client.start_export(self.wrap(client, key), query)
        status = self.until_decided(lambda: client.export_status(reference))
        self.simulator.advance(2 * 3600)
        with pytest.raises(ApiError) as caught:
            client.fetch_part(status.package.parts[0])
        assert type(caught.value) is ApiError
        client = self.company(BUYER)
        status = client.export_status(reference)
        assert dict(self.open_package(client, status, key).files) == sent

    def test_other_roles_see_nothing(self):
        self.put(1)
        status, _key = self.export(self.company(SELLER))
        assert status.package.invoice_count == 0


class TestQueryAndDownload(Received):
    """Few documents: metadata pages, then one file by its number."""

    def test_pages(self):
        sent, client = self.put(23), self.company(BUYER)
        query = InvoiceQuery("Subject2", SINCE)
        found, page, offset = [], None, 0
        while page is None or page.has_more:
            page = client.query_metadata(query, page_offset=offset, page_size=10)
            found += [each.ksef_number for each in page.invoices]
            offset += 1
        assert sorted(found) == sorted(sent) and offset == 3
        assert page.hwm and not page.is_truncated

    def test_one_by_its_number(self):
        self.put(3)
        client = self.company(SELLER)
        query = InvoiceQuery(
            "Subject1", SINCE, seller_nip=SELLER, invoice_number="FV/1"
        )
        (found,) = client.query_metadata(query).invoices
        assert found.invoice_number == "FV/1"
        assert client.invoice(found.ksef_number) == xml("FV/1")

    def test_beyond_the_high_water_mark_is_21183(self):
        self.simulator.set(mark_lag=3600)
        client = self.company(BUYER)
        with pytest.raises(ApiError) as caught:
            client.query_metadata(InvoiceQuery("Subject2", utc_now().isoformat()))
        assert caught.value.code == 21183

    def test_a_number_that_is_not_there_is_21164(self):
        client = self.company(BUYER)
        with pytest.raises(ApiError) as caught:
            client.invoice("5265877635-20250826-0100001AF629-AF")
        assert caught.value.code == 21164
