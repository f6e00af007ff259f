"""The front door: routing, tokens, limits, faults; errors become answers."""

import time
from dataclasses import dataclass, field

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.wrappers import Request, Response

from . import answers, away, faults, jwt, limits, rights
from .call import Call
from .errors import Forbidden, NotFound, Refusal, Unauthorized
from .routes import URLS


@dataclass(frozen=True)
class Logged:
    """One request, as the log keeps it: never a body, never a token.

    `group`: of limits; `passed`: it got past them, and was worked on.
    """

    method: str
    path: str
    query: str
    status: int
    headers: dict = field(repr=False)
    group: str | None = None
    passed: bool = False


class App:
    """The WSGI application. One request at a time touches the state."""

    def __init__(self, simulator):
        self.simulator = simulator

    def __call__(self, environ, start_response):
        call = Call(self.simulator, Request(environ))
        how = self.simulator.gone.how(call.request.path)
        fault = None if how else self._find(call)
        if how or fault and fault.name == "lost_request":
            return self._nobody(call, how or away.HANG_UP)(environ, start_response)
        late = fault.seconds if fault and fault.name == "slow" else 0
        time.sleep(0 if late and fault.after else late)
        # A slow sender must not hold up the others.
        call.request.get_data()
        with self.simulator.lock:
            answer = self._answer(call, fault)
            self._log(call, answer)
            self.simulator.changed(call)
        for wait in call.before_answer:
            wait()
        self._record(call, answer, fault)
        time.sleep(late if late and fault.after else 0)
        if fault and fault.name == "lost_answer":
            faults.hang_up(environ)
        answer.headers.setdefault("Date", http_date())
        return answer(environ, start_response)

    def _nobody(self, call, how) -> Response:
        """No work is done. Raises ConnectionError where nobody even answers."""
        answer = away.unavailable()
        self._log(call, answer)
        if how == away.HANG_UP:
            faults.hang_up(call.request.environ)
        return answer

    def _find(self, call):
        """Resolve the address. Returns the fault that waits for it, if any."""
        request = call.request
        try:
            call.route, call.args = URLS.bind("localhost").match(
                request.path, request.method
            )
        except HTTPException:
            return None
        with self.simulator.lock:
            waiting = self.simulator.faults
            call.befalls = waiting.for_answer(request.method, request.path)
            return waiting.for_request(request.method, request.path)

    def _answer(self, call, fault) -> Response:
        try:
            spoiled = fault and fault.after and fault.name != "slow"
            worked = self._result(call) if spoiled else None
            answer = faults.instead(fault) or worked or self._result(call)
        except Refusal as error:
            answer = answers.refusal(
                error,
                problem_details=call.problem_details,
                now=call.now,
                path=call.request.path,
            )
        for each in call.befalls:
            faults.befall(each, answer, call.now)
        warning = call.request.headers.get("X-Test-System-Warning")
        if warning and answer.status_code < 300:
            answer.headers["X-System-Warning"] = warning
        return answer

    def _result(self, call) -> Response:
        route = call.route
        if route is None:
            raise NotFound("Nie ma takiego zasobu.")
        if route.tokens:
            call.claims = self._claims(call)
        limits.count(call)
        call.passed = True
        if route.permissions:
            self._check_permissions(call)
        return route.run(call)

    def _claims(self, call):
        """The bearer token's claims. Raises Unauthorized."""
        scheme, _blank, token = call.request.headers.get("Authorization", "").partition(
            " "
        )
        try:
            claims = jwt.read(self.simulator.store.secret, token, call.now)
        except (ValueError, KeyError) as error:
            raise Unauthorized("Brak uwierzytelnienia.") from error
        known = claims.login in self.simulator.store.logins
        if scheme != "Bearer" or claims.kind not in call.route.tokens or not known:
            raise Unauthorized("Nieprawidłowy rodzaj tokena.")
        return claims

    def _check_permissions(self, call):
        present = rights.expand(call.claims.permissions)
        if not set(present) & set(call.route.permissions):
            raise Forbidden(
                "missing-permissions",
                "Brak uprawnień do wykonania operacji.",
                requiredAnyOfPermissions=list(call.route.permissions),
                presentPermissions=list(present),
            )

    def _record(self, call, answer, fault):
        struck = [fault.name] if fault else []
        for recorder in self.simulator.recorders:
            recorder.keep(call, answer, struck + [each.name for each in call.befalls])

    def _log(self, call, answer):
        if call.request.path.startswith("/manage"):
            return
        kept = ("X-Error-Format", "Content-Type", "User-Agent", "x-continuation-token")
        headers = {n: v for n in kept if (v := call.request.headers.get(n))}
        headers["Authorization"] = bool(call.request.headers.get("Authorization"))
        request = call.request
        self.simulator.requests.append(
            Logged(
                request.method,
                request.path,
                request.query_string.decode(),
                answer.status_code,
                headers,
                call.route.group if call.route else None,
                call.passed,
            )
        )
