"""The acts of a campaign: which fault is met where, all of them again and again.

The deck is made once from the steps that the scenes take. A round draws its acts by
seed and number alone, so that it can be repeated alone.
"""

import random
from dataclasses import dataclass, field

#: Acts of a round.
ACTS = 5

#: Scenes of one flow share its commits; these commits are of no flow.
FLOWS = {
    "online": "online",
    "poll": "online",
    "Send & Print": "online",
    "batch": "batch",
    "poll of a batch": "batch",
}
OF_ALL_FLOWS = (
    "by Odoo",
    "_cron_poll",
    "_cron_send",
    "_look",
    "_open_at_ksef",
    "_prepare_to_send",
)

#: What may happen to a request on the line, each at each request of each scene.
CUTS = {
    "cut before it arrives": "lost_request",
    "cut before the answer": "lost_answer",
    "answer too late": "slow",
}

#: What KSeF may answer instead, or say beside; at a request of any scene.
ANSWERS = {
    "429": "too_many_requests",
    "500": "server_error",
    "502 in HTML": "bad_gateway_html",
    "a page with a script": "script_page",
    "blocked (403)": "blocked",
    "401": "unauthorized",
    "truncated JSON": "cut_json",
    "unknown fields": "unknown_fields",
    "a clock of an hour ago": "date_skew",
    "a warning": "system_warning",
}

ONLINE, BATCH = ("online",), ("batch",)
BOTH = ONLINE + BATCH

#: What KSeF may do with files and sessions: (scenes, fault, its possible parameters).
STATES = {
    "440 of our own, session told": (
        BOTH,
        "refused_duplicate",
        [{"original_session": "right"}],
    ),
    "440 of our own, nothing told": (BOTH, "refused_duplicate", [{}]),
    "440 of our own, wrong session": (
        BOTH,
        "refused_duplicate",
        [{"original_session": "wrong"}],
    ),
    "440 of somebody else's": (
        BOTH,
        "refused_duplicate",
        [
            {"original": "other", "original_session": "right"},
            {"original": "other"},
        ],
    ),
    "refused (450)": (BOTH, "reject", [{"code": 450}]),
    "not taken by KSeF (430 to 550)": (
        BOTH,
        "reject",
        [{"code": code} for code in (430, 435, 500, 550)],
    ),
    "no right, no consent (410, 415)": (
        BOTH,
        "reject",
        [{"code": code} for code in (410, 415)],
    ),
    "a code that nobody knows": (
        BOTH,
        "unknown_code",
        [{"code": code, "of": of} for code in (199, 599) for of in ("file", "session")],
    ),
    "file stuck, then finished": (BOTH, "stuck", [{}]),
    "session stuck, then finished": (BOTH, "session_stuck", [{}]),
    "stored late": (BOTH, "not_stored", [{}]),
    "session cancelled": (BOTH, "session_cancelled", [{}]),
    "session failed": (ONLINE, "session_ends", [{"code": 415}]),
    "batch failed": (
        BATCH,
        "session_ends",
        [{"code": code} for code in (405, 415, 430, 435, 500)],
    ),
    "session key refused": (BOTH, "session_refused_key", [{}]),
    "part refused": (BATCH, "part_refused", [{"code": code} for code in (403, 405)]),
}

#: What needs no scene of its own, or any: played by the method of that name.
OTHERS = {
    "killed at random": "kill_at_random",
    "recycled (SIGTERM)": "recycle",
    "time limit (SIGXCPU)": "end_by_limit",
    "dies again and again": "die_again",
    "keys rotated before opening": "rotate_before_opening",
    "keys rotated after opening": "rotate_after_opening",
    "PostgreSQL restarted": "restart_postgresql",
    "KSeF away": "go_away",
    "KSeF counts requests": "count_requests",
    "eight at once": "crowd",
    "eight at once, one killed": "crowd_with_a_death",
    "eight at once, PostgreSQL restarted": "crowd_with_restart",
    "taken back by a person": "take_back",
    "offline while on its way": "go_offline_on_the_way",
}


@dataclass(frozen=True)
class Act:
    """One fault at one point.

    :param fault: its row in the table.
    :param play: the method of Stage that plays it.
    """

    fault: str
    play: str
    scenes: tuple = ()
    details: dict = field(default_factory=dict)


def deck(steps):
    """Every act that there is.

    :param steps: {scene: the names of the steps that it takes undisturbed}.
    """
    acts = []
    for (flow, name), scenes in places(steps).items():
        acts += _deaths(flow, name, scenes, steps)
        if not name.startswith("commit"):
            acts += _cuts(name, scenes)
    acts += [Act(fault, "answer", (), {"name": ANSWERS[fault]}) for fault in ANSWERS]
    for fault, (scenes, name, choices) in STATES.items():
        details = {"name": name, "choices": choices}
        acts.append(Act(fault, "befall", scenes, details))
    return acts + [Act(fault, OTHERS[fault]) for fault in OTHERS]


def places(steps):
    """Each step of a flow, and the scenes that take it: {(flow, name): scenes}."""
    found = {}
    for scene, names in steps.items():
        for name in dict.fromkeys(names):
            own = name.startswith("commit") and not name.endswith(OF_ALL_FLOWS)
            flow = f"{FLOWS[scene]}: " if own else ""
            found.setdefault((flow, name), []).append(scene)
    return found


def _deaths(flow, name, scenes, steps):
    """Before and after a step, at the first of that name and at a later one."""
    again = {scene: steps[scene].count(name) - 1 for scene in scenes}
    again = {scene: (1, last) for scene, last in again.items() if last}
    first = dict.fromkeys(scenes, (0, 0))
    for when in ("before", "after"):
        for words, turns in (("", first), ("again, ", again)):
            if turns:
                fault = f"killed {when} {words}{flow}{name}"
                details = {"at": name, "turns": turns, "when": when}
                yield Act(fault, "kill", tuple(turns), details)


def _cuts(name, scenes):
    for words, fault in CUTS.items():
        yield Act(f"{words}: {name}", "cut", tuple(scenes), at_request(name, fault))


def at_request(step, fault):
    """The parameters of a fault of the simulator that strikes at a step."""
    method, path = step.split(" ", 1)
    pattern = path.replace("*", "[^/]+")
    return {"name": fault, "method": method, "path": f"^(/v2)?{pattern}$"}


def draw(cards, seed, number):
    """The acts of a round: the deck is dealt through, shuffled, dealt through …"""
    for place in range(number * ACTS, (number + 1) * ACTS):
        turn, rest = divmod(place, len(cards))
        order = list(range(len(cards)))
        random.Random(f"{seed}/{turn}").shuffle(order)
        yield cards[order[rest]]
