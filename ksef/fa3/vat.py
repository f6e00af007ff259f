"""VAT rates of FA(3): the rate of a line (P_12) and the totals it belongs to.

The only table of its kind: a new rate or total is one row here. Source: the FA(3)
brochure of 2026-03-04, pages 47-53 and 92 (P_13_1 to P_13_11, P_12).
"""

from decimal import Decimal
from enum import Enum


class Bucket(Enum):
    """The totals of one kind of sale: elements for net, VAT and VAT in PLN, in
    schema order. Without a VAT element the sale bears none."""

    STANDARD = ("P_13_1", "P_14_1", "P_14_1W")
    REDUCED = ("P_13_2", "P_14_2", "P_14_2W")
    SUPER_REDUCED = ("P_13_3", "P_14_3", "P_14_3W")
    TAXI = ("P_13_4", "P_14_4", "P_14_4W")
    OSS = ("P_13_5", "P_14_5", None)
    ZERO_DOMESTIC = ("P_13_6_1", None, None)
    ZERO_EU_GOODS = ("P_13_6_2", None, None)
    ZERO_EXPORT = ("P_13_6_3", None, None)
    EXEMPT = ("P_13_7", None, None)
    OUTSIDE_POLAND = ("P_13_8", None, None)
    EU_SERVICES = ("P_13_9", None, None)
    REVERSE_CHARGE = ("P_13_10", None, None)
    MARGIN = ("P_13_11", None, None)

    def __init__(self, net: str, tax: str | None, tax_pln: str | None) -> None:
        self.net = net
        self.tax = tax
        self.tax_pln = tax_pln


# P_12 code: totals, percent. A line under OSS or a margin scheme has no P_12.
_TABLE = (
    ("23", Bucket.STANDARD, 23),
    ("22", Bucket.STANDARD, 22),
    ("8", Bucket.REDUCED, 8),
    ("7", Bucket.REDUCED, 7),
    ("5", Bucket.SUPER_REDUCED, 5),
    ("4", Bucket.TAXI, 4),
    ("3", Bucket.TAXI, 3),
    ("0 KR", Bucket.ZERO_DOMESTIC, 0),
    ("0 WDT", Bucket.ZERO_EU_GOODS, 0),
    ("0 EX", Bucket.ZERO_EXPORT, 0),
    ("zw", Bucket.EXEMPT, 0),
    ("oo", Bucket.REVERSE_CHARGE, 0),
    ("np I", Bucket.OUTSIDE_POLAND, 0),
    ("np II", Bucket.EU_SERVICES, 0),
)
RATES: tuple[str, ...] = tuple(code for code, _bucket, _percent in _TABLE)
BUCKETS: dict[str, Bucket] = {code: bucket for code, bucket, _percent in _TABLE}
PERCENTS: dict[str, int] = {code: percent for code, _bucket, percent in _TABLE}


# Procedura, ProceduraZ: one per line, voluntary. The customs procedures 42 and 63 are
# marked on supplies only, not on orders.
PROCEDURES: tuple[str, ...] = (
    "WSTO_EE",
    "IED",
    "TT_D",
    "I_42",
    "I_63",
    "B_SPV",
    "B_SPV_DOSTAWA",
    "B_MPV_PROWIZJA",
)
ORDER_PROCEDURES: tuple[str, ...] = tuple(
    code for code in PROCEDURES if code not in ("I_42", "I_63")
)


def bucket_of(rate: str | None, oss_rate: Decimal | None = None) -> Bucket | None:
    """The totals of a line with P_12 ``rate`` or P_12_XII ``oss_rate``; ``None`` where
    neither tells, as under a margin scheme."""
    if rate in BUCKETS:
        return BUCKETS[rate]
    return Bucket.OSS if oss_rate is not None else None


def rates(bucket: Bucket) -> tuple[str, ...]:
    """The P_12 codes whose sales are totalled in ``bucket``."""
    return tuple(code for code in RATES if BUCKETS[code] is bucket)
