"""What KSeF answers about its certificates: limits, requests, the register."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..errors import ProtocolError
from ..reading import (
    flag,
    inner,
    mapping,
    moment,
    required,
    required_moment,
    text,
    texts,
    whole,
)
from .statuses import status_fields


@dataclass(frozen=True)
class Limits:
    """What our holder may still ask for; None where KSeF does not tell."""

    can_request: bool
    enrolments_left: int | None
    certificates_left: int | None

    @classmethod
    def from_json(cls, data: Any) -> Limits:
        data = mapping(data)
        return cls(
            can_request=flag(data, "canRequest"),
            enrolments_left=whole(inner(data, "enrollment"), "remaining"),
            certificates_left=whole(inner(data, "certificate"), "remaining"),
        )


@dataclass(frozen=True)
class Subject:
    """Whom a certificate will name: the very words of KSeF, none may change."""

    common_name: str
    country: str
    given_names: tuple[str, ...] = ()
    surname: str | None = None
    serial_number: str | None = None
    unique_identifier: str | None = None
    organization: str | None = None
    organization_identifier: str | None = None

    @classmethod
    def from_json(cls, data: Any) -> Subject:
        data = mapping(data)
        return cls(
            common_name=required(data, "commonName"),
            country=required(data, "countryName"),
            given_names=_given_names(data),
            surname=text(data, "surname"),
            serial_number=text(data, "serialNumber"),
            unique_identifier=text(data, "uniqueIdentifier"),
            organization=text(data, "organizationName"),
            organization_identifier=text(data, "organizationIdentifier"),
        )


@dataclass(frozen=True)
class Enrolment:
    """How far a request is: `enrolment_phase` tells what the code means.

    The serial number may be absent even of an issued one: find it by its key then.
    """

    code: int
    description: str
    details: tuple[str, ...]
    serial_number: str | None
    requested: datetime | None

    @classmethod
    def from_json(cls, data: Any) -> Enrolment:
        data = mapping(data)
        return cls(
            **status_fields(data),
            serial_number=text(data, "certificateSerialNumber"),
            requested=moment(data.get("requestDate")),
        )


@dataclass(frozen=True)
class IssuedCertificate:
    """A certificate as KSeF issued it, in DER; `kind` in the words of KSeF."""

    der: bytes = field(repr=False)
    name: str
    serial_number: str
    kind: str

    @classmethod
    def from_json(cls, data: Any) -> IssuedCertificate:
        data = mapping(data)
        try:
            der = base64.b64decode(required(data, "certificate"), validate=True)
        except ValueError:
            raise ProtocolError("a certificate is not Base64") from None
        return cls(
            der=der,
            name=text(data, "certificateName") or "",
            serial_number=required(data, "certificateSerialNumber"),
            kind=text(data, "certificateType") or "",
        )


@dataclass(frozen=True)
class RegisteredCertificate:
    """A row of the register of KSeF.

    `kind` is Authentication or Offline; `status` is Active, Blocked (about to be
    revoked), Revoked, Expired, or a word that KSeF has learnt since.
    """

    serial_number: str
    name: str
    kind: str
    common_name: str
    status: str
    valid_from: datetime
    valid_to: datetime
    last_used: datetime | None
    requested: datetime | None

    @classmethod
    def from_json(cls, data: Any) -> RegisteredCertificate:
        data = mapping(data)
        return cls(
            serial_number=required(data, "certificateSerialNumber"),
            name=text(data, "name") or "",
            kind=required(data, "type"),
            common_name=text(data, "commonName") or "",
            status=required(data, "status"),
            valid_from=required_moment(data, "validFrom"),
            valid_to=required_moment(data, "validTo"),
            last_used=moment(data.get("lastUseDate")),
            requested=moment(data.get("requestDate")),
        )


def _given_names(data: Mapping[str, Any]) -> tuple[str, ...]:
    """One name or a list of them: the guide and the OpenAPI file differ."""
    single = text(data, "givenName")
    return (single,) if single else texts(data.get("givenName"))
