"""Amounts of an invoice as FA(3) states them: from its journal items.

Signs are those of the document: an invoice adds, a credit note takes away. Nothing
is computed anew, so FA(3), ledger and JPK_V7 agree to the grosz.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from ..ksef import fa3
from ..ksef.fa3 import BUCKETS, Bucket, RateTotal
from .facts import CENT, money
from .plain import chunks

PRICE_UNIT = Decimal("1e-8")
QUANTITY_UNIT = Decimal("1e-6")
#: Totals of every KSeF rate that is inside VAT.
TOTALS = BUCKETS | {"oss": Bucket.OSS, "margin": Bucket.MARGIN}


def elements(facts):
    return {
        "totals": totals(facts),
        "total": total(facts),
        "settlement": settlement(facts),
    }


# ----------------------------------------------------------------------
# Totals
# ----------------------------------------------------------------------


def totals(facts):
    """Return the ``RateTotal`` of every rate: net from the lines, VAT from the tax
    items. A correction leaves out a rate that it does not change."""
    net, tax, tax_booked = (_by_bucket(sums) for sums in _sums_by_rate(facts.ledger))
    made = (
        RateTotal(
            bucket=bucket,
            net=facts.stated(net[bucket]),
            tax=facts.stated(tax[bucket]) if bucket.tax else None,
            tax_pln=_tax_pln(facts, bucket, tax[bucket], tax_booked[bucket]),
        )
        for bucket in Bucket
        if bucket in net
    )
    return tuple(one for one in made if one.net or one.tax or not facts.corrects)


def _sums_by_rate(ledger):
    """Return net, VAT and booked VAT by rate. A margin scheme states the gross sale
    (P_13_11) and no VAT."""
    net, tax = dict(ledger.net), dict(ledger.tax)
    if "margin" in net:
        net["margin"] += tax.pop("margin", 0.0)
    return net, tax, ledger.tax_booked


def _by_bucket(sums):
    buckets = defaultdict(float)
    for rate, amount in sums.items():
        buckets[TOTALS[rate]] += amount
    return buckets


def _tax_pln(facts, bucket, tax, booked):
    """Return P_14_xW: what is booked, or converted where the books are not in PLN."""
    if not facts.is_foreign or not bucket.tax_pln:
        return None
    if facts.books_pln:
        return facts.stated(booked)
    converted = facts.stated(tax) * facts.exchange_rate
    return converted.quantize(CENT, rounding=ROUND_HALF_UP) + 0


def total(facts):
    """Return P_15: the total of the invoice without what is outside VAT."""
    booked = money(facts.move.amount_total)
    outside = sum(item.amount_currency for item in facts.ledger.outside)
    return (booked if facts.adds else -booked) - facts.stated(outside)


def settlement(facts):
    """Return Rozliczenie: deposits, fees, reimbursed costs and cash rounding; ``None``
    without them (fa3.md 6.4)."""
    charges, deductions = [], []
    for item in facts.ledger.outside:
        amount = facts.stated(item.amount_currency)
        side = charges if amount > 0 else deductions
        if amount:
            stated = reason_parts(item)[0]
            side.append(fa3.Charge(amount=abs(amount), reason=stated))
    if not charges and not deductions:
        return None
    charged = sum((charge.amount for charge in charges), Decimal())
    deducted = sum((charge.amount for charge in deductions), Decimal())
    due = total(facts) + charged - deducted
    return fa3.Settlement(
        charges=tuple(charges),
        charges_total=charged if charges else None,
        deductions=tuple(deductions),
        deductions_total=deducted if deductions else None,
        to_pay=due if due >= 0 else None,
        overpaid=-due if due < 0 else None,
    )


def reason(item):
    """Return Powod of a journal item of Rozliczenie."""
    return fa3.token(item.name or item.product_id.name or item.tax_line_id.name or "")


def reason_parts(item):
    """Return the reason in pieces: Powod, and what it has no room for."""
    return chunks(reason(item), fa3.limit(fa3.Charge, "reason")) or ("",)


def exempt_taxes(facts):
    """Return the taxes of exempt lines."""
    return facts.known.once(_exempt, facts.all_taxes)


def _exempt(taxes):
    return taxes.filtered(lambda tax: tax.ksef_rate == "zw")


def exemption(facts):
    """Return the provision that exempts the exempt lines, ``None`` without such lines:
    that of the invoice, else those of the taxes, joined."""
    exempt = exempt_taxes(facts)
    if not exempt:
        return None
    move = facts.move
    provisions = dict.fromkeys(fa3.token(tax.ksef_exemption or "") for tax in exempt)
    basis = move.ksef_exemption_basis or exempt[0].ksef_exemption_basis
    text = fa3.token(move.ksef_exemption or "") or "; ".join(filter(None, provisions))
    return fa3.Exemption(basis=fa3.Basis(basis), text=text)


# ----------------------------------------------------------------------
# Lines
# ----------------------------------------------------------------------


def line_values(facts, line):
    """Return quantity, prices, amounts and rate of a ``fa3.Line``. Where all prices of
    a rate include VAT they are gross (P_9B, P_11A), else net (P_9A, P_11). Quantity and
    price stand as on the line, amounts have the sign of the document."""
    rate, taxes = facts.rate(line), facts.line_taxes(line)
    return {
        "quantity": decimal(line.quantity),
        **_prices(facts, line),
        "tax": _line_tax(facts, line),
        "rate": rate if rate in BUCKETS else None,
        "oss_rate": decimal(taxes.amount) if rate == "oss" else None,
        "exchange_rate": _line_exchange_rate(facts, rate),
    }


def decimal(number, unit=QUANTITY_UNIT):
    """Return a float of Odoo without the artefacts of floats."""
    return Decimal(repr(number)).quantize(unit, rounding=ROUND_HALF_UP) + 0


def is_gross(facts, line):
    rate = facts.rate(line)
    return rate == "margin" or rate in facts.ledger.gross_rates


def _prices(facts, line):
    """Return price, discount and amount under the names of their kind."""
    price, discount = unit_price(facts, line)
    if is_gross(facts, line):
        values = {"gross_price": price, "gross": _gross(facts, line)}
    else:
        values = {"net_price": price, "net": _net(facts, line)}
    return {**values, "unit_discount": discount}


def unit_price(facts, line):
    """Return the price of one unit, up to 8 decimals, and the discount on it or
    ``None``. The price of the user where it is of the kind that the line states, else
    what Odoo computes from it, discount deducted."""
    taxes = facts.line_taxes(line)
    gross = is_gross(facts, line)
    if taxes.is_plain and (gross == taxes.price_include or not taxes.amount):
        price = decimal(line.price_unit, PRICE_UNIT)
        off = price * decimal(line.discount) / 100
        if off < 0:  # a surcharge
            return (price - off).quantize(PRICE_UNIT, ROUND_HALF_UP) + 0, None
        return price, off.quantize(PRICE_UNIT, ROUND_HALF_UP) + 0 if off else None
    vat = facts.ledger.vat_details(line)
    amount = vat["raw_base_amount_currency"]
    if gross:
        amount += vat["raw_tax_amount_currency"]
    return decimal(amount / line.quantity if line.quantity else 0.0, PRICE_UNIT), None


def _net(facts, line):
    """Return P_11: what is booked, with duties that VAT is charged on."""
    duties = 0.0
    if not facts.line_taxes(line).is_plain:
        vat = facts.taxes(line)
        duties = sum(
            data["tax_amount_currency"]
            for data in facts.ledger.details[line.id]["taxes_data"]
            if data["tax"].include_base_amount and data["tax"] not in vat
        )
    return facts.stated(line.amount_currency) + _signed(facts, duties)


def _gross(facts, line):
    """Return P_11A."""
    if facts.line_taxes(line).is_plain:
        return _signed(facts, line.price_total)
    return _net(facts, line) + _signed(facts, _booked_vat(facts, line))


def _line_tax(facts, line):
    """Return the VAT of a line where the company rounds per line: the total may then
    be the sum of line amounts that are shown (art. 106e(10)); else ``None``."""
    if not facts.rounds_per_line:
        return None
    bucket = TOTALS.get(facts.rate(line))
    if not bucket or not bucket.tax:
        return None
    return _signed(facts, _booked_vat(facts, line))


def _booked_vat(facts, line):
    return facts.ledger.vat_details(line)["tax_amount_currency"]


def _signed(facts, amount):
    """Return an amount of a line, which Odoo has positive on credit notes too."""
    return money(amount if facts.adds else -amount)


def _line_exchange_rate(facts, rate):
    """Return KursWaluty: for the VAT in PLN, so only on lines that bear it."""
    bucket = TOTALS.get(rate)
    needed = facts.is_foreign and bucket and bucket.tax_pln
    return facts.exchange_rate if needed else None
