"""The traffic of all other tests, judged by the official OpenAPI file.

Not a part of the simulator's own run: `scripts/test` calls this file at its end, with
the folder of records in TRAFFIC_RECORDS.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from .official import FILE, Official

RECORDS = sorted(Path(os.environ["TRAFFIC_RECORDS"]).glob("*.jsonl"))

pytestmark = pytest.mark.skipif(not FILE.exists(), reason="needs ../shared")


def records():
    for file in RECORDS:
        with file.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


class TestTraffic:
    """Neither the addon nor the simulator ever says what the file does not promise."""

    def test_requests_and_answers(self):
        official, wrong, judged = Official(), Counter(), 0
        for record in records():
            wrong.update(official.recorded(record))
            judged += 1
        print(f"{judged} requests judged")
        assert judged, "something was recorded"
        assert not wrong, wrong.most_common(20)
