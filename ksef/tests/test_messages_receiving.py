"""Queries, packages and metadata: what we ask, and what KSeF says it has."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from ksef import messages
from ksef.errors import ProtocolError
from ksef.messages import ExportStatus, InvoiceMetadata, InvoiceQuery, MetadataPage

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
NUMBER = "5265877635-20250626-010080DD2B5E-26"


class TestQuery:
    """What we ask for, in the words of the API."""

    def test_r40_a_window_up_to_now_has_no_end(self):
        mark = "2025-08-28T09:23:01.3881234+00:00"
        assert InvoiceQuery("Subject2", mark).to_json() == {
            "subjectType": "Subject2",
            "dateRange": {
                "dateType": "PermanentStorage",
                "from": mark,
                "restrictToPermanentStorageHwmDate": True,
            },
        }

    def test_everything(self):
        query = InvoiceQuery(
            "Subject1",
            "2025-01-01T00:00:00Z",
            "2025-02-01T00:00:00Z",
            date_type="Issue",
            seller_nip="5265877635",
            invoice_number="FV/1",
        )
        assert query.to_json() == {
            "subjectType": "Subject1",
            "dateRange": {
                "dateType": "Issue",
                "from": "2025-01-01T00:00:00Z",
                "to": "2025-02-01T00:00:00Z",
            },
            "sellerNip": "5265877635",
            "invoiceNumber": "FV/1",
        }


PART = {
    "ordinalNumber": 2,
    "url": "https://storage/p2?sig=SECRET",
    "partHash": "h",
    "encryptedPartHash": "e",
}


class TestExport:
    """Packages, and where the next one begins."""

    def test_parts_come_in_their_order(self):
        package = {"parts": [PART, {**PART, "ordinalNumber": 1}], "invoiceCount": 3}
        read = ExportStatus.from_json({"status": {"code": 200}, "package": package})
        assert [part.ordinal_number for part in read.package.parts] == [1, 2]
        assert read.package.parts[0].method == "GET"
        assert "SECRET" not in repr(read)

    @pytest.mark.parametrize("parts", [None, []])
    def test_an_empty_package(self, parts):
        package = {"parts": parts, "invoiceCount": 0, "permanentStorageHwmDate": "m"}
        read = ExportStatus.from_json({"status": {"code": 200}, "package": package})
        assert read.package.parts == () and read.package.next_mark == "m"

    def test_none_before_it_is_ready(self):
        assert ExportStatus.from_json({"status": {"code": 100}}).package is None

    @pytest.mark.parametrize(
        ("truncated", "mark"),
        [(True, "2025-08-28T09:23:01.3881234+00:00"), (False, "hwm"), (None, "hwm")],
    )
    def test_the_next_mark_is_the_string_ksef_sent(self, truncated, mark):
        package = {
            "isTruncated": truncated,
            "lastPermanentStorageDate": "2025-08-28T09:23:01.3881234+00:00",
            "permanentStorageHwmDate": "hwm",
        }
        read = ExportStatus.from_json({"status": {"code": 200}, "package": package})
        assert read.package.next_mark == mark

    def test_a_truncated_package_without_its_last_date_is_not_gone_on_from(self):
        package = {"isTruncated": True, "permanentStorageHwmDate": "hwm"}
        with pytest.raises(ProtocolError):
            ExportStatus.from_json({"status": {"code": 200}, "package": package})


class TestMetadata:
    """What KSeF knows of an invoice."""

    def test_the_least(self):
        read = InvoiceMetadata.from_json({"ksefNumber": NUMBER, "seller": None})
        assert read.ksef_number == NUMBER and read.seller_nip is None

    def test_amounts_and_parties(self):
        read = InvoiceMetadata.from_json(
            {
                "ksefNumber": NUMBER,
                "grossAmount": Decimal("43370.57"),
                "seller": {"nip": "5555555555", "name": "S"},
                "buyer": {
                    "identifier": {"type": "VatUe", "value": "DE1"},
                    "name": None,
                },
                "permanentStorageDate": "2025-08-28T09:23:01.3881234+00:00",
                "isSelfInvoicing": True,
                "formCode": {"systemCode": "FA (3)"},
            }
        )
        assert read.gross_amount == Decimal("43370.57") and read.net_amount is None
        assert (read.seller_nip, read.seller_name) == ("5555555555", "S")
        assert (read.buyer_type, read.buyer_value) == ("VatUe", "DE1")
        assert read.buyer_name is None
        assert read.permanent_storage_date.endswith(".3881234+00:00")
        assert read.is_self_invoicing and not read.has_attachment
        assert read.system_code == "FA (3)"

    def test_a_page(self):
        page = {
            "hasMore": True,
            "isTruncated": None,
            "permanentStorageHwmDate": "m",
            "invoices": [{"ksefNumber": NUMBER}],
        }
        read = MetadataPage.from_json(page)
        assert (read.has_more, read.is_truncated, read.hwm) == (True, False, "m")
        assert [each.ksef_number for each in read.invoices] == [NUMBER]

    @pytest.mark.skipif(not SHARED.exists(), reason="../shared is absent")
    def test_the_official_example(self):
        data = json.loads((SHARED / "ksef/metadata/_metadata.json").read_text())
        listed = messages.metadata_list(data)
        assert len(listed) == len(data["invoices"])
        assert listed[0].seller_nip == "5555555555"
