"""The stage: companies in Odoo, connected to the simulator, and what they have posted.

What was posted is written down here, outside of both.
"""

import json
import os
import subprocess
from dataclasses import dataclass

import psycopg2

from ..ground import Ground, uploaded

#: Two of them have one NIP; their invoices have other numbers, as the law wants it.
SHOPS = (
    {"name": "ABC AGD sp. z o.o.", "nip": "9999999999", "code": "FA"},
    {"name": "Inna sp. z o.o.", "nip": "5265877635", "code": "FB"},
    {"name": "ABC AGD sp. z o.o., sklep", "nip": "9999999999", "code": "FC"},
)

MANY = 10_000
MOST = 1_000_000


@dataclass(frozen=True)
class Posted:
    """One invoice that was posted."""

    move: int
    name: str
    nip: str


class Shop:
    """The companies, and the list of what they have posted in this round."""

    def __init__(self, folder, broken=False):
        self.ground = Ground(folder, "DELIVERY", "info")
        self.simulator = self.ground.simulator
        self.simulator.set(session_limit=MANY, upo_page_size=2)
        self.lift_limits()
        self.restart_command = ["bash", os.environ["DELIVERY_RESTART"]]
        self.knobs = {"broken": True} if broken else {}
        self.posted = []
        self.sold = []
        self.list = open(os.environ["DELIVERY_POSTED"], "a", buffering=1)  # noqa: SIM115
        self.companies = self._found()

    def close(self):
        """End what was started."""
        self.ground.close()
        self.list.close()

    def _found(self):
        addresses = {"api_url": self.simulator.api_url, "qr_url": self.simulator.url}
        ids = self.ground.ask("found", shops=SHOPS, **addresses)
        for company, shop in zip(ids, SHOPS, strict=True):
            for kind in ("authentication", "offline"):
                self._upload(company, shop["nip"], kind)
        self.ground.renew()
        warm = [{"job": "post", "args": {"company": id, "count": 1}} for id in ids]
        self.ground.warm([*warm, {"job": "wake", "args": {"crons": ["send", "poll"]}}])
        return dict(zip(ids, SHOPS, strict=True))

    def _upload(self, company, nip, kind):
        uploaded(self.ground, kind, nip=nip, company=company)

    # ------------------------------------------------------------------
    # Work
    # ------------------------------------------------------------------

    def post(self, count, rng, **options):
        """Post invoices in one company: the ids of the moves."""
        if not count:
            return []
        company = rng.choice(list(self.companies))
        found = self.ground.ask("post", company=company, count=count, **options)
        for row in found:
            posted = Posted(row["move"], row["name"], self.companies[company]["nip"])
            self.posted.append(posted)
            self.list.write(json.dumps(vars(posted)) + "\n")
        return [row["move"] for row in found]

    def new_day(self):
        """Begin a new list; the old one is kept."""
        self.sold += self.posted
        self.posted = []

    def play(self, orders, meanwhile=None):
        """Let workers live at the same time; their reports."""
        for order in orders:
            order["knobs"] = {**order.get("knobs", {}), **self.knobs}
        return self.ground.together(orders, meanwhile)

    def work(self, job, knobs=None, **args):
        """The result of a worker that nobody disturbs."""
        knobs = {"hurry": True, **(knobs or {})}
        (report,) = self.play([{"job": job, "args": args, "knobs": knobs}])
        assert not report["error"], f"{job}: {report['error']}"
        return report["result"]

    def prepare(self, scene, rng, many=False, **options):
        """Post the invoices of a scene, and bring them to where it begins."""
        moves = self.post(scene.many if many else scene.count, rng, **options)
        if scene.sent:
            self.work("send", scene.knobs)
        return moves

    def lift_limits(self):
        """KSeF takes any number of requests, and says so: a run is a month's."""
        any_number = (MOST,) * 3
        groups = self.simulator.limits.values
        self.simulator.rate_limits(False, **dict.fromkeys(groups, any_number))

    def restart_postgresql(self):
        """Let the server die without a word, and come back."""
        subprocess.run(self.restart_command, check=True)

    def rows(self, query, *args):
        """What the database holds, by plain SQL."""
        connection = psycopg2.connect(dbname=self.ground.database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(query, args)
                return cursor.fetchall()
        finally:
            connection.close()
