"""What this worker process knows of each connection to KSeF: its budget, and what is
to be written down at the next commit. Nothing here touches the database."""

import threading
import time
from datetime import timedelta

from ..ksef.errors import ApiError, BudgetError, ProtocolError, RateLimitError
from ..ksef.limits import PUBLISHED, Budget, RateLimits, share
from ..ksef.refusals import http_date
from . import warsaw

#: A shorter wait for room in the budget is sat out, a longer one is told.
PATIENCE = 3

#: KSeF is asked for its limits once a day.
LIMITS_LAST = timedelta(days=1)

#: Where it did not tell them, it is asked again after this.
ASK_AGAIN = timedelta(minutes=5)

#: A clock is noted again when it has moved by so many seconds.
CLOCK_STEP = 10

_guard = threading.Lock()
_meters = {}


def of(key):
    """Return the meter of (database, connection) in this process."""
    with _guard:
        return _meters.setdefault(key, Meter())


def of_database(name):
    """Return the meters of a database, by connection."""
    with _guard:
        return [(key[1], meter) for key, meter in _meters.items() if key[0] == name]


class Meter:
    """One connection, as this process sees it; several threads may use it."""

    def __init__(self):
        self._lock = threading.Lock()
        self._budget = Budget(RateLimits(PUBLISHED))
        self._limits_at = None
        self._asked_at = None
        self._unwritten = []
        self._known = {}
        self._news = {}

    def refresh(self, limits, limits_at, spent, known):
        """Take over what is in the database.

        :param limits: none where nobody has asked KSeF for them yet.
        :param spent: rows of (counter, moment, number), of every process.
        :param known: what is noted of the connection, to tell what is new.
        """
        with self._lock:
            if limits and "limits" not in self._news:
                self._budget.limits, self._limits_at = limits, limits_at
            self._known = {**known, **self._news}
            unwritten = [(counter, moment, 1) for counter, moment in self._unwritten]
            self._budget = Budget(self._budget.limits, [*spent, *unwritten])

    def take(self):
        """Return, once, what is to be written down: requests, and news."""
        with self._lock:
            taken = self._unwritten, self._news
            self._unwritten, self._news = [], {}
            return taken

    def give_back(self, news):
        """Keep what could not be written down now; what is newer holds."""
        with self._lock:
            self._news = {**news, **self._news}

    def pause(self, until):
        """Note a pause that KSeF asks for: it holds at once, and is written down."""
        with self._lock:
            self._note(paused_until=until, limits_at=None)
            self._limits_at = None

    def left(self, group, purpose):
        """Return how many requests of a group a purpose has left in the hour; None:
        any number."""
        with self._lock:
            return self._budget.left(group, warsaw.now(), share(purpose, ""))

    def hourly(self, group, purpose):
        """Return how many requests of a group a purpose may make in an hour; None: any
        number."""
        with self._lock:
            most = self._budget.limits.windows(group)[-1]
        return most and max(1, int(most * share(purpose, "")))

    # ------------------------------------------------------------------
    # Called by the client, while nothing of the database is held
    # ------------------------------------------------------------------

    def spend(self, purpose, method, path):
        """Count a request that is about to leave.

        :raises BudgetError: KSeF would refuse it, or others have the better claim.
        :raises RateLimitError: KSeF asked for a pause that is not over.
        """
        self._check_pause()
        part = share(purpose, path)
        wait = self._spend(method, path, part)
        if 0 < wait <= PATIENCE:
            time.sleep(wait)
            wait = self._spend(method, path, part)
        if wait:
            raise BudgetError(retry_after=wait)

    def _check_pause(self):
        """Pass unless KSeF asked for a pause, also while a session is under way.

        :raises RateLimitError: it did.
        """
        with self._lock:
            until = self._known.get("paused_until")
        left = until and (until - warsaw.now()).total_seconds()
        if left and left > 0:
            raise RateLimitError(retry_after=int(left) + 1)

    def _spend(self, method, path, part):
        now = warsaw.now()
        with self._lock:
            counter = self._budget.limits.counter(method, path)
            wait = self._budget.wait(counter, now, part)
            if not wait:
                self._budget.spend(counter, now)
                self._unwritten.append((counter, now))
            return wait

    def learn_limits(self, ask):
        """Ask KSeF for its limits when the last answer is old.

        :raises TransportError: no answer; the request behind it had none either.
        """
        now = warsaw.now()
        with self._lock:
            fresh = self._limits_at and self._limits_at > now - LIMITS_LAST
            asked = self._asked_at and self._asked_at > now - ASK_AGAIN
            if fresh or asked:
                return
            self._asked_at = now
        try:
            limits = ask()
        except (ApiError, ProtocolError):
            return  # what is known holds
        with self._lock:
            self._budget.limits = limits
            self._limits_at = now
            self._news |= {"limits": limits, "limits_at": now}

    def note_answer(self, headers):
        """Note what an answer says beside itself: a warning, and KSeF's clock."""
        warning = headers.get("X-System-Warning")
        clock = _seconds_ahead(headers.get("Date", ""))
        with self._lock:
            if warning and warning != self._known.get("system_warning"):
                self._note(system_warning=warning, system_warning_at=warsaw.now())
            moved = clock is not None and clock - (self._known.get("clock") or 0)
            if abs(moved) > CLOCK_STEP:
                self._note(clock=clock)

    def _note(self, **news):
        self._known |= news
        self._news |= news


def _seconds_ahead(date):
    """Return how many seconds the clock of KSeF is ahead of ours."""
    theirs = http_date(date)
    return theirs and round((theirs - warsaw.now()).total_seconds())
