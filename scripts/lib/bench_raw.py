"""The raw rate of `account.move.create`, beside that of booking: the same values, the
same database, batch by batch, so that what disturbs one disturbs the other."""

import copy
import os
import time
from collections import Counter
from functools import wraps
from pathlib import Path

from odoo.api import SUPERUSER_ID, Environment

#: What is no value of a bill but its tie to KSeF.
LINKS = ("ksef_document_id", "ksef_settled_ids", "ksef_corrected_ids")


class Raw:
    """Compares the batches of a cron that books.

    :param count: bills that will be booked, of which about ``compared`` are compared.
    """

    def __init__(self, registry, times, count, compared):
        self._registry, self._times = registry, times
        self._every = max(1, count // compared)
        self._batches = 0
        self._began = self._values = None
        self.bills, self.wall, self.cpu = 0, Counter(), Counter()
        self.process_s = 0.0
        self._watch_lock(registry["ksef.import"])
        self._watch_create(registry["account.move"])
        self._watch_commit()

    def ratios(self):
        """Return how fast booking is, as a share of the raw rate: by the clock, and by
        the work of this process and PostgreSQL's; none where there was one batch."""
        if not self.bills:
            return {"raw_ratio": None}
        return {
            "raw_ratio": round(self.wall["raw"] / self.wall["booked"], 3),
            "raw_ratio_cpu": round(self.cpu["raw"] / self.cpu["booked"], 3),
            "booked_per_s": round(self.bills / self.wall["booked"], 1),
            "raw_per_s": round(self.bills / self.wall["raw"], 1),
            "booked_per_core_s": round(self.bills / self.cpu["booked"], 1),
            "raw_per_core_s": round(self.bills / self.cpu["raw"], 1),
        }

    def __str__(self):
        return f"{self.bills} bills compared with create alone: {self.ratios()}"

    def _watch_lock(self, imports):
        """A batch begins when its documents are chosen."""
        lock = imports._lock_to_book

        @wraps(lock)
        def watched(model, company, last):
            self._began = _Stopwatch(model.env.cr)
            return lock(model, company, last)

        imports._lock_to_book = watched

    def _watch_create(self, moves):
        create = moves.create

        @wraps(create)
        def watched(model, vals_list):
            if self._began:
                # The first batch fills caches that the raw one would find full.
                if self._batches and not self._batches % self._every:
                    self._values = copy.deepcopy(vals_list)
                self._batches += 1
            return create(model, vals_list)

        moves.create = watched

    def _watch_commit(self):
        """A batch ends when it is committed."""
        from odoo.addons.l10n_pl_ksef.models import ksef_import  # noqa: PLC0415

        commit = ksef_import.commit

        @wraps(commit)
        def watched(env, processed=0):
            left = commit(env, processed)
            self._end(env)
            return left

        ksef_import.commit = watched

    def _end(self, env):
        began, values = self._began, self._values
        self._began = self._values = None
        if began and values:
            self._add("booked", began)
            start = time.process_time()
            with self._times.of("raw"):
                self._create(env, [_unlinked(bill) for bill in values])
            self.process_s += time.process_time() - start

    def _add(self, what, began):
        wall, cpu = began.passed()
        self.wall[what] += wall
        self.cpu[what] += cpu

    def _create(self, env, values):
        company = values[0]["company_id"]
        with self._registry.cursor() as cr:
            own = Environment(cr, SUPERUSER_ID, dict(env.context))
            moves = own["account.move"].with_company(company)
            began = _Stopwatch(cr)
            moves.create(values)
            own.flush_all()
            self._add("raw", began)
            cr.rollback()
        self.bills += len(values)


def _unlinked(bill):
    kept = {name: value for name, value in bill.items() if name not in LINKS}
    return kept | {"ref": f"{bill['ref']}R"}


class _Stopwatch:
    """The clock, and the work of this process and of the server's behind a cursor."""

    def __init__(self, cr):
        cr.execute("SELECT pg_backend_pid()")
        self._stat = Path(f"/proc/{cr.fetchone()[0]}/stat")
        self._wall, self._cpu = time.perf_counter(), self._work()

    def passed(self):
        return time.perf_counter() - self._wall, self._work() - self._cpu

    def _work(self):
        fields = self._stat.read_text().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
        return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")
