"""One request under way: what was sent, who sends it, and the state it meets."""

import base64
import binascii
import json
import secrets

from .clock import parse_moment
from .errors import BadRequest, WrongContentType


class Call:
    """A request together with the simulator it reached.

    passed: whether it got past the limits
    befalls: the failures on its answer
    before_answer: what is waited for when the state is free for others again.
    """

    def __init__(self, simulator, request):
        self.simulator = simulator
        self.request = request
        self.route = None
        self.args = {}
        self.claims = None
        self.passed = False
        self.befalls = []
        self.before_answer = []
        self._now = None

    @property
    def store(self):
        return self.simulator.store

    @property
    def now(self):
        """The moment of this request: the same however often it is asked for."""
        self._now = self._now or self.simulator.clock.now()
        return self._now

    @property
    def login(self):
        """The login behind the bearer token."""
        return self.store.logins[self.claims.login]

    @property
    def client_ip(self):
        return self.request.remote_addr

    @property
    def problem_details(self):
        """Whether the caller reads the newer shape of errors."""
        return self.request.headers.get("X-Error-Format") == "problem-details"

    def xml(self) -> bytes:
        """The XML body. Raises WrongContentType."""
        if self.request.mimetype != "application/xml":
            raise WrongContentType("Oczekiwano application/xml.")
        return self.request.get_data()

    def body(self, *, optional=False) -> "Fields":
        """The JSON body. Raises WrongContentType, BadRequest 21405."""
        data = self.request.get_data()
        if optional and not data:
            return Fields({})
        if self.request.mimetype != "application/json":
            raise WrongContentType("Oczekiwano application/json.")
        try:
            content = json.loads(data)
        except ValueError as error:
            raise invalid("Treść nie jest dokumentem JSON.") from error
        return Fields(content)

    def page(self, least, most) -> tuple[int, int]:
        """pageOffset (a page number, from 0) and pageSize."""
        return self._number("pageOffset", 0, 0, 10**9), self._number(
            "pageSize", 10, least, most
        )

    def continued(self, rows, least, most) -> tuple[list, str | None]:
        """The rows of one page and the token for the next one, if there is one."""
        size = self._number("pageSize", 10, least, most)
        token = self.request.headers.get("x-continuation-token")
        start = self._start(token) if token else 0
        end = start + size
        following = None
        if end < len(rows):
            mark = f"{self.request.path}|{end}|{secrets.token_hex(4)}"
            following = base64.b64encode(mark.encode()).decode()
        return rows[start:end], following

    def choice(self, name, allowed, default=None):
        """A query parameter that is one of `allowed`."""
        value = self.request.args.get(name, default)
        if value not in allowed:
            raise invalid(f"Parametr {name}: nieprawidłowa wartość {value!r}.")
        return value

    def _start(self, token):
        try:
            path, start, _noise = base64.b64decode(token).decode().split("|")
        except (ValueError, binascii.Error) as error:
            raise BadRequest(21418) from error
        if path != self.request.path:
            raise BadRequest(21418)
        return int(start)

    def _number(self, name, default, least, most):
        text = self.request.args.get(name, str(default))
        if not text.isdigit() or not least <= int(text) <= most:
            raise invalid(f"Parametr {name} musi być w zakresie {least}-{most}.")
        return int(text)


class Fields:
    """The properties of a JSON object. Every reading may raise BadRequest 21405."""

    def __init__(self, content, path=""):
        if not isinstance(content, dict):
            raise invalid(f"'{path or 'body'}': oczekiwano obiektu.")
        self._content = content
        self._path = path

    def raw(self):
        """The object itself."""
        return self._content

    def text(self, name, *, required=True, longest=1000) -> str | None:
        value = self._get(name, str, required)
        if value is not None and not 0 < len(value) <= longest:
            raise self._invalid(name, "nieprawidłowa długość")
        return value

    def matching(self, name, pattern, *, required=True) -> str | None:
        value = self._get(name, str, required)
        if value is not None and not pattern.fullmatch(value):
            raise self._invalid(name, "nieprawidłowy zapis")
        return value

    def matches(self, name, pattern, most) -> list:
        """A list of one to `most` texts of that form."""
        values = self._get(name, list, True)
        if not 0 < len(values) <= most:
            raise self._invalid(name, f"oczekiwano od 1 do {most} wartości")
        if not all(isinstance(v, str) and pattern.fullmatch(v) for v in values):
            raise self._invalid(name, "nieprawidłowy zapis")
        return values

    def number(self, name) -> int:
        value = self._get(name, int, True)
        if isinstance(value, bool) or value < 1:
            raise self._invalid(name, "oczekiwano liczby większej od zera")
        return value

    def flag(self, name) -> bool | None:
        return self._get(name, bool, False)

    def choice(self, name, allowed, *, required=True) -> str | None:
        value = self._get(name, str, required)
        if value is not None and value not in allowed:
            raise self._invalid(name, f"nieprawidłowa wartość {value!r}")
        return value

    def choices(self, name, allowed) -> list:
        values = self._get(name, list, False) or []
        for value in values:
            if value not in allowed:
                raise self._invalid(name, f"nieprawidłowa wartość {value!r}")
        return values

    def part(self, name, *, required=True) -> "Fields | None":
        value = self._get(name, dict, required)
        return None if value is None else Fields(value, f"{self._path}{name}.")

    def parts(self, name) -> list["Fields"]:
        """A list of objects."""
        values = self._get(name, list, True)
        return [Fields(v, f"{self._path}{name}[{n}].") for n, v in enumerate(values)]

    def moment(self, name, *, required=True, read=parse_moment):
        value = self._get(name, str, required)
        try:
            return None if value is None else read(value)
        except ValueError as error:
            raise self._invalid(name, "nieprawidłowa data") from error

    def amount(self, name):
        value = self._get(name, (int, float), False)
        return value

    def base64(self, name) -> bytes:
        try:
            return base64.b64decode(self._get(name, str, True), validate=True)
        except binascii.Error as error:
            raise self._invalid(name, "nieprawidłowy zapis Base64") from error

    def hash(self, name, *, required=True) -> str | None:
        """A SHA-256 in standard Base64."""
        if not required and self._content.get(name) is None:
            return None
        if len(self.base64(name)) != 32:
            raise self._invalid(name, "oczekiwano skrótu SHA-256")
        return self._content[name]

    def _get(self, name, kind, required):
        value = self._content.get(name)
        if value is None and not required:
            return None
        if not isinstance(value, kind):
            raise self._invalid(name, "brak wartości lub nieprawidłowy typ")
        return value

    def _invalid(self, name, problem):
        return invalid(f"'{self._path}{name}': {problem}.")


def invalid(detail: str) -> BadRequest:
    """21405: the input does not pass validation."""
    return BadRequest(21405, detail)
