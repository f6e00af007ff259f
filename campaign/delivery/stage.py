"""How each act is played. A method returns whether its fault really happened."""

import random
import signal
import time
from dataclasses import dataclass

from .acts import at_request
from .crowd import crew
from .scenes import SCENES

#: A worker of a scene lives about so many seconds.
LIFE = 0.6

#: Until an answer is late, and how late it is then.
TIMEOUT, LATE = 0.6, 1.0

#: What Odoo asks again the next day only.
ONCE_A_DAY = "GET /rate-limits"
DAY = 25 * 60

#: Requests of a second, a minute and an hour, where KSeF takes few.
FEW = (2, 2, 3)

#: Some minutes later the cron looks at the sessions.
LOOK = {"job": "look", "args": {"minutes": 4}, "knobs": {"hurry": True}}


@dataclass
class Stage:
    """One act: its shop, its chance, and the steps of the scenes undisturbed."""

    shop: object
    rng: random.Random
    steps: dict

    def __post_init__(self):
        self.simulator = self.shop.simulator

    def play(self, act):
        """Play an act, and clear the stage."""
        self.simulator.set_delay(steps=self.rng.choice((0, 0, 1)))
        if act.fault.endswith(ONCE_A_DAY):
            self.shop.work("pass_time", minutes=DAY)
        try:
            return getattr(self, act.play)(act)
        finally:
            self._clear()

    # ------------------------------------------------------------------
    # Deaths
    # ------------------------------------------------------------------

    def kill(self, act):
        details, name = act.details, self.rng.choice(act.scenes)
        turn = self.rng.randint(*details["turns"][name])
        kill = {"at": details["at"], "turn": turn, "when": details["when"]}
        scene, moves = self._scene((name,), many=turn > 0)
        hit = self._died(self.shop.play([scene.order(moves) | {"kill": kill}]))
        if not scene.sent and self.rng.random() < 0.75:
            self.shop.work("take_back", moves=moves)
        return hit

    def kill_at_random(self, act):
        return self._end_at_random(signal.SIGKILL)

    def recycle(self, act):
        return self._end_at_random(signal.SIGTERM)

    def end_by_limit(self, act):
        """As Odoo ends what takes too long: an exception wherever it is."""
        scene, moves = self._scene(("online", "batch", "poll", "poll of a batch"))
        order = scene.order(moves) | {"kill": self._moment(signal.SIGXCPU)}
        (report,) = self.shop.play([order])
        return "CPU time limit" in (report["error"] or "") or self._limit_is_logged()

    def die_again(self, act):
        """Sender and pollers die one after the other; somebody opens the file again."""
        hits = 0
        for name in ("online", "batch"):
            scene, moves = self._scene((name,))
            for _time in range(3):
                order = scene.order(moves) | {"kill": self._moment(signal.SIGKILL)}
                hits += self._died(self.shop.play([order]))
                minutes = {"minutes": self.rng.choice((1, 4, 30))}
                order = LOOK | {"args": minutes, "kill": self._moment(signal.SIGKILL)}
                hits += self._died(self.shop.play([order]))
        return hits > 0

    def take_back(self, act):
        """Killed, and then a person changes whatever Odoo lets them change."""
        hit, moves = self._die_at_a_step(("online", "batch"))
        self.shop.work("take_back", moves=moves)
        return hit

    def go_offline_on_the_way(self, act):
        hit, moves = self._die_at_a_step(("online", "batch"))
        self.shop.work("go_offline", moves=moves)
        return hit

    def _die_at_a_step(self, names):
        name = self.rng.choice(names)
        kill = {"step": self.rng.randrange(len(self.steps[name])), "when": "after"}
        scene, moves = self._scene((name,))
        return self._died(self.shop.play([scene.order(moves) | {"kill": kill}])), moves

    def _end_at_random(self, number):
        scene, moves = self._scene(tuple(SCENES))
        order = scene.order(moves) | {"kill": self._moment(number)}
        return self._died(self.shop.play([order]))

    def _moment(self, number):
        return {"seconds": self.rng.uniform(0.01, LIFE), "signal": int(number)}

    def _died(self, reports):
        return any(report["signal"] for report in reports)

    def _limit_is_logged(self):
        return b"CPU time limit exceeded" in self._logged()

    def _logged(self):
        with self.shop.ground.log.open("rb") as log:
            log.seek(self.log_size)
            return log.read()

    # ------------------------------------------------------------------
    # The line, and KSeF itself
    # ------------------------------------------------------------------

    def cut(self, act):
        """The connection fails at one request of a scene."""
        details = dict(act.details)
        if details["name"] == "slow":
            details |= {"seconds": LATE, "after": self.rng.random() < 0.5}
            return self._befallen(act.scenes, details, timeout=TIMEOUT)
        return self._befallen(act.scenes, details)

    def answer(self, act):
        """KSeF answers otherwise at a request of any scene."""
        name = self.rng.choice(list(SCENES))
        requests = [s for s in self.steps[name] if not s.startswith("commit")]
        if act.details["name"] in ("cut_json", "unknown_fields"):
            requests = [
                s for s in requests if not s.endswith(("/close", "upo", "upo/*"))
            ]
        if act.details["name"] == "system_warning":
            requests = [s for s in requests if not s.startswith("PUT")]
        details = at_request(self.rng.choice(requests), act.details["name"])
        if details["name"] == "date_skew":
            details["seconds"] = -3600.0
        return self._befallen((name,), details)

    def befall(self, act):
        """Something happens to a file or to a session."""
        choice = self.rng.choice(act.details["choices"])
        details = {"name": act.details["name"], **choice}
        return self._befallen(act.scenes, details, look=True)

    def go_away(self, act):
        scene, moves = self._scene(("online", "batch", "poll", "poll of a batch"))
        self.simulator.away(how=self.rng.choice(("hang_up", "gateway")))
        self.shop.play([scene.order(moves)])
        for minutes in (6, 61):
            self.shop.play([LOOK | {"args": {"minutes": minutes}}])
        self.simulator.away(False)
        return True

    def count_requests(self, act):
        """KSeF takes few requests, and counts."""
        scene, moves = self._scene(("online", "batch", "Send & Print"))
        few = {name: FEW for name in ("onlineSession", "batchSession", "invoiceSend")}
        self.simulator.rate_limits(**few, sessionInvoiceList=FEW, sessionMisc=FEW)
        for _time in range(2):
            self.shop.play([scene.order(moves)])
            self.shop.play([LOOK])
        self.shop.lift_limits()
        self.shop.work("pass_time", minutes=DAY)  # until then Odoo knows the few
        return True

    def rotate_before_opening(self, act):
        return self._rotate_at("GET /security/public-key-certificates")

    def rotate_after_opening(self, act):
        return self._rotate_at("POST /sessions/")

    def _rotate_at(self, beginning):
        scene, moves = self._scene(("online", "batch"))
        seen = []

        def rotate(record):
            if not seen and f"{record['method']} {record['path']}".startswith(
                beginning
            ):
                seen.append(record)
                self.simulator.rotate_keys()

        self.simulator.record(rotate)
        self.shop.play([scene.order(moves)])
        self.simulator.recorders.pop()
        return bool(seen)

    def _befallen(self, scenes, details, look=False, **knobs):
        """Let a scene meet a failure of the simulator.

        :param look: it may show only when somebody looks at the session.
        """
        scene, moves = self._scene(scenes)
        self.simulator.fault(**details)
        self.shop.play([scene.order(moves, **knobs)])
        if look:
            self.shop.play([LOOK])
        return details["name"] not in [f.name for f in self.simulator.faults.waiting]

    # ------------------------------------------------------------------
    # PostgreSQL, and many at once
    # ------------------------------------------------------------------

    def restart_postgresql(self, act):
        scene, moves = self._scene(tuple(SCENES))
        self.shop.play([scene.order(moves)], self._restart)
        return True

    def crowd(self, act):
        self.shop.play(self._crew(self._crowd()))
        return True

    def crowd_with_a_death(self, act):
        crew = self._crew(self._crowd())
        self.rng.choice(crew)["kill"] = self._moment(signal.SIGKILL)
        return self._died(self.shop.play(crew))

    def crowd_with_restart(self, act):
        self.shop.play(self._crew(self._crowd()), self._restart)
        return True

    def _restart(self):
        time.sleep(self.rng.uniform(0, LIFE))
        self.shop.restart_postgresql()

    def _crowd(self):
        moves = []
        for _company in range(2):
            moves += self.shop.post(self.rng.randint(1, 8), self.rng)
        return moves

    def _crew(self, moves):
        most = self.rng.choice((1, 3, 30))
        return crew(moves, self.rng, online_at_most=most)

    # ------------------------------------------------------------------
    # The stage
    # ------------------------------------------------------------------

    def _scene(self, names, many=False):
        """Prepare one of the scenes: it and the invoices that were posted for it.

        :param many: so many that each step of it comes more than once.
        """
        scene = SCENES[self.rng.choice(list(names))]
        options = {}
        if self.rng.random() < 0.2:
            options["offline"] = True
        if scene.knobs.get("part_size") and self.rng.random() < 0.2:
            options["attachment"] = True
        many = many or self.rng.random() < 0.2
        moves = self.shop.prepare(scene, self.rng, many, **options)
        self.log_size = self.shop.ground.log.stat().st_size
        return scene, moves

    def _clear(self):
        """What failed has failed: KSeF goes on, and finishes what was stuck."""
        simulator = self.simulator
        simulator.clear_faults()
        simulator.away(False)
        with simulator.lock:
            for session in simulator.store.sessions.values():
                session.stuck = False
                for entry in session.submissions:
                    entry.stuck = False
                    if entry.invoice and entry.invoice.never_stored:
                        entry.invoice.never_stored = False
                        store = simulator.store.invoices
                        store.waiting[entry.invoice.ksef_number] = entry.invoice
