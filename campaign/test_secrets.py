"""A committed life of a company is searched for every secret that it has had."""

import base64
import secrets as random

import pytest

from .ground import NIP, PASSWORD, archived, encoded, files, uploaded
from .search import cores, found, noted

#: The customer of work.furnish.
BUYER = "1111111111"

#: Of all these there has been one at least: else the silence would mean nothing.
KINDS = {
    "password",
    "master key",
    "private key",
    "KSeF token",
    "bearer token",
    "session key",
    "export key",
    "pre-signed link",
}


class Past:
    """The life of a company: what can be read at its end, and what must not."""

    def __init__(self, ground):
        self.ground = ground
        self.simulator = ground.simulator
        self.secrets = {PASSWORD.encode(): "password"}
        self.began = ground.log.stat().st_size
        self.known = len(noted(ground.secrets))
        self.dumps = []

    def live(self):
        """Everything that has to do with secrets, once."""
        self.upload()
        self.ground.do("enrol", purpose="offline")
        self.ground.do("furnish")
        self.work()
        self.ground.do("let_pass", minutes=60)
        self.simulator.fault("export_stuck")
        assert "requested" in self.ground.ask("receive")
        self.know_master_key()
        self.dumps.append(self.ground.dump())
        self.change_master_key()
        self.sign_in()
        self.dumps.append(self.ground.dump())
        self.log = self.ground.log.read_bytes()[self.began :]

    def upload(self):
        """Each kind of file, a token, and a form that nobody confirms."""
        uploaded(self.ground, "authentication", archived, key="RSA")
        uploaded(self.ground, "offline", key="RSA")
        crt, key = self.simulator.issue_certificate("Offline", nip=NIP, key="RSA")
        form = {"type": "offline", **files(crt, key)}
        self.ground.do("upload", given_up=True, **form)
        token = self.simulator.new_token(NIP)
        self.secrets[token.encode()] = "KSeF token"
        self.ground.do("upload", type="token", token=token)

    def work(self):
        """Invoices out and a bill in, by certificate and by token."""
        assert self.ground.ask("invoice", offline=True), "it has its KOD II"
        self.ground.ask("invoice")
        assert set(self.ground.ask("deliver")) == {"accepted"}
        assert self.ground.ask("log_in_by", method="token") == "active"
        self.ground.ask("invoice")
        assert set(self.ground.ask("deliver")) == {"accepted"}
        assert self.ground.ask("log_in_by", method="certificate") == "active"
        self.simulator.put_invoice(self.bill())
        assert "stored" in self.ground.ask("receive")

    def bill(self):
        """One of our invoices, as if its buyer had issued it to us."""
        ours, theirs = NIP.encode(), BUYER.encode()
        parts = self.simulator.invoices[0].xml.split(ours)
        return theirs.join(part.replace(theirs, ours) for part in parts)

    def sign_in(self):
        """A login that is signed outside, where no certificate is left."""
        crt, key = self.simulator.issue_certificate(nip=NIP)
        self.secrets |= dict.fromkeys(cores("private key", key), "private key")
        self.ground.do("sign_in", crt=encoded(crt), key=encoded(key))

    def change_master_key(self):
        """A new one above the old one in the file; everything is sealed anew."""
        blobs = set(self.ground.ask("blobs"))
        new = base64.urlsafe_b64encode(random.token_bytes(32)).decode()
        file = self.ground.master_key_file
        file.write_text(f"{new}\n{file.read_text()}")
        assert self.ground.ask("seal_anew") == "success"
        assert not blobs & set(self.ground.ask("blobs")), "each blob is another one"
        self.know_master_key()

    def know_master_key(self):
        for line in self.ground.master_key_file.read_text().split():
            self.secrets[line.encode()] = "master key"
            self.secrets[base64.urlsafe_b64decode(line)] = "master key"

    @property
    def all_secrets(self):
        """Of the time before only the keys: they have been in the database, too."""
        every = list(noted(self.ground.secrets).items())
        before, since = every[: self.known], every[self.known :]
        keys = [each for each in before if each[1] == "private key"]
        return self.secrets | dict(keys + since)


@pytest.fixture(scope="module")
def past(ground, login):
    past = Past(ground)
    past.live()
    return past


class TestSecrets:
    """Neither database nor filestore nor log shows a private key, a password, a token,
    a session key, a key of an export or the master key."""

    def test_there_were_secrets(self, past):
        assert set(past.all_secrets.values()) == KINDS

    def test_dumps(self, past):
        for dump in past.dumps:
            assert NIP.encode() in dump, "it is the dump of this company"
            assert found(past.all_secrets, dump) == set()

    def test_log(self, past):
        """With debug on, SQL included."""
        assert b'UPDATE "ksef_certificate"' in past.log, "everything is logged"
        assert found(past.all_secrets, past.log) == set()

    def test_what_is_planted_is_found(self, ground, past):
        """In a column and in the log that shows its UPDATE; and in a file."""
        cores = {kind: core for core, kind in past.all_secrets.items()}
        text, content = cores["session key"], cores["private key"]
        ground.do("plant", text=encoded(text), content=encoded(content))
        assert found(past.all_secrets, ground.dump()) == {"session key", "private key"}
        log = ground.log.read_bytes()[past.began + len(past.log) :]
        assert "session key" in found(past.all_secrets, log)
