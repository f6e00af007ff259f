"""What KSeF answers about sessions and the invoices sent in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..errors import ProtocolError
from ..reading import (
    entries,
    inner,
    mapping,
    moment,
    required,
    required_moment,
    text,
    whole,
)
from .statuses import status_fields

# RFC 9110, 5.1 and 5.5; http.client and requests refuse the rest on their own.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[!-~]?|[!-~][ -~]*[!-~]")
_KSEF_NUMBER = re.compile(r"\b\d{10}-\d{8}-[0-9A-F]{6}-?[0-9A-F]{6}-[0-9A-F]{2}\b")


@dataclass(frozen=True)
class OpenedSession:
    """An interactive session; KSeF closes it by itself at `valid_until`."""

    reference_number: str
    valid_until: datetime

    @classmethod
    def from_json(cls, data: Any) -> OpenedSession:
        data = mapping(data)
        return cls(
            required(data, "referenceNumber"), required_moment(data, "validUntil")
        )


@dataclass(frozen=True)
class PartUpload:
    """Where and how one part of a batch is handed in: exactly so, and without token."""

    ordinal_number: int
    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str]

    @classmethod
    def from_json(cls, data: Any) -> PartUpload:
        data = mapping(data)
        number = whole(data, "ordinalNumber")
        if number is None:
            raise ProtocolError("a part to be uploaded has no number")
        return cls(
            ordinal_number=number,
            method=required(data, "method").upper(),
            url=required(data, "url"),
            headers=_headers(inner(data, "headers")),
        )


@dataclass(frozen=True)
class OpenedBatch:
    """A batch session and the places for its parts, in their order."""

    reference_number: str
    uploads: tuple[PartUpload, ...]

    @classmethod
    def from_json(cls, data: Any) -> OpenedBatch:
        data = mapping(data)
        uploads = map(PartUpload.from_json, entries(data.get("partUploadRequests")))
        return cls(
            required(data, "referenceNumber"),
            tuple(sorted(uploads, key=lambda each: each.ordinal_number)),
        )


@dataclass(frozen=True)
class UpoPage:
    """One file of the collective UPO of a session."""

    reference_number: str
    download_url: str | None = field(repr=False)

    @classmethod
    def from_json(cls, data: Any) -> UpoPage:
        data = mapping(data)
        return cls(required(data, "referenceNumber"), text(data, "downloadUrl"))


@dataclass(frozen=True)
class SessionStatus:
    """How far a session is. Counts are None until KSeF knows them."""

    code: int
    description: str
    details: tuple[str, ...]
    invoice_count: int | None
    successful_invoice_count: int | None
    failed_invoice_count: int | None
    date_created: datetime | None
    valid_until: datetime | None
    upo_pages: tuple[UpoPage, ...]

    @classmethod
    def from_json(cls, data: Any) -> SessionStatus:
        data = mapping(data)
        pages = entries(inner(data, "upo").get("pages"))
        return cls(
            **status_fields(data),
            invoice_count=whole(data, "invoiceCount"),
            successful_invoice_count=whole(data, "successfulInvoiceCount"),
            failed_invoice_count=whole(data, "failedInvoiceCount"),
            date_created=moment(data.get("dateCreated")),
            valid_until=moment(data.get("validUntil")),
            upo_pages=tuple(map(UpoPage.from_json, pages)),
        )


@dataclass(frozen=True)
class InvoiceStatus:
    """What KSeF says of one invoice sent; `invoice_hash` tells which it is.

    `invoice_file_name` is its name in the archive of a batch.
    `original_session` and `original_ksef_number` name the earlier invoice of a
    duplicate (440). Both may be absent, and the session may be wrong.
    """

    ordinal_number: int | None
    reference_number: str
    invoice_number: str | None
    ksef_number: str | None
    invoice_hash: str
    invoice_file_name: str | None
    invoicing_date: datetime | None
    acquisition_date: datetime | None
    permanent_storage_date: datetime | None
    invoicing_mode: str | None
    upo_url: str | None = field(repr=False)
    code: int
    description: str
    details: tuple[str, ...]
    original_session: str | None
    original_ksef_number: str | None

    @classmethod
    def from_json(cls, data: Any) -> InvoiceStatus:
        data = mapping(data)
        status = status_fields(data)
        return cls(
            ordinal_number=whole(data, "ordinalNumber"),
            reference_number=required(data, "referenceNumber"),
            invoice_number=text(data, "invoiceNumber"),
            ksef_number=text(data, "ksefNumber"),
            invoice_hash=required(data, "invoiceHash"),
            invoice_file_name=text(data, "invoiceFileName"),
            invoicing_date=moment(data.get("invoicingDate")),
            acquisition_date=moment(data.get("acquisitionDate")),
            permanent_storage_date=moment(data.get("permanentStorageDate")),
            invoicing_mode=text(data, "invoicingMode"),
            upo_url=text(data, "upoDownloadUrl"),
            **status,
            **_original(data, status),
        )


@dataclass(frozen=True)
class InvoicePage:
    """Some invoices of a session; `continuation` leads to the next page."""

    invoices: tuple[InvoiceStatus, ...]
    continuation: str | None

    @classmethod
    def from_json(cls, data: Any) -> InvoicePage:
        data = mapping(data)
        listed = entries(data.get("invoices"))
        return cls(
            tuple(map(InvoiceStatus.from_json, listed)),
            text(data, "continuationToken"),
        )


def _headers(given: Mapping[str, Any]) -> dict[str, str]:
    """Headers as they came; null means none, and a line break would start another."""
    headers = {name: value for name, value in given.items() if value is not None}
    for name, value in headers.items():
        sound = isinstance(value, str) and _HEADER_VALUE.fullmatch(value)
        if not (sound and _HEADER_NAME.fullmatch(name)):
            raise ProtocolError("a header for an upload cannot be sent")
    return headers


def _original(data: Mapping[str, Any], status: Mapping[str, Any]) -> dict[str, Any]:
    """Which earlier invoice a duplicate repeats, as far as KSeF tells."""
    told = inner(inner(data, "status"), "extensions")
    number = text(told, "originalKsefNumber")
    if number is None and status["code"] == 440:
        # Older answers name it in the text alone.
        found = _KSEF_NUMBER.search(" ".join(status["details"]))
        number = found and found[0]
    return {
        "original_session": text(told, "originalSessionReferenceNumber"),
        "original_ksef_number": number,
    }
