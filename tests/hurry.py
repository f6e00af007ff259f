import time

from ..ksef import auth
from ..models import (
    ksef_certificate_enrolment,
    ksef_import,
    ksef_import_window,
    ksef_session_poll,
    ksef_session_proof,
)

#: How long a second is for those who wait for the simulator, which needs none.
SECOND = 0.05

WAITING = (
    ksef_certificate_enrolment,
    ksef_import,
    ksef_import_window,
    ksef_session_poll,
    ksef_session_proof,
)


class Hurry:
    """The module ``time`` for code that looks at KSeF again and again: pauses are
    short, deadlines are not, since a busy machine needs them."""

    monotonic = staticmethod(time.monotonic)

    @staticmethod
    def sleep(seconds):
        time.sleep(seconds * SECOND)


def hurry(cls):
    """Between two looks at KSeF the tests of the class ``cls`` hardly wait."""
    cls.classPatch(auth, "_FIRST_PAUSE", auth._FIRST_PAUSE * SECOND)
    for module in WAITING:
        cls.classPatch(module, "time", Hurry)
