"""Asking for invoices: queries, their metadata, export packages.

Marks that KSeF wants back (`hwm`, `permanent_storage_date`, `last_...`) stay the
strings it sent: a rounded mark would lose invoices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..errors import ProtocolError
from ..reading import (
    amount,
    entries,
    flag,
    inner,
    mapping,
    moment,
    required,
    text,
    whole,
)
from .statuses import status_fields


@dataclass(frozen=True)
class InvoiceQuery:
    """Which invoices: the role we have in them and a window of time.

    `date_from` and `date_to` are KSeF's own marks or ISO 8601 with an offset;
    `narrowed` holds further filters as KSeF writes them.
    """

    subject_type: str
    date_from: str
    date_to: str | None = None
    date_type: str = "PermanentStorage"
    restrict_to_hwm: bool = True
    seller_nip: str | None = None
    invoice_number: str | None = None
    narrowed: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        window: dict[str, Any] = {"dateType": self.date_type, "from": self.date_from}
        if self.date_to is not None:
            window["to"] = self.date_to
        # Only this date type knows the high water mark.
        if self.date_type == "PermanentStorage":
            window["restrictToPermanentStorageHwmDate"] = self.restrict_to_hwm
        query: dict[str, Any] = {"subjectType": self.subject_type, "dateRange": window}
        if self.seller_nip is not None:
            query["sellerNip"] = self.seller_nip
        if self.invoice_number is not None:
            query["invoiceNumber"] = self.invoice_number
        return {**query, **self.narrowed}


@dataclass(frozen=True)
class InvoiceMetadata:
    """What KSeF knows of an invoice without its file; amounts as it wrote them."""

    ksef_number: str
    invoice_number: str | None
    issue_date: str | None
    invoicing_date: datetime | None
    acquisition_date: datetime | None
    permanent_storage_date: str | None
    seller_nip: str | None
    seller_name: str | None
    buyer_type: str | None
    buyer_value: str | None
    buyer_name: str | None
    net_amount: Decimal | None
    gross_amount: Decimal | None
    vat_amount: Decimal | None
    currency: str | None
    invoicing_mode: str | None
    invoice_type: str | None
    system_code: str | None
    is_self_invoicing: bool
    has_attachment: bool
    invoice_hash: str | None
    hash_of_corrected_invoice: str | None

    @classmethod
    def from_json(cls, data: Any) -> InvoiceMetadata:
        data = mapping(data)
        return cls(
            ksef_number=required(data, "ksefNumber"),
            invoice_number=text(data, "invoiceNumber"),
            issue_date=text(data, "issueDate"),
            permanent_storage_date=text(data, "permanentStorageDate"),
            currency=text(data, "currency"),
            invoicing_mode=text(data, "invoicingMode"),
            invoice_type=text(data, "invoiceType"),
            system_code=text(inner(data, "formCode"), "systemCode"),
            is_self_invoicing=flag(data, "isSelfInvoicing"),
            has_attachment=flag(data, "hasAttachment"),
            invoice_hash=text(data, "invoiceHash"),
            hash_of_corrected_invoice=text(data, "hashOfCorrectedInvoice"),
            **_dates(data),
            **_amounts(data),
            **_parties(data),
        )


@dataclass(frozen=True)
class MetadataPage:
    """Some invoices of a query. `is_truncated`: go on from the last one's date."""

    invoices: tuple[InvoiceMetadata, ...]
    has_more: bool
    is_truncated: bool
    hwm: str | None

    @classmethod
    def from_json(cls, data: Any) -> MetadataPage:
        data = mapping(data)
        return cls(
            invoices=metadata_list(data),
            has_more=flag(data, "hasMore"),
            is_truncated=flag(data, "isTruncated"),
            hwm=text(data, "permanentStorageHwmDate"),
        )


@dataclass(frozen=True)
class ExportPart:
    """One encrypted part of a package; the link lives about an hour."""

    ordinal_number: int
    method: str
    url: str = field(repr=False)
    part_size: int | None
    part_hash: str
    encrypted_part_size: int | None
    encrypted_part_hash: str

    @classmethod
    def from_json(cls, data: Any) -> ExportPart:
        data = mapping(data)
        return cls(
            ordinal_number=whole(data, "ordinalNumber") or 0,
            method=text(data, "method") or "GET",
            url=required(data, "url"),
            part_size=whole(data, "partSize"),
            part_hash=required(data, "partHash"),
            encrypted_part_size=whole(data, "encryptedPartSize"),
            encrypted_part_hash=required(data, "encryptedPartHash"),
        )


@dataclass(frozen=True)
class ExportPackage:
    """The parts of an export by date of storage, in order.

    `next_mark` is where the next export begins.
    """

    invoice_count: int
    size: int | None
    is_truncated: bool
    parts: tuple[ExportPart, ...]
    last_permanent_storage_date: str | None
    hwm: str | None

    @property
    def next_mark(self) -> str | None:
        """The last record of a truncated package, else the high water mark."""
        return self.last_permanent_storage_date if self.is_truncated else self.hwm

    @classmethod
    def from_json(cls, data: Any) -> ExportPackage:
        data = mapping(data)
        parts = map(ExportPart.from_json, entries(data.get("parts")))
        last = text(data, "lastPermanentStorageDate")
        if flag(data, "isTruncated") and last is None:
            # Going on from any other mark would lose what was cut off.
            raise ProtocolError("a truncated package without its last date")
        return cls(
            invoice_count=whole(data, "invoiceCount") or 0,
            size=whole(data, "size"),
            is_truncated=flag(data, "isTruncated"),
            parts=tuple(sorted(parts, key=lambda part: part.ordinal_number)),
            last_permanent_storage_date=last,
            hwm=text(data, "permanentStorageHwmDate"),
        )


@dataclass(frozen=True)
class ExportStatus:
    """How far an export is; `package` comes with code 200 only."""

    code: int
    description: str
    details: tuple[str, ...]
    package: ExportPackage | None

    @classmethod
    def from_json(cls, data: Any) -> ExportStatus:
        data = mapping(data)
        package = inner(data, "package")
        return cls(
            **status_fields(data),
            package=ExportPackage.from_json(package) if package else None,
        )


def metadata_list(data: Mapping[str, Any]) -> tuple[InvoiceMetadata, ...]:
    """The `invoices` of a page of a query or of a package's metadata file."""
    return tuple(map(InvoiceMetadata.from_json, entries(data.get("invoices"))))


def _dates(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "invoicing_date": moment(data.get("invoicingDate")),
        "acquisition_date": moment(data.get("acquisitionDate")),
    }


def _amounts(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "net_amount": amount(data, "netAmount"),
        "gross_amount": amount(data, "grossAmount"),
        "vat_amount": amount(data, "vatAmount"),
    }


def _parties(data: Mapping[str, Any]) -> dict[str, Any]:
    seller, buyer = inner(data, "seller"), inner(data, "buyer")
    identifier = inner(buyer, "identifier")
    return {
        "seller_nip": text(seller, "nip"),
        "seller_name": text(seller, "name"),
        "buyer_type": text(identifier, "type"),
        "buyer_value": text(identifier, "value"),
        "buyer_name": text(buyer, "name"),
    }
