"""What KSeF answers about sessions and the invoices sent in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

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

    `original_session` and `original_ksef_number` name the earlier invoice of a
    duplicate (440). Both may be absent, and the session may be wrong.
    """

    ordinal_number: int | None
    reference_number: str
    invoice_number: str | None
    ksef_number: str | None
    invoice_hash: str
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
