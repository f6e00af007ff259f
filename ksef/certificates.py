"""The certificates that KSeF itself issues: asking for them, the register, revoking.

Only a login by signature may ask and revoke. One by KSeF token is refused with 25001,
25002, or 403 and reason `auth-method-not-allowed`.

Source: official documentation, KSeF certificates; the official OpenAPI file.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import Any

from .client import KsefClient, segment
from .csr import public_key_hash
from .errors import CertificateError, ProtocolError
from .messages import (
    Enrolment,
    IssuedCertificate,
    Limits,
    RegisteredCertificate,
    Subject,
)
from .reading import entries, flag, mapping, required

# What KSeF takes as a name of a certificate.
NAME = re.compile(r"[a-zA-Z0-9_\- ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]{5,100}")

# Another number was given by another issuer: KSeF would refuse the question.
_SERIAL = re.compile(r"[0-9A-F]{16}")

_AT_ONCE = 10
_PAGE_SIZE = 50
_PAGES = 40


class CertificateOffice:
    """The endpoints about certificates, for the holder of the client's token."""

    def __init__(self, client: KsefClient) -> None:
        self._client = client

    def limits(self) -> Limits:
        """How many requests and certificates are left."""
        return Limits.from_json(self._get("/certificates/limits"))

    def subject(self) -> Subject:
        """Whom the certificate will name, for the request."""
        return Subject.from_json(self._get("/certificates/enrollments/data"))

    def enrol(
        self, name: str, kind: str, csr_der: bytes, valid_from: datetime | None = None
    ) -> str:
        """Ask for a certificate (Authentication or Offline); returns the reference.

        Store the key before. After a lost answer the certificate may exist all the
        same: `find` it by its key.

        Codes 25003: other words than in `subject`; 25006, 25007: a limit.
        """
        body = {
            "certificateName": name,
            "certificateType": kind,
            "csr": base64.b64encode(csr_der).decode(),
        }
        if valid_from is not None:
            start = valid_from.astimezone(timezone.utc)
            body["validFrom"] = f"{start:%Y-%m-%dT%H:%M:%SZ}"
        return required(self._post("/certificates/enrollments", body), _REF)

    def enrolment(self, reference: str) -> Enrolment:
        """How far a request is. Code 25005: unknown; HTTP 410: after 30 days."""
        path = f"/certificates/enrollments/{segment(reference)}"
        return Enrolment.from_json(self._get(path))

    def retrieve(self, serials: Iterable[str]) -> tuple[IssuedCertificate, ...]:
        """The certificates themselves, as far as KSeF gives them out."""
        wanted = [each for each in dict.fromkeys(serials) if _SERIAL.fullmatch(each)]
        found: list[IssuedCertificate] = []
        for start in range(0, len(wanted), _AT_ONCE):
            body = {"certificateSerialNumbers": wanted[start : start + _AT_ONCE]}
            listed = self._post("/certificates/retrieve", body).get("certificates")
            found += map(IssuedCertificate.from_json, entries(listed))
        return tuple(found)

    def query(
        self,
        serial_number: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        status: str | None = None,
    ) -> tuple[RegisteredCertificate, ...]:
        """The register, newest request first; `name` is any part of the name.

        :raises ProtocolError: the list has no end
        """
        if serial_number is not None and not _SERIAL.fullmatch(serial_number):
            return ()
        asked = {
            "certificateSerialNumber": serial_number,
            "name": name,
            "type": kind,
            "status": status,
        }
        return self._pages({key: value for key, value in asked.items() if value})

    def find(
        self, key_hash: str, name: str | None = None, kind: str | None = None
    ) -> IssuedCertificate | None:
        """The certificate of a key of ours (`csr.public_key_hash`).

        None: there is none, or KSeF does not list it yet.
        """
        rows = self.query(name=name, kind=kind)
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            for issued in self.retrieve(row.serial_number for row in some):
                if _is_of(issued, key_hash):
                    return issued
        return None

    def revoke(self, serial_number: str, reason: str = "Unspecified") -> None:
        """End a certificate for good: Unspecified, Superseded or KeyCompromise.

        Codes 25008: unknown; 25009: it has ended already.
        """
        path = f"/certificates/{segment(serial_number)}/revoke"
        body = {"revocationReason": reason}
        self._client.call("POST", path, json=body, accept=None)

    def _pages(self, asked: dict[str, str]) -> tuple[RegisteredCertificate, ...]:
        found: list[RegisteredCertificate] = []
        for page in range(_PAGES):
            params = {"pageOffset": page, "pageSize": _PAGE_SIZE}
            data = self._post("/certificates/query", asked, params=params)
            listed = entries(data.get("certificates"))
            found += map(RegisteredCertificate.from_json, listed)
            if not flag(data, "hasMore"):
                return tuple(found)
        raise ProtocolError("the register of certificates has no end")

    def _get(self, path: str) -> Any:
        return self._client.call("GET", path).json()

    def _post(self, path: str, body: dict[str, Any], **request: Any) -> Any:
        return mapping(self._client.call("POST", path, json=body, **request).json())


_REF = "referenceNumber"


def _is_of(issued: IssuedCertificate, key_hash: str) -> bool:
    try:
        return public_key_hash(issued.der) == key_hash
    except CertificateError:
        return False
