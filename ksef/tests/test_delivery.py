from hypothesis import given
from hypothesis import strategies as st

from ..delivery import (
    BATCH_AT_MOST,
    BATCH_BYTES,
    BATCH_BYTES_AT_LEAST,
    ONLINE_AT_MOST,
    Waiting,
    next_delivery,
)

documents = st.builds(
    Waiting,
    id=st.integers(1, 10**6),
    size=st.integers(1, 3_000_000),
    offline=st.booleans(),
    batch_only=st.booleans(),
)


def some(count, **values):
    return [Waiting(number, 6000, **values) for number in range(1, count + 1)]


class TestFew:
    """A few never wait for a batch."""

    def test_one(self):
        delivery = next_delivery(some(1), 180)
        assert (delivery.ids, delivery.batch) == ((1,), False)

    def test_a_minute_full(self):
        assert not next_delivery(some(ONLINE_AT_MOST), 180).batch

    def test_both_modes_share_an_online_session(self):
        waiting = [Waiting(1, 9, offline=True), Waiting(2, 9)]
        assert next_delivery(waiting, 180).ids == (1, 2)

    def test_beside_one_with_an_attachment(self):
        waiting = [Waiting(1, 9, batch_only=True), Waiting(2, 9)]
        assert next_delivery(waiting, 180).ids == (2,)
        assert next_delivery(waiting[:1], 180).batch


class TestMany:
    """More than KSeF takes online in a minute, or still takes in this hour, go by
    batch."""

    def test_more_than_a_minute_takes(self):
        delivery = next_delivery(some(ONLINE_AT_MOST + 1), 180)
        assert delivery.batch
        assert len(delivery.ids) == ONLINE_AT_MOST + 1

    def test_the_hour_is_used_up(self):
        assert next_delivery(some(3), 2).batch
        assert next_delivery(some(1), 0).batch

    def test_never_more_than_ksef_takes(self):
        delivery = next_delivery(some(BATCH_AT_MOST + 5), 180)
        assert delivery.ids == tuple(range(1, BATCH_AT_MOST + 1))

    def test_no_more_than_a_step_packs(self):
        waiting = [Waiting(n, BATCH_BYTES // 100) for n in range(1, 202)]
        assert len(next_delivery(waiting, 180).ids) == 100

    def test_the_most_urgent_decides_the_mode(self):
        late = [Waiting(n, 9, offline=True) for n in range(1, 40)]
        now = [Waiting(n, 9) for n in range(40, 80)]
        delivery = next_delivery([*late[:1], *now, *late[1:]], 180)
        assert delivery.offline
        assert delivery.ids == tuple(range(1, 40))


class TestCorrections:
    """A technical correction goes online, whatever waits beside it."""

    def test_with_few(self):
        waiting = [Waiting(1, 9, offline=True, online_only=True), Waiting(2, 9)]
        assert next_delivery(waiting, 180).ids == (1, 2)

    def test_beside_many(self):
        waiting = [*some(40), Waiting(50, 9, offline=True, online_only=True)]
        assert next_delivery(waiting, 180).ids == (50,), "no failing batch keeps it"
        delivery = next_delivery(waiting[:40], 180)
        assert delivery.batch
        assert len(delivery.ids) == 40

    def test_waits_for_the_next_hour(self):
        waiting = [Waiting(1, 9, offline=True, online_only=True)]
        assert next_delivery(waiting, 0) is None


@given(st.lists(documents, max_size=80, unique_by=lambda w: w.id), st.integers(0, 180))
def test_everything_leaves_once(waiting, sends_left):
    left, seen = list(waiting), []
    while left:
        delivery = next_delivery(left, sends_left)
        chosen = [w for w in left if w.id in delivery.ids]
        assert delivery.ids and len(chosen) == len(delivery.ids)
        if delivery.batch:
            assert {w.offline for w in chosen} == {delivery.offline}
        else:
            assert len(chosen) <= min(ONLINE_AT_MOST, sends_left)
            assert not any(w.batch_only for w in chosen)
        seen += delivery.ids
        left = [w for w in left if w.id not in delivery.ids]
    assert sorted(seen) == sorted(w.id for w in waiting)


class TestBadLine:
    """A line that did not carry a batch gets a smaller one, but never none."""

    def sizes(self, lost):
        waiting = [Waiting(number, 1_000_000) for number in range(100)]
        delivery = next_delivery(waiting, 0, lost)
        return len(delivery.ids) * 1_000_000

    def test_half_as_large_each_time(self):
        sizes = [self.sizes(lost) for lost in range(4)]
        assert sizes == [BATCH_BYTES, *(BATCH_BYTES >> lost for lost in (1, 2))] + [
            7_000_000
        ]

    def test_never_smaller_than_needed(self):
        assert self.sizes(50) == BATCH_BYTES_AT_LEAST
        large = [Waiting(1, 3 * BATCH_BYTES_AT_LEAST), Waiting(2, 1)]
        assert next_delivery(large, 0, 50).ids == (1,), "one always leaves"

    def test_the_smallest_is_no_single_invoice(self):
        waiting = [Waiting(number, BATCH_BYTES_AT_LEAST // 10) for number in range(50)]
        assert len(next_delivery(waiting, 0, 50).ids) == 10

    def test_corrections_do_not_wait_for_batches_that_are_lost(self):
        waiting = [*some(60), Waiting(99, 10, online_only=True)]
        assert next_delivery(waiting, 180, 3).ids == (99,)

    def test_a_line_that_carries_no_batch_carries_single_invoices(self):
        waiting = [Waiting(0, 10, batch_only=True), *some(60)]
        assert next_delivery(waiting, 180, 5).batch
        one_by_one = next_delivery(waiting, 180, 6)
        assert not one_by_one.batch
        assert 0 not in one_by_one.ids
        assert len(one_by_one.ids) == ONLINE_AT_MOST
        assert next_delivery(waiting, 0, 6).batch, "as long as KSeF takes them"
        assert next_delivery(waiting[:1], 180, 6).batch, "an attachment goes no other"
