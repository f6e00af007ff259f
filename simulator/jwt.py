"""The three kinds of bearer token, signed with HMAC-SHA256."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from .clock import UTC

AUTHENTICATION = "AuthenticationToken"
ACCESS = "AccessToken"
REFRESH = "RefreshToken"
LIFETIME = {
    AUTHENTICATION: timedelta(minutes=45),
    ACCESS: timedelta(minutes=15),
    REFRESH: timedelta(days=7),
}


@dataclass(frozen=True)
class Claims:
    """What a token says: its kind, the login it belongs to, and the rights."""

    kind: str
    login: str
    permissions: tuple
    expires: datetime


def issue(secret: bytes, kind: str, login, permissions, now: datetime):
    """A new token for `login`. Returns (token, moment of its end)."""
    expires = (now + LIFETIME[kind]).replace(microsecond=0)
    payload = {
        "iss": "ksef-simulator",
        "typ": kind,
        "jti": login.reference,
        "cit": login.context.type,
        "civ": login.context.value,
        "per": list(permissions),
        "iat": int(now.timestamp()),
        "exp": int(expires.timestamp()),
    }
    head = _encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = f"{head}.{_encode(json.dumps(payload).encode())}"
    return f"{body}.{_signature(secret, body)}", expires


def read(secret: bytes, token: str, now: datetime) -> Claims:
    """The claims of a genuine, unexpired token. Raises ValueError."""
    body, _dot, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(secret, body).encode(), signature.encode()):
        raise ValueError("signature")
    payload = json.loads(_decode(body.partition(".")[2]))
    expires = datetime.fromtimestamp(payload["exp"], UTC)
    if now >= expires:
        raise ValueError("expired")
    return Claims(payload["typ"], payload["jti"], tuple(payload["per"]), expires)


def _signature(secret, body):
    return _encode(hmac.new(secret, body.encode(), hashlib.sha256).digest())


def _encode(content):
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def _decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
