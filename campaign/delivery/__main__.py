"""python -m campaign.delivery OPTIONS: see scripts/campaign, which makes the ground."""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path

from .crowd import Crowd
from .ledgers import KINDS, counted
from .rounds import Campaign
from .shop import Shop
from .table import closing_line, write_table

#: Fits into a run of all tests.
ROUNDS = 8


def options():
    parser = argparse.ArgumentParser(prog="scripts/campaign")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, metavar="ROUND")
    parser.add_argument("--crowd", type=int, metavar="INVOICES")
    parser.add_argument("--broken", action="store_true")
    return parser.parse_args()


def main():
    chosen = options()
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), broken=chosen.broken)
        try:
            return run(shop, chosen)
        finally:
            shop.close()


def run(shop, chosen):
    """Play the rounds that were asked for. Returns the exit status."""
    began = time.monotonic()
    if chosen.crowd:
        return run_crowd(shop, chosen)
    campaign = Campaign(shop, chosen.seed)
    print(f"seed {chosen.seed}, {len(campaign.cards)} faults", flush=True)
    numbers = range(chosen.rounds) if chosen.only is None else [chosen.only]
    for number in numbers:
        acts, found = campaign.play(number)
        if found:
            tell(number, acts, found, chosen)
    for fault in campaign.look_back() if not campaign.found else ():
        print(f"at the end: {fault.kind}: {fault.words}")
    write_table(campaign)
    seconds = round(time.monotonic() - began)
    print(closing_line(campaign, len(numbers), seconds=seconds))
    return int(any(campaign.found.values()))


def run_crowd(shop, chosen):
    """Let eight processes loose on the same invoices. Returns the exit status."""
    crowd = Crowd(shop, random.Random(chosen.seed))
    found, figures = crowd.play(chosen.crowd)
    for fault in found:
        print(f"  {fault.kind}: {fault.words}")
    kinds = counted(found)
    result = {kind.replace(" ", "_"): kinds[kind] for kind in KINDS}
    print(json.dumps({"invoices": chosen.crowd, **result, **figures}))
    return int(bool(found))


def tell(number, acts, found, chosen):
    """A round has failed: what, and how to repeat it."""
    broken = " --broken" if chosen.broken else ""
    print(
        f"round {number}: scripts/campaign --seed {chosen.seed} --only {number}{broken}"
    )
    for act, happened in acts:
        print(f"    {'met' if happened else 'missed'}: {act.fault}")
    for fault in found:
        print(f"  {fault.kind}: {fault.words}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
