"""Eight processes on one database, all after the same invoices."""

import time
from collections import Counter
from itertools import count

from .ledgers import Fault, compare

#: So many invoices are posted by one worker.
CHUNK = 100

#: So many are opened by somebody who sends and prints them one by one.
PRINTED = 5

#: The crowd comes back so often at most.
MOST_WAVES = 30


def crew(moves, rng, **knobs):
    """The orders for eight workers that do all that can be done with these invoices."""
    few = rng.sample(moves, min(PRINTED, len(moves)))
    jobs = (
        ("wake", {"crons": ["send", "poll"]}),
        ("call", {"cron": "send"}),
        ("call", {"cron": "send"}),
        ("call", {"cron": "poll", "times": 3}),
        ("send_now", {"moves": moves}),
        ("poll_now", {"moves": moves, "times": 3}),
        ("send_and_print", {"moves": few}),
        ("send_and_print", {"moves": few}),
    )
    knobs = {"hurry": True, **knobs}
    return [{"job": job, "args": args, "knobs": knobs} for job, args in jobs]


class Crowd:
    """What is posted at once, and how often KSeF got each file of it."""

    def __init__(self, shop, rng):
        self.shop = shop
        self.rng = rng
        self.first = len(shop.simulator.sessions)

    def play(self, invoices):
        """Let the crowd come until nothing waits.

        :return: the disagreements of the ledgers, and figures.
        """
        moves = self._post(invoices)
        began, waves = time.monotonic(), 0
        for waves in count(1):
            # Small batches: many sessions at once, and every worker gets some.
            most = {"online_at_most": self.rng.choice((3, 30)), "batch_at_most": 60}
            self.shop.play(crew(moves, self.rng, **most))
            if not self._waiting(moves) or waves == MOST_WAVES:
                break
            self.shop.work("pass_time", minutes=4)
        self.shop.work("settle", moves=moves)
        figures = {"waves": waves, "seconds": round(time.monotonic() - began)}
        return compare(self.shop) + self._doubly_sent(), figures

    def _post(self, invoices):
        moves = []
        for start in range(0, invoices, CHUNK):
            moves += self.shop.post(min(CHUNK, invoices - start), self.rng)
        return moves

    def _waiting(self, moves):
        query = "SELECT count(*) FROM ksef_document WHERE move_id = ANY(%s) AND state"
        ((number,),) = self.shop.rows(query + " IN ('ready', 'pending')", moves)
        return number

    def _doubly_sent(self):
        """Nothing has failed: KSeF must not even have had to refuse a second copy."""
        got = Counter(
            entry.declared_hash
            for session in self.shop.simulator.sessions[self.first :]
            for entry in session.submissions
        )
        twice = [number for number in got.values() if number > 1]
        return [Fault("doubled", f"given to KSeF {number} times") for number in twice]
