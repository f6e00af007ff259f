"""Which documents go online and which by batch.

Online a document is numbered within seconds, but production takes 30 sends a minute
and 180 an hour (official documentation, limits), and a technical correction goes no
other way. A batch carries 10,000 invoices with a handful of requests, and is the only
way for an invoice with an attachment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: One online session carries no more than KSeF takes within a minute; what has a legal
#: deadline needs some of that.
ONLINE_AT_MOST = 25

#: KSeF takes 10,000 invoices in a session of either kind.
BATCH_AT_MOST = 10_000

#: Packing and uploading so much fits into one step of a cron.
BATCH_BYTES = 60_000_000

#: However bad the line is, a batch is not made smaller than this.
BATCH_BYTES_AT_LEAST = 1_000_000


@dataclass(frozen=True)
class Waiting:
    """A document ready to be handed over; `size` in bytes."""

    id: int
    size: int
    offline: bool = False
    batch_only: bool = False
    online_only: bool = False


@dataclass(frozen=True)
class Delivery:
    """What one session carries. A batch is offline as a whole or not at all."""

    ids: tuple[int, ...]
    batch: bool = False
    offline: bool = False


def next_delivery(
    waiting: Sequence[Waiting], sends_left: int, lost_batches: int = 0
) -> Delivery | None:
    """The next session to open, None while KSeF takes nothing more of what waits.

    `waiting` begins with the most urgent; `sends_left` is how many documents KSeF
    still takes online now. A few never wait for a batch. After `lost_batches` in a row
    the next one is half as large for each: a slow line carries less. A line that loses
    the smallest too (the storage has an address of its own) may carry one by one.
    """
    room = min(ONLINE_AT_MOST, sends_left)
    online = [each for each in waiting if not each.batch_only]
    lost_the_smallest = BATCH_BYTES >> lost_batches < BATCH_BYTES_AT_LEAST
    if online and room > 0 and lost_batches and lost_the_smallest:
        return Delivery(tuple(each.id for each in online[:room]))
    free = [each for each in online if not each.online_only]
    if online and room > 0 and len(free) <= room:
        return Delivery(tuple(each.id for each in online[:room]))
    corrections = [each for each in online if each.online_only]
    if corrections and room > 0:
        # First: a batch that fails again and again must not keep them.
        return Delivery(tuple(each.id for each in corrections[:room]))
    packable = [each for each in waiting if not each.online_only]
    most = min(BATCH_BYTES, max(BATCH_BYTES >> lost_batches, BATCH_BYTES_AT_LEAST))
    return _batch(packable, most) if packable else None


def _batch(packable: Sequence[Waiting], most: int) -> Delivery:
    offline = packable[0].offline
    ids, total = [], 0
    for each in packable:
        if each.offline != offline:
            continue
        total += each.size
        if ids and (len(ids) == BATCH_AT_MOST or total > most):
            break
        ids.append(each.id)
    return Delivery(tuple(ids), batch=True, offline=offline)
