"""What a received invoice charges: its lines, closed against its totals.

Real invoices leave out unit prices, net amounts or whole lines, and their sums may
differ by a grosz (fa3.md section 9). The totals are what KSeF accepted, so the lines
are completed until they agree with P_13, P_14 and P_15. Pure arithmetic, no records.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from ..ksef.fa3 import (
    BUCKETS,
    PERCENTS,
    Bucket,
    Kind,
    Line,
    RateTotal,
    bucket_of,
    rates,
)

CENT = Decimal("0.01")

#: Rows of these totals bear no P_12: the KSeF rate of their tax.
_CODES = {Bucket.MARGIN: "margin", Bucket.OSS: "oss"}


@dataclass(frozen=True)
class Item:
    """One line of the bill. Amounts have the sign of the document. ``added`` says why
    it stands on no line of the document: rest, advance, settled or rounding."""

    net: Decimal
    tax: Decimal = Decimal()
    tax_pln: Decimal | None = None  # of an invoice in foreign currency (P_14_xW)
    name: str = ""
    quantity: Decimal = Decimal(1)
    rate: str | None = None
    bucket: Bucket | None = None
    before: bool = False
    added: str | None = None
    line: Line | None = None  # the row of the document

    @property
    def tax_code(self):
        """The KSeF rate of the tax, also where the row has no P_12."""
        return self.rate or _CODES.get(self.bucket)

    @property
    def percent(self):
        """The VAT that is charged."""
        return _percent(self.line) if self.line else PERCENTS.get(self.rate, 0)


@dataclass
class Items:
    """The items and the names of lines that bear no amount, or one that cannot be told
    of which rate it is."""

    priced: list[Item] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def grosze(amount):
    return amount.quantize(CENT, ROUND_HALF_UP) + 0


def bill_items(invoice):
    """Return the ``Item`` of everything that ``invoice`` charges, in its order and
    what was added last; net and tax add up to P_15."""
    invoice = replace(invoice, lines=rated_lines(invoice))
    read = _read(invoice)
    totals = invoice.totals or _missing_totals(invoice, read)
    items = [item for item in read.priced if _total(totals, item.bucket) is None]
    for total in totals:
        rows = [item for item in read.priced if item.bucket is total.bucket]
        items += _taxed(_closed(rows, total, invoice, read.names), total)
    rest = invoice.total - sum(item.net + item.tax for item in items)
    if rest:
        items.append(Item(net=rest, added="rounding"))
    items = items or [_nothing(invoice)]
    place = {id(line): index for index, line in enumerate(invoice.lines)}
    return sorted(items, key=lambda item: place.get(id(item.line), len(place)))


def rated_lines(invoice):
    """Return the lines, each with a rate: one without has that of its totals."""
    return tuple(
        line if line.rate else replace(line, rate=_rate_of_totals(line, invoice))
        for line in invoice.lines
    )


def _rate_of_totals(line, invoice):
    total = _total(invoice.totals, _bucket(line, invoice.totals))
    return total and _usual_rate(total, invoice)


def _nothing(invoice):
    """Return the item of an invoice that charges nothing, as the correction of an
    address: Odoo posts no bill without a line."""
    return Item(net=Decimal(), name=invoice.correction_reason or "", added="nothing")


def _read(invoice):
    """Return the lines as they are."""
    read = Items()
    for line in invoice.lines:
        net, bucket = net_amount(line), _bucket(line, invoice.totals)
        if net is None or (bucket is None and invoice.totals):
            read.names += filter(None, [line.name])
            continue
        read.priced.append(
            Item(
                net=-net if line.before else net,
                name=line.name or "",
                quantity=line.quantity or Decimal(1),
                rate=line.rate,
                bucket=bucket,
                before=line.before,
                line=line,
            )
        )
    return read


def net_amount(line):
    """Return the net value of a line: stated, or what follows from gross or price;
    ``None`` when the line bears no amount."""
    if line.net is not None:
        return line.net
    if line.quantity is not None and line.net_price is not None:
        return grosze(line.quantity * (line.net_price - (line.unit_discount or 0)))
    gross = line.gross
    if gross is None and line.quantity is not None and line.gross_price is not None:
        gross = grosze(line.quantity * (line.gross_price - (line.unit_discount or 0)))
    if gross is None:
        return None
    return gross - line.tax if line.tax is not None else _net_of(gross, _percent(line))


def _percent(line):
    """Return the VAT of a line, that of another country under OSS."""
    return PERCENTS.get(line.rate, line.oss_rate or 0)


def _net_of(gross, percent):
    return grosze(gross * 100 / (100 + percent))


def _bucket(line, totals):
    """Return the totals that a line belongs to; a line without a rate belongs to the
    only ones there are."""
    stated = bucket_of(line.rate, line.oss_rate)
    if stated:
        return stated
    if _total(totals, Bucket.MARGIN):
        return Bucket.MARGIN
    charging = [total for total in totals if total.net or total.tax] or totals
    return charging[0].bucket if len(charging) == 1 else None


def _total(totals, bucket):
    return next((total for total in totals if total.bucket is bucket), None)


def _missing_totals(invoice, read):
    """Return the totals of an invoice that states P_15 alone, as a simplified one may
    (example 16 of the ministry): they follow from its rows or its order where these
    come to P_15, or from P_15 where all is of one rate."""
    for totals in (
        _totals_of_rows(invoice, read),
        _totals_of_order(invoice),
        _totals_of_rate(invoice, read),
    ):
        known = sum(total.net + total.tax for total in totals)
        if totals and known == invoice.total:
            return totals
    return ()


def _totals_of_rows(invoice, read):
    by_bucket = defaultdict(list)
    for item in read.priced:
        by_bucket[item.bucket].append(item)
    if None in by_bucket:
        return ()
    return tuple(_total_of_rows(bucket, rows) for bucket, rows in by_bucket.items())


def _total_of_rows(bucket, rows):
    """Return the ``RateTotal`` of rows: VAT out of the gross values where all of them
    state these (art. 106e(7)), else on top of the net values."""
    percent = rows[0].percent
    gross = [
        -item.line.gross if item.before else item.line.gross
        for item in rows
        if item.line.gross is not None
    ]
    if len(gross) == len(rows):
        net = grosze(sum(gross) * 100 / (100 + percent))
        return RateTotal(bucket=bucket, net=net, tax=sum(gross) - net)
    net = sum(item.net for item in rows)
    return RateTotal(bucket=bucket, net=net, tax=grosze(net * percent / 100))


def _totals_of_order(invoice):
    """Return the totals of an order that is paid in advance as a whole."""
    sums = defaultdict(lambda: [Decimal(), Decimal()])
    for line in invoice.order.lines if invoice.order else ():
        bucket = bucket_of(line.rate, line.oss_rate)
        if bucket is None or line.net is None:
            return ()
        sign = -1 if line.before else 1
        sums[bucket][0] += sign * line.net
        sums[bucket][1] += sign * (line.tax or 0)
    return tuple(
        RateTotal(bucket=bucket, net=net, tax=tax)
        for bucket, (net, tax) in sums.items()
    )


def _totals_of_rate(invoice, read):
    stated = {line.rate for line in invoice.lines if line.rate in BUCKETS}
    settled = invoice.kind is Kind.SETTLEMENT  # its rows are the whole order
    if (read.priced and not settled) or len(stated) != 1:
        return ()
    (rate,) = stated
    net = _net_of(invoice.total, PERCENTS.get(rate, 0))
    return (RateTotal(bucket=BUCKETS[rate], net=net, tax=invoice.total - net),)


def _closed(rows, total, invoice, names):
    """Return ``rows`` with their sum made equal to P_13 of ``total``: some grosze go to
    the largest row, anything else becomes a row of its own."""
    rest = total.net - sum(row.net for row in rows)
    if rest and rows and abs(rest) <= CENT * len(rows):
        largest = max(rows, key=lambda row: abs(row.net))
        return [
            replace(row, net=row.net + rest) if row is largest else row for row in rows
        ]
    if not rest and (rows or not total.tax):
        return rows
    rate = next((row.rate for row in rows), None) or _usual_rate(total, invoice)
    missing = Item(
        net=rest,
        name="; ".join(names),
        rate=rate,
        bucket=total.bucket,
        added=_reason(invoice, rows),
    )
    return [*rows, missing]


def _usual_rate(total, invoice):
    """Return the rate of ``total`` that the lines name, else the one that its VAT comes
    from, as 22% in 2010."""
    possible = rates(total.bucket)
    named = [line.rate for line in invoice.lines if line.rate in possible]
    return next(iter(named), None) or min(
        possible,
        key=lambda rate: abs(total.net * PERCENTS[rate] / 100 - (total.tax or 0)),
        default=None,
    )


def _reason(invoice, rows):
    if invoice.kind in (Kind.ADVANCE, Kind.ADVANCE_CORRECTION):
        return "advance"
    if invoice.kind in (Kind.SETTLEMENT, Kind.SETTLEMENT_CORRECTION) and rows:
        return "settled"
    return "rest"


def _taxed(rows, total):
    """Return ``rows`` with the VAT of their rate; what P_14 of ``total`` differs from
    their sum goes to the largest."""
    taxes = [grosze(row.net * row.percent / 100) for row in rows]
    if rows:
        largest = max(range(len(rows)), key=lambda index: abs(rows[index].net))
        taxes[largest] += (total.tax or 0) - sum(taxes)
    in_pln = _shares(total.tax_pln, taxes)
    return [
        replace(row, tax=tax, tax_pln=pln)
        for row, tax, pln in zip(rows, taxes, in_pln, strict=True)
    ]


def _shares(amount, weights):
    """Return ``amount`` divided by ``weights``, to the grosz."""
    whole = sum(weights)
    if amount is None or not whole:
        return [None] * len(weights)
    shares = [grosze(amount * weight / whole) for weight in weights]
    largest = max(range(len(weights)), key=lambda index: abs(weights[index]))
    shares[largest] += amount - sum(shares)
    return shares
