"""Workers are killed (SIGKILL) at every step of the life of a certificate.

What lasts is a commit or a request to KSeF. Nothing that lasts happens between two
steps, so that dying before a request is dying after the step before it; before a commit
its transaction is open, which is a death of its own.
"""

from contextlib import contextmanager

import pytest

from .ground import NIP, encoded, uploaded
from .life import Life


def deaths(ground, job, *, before=True, **args):
    """Do the job once to the end, then yield each way to die in it.

    :param before: also before a commit.
    """
    steps = ground.do(job, **args)["steps"]
    yield None, "undisturbed"
    yield {"step": 0, "when": "before"}, "at once"
    for number, name in enumerate(steps):
        if "/auth/" in name:
            continue  # a login leaves nothing behind
        if name.startswith("commit") and before:
            yield {"step": number, "when": "before"}, f"before {number}, {name}"
        yield {"step": number, "when": "after"}, f"after {number}, {name}"


@contextmanager
def told(words):
    """Say at which death it was."""
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"killed {words}: {error}") from None


@pytest.fixture
def forget(ground, login):
    """Let KSeF begin anew: only what was there before is left in the register."""
    store = ground.simulator.store
    kept = dict(store.certificates)

    def forget():
        store.certificates.clear()
        store.certificates.update(kept)
        store.enrollments.clear()
        store.logins.clear()

    ground.ask("live_on", kept=[login])
    forget()
    yield forget
    forget()


class Enrolment:
    """No certificate is ever issued for a lost key, none is half there or used so, none
    is issued twice, and what was begun is brought to its end."""

    @pytest.fixture(autouse=True)
    def stage(self, ground, login, forget):
        self.ground, self.login, self.forget = ground, login, forget

    def die_everywhere(self, kind, job, *, before=True, **args):
        count = 0
        for kill, words in deaths(self.ground, job, before=before, **args):
            with told(words):
                if kill:
                    self.ground.do(job, kill=kill, **args)
                    self.go_on()
                before, after = self.ground.ask("live_on", kept=[self.login])
                self.life(before).check_always()
                self.life(after).check_end(kind)
            self.forget()
            count += 1
        assert count > 10, "there were steps to die at"

    def go_on(self):
        """A worker has just died: do what Odoo does not do by itself."""

    def life(self, held):
        return Life(held, self.ground.simulator, [self.login])


class TestOffline(Enrolment):
    """The button "Get an Offline certificate"; the crons go on with what it began."""

    def test_every_death(self):
        self.die_everywhere("offline", "enrol", purpose="offline")


class TestRenewal(Enrolment):
    """The button "Renew" of a login certificate, which goes on to log in."""

    def test_every_death(self):
        self.die_everywhere("authentication", "renew", certificate=self.login)


class TestFirstLogin(Enrolment):
    """The first certificate, by a login signed outside: nobody but the next such login
    can go on, and it takes the request that was begun."""

    @pytest.fixture(autouse=True)
    def seal(self, ground, login):
        crt, key = ground.simulator.issue_certificate(nip=NIP)
        self.seal = {"crt": encoded(crt), "key": encoded(key)}
        ground.do("archive", certificate=login)
        yield
        ground.do("archive", certificate=login, active=True)

    def test_every_death(self):
        # what goes on then is the same as above: fewer deaths will do
        self.die_everywhere("authentication", "sign_in", before=False, **self.seal)

    def go_on(self):
        now = self.life(self.ground.ask("held"))
        now.check_always()
        if any(record["state"] == "enrolling" for record in now.records):
            self.ground.do("let_pass", minutes=15)
            self.ground.do("sign_in", **self.seal)


class TestRevocation:
    """What KSeF has revoked is known to be so two days later at the latest, even if the
    worker that revoked it died; and nothing else is taken for revoked."""

    @pytest.mark.parametrize("kind", ["authentication", "offline"])
    def test_every_death(self, ground, login, forget, kind):
        serial = uploaded(ground, kind)["serial_number"]
        for kill, words in deaths(ground, "revoke", serial_number=serial):
            with told(words):
                if kill:
                    serial = uploaded(ground, kind)["serial_number"]
                    ground.do("revoke", kill=kill, serial_number=serial)
                before, after = ground.ask("watch", days=2, kept=[login])
                Life(before, ground.simulator, [login]).check_always()
                Life(after, ground.simulator, [login]).check_register()
            forget()
