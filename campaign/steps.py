"""The steps of a worker that outlive it, counted, and its death at one of them.

A step is a commit that makes something last, or a request to KSeF. Whatever a worker
does between two steps is gone without a trace when it dies.
"""

import os
import signal
from urllib.parse import urlsplit

import requests

import odoo.sql_db

#: What goes before the path of the API.
API = "/v2"


def watch(kill, tell):
    """Count from now on.

    :param kill: {"step": number, "when": "before" or "after"}, or None.
    :param tell: called with the name of each step, before it.
    """
    watched = _Steps(kill, tell)
    commit, request = odoo.sql_db.Cursor.commit, requests.Session.request

    def commit_counted(cursor):
        cursor.flush()
        if _has_written(cursor):
            return watched.take("commit", lambda: commit(cursor))
        return commit(cursor)

    def request_counted(session, method, url, **options):
        name = f"{method} {urlsplit(url).path.removeprefix(API)}"
        return watched.take(name, lambda: request(session, method, url, **options))

    odoo.sql_db.Cursor.commit = commit_counted
    requests.Session.request = request_counted


def _has_written(cursor):
    cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
    return cursor.fetchone()[0]


class _Steps:
    def __init__(self, kill, tell):
        self.kill = kill or {"step": None, "when": None}
        self.tell = tell
        self.count = 0

    def take(self, name, step):
        number = self.count
        self.count += 1
        self.tell(name)
        self._die_if(number, "before")
        result = step()
        self._die_if(number, "after")
        return result

    def _die_if(self, number, when):
        if (number, when) == (self.kill["step"], self.kill["when"]):
            os.kill(os.getpid(), signal.SIGKILL)
