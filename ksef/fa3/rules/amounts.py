"""Totals against lines, and of each currency what belongs to it. KSeF calculates
nothing (its own example 1 is a grosz off), so sums are warnings; a missing total or
VAT in PLN is an error. Sources: art. 106e(1)(13)-(15), (11) of the VAT Act; FA(3)
brochure of 2026-03-04, pages 42-53, 86, 101-104."""

from decimal import Decimal

from ..vat import BUCKETS, PERCENTS, Bucket, rates
from .document import GROSZ, Document, Findings, Row, error, warning
from .lines import percent_of

#: Kinds whose lines add up to the totals: those of advance and final invoices state
#: the whole order.
_SUMMED = ("VAT", "UPR", "KOR")
_WITH_PLN = tuple(bucket for bucket in Bucket if bucket.tax_pln)


def foreign_currency(document: Document) -> Findings:
    """Art. 106e(11): VAT is stated in PLN too; simplified invoices need not state it
    at all (art. 106e(5)(3))."""
    if document.currency in ("", "PLN"):
        return
    for bucket in _WITH_PLN:
        tax = document.body.number(bucket.tax)
        if tax is None or document.body.has(bucket.tax_pln):
            continue
        told = error if tax and document.kind != "UPR" else warning
        where = document.body.at(bucket.tax_pln)
        message = f"the VAT {bucket.tax} is not stated in PLN"
        yield told("pln-tax-missing", where, message, bucket.tax)
    for row in document.rows:
        if PERCENTS.get(row.rate) and not row.has("KursWaluty"):
            message = "the line does not say at which rate its VAT was converted"
            yield warning("exchange-rate-missing", row.at("KursWaluty"), message)
            return


def home_currency(document: Document) -> Findings:
    if document.currency != "PLN":
        return
    names = (*(bucket.tax_pln for bucket in _WITH_PLN), "KursWalutyZ", "KursWalutyZK")
    places = [document.body.at(name) for name in names if document.body.has(name)]
    places += [r.at("KursWaluty") for r in document.rows if r.has("KursWaluty")][:1]
    for where in places:
        message = "is for invoices in a foreign currency"
        yield warning("pln-with-exchange", where, message)
    terms = document.body.section("WarunkiTransakcji")
    if terms.text("WalutaUmowna") == "PLN":
        message = "a contract currency is never PLN"
        yield warning("contract-currency", terms.at("WalutaUmowna"), message)


def whole_total(document: Document) -> Findings:
    """P_13 and P_14 add up to P_15, but for a grosz a rate."""
    found = ((bucket, document.body.number(bucket.net)) for bucket in Bucket)
    stated = [(bucket, net) for bucket, net in found if net is not None]
    total = document.total
    oss_tax = document.body.has("P_14_5") or not document.body.has("P_13_5")
    if total is None or not oss_tax or (document.kind == "UPR" and not stated):
        return
    taxes = (document.body.number(b.tax) or Decimal() for b, _n in stated if b.tax)
    expected = sum((net for _b, net in stated), Decimal()) + sum(taxes)
    if abs(expected - total) > GROSZ * len(stated):
        message = f"is {total}, P_13 and P_14 come to {expected}"
        where = document.body.at("P_15")
        yield warning("total-sum", where, message, str(expected))


def rate_totals(document: Document) -> Findings:
    """Each total against the lines of its rates: their sum, and of a correction the
    sum after less the sum before, whichever way its lines are written."""
    groups = _groups(document) if document.kind in _SUMMED else None
    for bucket in Bucket if groups else ():
        rows = groups.get(bucket, [])
        if not rows and not document.body.has(bucket.net):
            continue
        net, gross = _sum(rows, "net"), _sum(rows, "gross")
        total = document.body.number(bucket.net)
        where = document.body.at(bucket.net)
        least = GROSZ * len(rows)  # a total of nothing may come of rounded lines
        is_sold = max(abs(net or 0), abs(gross or 0)) > least
        if total is None and document.kind == "VAT" and is_sold:
            message = "the total of a rate on the lines is missing"
            yield error("rate-without-total", where, message)
            continue
        stated = total or Decimal()
        if net is None:
            net, stated = gross, stated + (document.body.number(bucket.tax or "") or 0)
        if net is not None and abs(net - stated) > GROSZ * max(len(rows), 1):
            message = f"states {stated}, the lines come to {net}"
            yield warning("rate-sum", where, message, str(net))


def _groups(document: Document) -> dict[Bucket, list[Row]] | None:
    """The lines by their totals; none where a line does not say its rate."""
    groups: dict[Bucket, list[Row]] = {}
    margin = document.annotations.section("PMarzy").has("P_PMarzy")
    for row in document.rows:
        bucket = BUCKETS.get(row.rate)
        if bucket is None and row.has("P_12_XII"):
            bucket = Bucket.OSS
        if bucket is None and margin:
            bucket = Bucket.MARGIN
        if bucket is None:
            return None
        groups.setdefault(bucket, []).append(row)
    return groups or None


def _sum(rows: list[Row], name: str) -> Decimal | None:
    """None where a line does not state it."""
    total = Decimal()
    for row in rows:
        amount = getattr(row, name)
        if amount is None:
            return None
        total += amount * row.sign
    return total


def taxes(document: Document) -> Findings:
    """The VAT of a rate against its net amount, within a grosz a line and one for
    each document it is what remains of."""
    groups = _groups(document) if document.kind in _SUMMED else None
    named = document.body.sections("FakturaZaliczkowa")
    for bucket in _WITH_PLN:
        net, tax = document.body.number(bucket.net), document.body.number(bucket.tax)
        if net is None or tax is None:
            continue
        rows = (groups or {}).get(bucket, [])
        expected = _expected_tax(bucket, net, tax, rows)
        if abs(expected - tax) > GROSZ * (len(rows) + len(named) + 2):
            message = f"is {tax}, the rate makes it {expected:.2f}"
            where = document.body.at(bucket.tax)
            yield warning("rate-tax", where, message, f"{expected:.2f}")


def _expected_tax(
    bucket: Bucket, net: Decimal, tax: Decimal, rows: list[Row]
) -> Decimal:
    if rows and _sum(rows, "net") is not None:
        return sum((r.net * r.sign * (percent_of(r) or 0) / 100 for r in rows), 0)
    possible = (net * PERCENTS[rate] / 100 for rate in rates(bucket))
    return min(possible, key=lambda expected: abs(expected - tax))


def settlement(document: Document) -> Findings:
    """Rozliczenie: P_15 + charges - deductions is to pay, or overpaid if negative."""
    section = document.body.section("Rozliczenie")
    if not section or document.total is None:
        return
    result = document.total
    for name, total, sign in (
        ("Obciazenia", "SumaObciazen", 1),
        ("Odliczenia", "SumaOdliczen", -1),
    ):
        parts = [part.number("Kwota") or 0 for part in section.sections(name)]
        expected, stated = sum(parts, Decimal()), section.number(total)
        if stated is not None and parts and stated != expected:
            message = f"is {stated}, the parts come to {expected}"
            yield warning("settlement-sum", section.at(total), message, str(expected))
        result += sign * (expected if parts or stated is None else stated)
    for name, expected in (("DoZaplaty", result), ("DoRozliczenia", -result)):
        stated = section.number(name)
        if stated is not None and stated != expected:
            message = f"is {stated}, P_15 with charges and deductions makes {expected}"
            where = section.at(name)
            yield warning("settlement-result", where, message, str(expected))


RULES = (foreign_currency, home_currency, whole_total, rate_totals, taxes, settlement)
