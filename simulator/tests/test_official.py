"""The judge itself: it passes what is promised and nothing else."""

import json

import pytest

from .common import SELLER, Client, Law, needs_shared, official

GOOD = {"referenceNumber": "2" * 36, "validUntil": "2026-02-01T10:00:00.1234567+00:00"}
JSON = {"content-type": "application/json; charset=utf-8"}


@needs_shared
class TestJudge:
    """A judge that never finds anything would prove nothing."""

    def judge(self, payload=GOOD, status=201, headers=JSON, path="/sessions/online"):
        body = json.dumps(payload).encode()
        return official().violations("POST", path, status, headers, body)

    def test_a_promised_answer(self):
        assert self.judge() == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"payload": {"referenceNumber": "2" * 36}},
            {"payload": GOOD | {"referenceNumber": "short"}},
            {"payload": GOOD | {"validUntil": "tomorrow"}},
            {"status": 200},
            {"headers": {"content-type": "text/html"}},
            {"path": "/sessions/offline"},
        ],
    )
    def test_a_broken_promise(self, changes):
        assert len(self.judge(**changes)) == 1


@needs_shared
class TestCheckingLayer(Law):
    """Every answer of a running simulator passes the judge."""

    def test_answers_are_counted(self):
        client = Client(self.simulator)
        client.log_in_with_token(SELLER, self.simulator.new_token(SELLER))
        for path in ("/rate-limits", "/limits/context", "/limits/subject"):
            assert client.get(path).status_code == 200
        assert self.simulator.server.app.checked >= 8
