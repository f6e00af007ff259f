"""What KSeF answers while we log in: keys, challenges, tokens, rights."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
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

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class PublicKey:
    """A key of KSeF to encrypt for; `certificate` is DER, `usage` what it is for."""

    certificate: bytes = field(repr=False)
    public_key_id: str | None
    valid_from: datetime
    valid_to: datetime
    usage: tuple[str, ...]

    @classmethod
    def from_json(cls, data: Any) -> PublicKey:
        data = mapping(data)
        try:
            certificate = base64.b64decode(required(data, "certificate"))
        except ValueError:
            raise ProtocolError("a public key is not Base64") from None
        return cls(
            certificate=certificate,
            public_key_id=text(data, "publicKeyId"),
            valid_from=required_moment(data, "validFrom"),
            valid_to=required_moment(data, "validTo"),
            usage=texts(data.get("usage")),
        )


@dataclass(frozen=True)
class Challenge:
    """To be answered within ten minutes; `timestamp_ms` as KSeF wrote it."""

    challenge: str
    timestamp_ms: int

    @classmethod
    def from_json(cls, data: Any) -> Challenge:
        data = mapping(data)
        timestamp = whole(data, "timestampMs")
        if timestamp is None:
            raise ProtocolError("the answer lacks timestampMs")
        return cls(required(data, "challenge"), timestamp)

    @property
    def time(self) -> datetime:
        """The moment of the challenge by KSeF's own clock.

        :raises ProtocolError: there is no such moment
        """
        try:
            return _EPOCH + timedelta(milliseconds=self.timestamp_ms)
        except OverflowError:
            raise ProtocolError("the time of a challenge is none") from None


@dataclass(frozen=True)
class Token:
    """A bearer token and the moment from which it is refused."""

    token: str = field(repr=False)
    valid_until: datetime

    @classmethod
    def from_json(cls, data: Any) -> Token:
        data = mapping(data)
        return cls(required(data, "token"), required_moment(data, "validUntil"))


@dataclass(frozen=True)
class Tokens:
    """The result of a login: access for minutes, refresh for days."""

    access: Token
    refresh: Token

    @classmethod
    def from_json(cls, data: Any) -> Tokens:
        data = mapping(data)
        access = Token.from_json(data.get("accessToken"))
        return cls(access, Token.from_json(data.get("refreshToken")))


@dataclass(frozen=True)
class AuthOperation:
    """A login under way; its token serves only to ask for it and to redeem it."""

    reference_number: str
    authentication_token: str = field(repr=False)

    @classmethod
    def from_json(cls, data: Any) -> AuthOperation:
        data = mapping(data)
        token = required(inner(data, "authenticationToken"), "token")
        return cls(required(data, "referenceNumber"), token)


@dataclass(frozen=True)
class AuthStatus:
    """How far a login is: 100 under way, 200 done, from 400 on refused."""

    code: int
    description: str
    details: tuple[str, ...]

    @classmethod
    def from_json(cls, data: Any) -> AuthStatus:
        return cls(**status_fields(mapping(data)))


@dataclass(frozen=True)
class AuthSession:
    """A login somewhere; `method` is the name that KSeF gives to people."""

    reference: str
    is_current: bool
    started: datetime | None
    method: str
    redeemed: bool
    last_refresh: datetime | None
    refresh_valid_until: datetime | None

    @classmethod
    def from_json(cls, data: Any) -> AuthSession:
        data = mapping(data)
        told = inner(data, "authenticationMethodInfo")
        named = text(told, "displayName") or text(told, "code")
        return cls(
            reference=required(data, "referenceNumber"),
            is_current=flag(data, "isCurrent"),
            started=moment(data.get("startDate")),
            method=named or text(data, "authenticationMethod") or "",
            redeemed=flag(data, "isTokenRedeemed"),
            last_refresh=moment(data.get("lastTokenRefreshDate")),
            refresh_valid_until=moment(data.get("refreshTokenValidUntil")),
        )


@dataclass(frozen=True)
class Grant:
    """One right that KSeF lists for us. Rights of an owner are never listed."""

    permission: str
    state: str
    context: str | None
    description: str
    start: datetime | None

    @classmethod
    def from_json(cls, data: Any) -> Grant:
        data = mapping(data)
        return cls(
            permission=required(data, "permissionScope"),
            state=text(data, "permissionState") or "",
            context=text(inner(data, "contextIdentifier"), "value"),
            description=text(data, "description") or "",
            start=moment(data.get("startDate")),
        )


def rights(access_token: str) -> tuple[str, ...]:
    """The rights named inside an access token: a hint for people, not a contract."""
    parts = access_token.split(".")
    if len(parts) != 3:
        return ()
    try:
        payload = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        claim = json.loads(payload).get("per")
        if isinstance(claim, str) and claim.startswith("["):
            claim = json.loads(claim)
    except (ValueError, AttributeError, RecursionError):
        return ()
    if isinstance(claim, str):
        return (claim,)
    return tuple(map(str, claim)) if isinstance(claim, list) else ()
