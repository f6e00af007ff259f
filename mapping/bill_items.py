"""What a received invoice charges: its lines, closed against its totals.

Real invoices leave out unit prices, net amounts or whole lines, and their sums may
differ by a grosz (fa3.md section 9). The totals are what KSeF accepted, so the lines
are completed until they agree with P_13, P_14 and P_15. Pure arithmetic, no records.
"""

from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal

from ..ksef.fa3 import BUCKETS, PERCENTS, Bucket, Kind, RateTotal, bucket_of, rates

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Item:
    """One line of the bill. Amounts have the sign of the document. ``added`` says why
    it stands on no line of the document: rest, advance, settled or rounding."""

    net: Decimal
    tax: Decimal = Decimal()
    name: str = ""
    quantity: Decimal = Decimal(1)
    code: str | None = None
    gtin: str | None = None
    rate: str | None = None
    bucket: Bucket | None = None
    before: bool = False
    added: str | None = None


@dataclass
class Items:
    """The items and the names of lines that bear no amount."""

    priced: list[Item] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def grosze(amount):
    return amount.quantize(CENT, ROUND_HALF_UP) + 0


def bill_items(invoice):
    """Return the ``Item`` of everything that ``invoice`` charges; net and tax add up to
    P_15."""
    read = _read(invoice)
    totals = invoice.totals or _missing_totals(invoice, read)
    items = [item for item in read.priced if _total(totals, item.bucket) is None]
    for total in totals:
        rows = [item for item in read.priced if item.bucket is total.bucket]
        items += _taxed(_closed(rows, total, invoice, read.names), total)
    rest = invoice.total - sum(item.net + item.tax for item in items)
    if rest:
        items.append(Item(net=rest, added="rounding"))
    return items


def _read(invoice):
    """Return the lines as they are."""
    read = Items()
    for line in invoice.lines:
        net = net_amount(line)
        if net is None:
            read.names += filter(None, [line.name])
            continue
        read.priced.append(
            Item(
                net=-net if line.before else net,
                name=line.name or "",
                quantity=line.quantity or Decimal(1),
                code=line.code,
                gtin=line.gtin,
                rate=line.rate,
                bucket=_bucket(line, invoice.totals),
                before=line.before,
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
    return gross - line.tax if line.tax is not None else _net_of(gross, line.rate)


def _net_of(gross, rate):
    return grosze(gross * 100 / (100 + PERCENTS.get(rate, 0)))


def _bucket(line, totals):
    """Return the totals that a line belongs to; a line without a rate belongs to the
    only ones there are."""
    stated = bucket_of(line.rate, line.oss_rate)
    if stated:
        return stated
    if _total(totals, Bucket.MARGIN):
        return Bucket.MARGIN
    return totals[0].bucket if len(totals) == 1 else None


def _total(totals, bucket):
    return next((total for total in totals if total.bucket is bucket), None)


def _missing_totals(invoice, read):
    """Return the totals of a simplified invoice that states P_15 alone (example 16 of
    the ministry): with one rate they follow from it."""
    rates = {line.rate for line in invoice.lines if line.rate in BUCKETS}
    if read.priced or len(rates) != 1:
        return ()
    (rate,) = rates
    net = _net_of(invoice.total, rate)
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
    rate = next((row.rate for row in rows), None) or _usual_rate(total.bucket, invoice)
    missing = Item(
        net=rest,
        name="; ".join(names),
        rate=rate,
        bucket=total.bucket,
        added=_reason(invoice, rows),
    )
    return [*rows, missing]


def _usual_rate(bucket, invoice):
    """Return the rate of ``bucket`` that the lines name, else its present one."""
    possible = rates(bucket)
    named = [line.rate for line in invoice.lines if line.rate in possible]
    return next(iter([*named, *possible]), None)


def _reason(invoice, rows):
    if invoice.kind in (Kind.ADVANCE, Kind.ADVANCE_CORRECTION):
        return "advance"
    if invoice.kind in (Kind.SETTLEMENT, Kind.SETTLEMENT_CORRECTION) and rows:
        return "settled"
    return "rest"


def _taxed(rows, total):
    """Return ``rows`` with the VAT of their rate; what P_14 of ``total`` differs from
    their sum goes to the largest."""
    taxes = [grosze(row.net * PERCENTS.get(row.rate, 0) / 100) for row in rows]
    if rows:
        largest = max(range(len(rows)), key=lambda index: abs(rows[index].net))
        taxes[largest] += (total.tax or 0) - sum(taxes)
    return [replace(row, tax=tax) for row, tax in zip(rows, taxes, strict=True)]
