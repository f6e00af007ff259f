"""More invoices on one moment than KSeF hands out are told apart by other filters."""

import random
from decimal import Decimal

from ksef.messages import InvoiceMetadata, InvoiceQuery
from ksef.partition import divide


def listed(gross, **values):
    entry = {"ksefNumber": "x", "grossAmount": gross and Decimal(gross), **values}
    return InvoiceMetadata.from_json(entry)


def finds(filters, one):
    """Whether KSeF would list the invoice: bounds belong to the range."""
    amount = filters.get("amount", {})
    return (
        amount.get("from", float("-inf")) <= float(one.gross_amount)
        and float(one.gross_amount) <= amount.get("to", float("inf"))
        and filters.get("invoicingMode", one.invoicing_mode) == one.invoicing_mode
        and filters.get("isSelfInvoicing", one.is_self_invoicing)
        == one.is_self_invoicing
        and filters.get("hasAttachment", one.has_attachment) == one.has_attachment
    )


def divided(filters, held, limit):
    """Everything that is found, however often the query has to be divided; and how
    many queries it took. None: it could not be."""
    found = [one for one in held if finds(filters, one)]
    if len(found) <= limit:
        return found, 1
    parts = divide(filters, found[:limit])
    if not parts:
        return None
    found, queries = [], 1
    for part in parts:
        more = divided(part, held, limit)
        if more is None:
            return None
        found, queries = found + more[0], queries + more[1]
    return found, queries


class TestDivide:
    """The parts together find everything, each invoice once."""

    def test_r53_any_amounts(self):
        for seed in range(60):
            chance = random.Random(seed)
            amounts = chance.choices([-5, 0, "0.01", 1, 2, "2.01", 123, 9999], k=40)
            amounts += [chance.randint(-300, 300) for _each in range(40)]
            held = [listed(amount, invoicingMode="Online") for amount in amounts]
            found, _queries = divided({}, held, 16)
            assert len(found) == 80, f"seed {seed}: each of them once"
            assert {id(one) for one in found} == {id(one) for one in held}

    def test_what_was_not_handed_out_is_found_too(self):
        """All that were have one amount: what lies below or above it may follow."""
        parts = divide({}, [listed(100)] * 4)
        for amount in (-7, "99.99", 100, "100.01", 9999):
            found = [part for part in parts if finds(part, listed(amount))]
            assert len(found) == 1, amount

    def test_one_amount_told_apart_by_kinds(self):
        held = [
            listed(100, invoicingMode=mode, isSelfInvoicing=own, hasAttachment=much)
            for mode in ("Online", "Offline")
            for own in (True, False)
            for much in (True, False)
        ]
        found, _queries = divided({}, held, 1)
        assert len(found) == 8

    def test_what_nothing_tells_apart(self):
        held = [listed(100, invoicingMode="Online")] * 3
        assert divided({}, held, 2) is None, "it ends, and says so"

    def test_few_queries(self):
        held = [listed(amount, invoicingMode="Online") for amount in range(10_001)]
        assert divided({}, held, 10_000)[1] == 3

    def test_without_amounts_nothing_is_known(self):
        assert divide({}, []) == []
        assert divide({}, [listed(None)]) == []

    def test_the_filters_are_part_of_the_query(self):
        (low, high) = divide({}, [listed(1), listed(5)])
        query = InvoiceQuery("Subject2", "2026-01-01T00:00:00Z", narrowed=high)
        assert query.to_json()["amount"] == {"type": "Brutto", "from": 5.0}
        assert low["amount"] == {"type": "Brutto", "to": 4.99}
