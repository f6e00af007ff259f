"""The three environments of KSeF, and addresses of one's own.

Source: official documentation, environments; addresses of July 2026. The status
service of the test environment always tells of a total failure, and the demo
environment has none: only the one of production can be asked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True)
class Environment:
    """Where the API is, where the links inside QR codes lead, and where outages
    are announced, if anywhere."""

    name: str
    api_url: str
    qr_url: str
    status_url: str | None = None


TEST = Environment(
    "test", "https://api-test.ksef.mf.gov.pl/v2", "https://qr-test.ksef.mf.gov.pl"
)
DEMO = Environment(
    "demo", "https://api-demo.ksef.mf.gov.pl/v2", "https://qr-demo.ksef.mf.gov.pl"
)
PRODUCTION = Environment(
    "production",
    "https://api.ksef.mf.gov.pl/v2",
    "https://qr.ksef.mf.gov.pl",
    "https://api-latarnia.ksef.mf.gov.pl",
)
ENVIRONMENTS = {each.name: each for each in (TEST, DEMO, PRODUCTION)}


def own(api_url: str, qr_url: str, status_url: str | None = None) -> Environment:
    """The environment at addresses of one's own; without `status_url` it tells of
    no outages.

    :raises ValueError: an address is not https (except on this machine), or has
        a user name, a query or a fragment
    """
    status = _base(status_url) if status_url else None
    return Environment("own", _base(api_url), _base(qr_url), status)


def is_loopback(host: str | None) -> bool:
    """Whether a host name or address can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return False


def checked(url: str) -> SplitResult:
    """Split an address we are about to talk to.

    :raises ValueError: not an absolute https address (http: only this machine),
        or written so that two parsers could read two hosts from it
    """
    if not re.fullmatch(r"[!-\[\]-~]+", url):
        raise ValueError("an address consists of printable ASCII without backslash")
    parts = urlsplit(url)
    if not parts.hostname or "@" in parts.netloc:
        raise ValueError("an address needs a host and no user name")
    _ = parts.port
    if parts.scheme == "https":
        return parts
    if parts.scheme == "http" and is_loopback(parts.hostname):
        return parts
    raise ValueError("an address must begin with https://")


def _base(url: str) -> str:
    parts = checked(url.strip())
    if parts.query or parts.fragment:
        raise ValueError("an address must have no query and no fragment")
    return parts.geturl().rstrip("/")
