"""Where a transaction of ours ends: called from crons and buttons that talk to KSeF."""

from odoo.modules import module


def commit(env, processed=0):
    """Commit what was done so far and return the seconds left for a cron's run.

    Tests run in one transaction that must not be committed: there it only flushes.
    """
    env["ksef.connection"]._write_down()
    if module.current_test:
        env.flush_all()
        return float("inf")
    return env["ir.cron"]._commit_progress(processed)


def roll_back(env):
    """Start a fresh transaction, so that rows changed by others are seen."""
    if module.current_test:
        env.flush_all()
        env.invalidate_all()
    else:
        env.cr.rollback()
