"""Limits: what KSeF counts a request under, and how long the next one has to wait."""

from datetime import datetime, timedelta, timezone

import pytest

from ksef.limits import PUBLISHED, SHARES, Budget, RateLimits, share

NOON = datetime(2026, 9, 1, 12, tzinfo=timezone.utc)
LIMITS = RateLimits(PUBLISHED)
CLOSING = RateLimits({**PUBLISHED, "onlineSessionClose": (20, 60, 240)})


def after(**time):
    return NOON + timedelta(**time)


class TestCounters:
    """KSeF counts by group; every other endpoint has a counter of its own."""

    @pytest.mark.parametrize(
        ("method", "path", "counter"),
        [
            ("POST", "/sessions/online", "onlineSession"),
            ("POST", "/sessions/online/20260901-SO-1/invoices", "invoiceSend"),
            ("POST", "/sessions/batch", "batchSession"),
            ("GET", "/sessions", "sessionList"),
            ("GET", "/sessions/20260901-SO-1", "sessionMisc"),
            ("GET", "/sessions/20260901-SO-1/upo/UPO-1", "sessionMisc"),
            ("GET", "/sessions/S-1/invoices", "sessionInvoiceList"),
            ("GET", "/sessions/S-1/invoices/failed", "sessionInvoiceList"),
            ("GET", "/sessions/S-1/invoices/EE-1", "invoiceStatus"),
            ("GET", "/sessions/S-1/invoices/EE-1/upo", "sessionMisc"),
            ("GET", "/sessions/S-1/invoices/ksef/9-1/upo", "sessionMisc"),
            ("POST", "/invoices/query/metadata", "invoiceMetadata"),
            ("POST", "/invoices/exports", "invoiceExport"),
            ("GET", "/invoices/exports/EX-1", "invoiceExportStatus"),
            ("GET", "/invoices/ksef/9999999999-20260901-1", "invoiceDownload"),
            ("POST", "/certificates/query", "other POST /certificates/query"),
            ("GET", "/certificates/enrollments/C-1", "other GET /certificates/enro"),
            ("DELETE", "/auth/sessions/A-1", "other DELETE /auth/sessions/*"),
        ],
    )
    def test_counter(self, method, path, counter):
        assert LIMITS.counter(method, path).startswith(counter)

    def test_references_do_not_make_new_counters(self):
        first, second = (
            LIMITS.counter("POST", f"/certificates/{serial}/revoke")
            for serial in ("0A1", "0B2")
        )
        assert first == second

    @pytest.mark.parametrize(
        ("limits", "counter"),
        [(LIMITS, "onlineSession"), (CLOSING, "onlineSessionClose")],
    )
    def test_r36_closing_counts_as_the_server_lists_it(self, limits, counter):
        assert limits.counter("POST", "/sessions/online/S-1/close") == counter


class TestAnswer:
    """What KSeF lists holds; what it does not limit is not limited."""

    def test_r39_unknown_and_odd_groups(self):
        limits = RateLimits.from_json(
            {
                "invoiceSend": {"perSecond": 1, "perMinute": 2, "perHour": 3},
                "brandNew": {"perSecond": 4, "perFortnight": 5},
                "global": {"perSecond": -1, "perMinute": -1, "perHour": -1},
                "sessionMisc": None,
            }
        )
        assert limits.windows("invoiceSend") == (1, 2, 3)
        assert limits.windows("brandNew") == (4, None, None)
        for unlimited in ("global", "sessionMisc", "sessionList", "other GET /x"):
            assert limits.windows(unlimited) == (None, None, None)

    def test_there_and_back(self):
        assert RateLimits.from_json(CLOSING.to_json()) == CLOSING


class TestBudget:
    """Every request that a budget lets pass is one that KSeF takes."""

    def test_three_windows(self):
        budget = Budget(RateLimits({"invoiceSend": (2, 3, 4)}))
        waits = []
        for moment in (0, 0.2, 0.4, 3, 6, 64, 70, 3700):
            wait = budget.wait("invoiceSend", after(seconds=moment))
            waits.append(wait)
            if not wait:
                budget.spend("invoiceSend", after(seconds=moment))
        assert waits == [0, 0, 2, 0, 55, 0, 3531, 0]

    def test_a_published_hour_is_used_up_exactly(self):
        budget, now, sent = Budget(LIMITS), NOON, 0
        while now < after(minutes=59):
            wait = budget.wait("invoiceSend", now)
            if wait:
                now += timedelta(seconds=wait)
            else:
                budget.spend("invoiceSend", now)
                sent += 1
        assert sent == 180
        assert budget.left("invoiceSend", after(minutes=59)) == 0
        assert budget.left("invoiceSend", after(hours=3)) == 180

    def test_no_limit(self):
        budget = Budget(RateLimits({}))
        for _ in range(1000):
            budget.spend("invoiceSend", NOON)
        assert budget.wait("invoiceSend", NOON) == 0
        assert budget.left("invoiceSend", NOON) is None

    def test_what_others_spent_counts(self):
        budget = Budget(LIMITS, [("invoiceExport", NOON, 20)])
        assert budget.wait("invoiceExport", after(minutes=30)) == 1801
        assert budget.left("invoiceExport", after(minutes=30)) == 0
        assert budget.wait("invoiceMetadata", after(minutes=30)) == 0

    def test_r34_who_stops_first(self):
        spent, left = [], {}
        for number in range(65):
            budget = Budget(LIMITS, spent)
            for purpose, part in SHARES.items():
                if budget.wait("invoiceDownload", after(minutes=5), part):
                    left.setdefault(purpose, 64 - number)
            spent.append(("invoiceDownload", NOON, 1))
        assert left == {"deadline": 0, "send": 7, "check": 7, "poll": 13, "import": 26}

    def test_what_is_open_may_be_closed(self):
        assert share("poll", "/sessions/online/S-1/close") == 1
        assert share("poll", "/sessions/online/S-1") < 1

    def test_a_share_of_little_is_one(self):
        budget = Budget(RateLimits({"invoiceExport": (1, 1, 1)}))
        assert budget.wait("invoiceExport", NOON, SHARES["import"]) == 0
