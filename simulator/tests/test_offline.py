"""Which invoice is offline, and how a refused one is repaired."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from .common import Law, code_of, digest, invoice

WARSAW = ZoneInfo("Europe/Warsaw")


class TestMode(Law):
    """An invoice of an earlier Polish day is offline; said to be, it always is."""

    def mode(self, moment, day, **changes):
        self.simulator.set_clock(moment)
        client = self.client()
        xml = invoice(f"FV/{day}", day=day)
        entry = client.verdict(client.open(), xml, **changes)
        assert entry["status"]["code"] == 200, entry
        return entry["invoicingMode"]

    @pytest.mark.parametrize(
        "hour, day, mode",
        [
            ("2026-07-01T00:00:30", "2026-06-30", "Offline"),
            ("2026-07-01T00:00:30", "2026-07-01", "Online"),
            ("2026-06-30T23:58:00", "2026-06-30", "Online"),
            ("2026-12-01T00:30:00", "2026-11-30", "Offline"),
            ("2026-11-30T23:30:00", "2026-11-30", "Online"),
        ],
    )
    def test_days_are_polish(self, hour, day, mode):
        moment = datetime.fromisoformat(hour).replace(tzinfo=WARSAW)
        assert self.mode(moment, day) == mode

    def test_said_to_be_offline_on_the_same_day(self):
        moment = datetime(2026, 7, 1, 12, tzinfo=WARSAW)
        assert self.mode(moment, "2026-07-01", offlineMode=True) == "Offline"

    def test_a_session_opened_before_midnight_changes_nothing(self):
        self.simulator.set_clock(datetime(2026, 6, 30, 23, 59, tzinfo=WARSAW))
        client = self.client()
        session = client.open()
        self.simulator.advance(120)
        entry = client.verdict(session, invoice(day="2026-06-30"))
        assert entry["invoicingMode"] == "Offline"

    def test_tomorrow_is_refused_even_offline(self):
        moment = datetime(2026, 7, 1, 23, 30, tzinfo=WARSAW)
        self.simulator.set_clock(moment)
        client = self.client()
        tomorrow = (moment + timedelta(days=1)).date()
        entry = client.verdict(client.open(), invoice(day=tomorrow), offlineMode=True)
        assert entry["status"]["code"] == 450


class TestTechnicalCorrection(Law):
    """A refused offline invoice is repaired once, under the hash the buyer holds."""

    @pytest.fixture(autouse=True)
    def refused(self, running):
        self.ksef = self.client()
        self.session = self.ksef.open()
        self.old = invoice("FV/1", kind="ODD")
        entry = self.ksef.verdict(self.session, self.old, offlineMode=True)
        assert entry["status"]["code"] == 450

    def correction(self, xml, of=None, **changes):
        named = {"hashOfCorrectedInvoice": digest(of or self.old)}
        return self.ksef.send(
            self.session, xml, **{"offlineMode": True, **named, **changes}
        )

    def code(self, xml, of=None):
        sent = self.correction(xml, of)
        assert sent.status_code == 202, sent.text
        path = f"/sessions/{self.session}/invoices/{sent.json()['referenceNumber']}"
        for _look in range(3):
            code = self.ksef.get(path).json()["status"]["code"]
        return code

    @pytest.mark.parametrize("said", [False, None])
    def test_only_an_offline_invoice(self, said):
        sent = self.correction(invoice("FV/1"), offlineMode=said)
        assert code_of(sent) == 21405
        assert not self.simulator.invoices

    def test_a_hash_must_be_one(self):
        sent = self.correction(invoice("FV/1"), hashOfCorrectedInvoice="bm8=")
        assert code_of(sent) == 21405

    def test_it_is_repaired_once(self):
        assert self.code(invoice("FV/1")) == 200
        assert code_of(self.correction(invoice("FV/1", extra=" "))) == 21166

    def test_a_refused_repair_may_be_repaired_under_the_first_hash(self):
        assert self.code(invoice("FV/1", kind="EVEN")) == 450
        assert self.code(invoice("FV/1")) == 200
        (held,) = self.simulator.invoices
        assert (held.mode, held.corrected_hash) == ("Offline", digest(self.old))

    def test_a_valid_invoice_needs_none(self):
        good = invoice("FV/2")
        self.ksef.verdict(self.session, good, offlineMode=True)
        assert code_of(self.correction(invoice("FV/3"), of=good)) == 21167

    def test_its_repair_is_valid_too(self):
        good = invoice("FV/1")
        assert self.code(good) == 200
        assert code_of(self.correction(invoice("FV/3"), of=good)) == 21167

    def test_ksef_need_not_know_what_is_repaired(self):
        assert self.code(invoice("FV/4"), of=b"never sent") == 200

    def test_a_duplicate_stays_one(self):
        self.ksef.verdict(self.session, invoice("FV/1"))
        assert self.code(invoice("FV/1", extra=" inna")) == 440
