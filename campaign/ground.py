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


def uploaded(ground, kind, form=files, **order):
    """A certificate of the simulator's authority, uploaded: its id and serial number.

    :param form: what is made of the two files for the wizard.
    """
    order = {"nip": NIP, "password": PASSWORD} | order
    crt, key = ground.simulator.issue_certificate(KINDS[kind], **order)
    return ground.ask("upload", type=kind, password=PASSWORD, **form(crt, key))


class Ground:
    """Database, data_dir and log of the campaign, as scripts/test has made them."""

    def __init__(self, folder):
        self.database = os.environ["CAMPAIGN_DATABASE"]
        self.conf = Path(os.environ["CAMPAIGN_CONF"])
        self.data_dir = Path(os.environ["CAMPAIGN_DATA"])
        self.log = Path(os.environ["CAMPAIGN_LOG"])
        self.secrets = folder / "secrets"
        self.simulator = Simulator().start()
        self.simulator.set_delay(steps=0)
        self._nursery = self._new_nursery()
        assert self._report()["result"] == "ready"

    def close(self):
        """End what was started."""
        self._nursery.stdin.close()
        self._nursery.wait(timeout=30)
        self.simulator.stop()

    def do(self, job, *, kill=None, **args):
        """Let a new worker do a job; its whole report. A death is no error."""
        order = {"job": job, "args": args, "kill": kill}
        self._nursery.stdin.write(json.dumps(order) + "\n")
        self._nursery.stdin.flush()
        report = self._report()
        assert not report["error"], f"{job}: {report['error']}"
        assert report["signal"] == (SIGKILL if kill else 0), f"{job}: {report}"
        return report

    def ask(self, job, **args):
        """The result of a job that nobody disturbs."""
        return self.do(job, **args)["result"]

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
        return subprocess.Popen(
            command,
            cwd=Path(__file__).parent.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _report(self):
        line = self._nursery.stdout.readline()
        assert line, "the nursery has ended"
        return json.loads(line)
