"""KSeF, one short method per endpoint we call.

Every method raises TransportError, ApiError (by its subclass) or ProtocolError; the
docstrings name only what is special. Nothing is repeated here: a caller that sent
and got no answer must ask what arrived.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from .crypto import EncryptedInvoice, Encryption
from .errors import AuthenticationError, ProtocolError, ServerError
from .limits import RateLimits
from .messages import (
    AuthOperation,
    AuthSession,
    AuthStatus,
    Challenge,
    ExportPart,
    ExportStatus,
    Grant,
    InvoicePage,
    InvoiceQuery,
    InvoiceStatus,
    MetadataPage,
    OpenedSession,
    PublicKey,
    SessionStatus,
    Token,
    Tokens,
    rights,
)
from .reading import entries, flag, mapping, required, text
from .transport import XML, Answer, Transport

FA3 = {"systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA"}

# Parts are announced as 50 MB at most, before encryption.
_PART_LIMIT = 100_000_000
_GRANT_PAGES = 10
_LOGIN_PAGES = 20


class KsefClient:
    """One address and one context.

    `access_token` is asked at every call for a token. When KSeF refuses the token
    itself (401, so the request had no effect), `forget_token` is told, and the call
    is made once more with the token that `access_token` gives then. `before_call` is
    told of each request with a token before it leaves, and may raise instead.
    """

    def __init__(
        self,
        transport: Transport,
        access_token: Callable[[], str] | None = None,
        forget_token: Callable[[], None] | None = None,
        before_call: Callable[[str, str], None] | None = None,
    ) -> None:
        self.transport = transport
        self._access_token = access_token
        self._forget_token = forget_token
        self._before_call = before_call

    # Login

    def public_keys(self) -> tuple[PublicKey, ...]:
        """The keys of KSeF in use now; choose by usage and validity."""
        listed = self.transport.request("GET", "/security/public-key-certificates")
        return tuple(map(PublicKey.from_json, entries(listed.json())))

    def challenge(self) -> Challenge:
        """A fresh challenge, for one login."""
        answer = self.transport.request("POST", "/auth/challenge")
        return Challenge.from_json(answer.json())

    def authenticate_xades(self, signed_xml: bytes) -> AuthOperation:
        """Hand in a signed AuthTokenRequest."""
        answer = self.transport.request(
            "POST",
            "/auth/xades-signature",
            data=signed_xml,
            content_type=XML,
            # What production demands anyway, so that TEST is not easier.
            headers={"X-KSeF-Feature": "enforce-xades-compliance"},
        )
        return AuthOperation.from_json(answer.json())

    def authenticate_token(
        self,
        challenge: Challenge,
        nip: str,
        encrypted_token: str,
        public_key_id: str | None,
    ) -> AuthOperation:
        """Hand in a KSeF token, encrypted together with the challenge's time."""
        body: dict[str, Any] = {
            "challenge": challenge.challenge,
            "contextIdentifier": {"type": "Nip", "value": nip},
            "encryptedToken": encrypted_token,
        }
        if public_key_id:
            body["publicKeyId"] = public_key_id
        answer = self.transport.request("POST", "/auth/ksef-token", json=body)
        return AuthOperation.from_json(answer.json())

    def authentication_status(self, reference: str, token: str) -> AuthStatus:
        """How far a login is; `token` is the one of its AuthOperation."""
        answer = self.transport.request(
            "GET", f"/auth/{segment(reference)}", token=token
        )
        return AuthStatus.from_json(answer.json())

    def redeem(self, token: str) -> Tokens:
        """Take the tokens of a finished login. Works once."""
        answer = self.transport.request("POST", "/auth/token/redeem", token=token)
        return Tokens.from_json(answer.json())

    def refresh(self, refresh_token: str) -> Token:
        """A new access token. On any refusal: log in again."""
        answer = self.transport.request(
            "POST", "/auth/token/refresh", token=refresh_token
        )
        return Token.from_json(mapping(answer.json()).get("accessToken"))

    def personal_grants(self) -> tuple[Grant, ...]:
        """Our rights in this context; those of an owner are never listed."""
        grants: list[Grant] = []
        for page in range(_GRANT_PAGES):
            data = mapping(
                self.call(
                    "POST",
                    "/permissions/query/personal/grants",
                    json={},
                    params={"pageOffset": page, "pageSize": 100},
                ).json()
            )
            grants += map(Grant.from_json, entries(data.get("permissions")))
            if not flag(data, "hasMore"):
                break
        return tuple(grants)

    def rate_limits(self) -> RateLimits:
        """How many requests KSeF takes from us at present."""
        return RateLimits.from_json(self.call("GET", "/rate-limits").json())

    def rights(self) -> tuple[str, ...]:
        """The rights our access token names: a hint for people, not a contract."""
        return rights(self._token())

    def certificate_name(self, serial_number: str) -> str | None:
        """The name its holder gave to a KSeF certificate, which no file contains."""
        answer = self.call(
            "POST",
            "/certificates/query",
            json={"certificateSerialNumber": serial_number},
            params={"pageOffset": 0, "pageSize": 10},
        )
        for listed in entries(mapping(answer.json()).get("certificates")):
            return text(listed, "name")
        return None

    def auth_sessions(self) -> tuple[AuthSession, ...]:
        """The logins of our holder in this context that are still alive, newest first.

        :raises ProtocolError: the list has no end
        """
        found: list[AuthSession] = []
        headers: dict[str, str] = {}
        for _page in range(_LOGIN_PAGES):
            answer = self.call(
                "GET", "/auth/sessions", params={"pageSize": 100}, headers=headers
            )
            data = mapping(answer.json())
            found += map(AuthSession.from_json, entries(data.get("items")))
            following = text(data, "continuationToken")
            if following is None:
                return tuple(found)
            headers = {"x-continuation-token": following}
        raise ProtocolError("the list of logins has no end")

    def end_auth_session(self, reference: str) -> None:
        """End a login: it refreshes no token any more. Tokens given out live on."""
        self.call("DELETE", f"/auth/sessions/{segment(reference)}", accept=None)

    def end_current_auth_session(self) -> None:
        """End the login of our own access token."""
        self.call("DELETE", "/auth/sessions/current", accept=None)

    # Sending

    def open_online_session(self, encryption: Encryption) -> OpenedSession:
        """Open a session for FA(3). An unreadable key shows only later, as 415."""
        body = {"formCode": FA3, "encryption": encryption.to_json()}
        answer = self.call("POST", "/sessions/online", json=body)
        return OpenedSession.from_json(answer.json())

    def send_invoice(
        self,
        session: str,
        invoice: EncryptedInvoice,
        *,
        offline: bool = False,
        corrected_hash: str | None = None,
    ) -> str:
        """Send one invoice; returns its reference. Received is not yet accepted.

        `corrected_hash` makes it a technical correction, which is offline always: the
        SHA-256 of the refused document whose codes the buyer holds, in Base64.

        Codes 21166: a correction is accepted already; 21167: nothing to correct.
        """
        path = f"/sessions/online/{segment(session)}/invoices"
        offline = offline or corrected_hash is not None
        body: dict[str, Any] = {**invoice.to_json(), "offlineMode": offline}
        if corrected_hash is not None:
            body["hashOfCorrectedInvoice"] = corrected_hash
        return required(mapping(self.call("POST", path, json=body).json()), _REF)

    def session_status(self, session: str) -> SessionStatus:
        """How far a session is, and the pages of its UPO."""
        answer = self.call("GET", f"/sessions/{segment(session)}")
        return SessionStatus.from_json(answer.json())

    def session_invoices(
        self, session: str, *, continuation: str | None = None, page_size: int = 1000
    ) -> InvoicePage:
        """The invoices of a session, page by page."""
        headers = {"x-continuation-token": continuation} if continuation else {}
        answer = self.call(
            "GET",
            f"/sessions/{segment(session)}/invoices",
            params={"pageSize": page_size},
            headers=headers,
        )
        return InvoicePage.from_json(answer.json())

    def invoice_status(self, session: str, invoice: str) -> InvoiceStatus:
        """What became of one invoice."""
        path = f"/sessions/{segment(session)}/invoices/{segment(invoice)}"
        return InvoiceStatus.from_json(self.call("GET", path).json())

    def close_online_session(self, session: str) -> None:
        """Close a session; its collective UPO is made then."""
        path = f"/sessions/online/{segment(session)}/close"
        self.call("POST", path, accept=None)

    def invoice_upo(self, session: str, invoice: str) -> bytes:
        """The receipt of one accepted invoice, byte for byte."""
        path = f"/sessions/{segment(session)}/invoices/{segment(invoice)}/upo"
        return _verified(self.call("GET", path, accept=XML))

    def numbered_upo(self, session: str, ksef_number: str) -> bytes:
        """The same, of an invoice known by its KSeF number alone."""
        path = f"/sessions/{segment(session)}/invoices/ksef/{segment(ksef_number)}/upo"
        return _verified(self.call("GET", path, accept=XML))

    def session_upo(self, session: str, upo: str) -> bytes:
        """One page of the receipt of a closed session, byte for byte."""
        path = f"/sessions/{segment(session)}/upo/{segment(upo)}"
        return _verified(self.call("GET", path, accept=XML))

    # Receiving

    def invoice(self, ksef_number: str) -> bytes:
        """An invoice as KSeF keeps it. Code 21165: accepted, but not yet readable."""
        path = f"/invoices/ksef/{segment(ksef_number)}"
        return _verified(self.call("GET", path, accept=XML))

    def query_metadata(
        self, query: InvoiceQuery, *, page_offset: int = 0, page_size: int = 250
    ) -> MetadataPage:
        """Invoices by query, oldest first; `page_offset` counts pages, not rows.

        Code 21183: the window begins after the high water mark, nothing is new.
        """
        params = {"sortOrder": "Asc", "pageOffset": page_offset, "pageSize": page_size}
        path, body = "/invoices/query/metadata", query.to_json()
        answer = self.call("POST", path, json=body, params=params)
        return MetadataPage.from_json(answer.json())

    def start_export(
        self,
        encryption: Encryption,
        query: InvoiceQuery,
        *,
        only_metadata: bool = False,
    ) -> str:
        """Order a package; returns its reference. Keep the key: nothing else opens it.

        `only_metadata` leaves the invoice files out.

        Codes 21182: too many exports run; 21470: KSeF has changed its key.
        """
        body = {
            "encryption": encryption.to_json(),
            "onlyMetadata": only_metadata,
            "filters": query.to_json(),
        }
        answer = self.call("POST", "/invoices/exports", json=body)
        return required(mapping(answer.json()), _REF)

    def export_status(self, reference: str) -> ExportStatus:
        """How far an export is, with fresh links to its parts once it is ready."""
        answer = self.call("GET", f"/invoices/exports/{segment(reference)}")
        return ExportStatus.from_json(answer.json())

    def fetch_part(self, part: ExportPart) -> bytes:
        """One part of a package, still encrypted.

        :raises ServerError: other bytes came than KSeF announced
        """
        if part.method.upper() != "GET":
            raise ProtocolError(f"a part to be fetched by {part.method}")
        answer = self.transport.fetch(part.url, max_bytes=_PART_LIMIT)
        return _verified(answer, part.encrypted_part_hash)

    def call(self, method: str, path: str, **request: Any) -> Answer:
        """A request with our access token; those about certificates are elsewhere."""
        try:
            return self._call(method, path, **request)
        except AuthenticationError as error:
            if error.status != 401 or self._forget_token is None:
                raise
        self._forget_token()
        return self._call(method, path, **request)

    def _call(self, method: str, path: str, **request: Any) -> Answer:
        token = self._token()
        if self._before_call is not None:
            self._before_call(method, path)
        return self.transport.request(method, path, token=token, **request)

    def _token(self) -> str:
        if self._access_token is None:
            raise ValueError("this call needs an access token")
        return self._access_token()


_REF = "referenceNumber"


def segment(reference: str) -> str:
    """One path segment; what KSeF sent must not lead to another endpoint."""
    if not reference or reference in (".", ".."):
        raise ValueError("a reference is needed")
    return quote(reference, safe="")


def _verified(answer: Answer, announced: str | None = None) -> bytes:
    """The body, if its hash is the one announced (else in header x-ms-meta-hash).

    :raises ServerError: other bytes came: cut, or a page of some gateway
    """
    expected = announced or answer.headers.get("x-ms-meta-hash")
    digest = base64.b64encode(hashlib.sha256(answer.body).digest()).decode()
    if expected is not None and expected != digest:
        wrong = "the hash of the file is wrong"
        raise ServerError(answer.status, description=wrong, request=answer.request)
    return answer.body
