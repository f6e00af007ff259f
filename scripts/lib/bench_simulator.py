"""The simulator as a process of its own, for benchmarks."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 30


class SimulatorProcess:
    """A KSeF on 127.0.0.1, to be used in a ``with``; its knobs: simulator/manage.py."""

    def __init__(self, *options):
        self.url = f"http://127.0.0.1:{_free_port()}"
        self._command = [
            *(sys.executable, "-W", "ignore", "-m", "simulator"),
            *("--port", self.url.rpartition(":")[2], *options),
        ]

    @property
    def api_url(self):
        return self.url + "/v2"

    def __enter__(self):
        self._process = subprocess.Popen(
            self._command, cwd=ROOT, stdout=subprocess.DEVNULL, env=dict(os.environ)
        )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                self.ask("get", "counts")
            except requests.ConnectionError:
                time.sleep(0.2)
            else:
                return self
        self.__exit__()
        raise RuntimeError("the simulator does not answer")

    def __exit__(self, *_error):
        self._process.terminate()
        self._process.wait()

    def ask(self, method, what, **values):
        """Turn a knob, or read what the simulator tells."""
        body = {"json": values} if values else {}
        answer = requests.request(
            method, f"{self.url}/manage/{what}", timeout=PATIENCE, **body
        )
        answer.raise_for_status()
        return answer.json()

    def put_invoice(self, xml):
        """Hold an invoice as if its seller had sent it with success."""
        answer = requests.post(
            f"{self.url}/manage/invoices", data=xml, timeout=PATIENCE
        )
        answer.raise_for_status()

    def new_certificate(self, nip, password):
        """Return (.crt, .key) of a certificate to log in with."""
        made = self.ask(
            *("post", "certificates"),
            **{"kind": "Authentication", "nip": nip, "name": "Bench"},
            password=password,
        )
        return made["certificate"].encode(), made["key"].encode()


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
