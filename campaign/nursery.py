"""The process that workers are forked from: it has loaded Odoo, and does nothing else.

python -m campaign.nursery CONF DATABASE LOG SECRETS [LEVEL]

Each line of its input is an order (JSON): {"job", "args", "kill", "knobs"}, or a list
of them for workers that live at the same time, or {"warm": list} to rehearse. Each line
of its output tells what became of it, or of each: {"result", "error", "signal",
"steps"}.
"""

import gc
import json
import os
import signal
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

import odoo.api
import odoo.modules.registry
import odoo.sql_db
from odoo.tools import config

#: A worker that hangs is ended after so many seconds.
LONGEST = 100

#: All that is logged but urllib3's own lines: at debug they show the addresses of
#: pre-signed links, whoever uses it.
LOGGERS = {
    "debug": (":DEBUG", "odoo.sql_db:DEBUG", "urllib3:WARNING"),
    "info": (":INFO", "urllib3:WARNING"),
}


def main(conf, database, log, secrets, level="debug"):
    """Serve until the input ends."""
    reports = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    options = ["-c", conf, "-d", database, f"--logfile={log}", f"--log-level={level}"]
    options += [f"--log-handler={handler}" for handler in LOGGERS[level]]
    config.parse_config(options, setup_logging=True)
    registry = odoo.modules.registry.Registry(database)
    _warm_up()
    odoo.sql_db.close_all()
    gc.freeze()
    _tell(reports, {"result": "ready"})
    for line in sys.stdin:
        order = json.loads(line)
        if "warm" in order:
            _tell(reports, {"result": _rehearse(registry, order["warm"])})
        elif isinstance(order, dict):
            (report,) = _nurse(registry, [order], secrets)
            _tell(reports, report)
        else:
            _tell(reports, _nurse(registry, order, secrets))


def _warm_up():
    """Compile once what every worker would compile."""
    from odoo.addons.l10n_pl_ksef.models.ksef_document import fa3_schema

    fa3_schema()


def _rehearse(registry, orders):
    """Do jobs here without any trace in the database: what they read, each worker then
    has in its caches from the beginning."""
    from . import sales

    registry.check_signaling()
    for order in orders:
        with registry.cursor() as cr:
            env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
            getattr(sales, order["job"])(env, **order["args"])
            cr.rollback()
    odoo.sql_db.close_all()
    gc.freeze()


def _nurse(registry, orders, secrets):
    """Fork workers, hear each to its end, and tell how they ended."""
    alone = len(orders) == 1
    children = [_fork(registry, order, secrets, alone) for order in orders]
    with ThreadPoolExecutor(len(children)) as ears:
        return list(ears.map(_hear, *zip(*children, strict=True)))


def _fork(registry, order, secrets, alone):
    hear, speak = os.pipe()
    child = os.fork()
    if not child:
        os.close(hear)
        _live(registry, order | {"alone": alone}, secrets, os.fdopen(speak, "w"))
    os.close(speak)
    return child, hear


def _hear(child, pipe):
    report = {"result": None, "error": None, "steps": []}
    with os.fdopen(pipe) as words:
        for line in words:
            told = json.loads(line)
            if "step" in told:
                report["steps"].append(told["step"])
            else:
                report.update(told)
    status = os.waitpid(child, 0)[1]
    return report | {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def _live(registry, order, secrets, mouth):
    """Do one job, as a process of Odoo would that has just been started."""
    try:
        signal.alarm(LONGEST)
        signal.signal(signal.SIGXCPU, _time_is_over)
        os.close(0)
        result = _work(registry, order, secrets, mouth)
        _tell(mouth, {"result": result})
    except BaseException:
        _tell(mouth, {"error": traceback.format_exc()})
    finally:
        mouth.flush()
        os._exit(0)


def _time_is_over(_number, _frame):
    """As Odoo's own workers do."""
    raise Exception("CPU time limit exceeded.")  # noqa: TRY002


def _work(registry, order, secrets, mouth):
    # odoo.addons is known only now
    from . import jobs, knobs, sales, steps, witness, work

    witness.note_in(secrets)
    knobs.turn(**order.get("knobs") or {})
    registry.check_signaling()
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        if order["alone"]:
            jobs.wait_for_the_dead(env)
        steps.watch(order.get("kill"), lambda step: _tell(mouth, {"step": step}))
        modules = (jobs, work, sales)
        job = next(vars(m)[order["job"]] for m in modules if order["job"] in vars(m))
        return job(env, **order["args"])


def _tell(stream, words):
    stream.write(json.dumps(words) + "\n")
    stream.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
