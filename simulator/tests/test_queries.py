"""A query sees what is stored, in the caller's role, and never past the mark."""

from datetime import datetime, timedelta, timezone

import pytest

from .common import BUYER, SELLER, STRANGER, Law, code_of, invoice

NOW = datetime.now(timezone.utc)


def filters(role="Subject2", *, days=30, kind="PermanentStorage", **changes):
    """Filters of the last days, with changes of the date range in front."""
    date_range = {"dateType": kind, "from": (NOW - timedelta(days=days)).isoformat()}
    for name in ("to", "restrictToPermanentStorageHwmDate"):
        if name in changes:
            date_range[name] = changes.pop(name)
    return {"subjectType": role, "dateRange": date_range} | changes


class QueryLaw(Law):
    @pytest.fixture(autouse=True)
    def invoices(self, running):
        self.numbers = [
            self.simulator.put_invoice(invoice(f"FV/{number}")) for number in range(12)
        ]
        self.buyer = self.client(BUYER)

    def query(self, body, client=None, **params):
        path = "/invoices/query/metadata"
        return (client or self.buyer).post(path, json=body, params=params)

    def found(self, body, client=None, **params):
        answer = self.query(body, client, **{"pageSize": 250} | params).json()
        return [row["ksefNumber"] for row in answer["invoices"]]


class TestRoles(QueryLaw):
    """One query, one role of the company."""

    def test_each_role_sees_its_own(self):
        assert self.found(filters("Subject2")) == self.numbers
        assert self.found(filters("Subject1")) == []
        seller = self.client(SELLER)
        assert self.found(filters("Subject1"), seller) == self.numbers
        assert self.found(filters("Subject2"), self.client(STRANGER)) == []

    def test_third_parties_and_authorized_ones(self):
        third = f"""<Podmiot3><DaneIdentyfikacyjne><NIP>{STRANGER}</NIP>
        <Nazwa>Faktor</Nazwa></DaneIdentyfikacyjne><Rola>1</Rola></Podmiot3><Fa>"""
        xml = invoice("FV/third").replace(b"<Fa>", third.encode())
        number = self.simulator.put_invoice(xml)
        stranger = self.client(STRANGER)
        assert self.found(filters("Subject3"), stranger) == [number]
        assert self.found(filters("Subject2"), stranger) == []
        row = self.query(filters("Subject3"), stranger).json()["invoices"][0]
        assert row["thirdSubjects"][0]["role"] == 1


class TestFilters(QueryLaw):
    """Filters narrow, and the amounts are those of the file."""

    @pytest.mark.parametrize(
        "changes, count",
        [
            ({"invoiceNumber": "FV/3"}, 1),
            ({"sellerNip": SELLER}, 12),
            ({"sellerNip": STRANGER}, 0),
            ({"amount": {"type": "Brutto", "from": 123, "to": 123}}, 12),
            ({"amount": {"type": "Netto", "from": 100.01}}, 0),
            ({"amount": {"type": "Vat", "to": 22.99}}, 0),
            ({"currencyCodes": ["EUR"]}, 0),
            ({"invoiceTypes": ["Kor"]}, 0),
            ({"invoiceTypes": ["Kor", "Vat"]}, 12),
            ({"invoicingMode": "Offline"}, 0),
            ({"isSelfInvoicing": False}, 12),
            ({"hasAttachment": True}, 0),
            ({"formType": "PEF"}, 0),
            ({"buyerIdentifier": {"type": "Nip", "value": BUYER}}, 12),
            ({"buyerIdentifier": {"type": "VatUe"}}, 0),
            ({"kind": "Issue"}, 12),
            ({"kind": "Invoicing"}, 12),
        ],
    )
    def test_each_filter(self, changes, count):
        assert len(self.found(filters(**changes))) == count

    @pytest.mark.parametrize(
        "body",
        [
            {},
            filters("Subject9"),
            filters(kind="Storage"),
            filters(days=93),
            filters(to="2020-01-01T00:00:00Z"),
            filters(invoicingMode="online"),
            filters(invoiceTypes=["VAT"]),
            {
                "subjectType": "Subject1",
                "dateRange": {"dateType": "Issue", "from": "x"},
            },
        ],
    )
    def test_what_is_no_filter(self, body):
        assert code_of(self.query(body)) == 21405

    def test_three_calendar_months_in_polish_time(self):
        window = filters(to="2026-02-28T22:59:00Z")
        window["dateRange"]["from"] = "2025-11-29T23:00:00Z"
        assert self.query(window).status_code == 200, "30 Nov to 28 Feb in Poland"
        window["dateRange"]["to"] = "2026-03-01T00:00:00Z"
        assert code_of(self.query(window)) == 21405


class TestPaging(QueryLaw):
    """pageOffset counts pages; the end of the technical limit is told."""

    def test_pages(self):
        answers = [
            self.query(filters(), pageOffset=page, pageSize=10).json()
            for page in range(2)
        ]
        rows = [row["ksefNumber"] for a in answers for row in a["invoices"]]
        assert rows == self.numbers
        assert [a["hasMore"] for a in answers] == [True, False]

    def test_descending(self):
        assert self.found(filters(), sortOrder="Desc") == self.numbers[::-1]

    def test_truncated(self):
        self.simulator.set(query_limit=10)
        answer = self.query(filters(), pageSize=10).json()
        assert answer["hasMore"] and answer["isTruncated"]
        beyond = self.query(filters(), pageSize=10, pageOffset=1)
        assert code_of(beyond) == 21405
        again = filters()
        again["dateRange"]["from"] = answer["invoices"][-1]["permanentStorageDate"]
        assert self.found(again) == self.numbers[9:], "both ends are included"

    def test_page_size(self):
        assert code_of(self.query(filters(), pageSize=251)) == 21405


class TestMark(QueryLaw):
    """Nothing ever appears at or below a high water mark that was told."""

    def test_what_comes_later_lies_above_the_mark(self):
        restricted = filters(restrictToPermanentStorageHwmDate=True)
        mark = self.query(restricted).json()["permanentStorageHwmDate"]
        later = self.simulator.put_invoice(invoice("FV/later"))
        restricted["dateRange"]["from"] = mark
        assert self.found(restricted) == [later]

    def test_the_same_with_a_clock_that_stands_still(self):
        self.simulator.set_clock(datetime.now(timezone.utc), stopped=True)
        self.test_what_comes_later_lies_above_the_mark()

    def test_what_waits_for_storage_is_not_seen_below_the_mark(self):
        self.simulator.set_delay(steps=0, seconds=60)
        seller = self.seller()
        session = seller.open()
        seller.send(session, invoice("FV/new"))
        restricted = filters(restrictToPermanentStorageHwmDate=True)
        first = self.query(restricted, pageSize=250).json()
        assert len(first["invoices"]) == 12
        self.simulator.advance(61)
        restricted["dateRange"]["from"] = first["permanentStorageHwmDate"]
        assert len(self.found(restricted)) == 1

    def test_a_mark_that_lies_behind(self):
        self.simulator.set(mark_lag=3600)
        restricted = filters(restrictToPermanentStorageHwmDate=True)
        assert self.found(restricted) == []
        assert len(self.found(filters())) == 12, "visible, though not guaranteed"
        restricted["dateRange"]["from"] = datetime.now(timezone.utc).isoformat()
        assert code_of(self.query(restricted)) == 21183

    def test_the_mark_never_exceeds_the_end_of_the_window(self):
        end = (NOW - timedelta(days=1)).isoformat()
        mark = self.query(filters(to=end)).json()["permanentStorageHwmDate"]
        assert mark[:26] == end[:26]

    def test_other_dates_have_no_mark(self):
        answer = self.query(filters(kind="Invoicing")).json()
        assert "permanentStorageHwmDate" not in answer

    def seller(self):
        self.simulator.set_delay(steps=0)
        client = self.client(SELLER)
        self.simulator.set_delay(steps=0, seconds=60)
        return client


class TestDownload(QueryLaw):
    """One invoice, for its parties, once it is stored."""

    def test_exact_bytes(self):
        answer = self.buyer.get(f"/invoices/ksef/{self.numbers[0]}")
        assert answer.content == invoice("FV/0")
        assert answer.headers["Content-Type"].startswith("application/xml")

    def test_not_for_strangers(self):
        path = f"/invoices/ksef/{self.numbers[0]}"
        assert code_of(self.client(STRANGER).get(path)) == 21164

    def test_no_such_number(self):
        path = "/invoices/ksef/5265877635-20250826-0100001AF629-AF"
        assert code_of(self.buyer.get(path)) == 21164
        assert code_of(self.buyer.get("/invoices/ksef/x")) == 21405

    def test_not_yet_available(self):
        seller = self.client(SELLER)
        session = seller.open()
        number = seller.verdict(session, invoice("FV/new"))["ksefNumber"]
        path = f"/invoices/ksef/{number}"
        assert code_of(seller.get(path)) == 21165
        assert seller.get(path).status_code == 200


class TestMoments(QueryLaw):
    """A bound is exact to the seven digits that KSeF writes, both ends included."""

    def test_a_mark_finds_its_invoice_and_the_next_moment_does_not(self):
        rows = self.query(filters(), pageSize=250).json()["invoices"]
        mark = rows[4]["permanentStorageDate"]
        assert self.found(self.between(mark)) == self.numbers[4:]
        assert self.found(self.between(self.moved(mark, 1))) == self.numbers[5:]
        assert self.found(self.between(mark, mark)) == self.numbers[4:5]
        before = self.moved(mark, -1)
        assert (
            self.found(self.between(rows[0]["permanentStorageDate"], before))
            == (self.numbers[:4])
        )

    def between(self, begin, end=None):
        wanted = filters(**({"to": end} if end else {}))
        wanted["dateRange"]["from"] = begin
        return wanted

    def moved(self, mark, tick):
        """The mark, later or earlier by 100 ns."""
        head, tail = mark[:19], mark[27:]
        ticks = int(mark[20:27]) + tick
        return f"{head}.{ticks:07d}{tail}"

    def test_many_at_one_moment(self):
        moment = NOW - timedelta(days=3)
        many = [
            self.simulator.put_invoice(invoice(f"M/{number}"), stored=moment)
            for number in range(3)
        ]
        rows = self.query(filters(), pageSize=250).json()["invoices"][:3]
        assert [row["ksefNumber"] for row in rows] == many
        assert len({row["permanentStorageDate"] for row in rows}) == 1

    def test_what_is_hidden_shows_later_with_its_old_date(self):
        late = self.simulator.put_invoice(invoice("LATE"), hidden=60)
        early = self.simulator.put_invoice(invoice("EARLY"))
        assert self.found(filters())[-1] == early
        self.simulator.advance(61)
        assert self.found(filters())[-2:] == [late, early]
