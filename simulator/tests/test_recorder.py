"""What was said on the wire is kept, and can be judged elsewhere."""

import json

import pytest

from .common import Client, Law, digest, invoice, needs_shared, zipped
from .official import judge, main


class RecorderLaw(Law):
    @pytest.fixture(autouse=True)
    def recording(self, running, tmp_path):
        self.folder = tmp_path / "records"
        self.simulator.record(self.folder)

    def text(self):
        return "".join(file.read_text() for file in self.folder.glob("*.jsonl"))

    def records(self):
        return [json.loads(line) for line in self.text().splitlines()]


class TestRecorder(RecorderLaw):
    """Every request to the API with its answer, and no token of either."""

    def test_both_directions(self):
        client = self.client()
        session = client.open()
        client.send(session, invoice())
        client.get("/sessions?sessionType=Online")
        opened, sent, listed = self.records()[-3:]
        assert (opened["method"], opened["path"]) == ("POST", "/sessions/online")
        assert opened["answer"]["referenceNumber"] == session
        assert sent["body"]["invoiceHash"] == digest(invoice())
        assert sent["status"] == 202
        assert listed["query"] == "sessionType=Online"
        assert listed["headers"]["x-error-format"] == "problem-details"

    def test_no_token(self):
        client = self.client()
        client.get("/rate-limits")
        last = self.records()[-1]
        assert last["headers"]["authorization"] == "Bearer"
        for token in (client.token, client.refresh_token):
            assert token not in self.text()

    def test_only_the_api(self):
        client = self.client()
        client.session_status(client.send_batch(zipped({"a.xml": invoice()})))
        assert not [r for r in self.records() if "storage" in r["path"]]

    def test_a_callable(self):
        heard = []
        self.simulator.record(heard.append)
        Client(self.simulator).post("/auth/challenge")
        assert [record["path"] for record in heard] == ["/auth/challenge"]


@needs_shared
class TestJudge(RecorderLaw):
    """A judge of records finds what is wrong on either side, and nothing else."""

    def test_good_traffic(self):
        client = self.client()
        session = client.send_batch(zipped({"a.xml": invoice()}))
        client.session_status(session)
        client.listed(session)
        client.get("/sessions?sessionType=Batch&statuses=Succeeded&statuses=Failed")
        client.post("/permissions/query/personal/grants")
        assert len(self.records()) > 8
        assert judge(self.folder) == []

    @pytest.mark.parametrize(
        "path, problem",
        [
            ("/sessions", "query sessionType is missing"),
            ("/sessions?sessionType=Mail", "query sessionType"),
            ("/sessions?sessionType=Batch&pageSize=9", "query pageSize"),
            ("/sessions?sessionType=Batch&pageSize=many", "query pageSize"),
            ("/sessions?sessionType=Batch&page=1", "query page is not in the file"),
            ("/sessions?sessionType=Batch&dateCreatedFrom=now", "dateCreatedFrom"),
            ("/sessions/short", "path referenceNumber"),
            ("/nowhere", "no such operation"),
        ],
    )
    def test_wrong_addresses(self, path, problem):
        self.simulator.server.app = getattr(
            self.simulator.server.app, "_app", self.simulator.server.app
        )
        self.client().get(path)
        assert problem in "\n".join(judge(self.folder))

    @pytest.mark.parametrize(
        "change, problem",
        [
            ({"formCode": None}, "formCode"),
            ({"offlinemode": True}, "/offlinemode is not in the file"),
            ({"offlineMode": "yes"}, "offlineMode"),
            ({"batchFile": {"fileSize": 1}}, "batchFile"),
        ],
    )
    def test_wrong_bodies(self, change, problem):
        client = self.client()
        body, _parts = client.batch_body(zipped({"a.xml": invoice()}))
        self.simulator.server.app = self.simulator.server.app._app
        client.post("/sessions/batch", json=body | change)
        found = judge(self.folder)
        assert found and all(problem in each for each in found)

    def test_no_token_no_body_and_another_kind_of_body(self):
        client = self.client()
        client.post("/sessions/batch")
        client.post("/sessions/batch", data="a=b")
        Client(self.simulator).get("/rate-limits")
        self.records()
        found = "\n".join(judge(self.folder))
        for problem in ("no body", "not in ['application/json']", "no Authorization"):
            assert problem in found

    def test_a_wrong_answer(self, tmp_path):
        Client(self.simulator).post("/auth/challenge")
        (record,) = self.records()
        del record["answer"]["challenge"]
        file = tmp_path / "wrong.jsonl"
        file.write_text(json.dumps(record))
        (found,) = judge(file)
        assert found.startswith("wrong.jsonl:1: POST /auth/challenge 200")
        assert main([str(file)]) == 1 and main([str(self.folder)]) == 0

    def test_what_did_not_come_from_ksef_is_not_held_against_it(self):
        self.simulator.server.app = self.simulator.server.app._app
        client = self.client()
        for name in ("cut_json", "script_page", "server_error", "bad_gateway_html"):
            self.simulator.fault(name)
            client.get("/rate-limits")
        assert judge(self.folder) == []
