"""Started by scripts/bench: Odoo is killed (SIGKILL) again and again while it fetches,
stores and books suppliers' invoices; at the end each is here once, with one bill.

A life is a process that has loaded Odoo and runs the cron. It ends before a certain
step: a statement or a commit to PostgreSQL, or a request to KSeF. Nothing that lasts
happens between two of them.
"""

import json
import os
import signal
import sys
from collections import Counter
from contextlib import contextmanager
from functools import wraps
from random import Random

import bench_odoo
from bench_reception import CRON, begin, is_done, pass_time, states, wrong
from bench_simulator import SimulatorProcess

import odoo.sql_db

COUNT = int(os.environ["INVOICES"])
SEED = 20260201

#: While it does what, how often it is killed, and before which of its steps: a package
#: is opened after some 30 of them, its first files are stored in 13, noted as stored in
#: a few more; a batch of bills takes 600 or so, the first of a life 700.
DEATHS = (
    ("fetch", 4, range(30)),
    ("store", 4, range(20)),
    ("fetch", 3, range(31, 40)),
    ("book", 12, range(2000)),
)

#: Who has passed the step dies while it books.
LAST = range(2000)

#: After three deaths without progress Odoo leaves a cron out for once.
TRIES = 2

#: So many lives end undisturbed before something is known to hang.
MOST_LIVES = 100


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    registry = bench_odoo.load()
    chance = Random(SEED)
    with SimulatorProcess("--rate-limits") as simulator:
        begin(simulator, COUNT, delay=0)
        deaths = Counter()
        for phase, times, steps in DEATHS:
            for _death in range(times):
                step = chance.choice(steps)
                fatal = {"book": chance.choice(LAST), phase: step}
                deaths[die(registry, simulator, fatal)] += 1
        say(f"    killed: {dict(deaths)}; before the last life: {states()}")
        lives = 0
        while not is_done(COUNT):
            live(registry, simulator)
            lives += 1
            if lives > MOST_LIVES:
                sys.exit(f"it does not go on: {states()}")
        found = wrong(simulator)
        requests = sum(simulator.ask("get", "counts").values())
    deaths = sum(times for phase, times in deaths.items() if phase)
    result = {"bills": COUNT, "requests": requests, "deaths": deaths, **found}
    print(json.dumps(result))
    sys.exit(any(found.values()))


def die(registry, simulator, fatal):
    """Let Odoo live until it is killed, or twice. Returns in which phase it was."""
    for _life in range(TRIES):
        if phase := live(registry, simulator, fatal):
            return phase
    return None


def live(registry, simulator, fatal=None):
    """Let Odoo live once.

    :param fatal: by phase, the number of the step before which it is killed.
    :return: the phase in which it was.
    """
    pass_time(simulator)
    odoo.sql_db.close_all()
    hear, speak = os.pipe()
    child = os.fork()
    if not child:
        if fatal:
            Death(registry, fatal, speak)
        bench_odoo.run_crons(CRON)
        os._exit(0)
    os.close(speak)
    with os.fdopen(hear) as words:
        phase = words.read()
    _child, status = os.waitpid(child, 0)
    if status != (signal.SIGKILL if phase else 0):
        sys.exit(f"a life ended with {status}")
    return phase


class Death:
    """Ends this process before a certain step of a phase, having said which phase."""

    def __init__(self, registry, fatal, mouth):
        from odoo.addons.l10n_pl_ksef.ksef.transport import Transport  # noqa: PLC0415

        self._left, self._mouth = dict(fatal), mouth
        self._running = []
        imports, documents = registry["ksef.import"], registry["ksef.document"]
        self._surround(imports, "_fetch_or_note", self._within("fetch"))
        self._surround(documents, "_store", self._within("store"))
        self._surround(imports, "_book_stored", self._within("book"))
        for owner, names in (
            (odoo.sql_db.Cursor, ("execute", "commit")),
            (Transport, ("request", "fetch")),
        ):
            for name in names:
                self._surround(owner, name, self._step)

    def _surround(self, owner, name, around):
        plain = getattr(owner, name)

        @wraps(plain)
        def surrounded(*args, **kwargs):
            with around():
                return plain(*args, **kwargs)

        setattr(owner, name, surrounded)

    def _within(self, phase):
        @contextmanager
        def within():
            self._running.append(phase)
            yield
            self._running.pop()

        return within

    @contextmanager
    def _step(self):
        phase = self._running[-1] if self._running else None
        if phase in self._left:
            if not self._left[phase]:
                os.write(self._mouth, phase.encode())
                os.kill(os.getpid(), signal.SIGKILL)
            self._left[phase] -= 1
        yield


if __name__ == "__main__":
    main()
