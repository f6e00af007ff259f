"""The ground of a test: a simulator in this process, Odoo's workers in others."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    load_pem_private_key,
    pkcs12,
)

from simulator import Simulator

SIGKILL = 9
NIP = "9999999999"
PASSWORD = "zupelnie-tajne-haslo-7"
KINDS = {"authentication": "Authentication", "offline": "Offline"}


def encoded(content):
    """Bytes as they travel in an order."""
    return base64.b64encode(content).decode()


def files(crt, key):
    """The .crt and the .key file, as they come from the taxpayer application."""
    return {"certificate_file": encoded(crt), "key_file": encoded(key)}


def archived(crt, key):
    """One .p12 file of both."""
    private = load_pem_private_key(key, PASSWORD.encode())
    certificate = x509.load_pem_x509_certificate(crt)
    content = pkcs12.serialize_key_and_certificates(
        b"ksef", private, certificate, None, BestAvailableEncryption(PASSWORD.encode())
    )
    return {"certificate_file": encoded(content)}


def uploaded(ground, kind, form=files, company=None, **order):
    """A certificate of the simulator's authority, uploaded: its id and serial number.

    :param form: what is made of the two files for the wizard.
    """
    order = {"nip": NIP, "password": PASSWORD} | order
    crt, key = ground.simulator.issue_certificate(KINDS[kind], **order)
    form = {"company": company, "type": kind, "password": PASSWORD, **form(crt, key)}
    return ground.ask("upload", **form)


class Ground:
    """Database, data_dir and log of a campaign, as its script has made them.

    :param name: what the environment variables begin with that tell where they are.
    :param level: how much Odoo logs.
    """

    def __init__(self, folder, name="CAMPAIGN", level="debug"):
        self.database = os.environ[f"{name}_DATABASE"]
        self.conf = Path(os.environ[f"{name}_CONF"])
        self.data_dir = Path(os.environ[f"{name}_DATA"])
        self.log = Path(os.environ[f"{name}_LOG"])
        self.level = level
        self.secrets = folder / "secrets"
        self.simulator = Simulator().start()
        self.simulator.set_delay(steps=0)
        self._nursery = self._new_nursery()

    def close(self):
        """End what was started."""
        self._end_nursery()
        self.simulator.stop()

    def renew(self):
        """Load Odoo anew: workers need not read again what has changed since."""
        self._end_nursery()
        self._nursery = self._new_nursery()

    def do(self, job, *, kill=None, **args):
        """Let a new worker do a job; its whole report. A death is no error.

        It may live where it takes fewer steps than the worker before, who had to note
        what is known now (limits and clock of KSeF).
        """
        self._order({"job": job, "args": args, "kill": kill})
        report = self._report()
        assert not report["error"], f"{job}: {report['error']}"
        reached = bool(kill) and kill["step"] < len(report["steps"])
        assert report["signal"] == (SIGKILL if reached else 0), f"{job}: {report}"
        return report

    def ask(self, job, **args):
        """The result of a job that nobody disturbs."""
        return self.do(job, **args)["result"]

    def together(self, orders, meanwhile=None):
        """Let a worker for each order live at the same time; the reports of all.

        :param meanwhile: called while they work.
        """
        self._order(orders)
        if meanwhile:
            meanwhile()
        return self._report()

    def warm(self, orders):
        """Rehearse jobs that talk to nobody, so that workers find their caches full."""
        self._order({"warm": orders})
        self._report()

    def dump(self):
        """The database as pg_dump writes it, and every file of the filestore."""
        command = ["pg_dump", self.database]
        dumped = subprocess.run(command, check=True, capture_output=True).stdout
        store = self.data_dir / "filestore"
        kept = [file.read_bytes() for file in store.rglob("*") if file.is_file()]
        return b"\n".join([dumped, *kept])

    @property
    def master_key_file(self):
        return self.data_dir / "ksef_master.key"

    def _new_nursery(self):
        command = [sys.executable, "-W", "ignore", "-m", "campaign.nursery"]
        command += map(str, (self.conf, self.database, self.log, self.secrets))
        nursery = subprocess.Popen(
            [*command, self.level],
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert json.loads(nursery.stdout.readline())["result"] == "ready"
        return nursery

    def _end_nursery(self):
        self._nursery.stdin.close()
        self._nursery.wait(timeout=30)

    def _order(self, order):
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()

    def _report(self):
        line = self._nursery.stdout.readline()
        assert line, "the nursery has ended"
        return json.loads(line)
