"""Annotations of the law, further information, footer and registers."""

from odoo.tools.translate import LazyTranslate

from .page import Block, Column, Field, Grid, cells, section
from .words import BASES, MARGINS

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)


def sections(invoice, speech):
    """Yield what the law wants to be said, each as a sentence of its own."""
    yield from section(
        "annotations",
        speech.label(_lt("Annotations")),
        Block(texts=(*_sentences(invoice, speech),)),
        Block(fields=(*_exemption(invoice, speech),)),
        *_vehicles(invoice.annotations.new_transport, speech),
    )


def description_sections(invoice, speech):
    """Yield DodatkowyOpis."""
    yield from section(
        "descriptions",
        speech.label(_lt("Further information")),
        Block(grid=_descriptions(invoice.descriptions, speech)),
    )


def footer_sections(invoice, speech):
    """Yield footer, registers, and what the file says of itself."""
    footer = invoice.footer
    registers = footer.registers if footer else ()
    yield from section(
        "footer",
        speech.label(_lt("Footer")),
        Block(texts=footer.texts if footer else ()),
        *(Block(fields=(*_register(one, speech),)) for one in registers),
    )
    yield from section(
        "file",
        speech.label(_lt("File")),
        Block(fields=(*_file(invoice, speech),)),
    )


def _sentences(invoice, speech):
    said = invoice.annotations
    flags = (
        (_lt("Split payment (mechanizm podzielonej płatności)"), said.split_payment),
        (_lt("Reverse charge (odwrotne obciążenie)"), said.reverse_charge),
        (_lt("Self-billing (samofakturowanie)"), said.self_billing),
        (_lt("Cash accounting (metoda kasowa)"), said.cash_accounting),
        (
            _lt("Triangular transaction: simplified procedure of the second taxpayer"),
            said.triangular,
        ),
        (_lt("Invoice to a fiscal receipt (FP)"), invoice.receipt),
        (_lt("Seller and buyer are related (TP)"), invoice.related_parties),
        (_lt("Refund of excise duty in diesel oil"), invoice.excise_refund),
    )
    yield from (speech.say(word) for word, flag in flags if flag)
    if said.margin:
        yield speech.say(MARGINS[said.margin])


def _exemption(invoice, speech):
    exemption = invoice.annotations.exemption
    if exemption:
        yield Field(speech.label(BASES[exemption.basis]), exemption.text)


def _vehicles(transport, speech):
    if transport is None:
        return
    word = _lt("Document of art. 42(5) due")
    yield Block(
        speech.label(_lt("New means of transport")),
        (*speech.marks((word, transport.obligation)),),
    )
    for vehicle in transport.vehicles:
        yield Block(fields=(*_vehicle(vehicle, speech),))


def _vehicle(vehicle, speech):
    yield Field(speech.label(_lt("Line")), str(vehicle.line))
    first = speech.day(vehicle.first_used)
    yield from speech.field(_lt("First put into use"), first)
    for word, value in (
        (_lt("Make"), vehicle.make),
        (_lt("Model"), vehicle.model),
        (_lt("Colour"), vehicle.color),
        (_lt("Registration number"), vehicle.registration),
        (_lt("Year of make"), vehicle.year),
        (_lt("Mileage"), vehicle.mileage),
        (_lt("VIN"), vehicle.vin),
        (_lt("Body number"), vehicle.body_number),
        (_lt("Chassis number"), vehicle.chassis_number),
        (_lt("Frame number"), vehicle.frame_number),
        (_lt("Type"), vehicle.type),
        (_lt("Hours of use of the vessel"), vehicle.vessel_hours),
        (_lt("Hull number"), vehicle.hull_number),
        (_lt("Hours of use of the aircraft"), vehicle.aircraft_hours),
        (_lt("Factory number"), vehicle.factory_number),
    ):
        yield from speech.field(word, value)


def _descriptions(descriptions, speech):
    if not descriptions:
        return None
    lined = any(one.line is not None for one in descriptions)
    words = [_lt("Kind of information"), _lt("Content")]
    words = [_lt("Line"), *words] if lined else words
    rows = []
    for one in descriptions:
        line = [str(one.line) if one.line is not None else ""] if lined else []
        rows.append(cells(*line, one.key, one.value))
    return Grid(tuple(Column(speech.label(word)) for word in words), tuple(rows))


def _register(register, speech):
    yield from speech.field(_lt("Full name"), register.name)
    yield from speech.field(_lt("KRS"), register.krs)
    yield from speech.field(_lt("REGON"), register.regon)
    yield from speech.field(_lt("BDO"), register.bdo)


def _file(invoice, speech):
    yield from speech.field(_lt("File created on"), speech.moment(invoice.created))
    yield from speech.field(_lt("Made by"), invoice.system)
    yield from speech.field(
        _lt("The file also has, not shown here"), ", ".join(invoice.unread), True
    )
