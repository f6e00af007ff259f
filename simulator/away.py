"""KSeF is away: no request is worked on until it is brought back.

Two houses can be away, each by itself: "ksef" (the API and its storage) and
"lighthouse" (the status service). One that is away hangs up, or lets the gateway in
front of it say 503.
"""

from werkzeug.wrappers import Response

HOUSES = {
    "ksef": ("/v2/", "/storage/"),
    "lighthouse": ("/status", "/messages"),
}
HANG_UP = "hang_up"
GATEWAY = "gateway"
_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class Away:
    """Who is away, and how that feels."""

    def __init__(self):
        self._how = {}

    def set(self, house: str, how: str | None):
        """Send a house away, or with None bring it back. Raises ValueError."""
        if house not in HOUSES:
            raise ValueError(f"unknown house {house!r}")
        if how not in (None, HANG_UP, GATEWAY):
            raise ValueError(f"unknown way {how!r}")
        self._how[house] = how

    def how(self, path: str) -> str | None:
        """In which way nobody is there for this address; None: somebody is."""
        for house, prefixes in HOUSES.items():
            if path.startswith(prefixes):
                return self._how.get(house)
        return None


def unavailable() -> Response:
    """What the gateway says. Of those who are hung up on only the log hears it."""
    text = _HTML.format("503 Service Unavailable")
    return Response(text, 503, content_type="text/html")
