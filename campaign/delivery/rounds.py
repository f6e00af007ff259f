"""A round: acts, then peace, then the ledgers are compared."""

import random
from collections import Counter

from .acts import deck, draw
from .ledgers import compare, counted
from .scenes import SCENES
from .stage import Stage

#: How many invoices a round begins with, beside those of its acts.
SIZES = (0, 0, 1, 2, 3, 5, 8, 13, 35, 60)

#: A worker may be done before the moment at which it was to die.
TRIES = 3


class Campaign:
    """All rounds of a run, and what became of each fault."""

    def __init__(self, shop, seed):
        self.shop = shop
        self.seed = seed
        self.steps = {name: self._rehearse(name) for name in SCENES}
        self.cards = deck(self.steps)
        self.planned = Counter()
        self.tried = Counter()
        self.found = Counter()
        self.by_fault = {act.fault: Counter() for act in self.cards}

    def _rehearse(self, name):
        """The steps that a scene takes when nothing fails."""
        rng = random.Random(name)
        moves = self.shop.prepare(SCENES[name], rng, many=True)
        (report,) = self.shop.play([SCENES[name].order(moves)])
        assert not report["error"], f"{name}: {report['error']}"
        self.shop.work("settle", moves=moves)
        return report["steps"]

    def play(self, number):
        """Play one round.

        :return: its acts, each with whether its fault happened, and what was found.
        """
        rng = random.Random(f"{self.seed}/round {number}")
        first = len(self.shop.simulator.store.sessions)
        self.shop.new_day()
        self._open(rng)
        acts = []
        for act in draw(self.cards, self.seed, number):
            acts.append((act, self._play(act, rng)))
        self.settle()
        found = compare(self.shop, first)
        self._count(acts, counted(found))
        return acts, found

    def _play(self, act, rng):
        """Play an act, once more where its moment was missed."""
        return any(
            Stage(self.shop, rng, self.steps).play(act) for _time in range(TRIES)
        )

    def look_back(self):
        """Compare the ledgers of the whole run once more."""
        self.shop.new_day()
        self.shop.posted = self.shop.sold
        found = compare(self.shop)
        self.found += counted(found)
        return found

    def settle(self):
        """Leave Odoo alone until nothing moves any more."""
        self.shop.simulator.set_delay(steps=0)
        moves = [posted.move for posted in self.shop.posted]
        return self.shop.work("settle", moves=moves)

    def _open(self, rng):
        """What the day brings: invoices that wait beside those of the acts."""
        self.shop.post(rng.choice(SIZES), rng, offline=rng.random() < 0.1)

    def _count(self, acts, kinds):
        self.found += kinds
        for act, happened in acts:
            self.planned[act.fault] += 1
            self.tried[act.fault] += bool(happened)
            self.by_fault[act.fault] += kinds
