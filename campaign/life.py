"""The laws of certificates, judged by what Odoo holds and what the register holds."""

from cryptography import x509

from simulator.certificates import state
from simulator.csr import public_key

#: How a complete certificate ends: a new login may still wait for the daily check.
COMPLETE = {"offline": ("stored",), "authentication": ("active", "unchecked")}


class Life:
    """One moment.

    :param held: what Odoo holds (jobs.held).
    :param simulator: with its register.
    :param kept: the ids of certificates that were there before.
    """

    def __init__(self, held, simulator, kept):
        self.held = held
        self.simulator = simulator
        self.store = simulator.store
        self.records = [r for r in held["certificates"] if r["id"] not in kept]

    @property
    def asked_for(self):
        """The public keys that the register was asked to certify, one per request."""
        return [order.public_key.hex() for order in self.store.enrollments.values()]

    @property
    def issued(self):
        """Serial number -> public key of what was issued by request."""
        found = {e.serial: _key(e) for e in self.store.certificates.values()}
        return {serial: k for serial, k in found.items() if k in self.asked_for}

    def check_always(self):
        """What holds at every moment, a death a moment ago included."""
        opened = {record["key_opens_to"] for record in self.held["certificates"]}
        assert set(self.asked_for) <= opened, "KSeF was asked about a key that is lost"
        assert not self.held["failed_crons"], "a cron has failed"
        for record in filter(lambda r: r["usable"], self.held["certificates"]):
            assert record["certifies"], f"usable without key or certificate: {record}"
            assert record["certifies"] == record["key_opens_to"], "of another key"
            assert record["serial_number"] in self.store.certificates, "not of KSeF"
        self._check_use("login", "authentication")
        self._check_use("offline", "offline")

    def check_end(self, kind):
        """What holds once Odoo has gone on by itself."""
        self.check_always()
        assert len(self.asked_for) <= 1, "one order, one request"
        assert len(self.issued) == len(self.asked_for), "what is asked for is issued"
        assert len(self.records) == len(self.issued), "nothing is left half done"
        for record in self.records:
            assert (record["type"], record["problem"]) == (kind, False), record
            assert record["state"] in COMPLETE[kind], record["state"]
            assert self.issued[record["serial_number"]] == record["certifies"]

    def check_register(self):
        """What KSeF has revoked is used no more, all else as before."""
        self.check_always()
        for record in self.records:
            entry = self.store.certificates[record["serial_number"]]
            valid = state(entry, self.simulator.clock.now()) == "Active"
            assert record["usable"] == valid, f"revoked here or there only: {record}"

    def _check_use(self, use, kind):
        by_id = {record["id"]: record for record in self.held["certificates"]}
        used = by_id.get(self.held[use])
        if used:
            assert used["type"] == kind, f"{use} with another kind: {used}"
            assert used["certifies"], f"{use} with a half certificate: {used}"


def _key(entry):
    return public_key(x509.load_der_x509_certificate(entry.der)).hex()
