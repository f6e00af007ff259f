"""Started by scripts/bench: sends the posted invoices of a database to the simulator.

The crons run as a worker runs them, with real commits. The pauses between them are not
waited for: the times in the database, and the simulator's clock, are moved. Nor is the
time counted that the simulator needs to judge: `wall_s` is how long the crons ran.
"""

import base64
import gc
import json
import os
import sys
import time
from hashlib import sha256

import bench_odoo
import bench_peer
from bench_measures import Times, forget_peak, memory
from bench_simulator import SimulatorProcess

COUNT = int(os.environ["INVOICES"])
DUPLICATES = "--duplicates" in os.environ["BENCH_OPTIONS"].split()
NIP = "9999999999"
CRONS = ("send", "poll")

#: What KSeF needs for a batch and for storing it, in seconds of its clock.
DELAY = 180

#: More often nobody has to look: something hangs.
MOST_ROUNDS = 60
PATIENCE = 600


def say(text):
    print(text, file=sys.stderr, flush=True)


def main():
    registry = bench_odoo.load()
    gc.collect()
    idle = memory("VmRSS")
    with SimulatorProcess("--rate-limits") as simulator:
        prepare(simulator)
        times = watched(registry)
        forget_peak()
        sent = send(simulator, times)
        peak = memory("VmHWM") - idle
        requests = simulator.ask("get", "counts")
    sent["idle_mb"], sent["peak_mb"] = round(idle), round(peak)
    tell(sent, requests)
    result = {
        "invoices": COUNT,
        "requests": sum(requests.values()),
        "per_s": round(COUNT / sent["wall_s"], 1),
        **sent,
    }
    if not DUPLICATES:
        result["peer"] = bench_peer.measure(COUNT, NIP)
    print(json.dumps(result))


def prepare(simulator):
    simulator.ask("post", "settings", check_schema=False, closing_wait=0)
    simulator.ask("post", "delay", steps=1, seconds=0)
    if DUPLICATES:
        fault = {"original": "same", "original_session": "withheld"}
        simulator.ask("post", "faults", name="refused_duplicate", times=COUNT, **fault)
    bench_odoo.connect(simulator, NIP)  # logs in, as long as that takes no time
    simulator.ask("post", "delay", steps=1, seconds=DELAY)
    with bench_odoo.environment() as env:
        date_today(env)


def date_today(env):
    """The invoices may have been posted on an earlier day: issue them today."""
    from odoo.addons.l10n_pl_ksef.tools import warsaw  # noqa: PLC0415

    today = warsaw.today()
    env.cr.execute("SELECT id FROM ksef_document WHERE issue_date != %s", [today])
    ids = [number for (number,) in env.cr.fetchall()]
    for start in range(0, len(ids), 200):
        env.cr.execute(
            "SELECT id, issue_date, xml FROM ksef_document WHERE id = ANY(%s)",
            [ids[start : start + 200]],
        )
        for number, day, content in env.cr.fetchall():
            old = f"<P_1>{day}</P_1>".encode()
            new = f"<P_1>{today}</P_1>".encode()
            xml = base64.b64decode(bytes(content)).replace(old, new)
            env.cr.execute(
                "UPDATE ksef_document SET xml = %s, sha256 = %s, issue_date = %s"
                " WHERE id = %s",
                [
                    base64.b64encode(xml),
                    base64.b64encode(sha256(xml).digest()).decode(),
                    today,
                    number,
                ],
            )


def watched(registry):
    """Measure each kind of work in the crons."""
    from odoo.addons.l10n_pl_ksef.ksef import batch, transport  # noqa: PLC0415
    from odoo.addons.l10n_pl_ksef.models import ksef_session_batch  # noqa: PLC0415

    times = Times()
    for name in ("_write_zip", "_write_tar"):
        times.watch(batch, name, "pack")
    batch._WRITERS.update({"Zip": batch._write_zip, "TarGz": batch._write_tar})
    times.watch(batch, "_seal", "encrypt")
    times.watch(ksef_session_batch, "upload_parts", "upload")
    times.watch(transport.Transport, "request", "ask")
    session, document = registry["ksef.session"], registry["ksef.document"]
    times.watch(session, "_waiting", "choose")
    times.watch(session, "_bind", "bind")
    times.watch(session, "_apply_page", "verdicts")
    times.watch(session, "_settle_duplicates", "proof")
    times.watch(session, "_release_missing", "verdicts")
    times.watch(document, "_log_each", "notes")
    times.watch(document, "_call_person", "calls")
    times.watch(document, "_mirror_numbers", "numbers")
    times.watch(registry["ksef.upo"], "_keep", "upo")
    return times


def send(simulator, times):
    """Run the crons until everything is in KSeF and every receipt here."""
    wall, work = 0.0, 0.0
    for _round in range(MOST_ROUNDS):
        start, began = time.perf_counter(), time.process_time()
        with times.of("other"):
            bench_odoo.run_crons(*CRONS)
        wall += time.perf_counter() - start
        work += time.process_time() - began
        if is_done():
            break
        wait_for_judgement(simulator)
        simulator.ask("post", "clock", advance=bench_odoo.move_on(*CRONS))
    else:
        sys.exit(f"not done after {MOST_ROUNDS} rounds: {states()}")
    split = {kind: round(spent, 1) for kind, spent in times.seconds.items()}
    return {"wall_s": round(wall, 1), "cpu_s": round(work, 1), "split_s": split}


def states():
    with bench_odoo.environment() as env:
        documents = env["ksef.document"]._read_group([], ["state"], ["__count"])
        sessions = env["ksef.session"]._read_group([], ["state"], ["__count"])
        unconfirmed = env["ksef.document"].search_count(
            [("upo_id", "=", False), ("upo", "=", False)]
        )
    return dict(documents), dict(sessions), unconfirmed


def is_done():
    documents, sessions, unconfirmed = states()
    finished = set(sessions) <= {"done", "failed"}
    confirmed = DUPLICATES or not unconfirmed
    return documents == {"accepted": COUNT} and finished and confirmed


def wait_for_judgement(simulator):
    """Judging 10,000 files is work of the simulator, not of Odoo."""
    with bench_odoo.environment() as env:
        handed_over = env["ksef.document"].search_count([("state", "!=", "ready")])
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if len(simulator.ask("get", "ledger")["hashes"]) >= handed_over:
            return
        time.sleep(1)
    sys.exit("the simulator has not judged what it got")


def tell(sent, requests):
    say(f"{COUNT} invoices in {sent['wall_s']} s of crons, {sent['cpu_s']} s of a core")
    say(f"    seconds: {sent['split_s']}")
    say(f"    memory: idle {sent['idle_mb']} MB, at most {sent['peak_mb']} MB more")
    say(f"    requests: {requests}")


if __name__ == "__main__":
    main()
