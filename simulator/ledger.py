"""What a test or a benchmark asks afterwards: what is held, what was asked for."""

from collections import Counter
from dataclasses import dataclass

UNLIMITED = "unlimited"


@dataclass(frozen=True)
class Ledger:
    """How often KSeF has accepted each hash, and each (NIP, kind, number)."""

    by_hash: Counter
    by_key: Counter


def of(invoices) -> Ledger:
    """The ledger of a repository. What a failed session took along is not in it."""
    by_hash, by_key = Counter(), Counter()
    for (digest, key), times in invoices.accepted.items():
        if times:
            by_hash[digest] += times
            by_key[key] += times
    return Ledger(by_hash, by_key)


def counts(requests) -> Counter:
    """How many requests of each group of limits KSeF has worked on.

    Refused logins and those of too many are not among them; what has no limit, as
    uploads by link, counts as "unlimited".
    """
    return Counter(request.group or UNLIMITED for request in requests if request.passed)
