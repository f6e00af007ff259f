"""The steps of a worker that outlive it, counted, and its death at one of them.

A step is a commit that makes something last, or a request to KSeF. Whatever a worker
does between two steps is gone without a trace when it dies.
"""

import os
import re
import signal
import sys
import threading
from urllib.parse import urlsplit

import requests

import odoo.sql_db

#: What goes before the path of the API.
API = "/v2"

#: What another session or file has another one of: a reference of KSeF.
REFERENCE = re.compile(r"/\d{8}-[A-Z]{2}-[^/]+")

#: Where the addon's own functions stand.
ADDON = "/l10n_pl_ksef/"


def watch(kill, tell):
    """Count from now on.

    :param kill: {"step": number, "when": "before" or "after"}, the same with "at", the
        name of a step, and "turn", which of that name; or {"seconds", "signal"}: at
        that moment; or None.
    :param tell: called with the name of each step, before it.
    """
    watched = _Steps(kill or {}, tell)
    commit, request = odoo.sql_db.Cursor.commit, requests.Session.request

    def commit_counted(cursor):
        cursor.flush()
        if _has_written(cursor):
            return watched.take(_place(), lambda: commit(cursor))
        return commit(cursor)

    def request_counted(session, method, url, **options):
        path = urlsplit(url).path.removeprefix(API)
        name = f"{method} {REFERENCE.sub('/*', path)}"
        return watched.take(name, lambda: request(session, method, url, **options))

    odoo.sql_db.Cursor.commit = commit_counted
    requests.Session.request = request_counted
    if "seconds" in watched.kill:
        _die_in(watched.kill["seconds"], watched.kill["signal"])


def _has_written(cursor):
    cursor.execute("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
    return cursor.fetchone()[0]


def _place():
    """The name of a commit: the function of the addon that commits."""
    frame = sys._getframe(2)
    while frame:
        code = frame.f_code
        if ADDON in code.co_filename and "/tools/" not in code.co_filename:
            return f"commit in {code.co_name}"
        frame = frame.f_back
    return "commit by Odoo"


def _die_in(seconds, number):
    timer = threading.Timer(seconds, os.kill, (os.getpid(), number))
    timer.daemon = True
    timer.start()


class _Steps:
    """Threads take them, too: a batch uploads several parts at a time."""

    def __init__(self, kill, tell):
        self.kill = kill
        self.tell = tell
        self.names = []
        self.lock = threading.Lock()

    def take(self, name, step):
        with self.lock:
            number, turn = len(self.names), self.names.count(name)
            self.names.append(name)
            self.tell(name)
        self._die_if(number, name, turn, "before")
        result = step()
        self._die_if(number, name, turn, "after")
        return result

    def _die_if(self, number, name, turn, when):
        meant = self.kill.get("step") == number or (
            (self.kill.get("at"), self.kill.get("turn")) == (name, turn)
        )
        if meant and self.kill["when"] == when:
            os.kill(os.getpid(), signal.SIGKILL)
