"""Advances and their settlement: ZAL, ROZ and their corrections (fa3.md 6.3)."""

from dataclasses import replace
from decimal import Decimal

from ..ksef import fa3
from . import chain, corrections, orders, payment, positions
from .amounts import total, totals
from .facts import Facts, money
from .settled import named_advances


def elements(facts):
    """Return what an advance, a settlement or a correction of these says besides what
    every invoice says."""
    section = _SECTIONS.get(facts.kind)
    return section(facts) if section else {}


def _advance(facts):
    parts = part_advances(facts)
    day = None if parts else facts.move.taxable_supply_date
    return {
        "lines": (),
        "supply_date": day or None,
        "period_from": None,
        "period_to": None,
        "order": orders.order(facts),
        "part_advances": parts,
        "advances": named_advances(facts.move),
        "advance_rate": None if any(part.rate for part in parts) else rate(facts),
        "payment": _received(facts, parts, day),
    }


def _advance_correction(facts):
    return {
        "lines": (),
        "supply_date": _day_before(facts),
        "period_from": None,
        "period_to": None,
        "order": orders.corrected_order(facts),
        "part_advances": part_advances(facts),
        "advances": named_advances(facts.move),
        "advance_rate": rate(facts),
        "total_before": total_before(facts),
        "rate_before": rate_before(facts),
    }


def _day_before(facts):
    """Return P_6 of the corrected advance: the day of payment (example 11)."""
    if facts.chain:
        return facts.chain[0].supply_date
    return facts.original.taxable_supply_date or None


def _settlement(facts):
    return {
        "part_advances": part_advances(facts),
        "advances": named_advances(facts.move),
    }


def _settlement_correction(facts):
    """Return what a correction of a settlement says. Where the amount left changes, but
    nothing that was sold, the lines stay as they were (example 18)."""
    values = {**_settlement(facts), "total_before": total_before(facts)}
    if not facts.sold:
        kept = corrections.states(facts.chain).values()
        values["lines"] = positions.listed([(rows, rows) for rows in kept if rows])
    return values


_SECTIONS = {
    fa3.Kind.ADVANCE: _advance,
    fa3.Kind.ADVANCE_CORRECTION: _advance_correction,
    fa3.Kind.SETTLEMENT: _settlement,
    fa3.Kind.SETTLEMENT_CORRECTION: _settlement_correction,
}


def part_advances(facts):
    """Return ZaliczkaCzesciowa; a credit note takes the amounts away."""
    return tuple(
        fa3.PartAdvance(
            day=row.day,
            amount=money(row.amount),
            rate=_exchange_rate(row.exchange_rate) if facts.is_foreign else None,
        )
        for row in facts.move.ksef_part_advance_ids
    )


def _exchange_rate(number):
    return Decimal(repr(number)).quantize(Decimal("0.000001")) if number else None


def rate(facts):
    """Return KursWalutyZ: of an advance with VAT in a foreign currency only."""
    taxed = any(one.tax is not None for one in totals(facts))
    return facts.exchange_rate if facts.is_foreign and taxed else None


def rate_before(facts):
    """Return KursWalutyZK: the rate that the last document stated."""
    stated = [document.advance_rate for document in facts.chain or ()]
    return next((one for one in reversed(stated) if one), None)


def total_before(facts):
    """Return P_15ZK: what was paid, or left to pay, before this correction; so that
    with P_15 it makes what is right now."""
    if facts.move.ksef_total_before:
        return money(facts.move.ksef_total_before)
    if facts.chain:
        return corrections.total_before(facts)
    booked = [total(Facts(move)) for move in chain.moves(facts.move)]
    return sum(booked, Decimal()) if booked else None


def _received(facts, parts, day):
    """Return Platnosc of an advance: what it documents has come in (example 10), unless
    the day of payment is still to come."""
    stated = payment.elements(facts).get("payment") or fa3.Payment()
    if stated.paid or stated.partial:
        return stated
    if parts:
        paid = tuple(fa3.PartPayment(amount=p.amount, day=p.day) for p in parts)
        return replace(stated, partial="2", parts=paid, due=())
    if day and day <= (facts.move.invoice_date or day):
        return replace(stated, paid=True, paid_on=day, due=())
    return fa3.filled(stated)
