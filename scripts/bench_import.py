"""Started by scripts/bench: suppliers' invoices become draft bills.

The cron runs as a worker runs it, with real commits, against a simulator with the
limits of production. The pauses between its runs are not waited for: the times in the
database, and the simulator's clock, are moved. Beside the bills, now and then, the same
values are given to `account.move.create` alone, and rolled back: that time is no part
of `wall_s`.
"""

import gc
import json
import os
import sys
import time

import bench_odoo
from bench_measures import Times, forget_peak, memory
from bench_raw import Raw
from bench_reception import CRON, begin, is_done, pass_time, states, wrong
from bench_simulator import SimulatorProcess

COUNT = int(os.environ["INVOICES"])
#: What KSeF needs for an export, in seconds of its clock.
DELAY = 180

#: So many bills are also created without the addon, for comparison.
COMPARED = 1000

#: More often nobody has to look: something hangs.
MOST_ROUNDS = 1000


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    with SimulatorProcess("--rate-limits") as simulator:
        registry = bench_odoo.load()
        say(f"    {COUNT} invoices arrive in the simulator")
        begin(simulator, COUNT, DELAY)
        gc.collect()
        idle = memory("VmRSS")
        times = watched(registry)
        raw = Raw(registry, times, COUNT, COMPARED)
        forget_peak()
        received = receive(simulator, times, raw)
        peak = memory("VmHWM") - idle
        requests = simulator.ask("get", "counts")
        found = wrong(simulator)
    if any(found.values()):
        sys.exit(f"not as it should be: {found}")
    control = requests.pop("invoiceMetadata", 0)
    received |= {"idle_mb": round(idle), "peak_mb": round(peak)}
    tell(received, requests, control, raw)
    result = {
        "bills": COUNT,
        "requests": sum(requests.values()),
        "control_requests": control,
        **received,
        **raw.ratios(),
    }
    print(json.dumps(result))


def watched(registry):
    """Measure each kind of work in the cron."""
    from odoo.addons.l10n_pl_ksef.ksef import (  # noqa: PLC0415
        crypto,
        package,
        transport,
    )
    from odoo.addons.l10n_pl_ksef.models import ksef_document_reception  # noqa: PLC0415

    times = Times()
    times.watch(transport.Transport, "request", "ask")
    times.watch(transport.Transport, "fetch", "download")
    times.watch(crypto.SessionKey, "decrypt", "decrypt")
    times.watch_steps(package, "_members", "unpack")
    times.watch(ksef_document_reception, "parse", "parse")
    document, move = registry["ksef.document"], registry["account.move"]
    times.watch(document, "_store", "store")
    times.watch(registry["ksef.import"], "_lock_to_book", "choose")
    times.watch(document, "_join_bills", "twins")
    times.watch(move, "_ksef_bills", "values")
    times.watch(move, "_ksef_create_linked", "create")
    times.watch(move, "_ksef_match_orders", "orders")
    times.watch(document, "_link_bills", "link")
    times.watch(document, "_check_trust", "trust")
    times.watch(document, "_tell_people", "people")
    times.watch(document, "_post_trusted", "autopost")
    times.watch(registry["ksef.period"], "_control_due", "control")
    return times


def receive(simulator, times, raw):
    """Run the cron until every invoice has its bill."""
    work = waited = 0.0
    for _round in range(MOST_ROUNDS):
        began = time.process_time()
        with times.of("other"):
            bench_odoo.run_crons(CRON)
        work += time.process_time() - began
        if is_done(COUNT):
            break
        if states()[0]:  # else a new login would take as long as an export
            simulator.ask("post", "delay", steps=1, seconds=0)
        waited += pass_time(simulator)
    else:
        sys.exit(f"not done after {MOST_ROUNDS} rounds: {states()}")
    split = {kind: round(spent, 1) for kind, spent in times.seconds.items()}
    wall = sum(spent for kind, spent in times.seconds.items() if kind != "raw")
    return {
        "wall_s": round(wall, 1),
        "cpu_s": round(work - raw.process_s, 1),
        "waited_s": round(waited),
        "split_s": split,
    }


def tell(received, requests, control, raw):
    say(
        f"{COUNT} bills in {received['wall_s']} s of the cron, {received['cpu_s']} s of"
        f" a core; {received['waited_s']} s of waiting for KSeF not counted"
    )
    say(f"    seconds: {received['split_s']}")
    idle, peak = received["idle_mb"], received["peak_mb"]
    say(f"    memory: idle {idle} MB, at most {peak} MB more")
    say(f"    requests: {requests}; to prove the months complete: {control}")
    say(f"    {raw}")


if __name__ == "__main__":
    main()
