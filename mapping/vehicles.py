"""NoweSrodkiTransportu: new means of transport sold to another EU country."""

from ..ksef import fa3
from .addresses import fitting

#: What each kind calls its use and its number (P_22B to P_22D1).
USES = {"land": "mileage", "vessel": "vessel_hours", "aircraft": "aircraft_hours"}
NUMBERS = {"vessel": "hull_number", "aircraft": "factory_number"}


def new_transport(facts):
    """Return P_22 of the invoice, ``None`` without new means of transport."""
    rows = facts.move.ksef_new_transport_ids
    if not rows:
        return None
    return fa3.NewTransport(
        obligation=facts.move.ksef_new_transport_duty,
        vehicles=tuple(_vehicle(facts, row) for row in rows),
    )


def sold_by(facts, row):
    """Return the number of the line that sells a vehicle: the only line where none is
    named, ``None`` where several might be meant. A correction takes the vehicles over
    from its original, with the lines that sold them there."""
    sold = row.line_id
    if sold and sold.move_id != facts.move:
        sold = facts.sold.filtered(lambda line: line.ksef_corrected_line_id == sold)[:1]
    if sold:
        return facts.numbers.get(sold.id)
    return 1 if len(facts.sold) == 1 else None


def _vehicle(facts, row):
    known = {
        name: fitting(fa3.Vehicle, name, row[name])
        for name in ("make", "model", "color", "registration", "year")
    }
    return fa3.Vehicle(
        first_used=row.first_used,
        line=sold_by(facts, row) or 1,
        **known,
        **_identity(row),
    )


def _identity(row):
    """Return use, number and type of the row as its kind names them."""
    number = NUMBERS.get(row.kind) or row.number_kind or "vin"
    values = {USES[row.kind]: fa3.token(row.use)}
    values[number] = fitting(fa3.Vehicle, number, row.serial)
    if row.kind == "land":
        values["type"] = fitting(fa3.Vehicle, "type", row.type)
    return values


def sentences(facts):
    """Return the data of art. 106e(1)(22) for the printed invoice, in Polish."""
    units = {"land": "km", "vessel": "godz.", "aircraft": "godz."}
    return [
        f"nowy środek transportu: {' '.join(filter(None, (row.make, row.model)))}"
        f" {row.serial or ''}, dopuszczony do użytku {row.first_used},"
        f" {row.use} {units[row.kind]}"
        for row in facts.move.ksef_new_transport_ids
    ]
