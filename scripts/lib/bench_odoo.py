"""An Odoo process in the database BENCH_DATABASE, and its crons."""

import base64
import math
import os
from contextlib import contextmanager

import odoo.api
import odoo.modules.registry
import odoo.sql_db
from odoo.tools import config

PASSWORD = "bardzo-tajne-haslo-1"


def load():
    """Load the database as a server does. Returns its registry."""
    quiet = ["--log-level=error", "--log-handler=py.warnings:CRITICAL"]
    config.parse_config(["-c", os.environ["BENCH_CONF"], *quiet], setup_logging=True)
    return odoo.modules.registry.Registry(os.environ["BENCH_DATABASE"])


@contextmanager
def environment():
    """Yield the system user's environment; commit at the end."""
    registry = odoo.modules.registry.Registry(os.environ["BENCH_DATABASE"])
    with registry.cursor() as cr:
        yield odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {})
        cr.commit()


def connect(simulator, nip):
    """Connect the company of the benchmark to a simulator, as an administrator does."""
    with environment() as env:
        company = the_company(env)
        company.write({"ksef_api_url": simulator.api_url, "ksef_qr_url": simulator.url})
        crt, key = simulator.new_certificate(nip, PASSWORD)
        env["ksef.certificate"].search([]).active = False
        env["ksef.certificate.upload"].create(
            {
                "company_id": company.id,
                "type": "authentication",
                "certificate_file": base64.b64encode(crt),
                "key_file": base64.b64encode(key),
                "password": PASSWORD,
            }
        ).action_save()
        company.ksef_certificate_ids.filtered("active").action_check_connection()


def the_company(env):
    return env["res.company"].search([("name", "=", "ksef-test-1")])


def run_crons(*crons):
    """Run those of our crons that are due, as a cron worker does."""
    registry = odoo.modules.registry.Registry(os.environ["BENCH_DATABASE"])
    with odoo.sql_db.db_connect(os.environ["BENCH_DATABASE"]).cursor() as cr:
        registry["ir.cron"]._process_jobs_loop(cr, job_ids=_cron_ids(crons))


def move_on(*crons):
    """Let the time pass until one of these crons is due: whatever lies ahead comes so
    much nearer. Returns the seconds."""
    with environment() as env:
        env.cr.execute(_NEXT, [_cron_ids(crons)])
        [(seconds,)] = env.cr.fetchall()
        # Odoo triggers a cron at whole seconds, and would keep what is in between.
        seconds = max(0, math.ceil(seconds))
        for statement in _MOVES:
            env.cr.execute(statement, {"by": f"{seconds} seconds"})
    return seconds


def _cron_ids(crons):
    with environment() as env:
        return [env.ref(f"l10n_pl_ksef.cron_{name}").id for name in crons]


_NEXT = """
SELECT extract(epoch FROM min(moment) - (now() AT TIME ZONE 'UTC')) FROM (
    SELECT nextcall AS moment, id FROM ir_cron
    UNION ALL SELECT call_at, cron_id FROM ir_cron_trigger
) AS due WHERE id = ANY(%s)
"""
_MOVES = (
    "UPDATE ir_cron SET nextcall = nextcall - %(by)s::interval",
    "UPDATE ir_cron_trigger SET call_at = call_at - %(by)s::interval",
    "UPDATE ksef_session SET poll_at = poll_at - %(by)s::interval,"
    " opened_at = opened_at - %(by)s::interval,"
    " lease_until = lease_until - %(by)s::interval"
    " WHERE state IN ('open', 'closing', 'closed')",
    "UPDATE ksef_document SET send_after = send_after - %(by)s::interval"
    " WHERE send_after IS NOT NULL",
    "UPDATE ksef_import SET requested_at = requested_at - %(by)s::interval,"
    " retry_at = retry_at - %(by)s::interval",
    "UPDATE ksef_period SET next_at = next_at - %(by)s::interval",
    "UPDATE ksef_connection SET paused_until = paused_until - %(by)s::interval",
    "UPDATE ksef_request SET sent_at = sent_at - %(by)s::interval",
)
