"""FaWiersz: the goods and services of an invoice."""

from decimal import ROUND_HALF_UP, Decimal

from ..ksef import fa3
from . import amounts, dates, deliveries
from .addresses import fitting
from .facts import CENT
from .plain import chunks

#: Lengths of a GTIN (GS1): another barcode is none.
GTIN_LENGTHS = (8, 12, 13, 14)

#: Key of the note with the rest of a long name.
NAME_CONTINUED = "Opis cd."

#: Flags of l10n_pl for the whole invoice, and the Procedura of its lines.
MOVE_PROCEDURES = {
    "l10n_pl_vat_b_spv": "B_SPV",
    "l10n_pl_vat_b_spv_dostawa": "B_SPV_DOSTAWA",
    "l10n_pl_vat_b_mpv_prowizja": "B_MPV_PROWIZJA",
}


def elements(facts):
    """Return the ``fa3.Line`` of every line inside VAT, numbered from 1 in the order of
    the printed invoice, and the delivery notes of the goods."""
    return {
        "lines": tuple(
            row(facts, line, number) for number, line in enumerate(facts.sold, start=1)
        ),
        "delivery_notes": deliveries.notes(facts),
    }


def row(facts, line, number):
    """Return one line of the invoice as ``fa3.Line``."""
    values = amounts.line_values(facts, line)
    return fa3.Line(
        number=number,
        uid=uid(facts, line),
        supply_date=dates.line_day(facts, line),
        name=name_parts(line)[0],
        unit=unit_name(facts, line.product_uom_id),
        excise=_excise(facts, line, values),
        procedure=_procedure(facts, line),
        **facts.known.once(product_values, line.product_id),
        **values,
    )


def uid(facts, line):
    """Return UU_ID: the same line has it on the invoice and on its corrections."""
    return f"{facts.database}-{line.id}"


def name_of(line):
    """Return the whole name of what a line sells, in one paragraph."""
    return fa3.token(line.name or line.product_id.name or "")


def name_parts(line):
    """Return P_7, and what it has no room for."""
    parts = chunks(name_of(line), fa3.limit(fa3.Line, "name"))
    return (parts[0], " ".join(parts[1:])) if parts else ("", "")


def product_values(product):
    """Return how a product is known: codes, classifications, annex 15, GTU."""
    barcode = product.barcode or ""
    is_gtin = barcode.isdigit() and len(barcode) in GTIN_LENGTHS
    return {
        "code": fitting(fa3.Line, "code", product.default_code),
        "gtin": barcode if is_gtin else None,
        "pkwiu": fitting(fa3.Line, "pkwiu", product.ksef_pkwiu),
        "cn": fitting(fa3.Line, "cn", product.ksef_cn or _hs_code(product)),
        "pkob": fitting(fa3.Line, "pkob", product.ksef_pkob),
        "annex_15": product.ksef_annex_15,
        "gtu": product.l10n_pl_vat_gtu or None,
    }


def _hs_code(product):
    return product.hs_code if "hs_code" in product._fields else None


def unit_name(facts, unit):
    """Return the unit of measure in Polish, the language of the document."""
    return facts.known.once(_unit_name, unit)


def _unit_name(unit):
    """The database may not have that language."""
    if unit.env["res.lang"]._get_data(code="pl_PL"):
        unit = unit.with_context(lang="pl_PL")
    return fitting(fa3.Line, "unit", unit.name)


def _excise(facts, line, values):
    """Return KwotaAkcyzy of the quantity, in the currency of the invoice. A price
    correction changes none."""
    per_unit = facts.known.once(_excise_per_unit, line.product_id)
    if not per_unit:
        return None
    amount, quantity = values.get("net") or values.get("gross"), values["quantity"]
    if (amount or 0) * quantity < 0:
        return None
    unit = line.product_id.uom_id
    pieces = line.product_uom_id._compute_quantity(float(quantity), unit, round=False)
    excise = line.product_id.currency_id._convert(
        per_unit * pieces,
        facts.move.currency_id,
        facts.company,
        facts.move.taxable_supply_date or facts.move.invoice_date,
        round=False,
    )
    return Decimal(repr(excise)).quantize(CENT, ROUND_HALF_UP) + 0


def _excise_per_unit(product):
    return product.ksef_excise


def _procedure(facts, line):
    """Return Procedura: a line has room for one, that of its tax before that of the
    invoice. Of several on the invoice nobody says where they belong: none is stated,
    the law does not ask for it."""
    own = facts.line_taxes(line).procedure
    return own or facts.known.once(_procedure_of_all, facts.move)


def _procedure_of_all(move):
    flagged = [code for name, code in MOVE_PROCEDURES.items() if move[name]]
    return flagged[0] if len(flagged) == 1 else None


def overflow(facts):
    """Yield the ``fa3.Description`` of names that are longer than P_7: what P_7 has no
    room for, in pieces, with the number of the line."""
    limit = fa3.limit(fa3.Description, "value")
    for line in facts.sold:
        if len(name_of(line)) <= fa3.limit(fa3.Line, "name"):
            continue
        number = facts.numbers.get(line.id)
        for piece in chunks(name_parts(line)[1], limit) if number else ():
            yield fa3.Description(line=number, key=NAME_CONTINUED, value=piece)


def number_of(facts, line):
    """Return NrWierszaFa of a line, ``None`` for one that is not sold."""
    return facts.numbers.get(line.id)
