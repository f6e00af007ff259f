"""The process that workers are forked from: it has loaded Odoo, and does nothing else.

python -m campaign.nursery CONF DATABASE LOG SECRETS

Each line of its input is an order (JSON): {"job", "args", "kill"}. Each line of its
output tells what became of it: {"result", "error", "signal", "steps"}.
"""

import gc
import json
import os
import signal
import sys
import traceback

import odoo.api
import odoo.modules.registry
import odoo.sql_db
from odoo.tools import config

#: A worker that hangs is ended after so many seconds.
LONGEST = 100

#: All that is logged but urllib3's own lines: at debug they show the addresses of
#: pre-signed links, whoever uses it.
LOGGERS = ("debug", ":DEBUG", "odoo.sql_db:DEBUG", "urllib3:WARNING")


def main(conf, database, log, secrets):
    """Serve until the input ends."""
    reports = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    level, *handlers = LOGGERS
    options = ["-c", conf, "-d", database, f"--logfile={log}", f"--log-level={level}"]
    options += [f"--log-handler={handler}" for handler in handlers]
    config.parse_config(options, setup_logging=True)
    registry = odoo.modules.registry.Registry(database)
    odoo.sql_db.close_all()
    gc.freeze()
    _tell(reports, {"result": "ready"})
    for line in sys.stdin:
        _tell(reports, _nurse(registry, json.loads(line), secrets))


def _nurse(registry, order, secrets):
    """Fork a worker, hear it to its end, and tell how it ended."""
    hear, speak = os.pipe()
    child = os.fork()
    if not child:
        os.close(hear)
        _live(registry, order, secrets, os.fdopen(speak, "w"))
    os.close(speak)
    report = {"result": None, "error": None, "steps": []}
    with os.fdopen(hear) as words:
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
        os.close(0)
        result = _work(registry, order, secrets, mouth)
        _tell(mouth, {"result": result})
    except BaseException:
        _tell(mouth, {"error": traceback.format_exc()})
    finally:
        mouth.flush()
        os._exit(0)


def _work(registry, order, secrets, mouth):
    from . import jobs, steps, witness, work  # odoo.addons is known only now

    witness.note_in(secrets)
    registry.check_signaling()
    with registry.cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        jobs.wait_for_the_dead(env)
        steps.watch(order.get("kill"), lambda step: _tell(mouth, {"step": step}))
        job = getattr(jobs, order["job"], None) or getattr(work, order["job"])
        return job(env, **order["args"])


def _tell(stream, words):
    stream.write(json.dumps(words) + "\n")
    stream.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
