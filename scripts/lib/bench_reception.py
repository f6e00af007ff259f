"""What both benchmarks of reception do: invoices arrive in KSeF, and bills are counted.

They measure a database in which scripts/bench_buyer.py has worked."""

from datetime import datetime, timedelta, timezone

import bench_odoo
from bench_bills import DAYS, file

NIP = "9999999999"
CRON = "import"

GROWING = "account_move, account_move_line, ir_attachment, ksef_document, mail_message"


def begin(simulator, count, delay):
    """Let the invoices arrive, day by day, and connect the company that gets them.

    :param delay: what KSeF needs for an export, in seconds of its clock; a new login
        would take as long.
    """
    now, done = datetime.now(timezone.utc), 0
    for day in range(DAYS):
        moment = now - timedelta(days=DAYS - day, minutes=-30)
        simulator.ask("post", "clock", now=moment.isoformat())
        for number in range(done, count * (day + 1) // DAYS):
            simulator.put_invoice(file(number, moment.date(), NIP))
            done += 1
    simulator.ask("post", "clock")
    bench_odoo.connect(simulator, NIP)
    with bench_odoo.environment() as env:
        first = now - timedelta(days=DAYS)
        bench_odoo.the_company(env).ksef_import_from = first.date()
    simulator.ask("post", "delay", steps=1, seconds=delay)
    simulator.ask("delete", "requests")


def pass_time(simulator):
    """Let the time pass until the cron is due. Returns the seconds.

    In production autovacuum tells the planner meanwhile how tables have grown.
    """
    with bench_odoo.environment() as env:
        env.cr.execute(f"ANALYZE {GROWING}")
    passed = bench_odoo.move_on(CRON)
    simulator.ask("post", "clock", advance=passed)
    return passed


def states():
    with bench_odoo.environment() as env:
        documents = env["ksef.document"]._read_group([], ["state"], ["__count"])
        windows = env["ksef.import"].search([]).mapped("state")
    return dict(documents), windows


def is_done(count):
    documents, windows = states()
    return documents == {"booked": count} and set(windows) == {"stored"}


def wrong(simulator):
    """Compare what KSeF has with what is here. Returns how many invoices are lost, are
    here twice, or have a bill that is not theirs alone, complete and without problem.
    """
    listed = {row["ksefNumber"] for row in simulator.ask("get", "state")["invoices"]}
    with bench_odoo.environment() as env:
        env.cr.execute(_HELD)
        rows = env.cr.fetchall()
    held = {row[0] for row in rows}
    return {
        "lost": len(listed - held),
        "doubled": len(rows) - len(held),
        "wrong_bills": sum(not row[1] for row in rows),
    }


_HELD = """
SELECT d.ksef_number, d.problem IS NULL AND (
    SELECT count(*) = 1 AND bool_and(
        m.id = d.move_id AND m.ref = d.number AND m.amount_total = d.amount
        AND 1 = (SELECT count(*) FROM ir_attachment AS a
            WHERE a.res_model = 'account.move' AND a.res_id = m.id)
    ) FROM account_move AS m WHERE m.ref = d.number OR m.ksef_document_id = d.id
) FROM ksef_document AS d
"""
