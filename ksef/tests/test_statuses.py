"""What each status code means: every cell of the table, and codes not yet invented."""

import json
import re
from pathlib import Path

import pytest

from ksef.messages import (
    CloseRefusal,
    SessionPhase,
    Verdict,
    close_refusal,
    session_phase,
    verdict,
)

FILE = Path(__file__).resolve().parents[2].parent / "shared/ksef/open-api-2.7.0.json"

VERDICTS = {
    100: Verdict.WAIT,
    150: Verdict.WAIT,
    200: Verdict.ACCEPT,
    405: Verdict.RELEASE,
    410: Verdict.HOLD,
    415: Verdict.HOLD,
    430: Verdict.RELEASE,
    435: Verdict.RELEASE,
    440: Verdict.DUPLICATE,
    450: Verdict.REJECT,
    500: Verdict.RELEASE,
    550: Verdict.RELEASE,
}
ONLINE = {
    100: SessionPhase.OPEN,
    170: SessionPhase.WORKING,
    200: SessionPhase.DONE,
    415: SessionPhase.FAILED,
    440: SessionPhase.FAILED,
    445: SessionPhase.DONE,
}
BATCH = {
    100: SessionPhase.OPEN,
    150: SessionPhase.WORKING,
    200: SessionPhase.DONE,
    405: SessionPhase.FAILED,
    415: SessionPhase.FAILED,
    420: SessionPhase.FAILED,
    430: SessionPhase.FAILED,
    435: SessionPhase.FAILED,
    440: SessionPhase.FAILED,
    445: SessionPhase.DONE,
    500: SessionPhase.FAILED,
}
CLOSE_REFUSALS = {
    21157: CloseRefusal.NEVER_PROCESSED,
    21173: CloseRefusal.STATUS_TELLS,
    21180: CloseRefusal.STATUS_TELLS,
    21205: CloseRefusal.NEVER_PROCESSED,
    21208: CloseRefusal.NEVER_PROCESSED,
}


class TestInvoice:
    """Of an invoice: online and offline alike, for its bytes are the same."""

    @pytest.mark.parametrize("offline", [False, True])
    @pytest.mark.parametrize("code", VERDICTS)
    def test_known(self, code, offline):
        assert verdict(code, offline=offline) is VERDICTS[code]

    @pytest.mark.parametrize("offline", [False, True])
    @pytest.mark.parametrize("code", [-1, 0, 101, 199, 201, 299, 399])
    def test_unknown_below_400_waits(self, code, offline):
        assert verdict(code, offline=offline) is Verdict.WAIT

    @pytest.mark.parametrize("offline", [False, True])
    @pytest.mark.parametrize("code", [400, 499])
    def test_unknown_from_400_rejects(self, code, offline):
        assert verdict(code, offline=offline) is Verdict.REJECT

    @pytest.mark.parametrize("offline", [False, True])
    @pytest.mark.parametrize("code", [501, 551, 599, 999])
    def test_unknown_from_500_sends_again(self, code, offline):
        assert verdict(code, offline=offline) is Verdict.RELEASE


class TestSession:
    """Of a session: by its kind, for 150 and 170 are known to one of them only."""

    @pytest.mark.parametrize("code", ONLINE)
    def test_online(self, code):
        assert session_phase(code) is ONLINE[code]

    @pytest.mark.parametrize("code", BATCH)
    def test_batch(self, code):
        assert session_phase(code, batch=True) is BATCH[code]

    @pytest.mark.parametrize("batch", [False, True])
    @pytest.mark.parametrize("code", [-1, 0, 101, 299, 399])
    def test_unknown_below_400_works(self, code, batch):
        assert session_phase(code, batch=batch) is SessionPhase.WORKING

    @pytest.mark.parametrize("batch", [False, True])
    @pytest.mark.parametrize("code", [400, 499, 501, 999])
    def test_unknown_from_400_fails(self, code, batch):
        assert session_phase(code, batch=batch) is SessionPhase.FAILED

    @pytest.mark.parametrize(
        ("code", "batch", "phase"),
        [
            (150, False, SessionPhase.WORKING),
            (170, True, SessionPhase.WORKING),
            (405, False, SessionPhase.FAILED),
            (500, False, SessionPhase.FAILED),
        ],
    )
    def test_a_code_of_the_other_kind(self, code, batch, phase):
        assert session_phase(code, batch=batch) is phase


class TestRefusedClose:
    """A session is given up only where KSeF says that nothing of it will be read."""

    @pytest.mark.parametrize("code", CLOSE_REFUSALS)
    def test_known(self, code):
        assert close_refusal(code) is CLOSE_REFUSALS[code]

    @pytest.mark.parametrize("code", [None, 0, 21405, 21999])
    def test_unknown_is_closed_again(self, code):
        assert close_refusal(code) is CloseRefusal.RETRY

    def test_as_text(self):
        told = {each.value for each in CloseRefusal}
        assert told == {"retry", "status tells", "never processed"}


@pytest.mark.skipif(not FILE.exists(), reason="../shared is absent")
class TestOfficial:
    """No code of the official OpenAPI file is missing above."""

    def codes(self, text: str, digits: int) -> set[int]:
        return {int(each) for each in re.findall(rf"\|\s*(\d{{{digits}}})\s*\|", text)}

    def described(self, schema: str) -> set[int]:
        known = json.loads(FILE.read_text())["components"]["schemas"]
        return self.codes(known[schema]["properties"]["status"]["description"], 3)

    def test_invoices(self):
        assert self.described("SessionInvoiceStatusResponse") == set(VERDICTS)

    def test_sessions(self):
        assert self.described("SessionStatusResponse") == {*ONLINE, *BATCH}

    def test_refusals_to_close(self):
        path = "/sessions/batch/{referenceNumber}/close"
        close = json.loads(FILE.read_text())["paths"][path]["post"]
        told = self.codes(close["responses"]["400"]["description"], 5)
        # 21405, a request of a wrong form, is no statement on the session.
        assert told - {21405} == set(CLOSE_REFUSALS)
