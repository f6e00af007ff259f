"""What each status code means: every cell of the table, and codes not yet invented."""

import pytest

from ksef.messages import SessionPhase, Verdict, session_phase, verdict


@pytest.mark.parametrize("offline", [False, True])
@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (100, Verdict.WAIT),
        (150, Verdict.WAIT),
        (200, Verdict.ACCEPT),
        (405, Verdict.RELEASE),
        (410, Verdict.HOLD),
        (415, Verdict.HOLD),
        (430, Verdict.RELEASE),
        (435, Verdict.RELEASE),
        (440, Verdict.DUPLICATE),
        (450, Verdict.REJECT),
        (500, Verdict.RELEASE),
        (550, Verdict.RELEASE),
        (101, Verdict.WAIT),
        (199, Verdict.WAIT),
        (299, Verdict.WAIT),
        (399, Verdict.WAIT),
        (400, Verdict.REJECT),
        (499, Verdict.REJECT),
        (999, Verdict.REJECT),
    ],
)
def test_verdict(code, meaning, offline):
    assert verdict(code, offline=offline) is meaning


@pytest.mark.parametrize(
    ("code", "phase"),
    [
        (100, SessionPhase.OPEN),
        (170, SessionPhase.WORKING),
        (200, SessionPhase.DONE),
        (415, SessionPhase.FAILED),
        (440, SessionPhase.FAILED),
        (445, SessionPhase.DONE),
        (150, SessionPhase.WORKING),
        (399, SessionPhase.WORKING),
        (500, SessionPhase.FAILED),
    ],
)
def test_phase_of_an_online_session(code, phase):
    assert session_phase(code) is phase


@pytest.mark.parametrize(
    ("code", "phase"),
    [
        (100, SessionPhase.OPEN),
        (150, SessionPhase.WORKING),
        (200, SessionPhase.DONE),
        (405, SessionPhase.FAILED),
        (415, SessionPhase.FAILED),
        (420, SessionPhase.FAILED),
        (430, SessionPhase.FAILED),
        (435, SessionPhase.FAILED),
        (440, SessionPhase.FAILED),
        (445, SessionPhase.DONE),
        (500, SessionPhase.FAILED),
        (170, SessionPhase.WORKING),
        (499, SessionPhase.FAILED),
    ],
)
def test_phase_of_a_batch_session(code, phase):
    assert session_phase(code, batch=True) is phase
