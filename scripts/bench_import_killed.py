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
#: a few more; a batch of bills takes 500 or so.
DEATHS = (
    ("fetch", 4, range(30)),
    ("store", 4, range(20)),
    ("fetch", 3, range(31, 40)),
    ("book", 12, range(900)),
)

#: A life may pass before its step: after three deaths without progress Odoo leaves a
#: cron out for once.
TRIES = 3

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
                deaths[phase] += die(registry, simulator, phase, steps, chance)
        say(f"    killed: {dict(deaths)}; before the last life: {states()}")
        lives = 0
        while not is_done(COUNT):
            live(registry, simulator)
            lives += 1
            if lives > MOST_LIVES:
                sys.exit(f"it does not go on: {states()}")
        found = wrong(simulator)
        requests = sum(simulator.ask("get", "counts").values())
    result = {"bills": COUNT, "requests": requests, "deaths": deaths.total(), **found}
    print(json.dumps(result))
    sys.exit(any(found.values()))


def die(registry, simulator, phase, steps, chance):
    """Let Odoo live until it is killed, a few times at most. Returns whether it was."""
    return any(
        live(registry, simulator, phase, chance.choice(steps)) for _life in range(TRIES)
    )


def live(registry, simulator, phase=None, number=0):
    """Let Odoo live once. Returns whether it was killed."""
    pass_time(simulator)
    odoo.sql_db.close_all()
    child = os.fork()
    if not child:
        if phase:
            Death(registry, phase, number)
        bench_odoo.run_crons(CRON)
        os._exit(0)
    _child, status = os.waitpid(child, 0)
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    if not killed and status:
        sys.exit(f"a life ended with {status}")
    return killed


class Death:
    """Ends this process before the ``number``-th step of what it does in ``phase``."""

    def __init__(self, registry, phase, number):
        from odoo.addons.l10n_pl_ksef.ksef.transport import Transport  # noqa: PLC0415

        self._phase, self._left = phase, number
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
        if self._running[-1:] == [self._phase]:
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
            self._left -= 1
        yield


if __name__ == "__main__":
    main()
