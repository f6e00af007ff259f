"""FaWiersz: the goods and services of an invoice."""

from ..ksef import fa3
from . import amounts
from .parties import fitting


def elements(facts):
    """Return the ``fa3.Line`` of every line inside VAT, numbered from 1."""
    database = facts.env["ir.config_parameter"].sudo().get_param("database.uuid") or ""
    return {
        "lines": tuple(
            _line(facts, line, number, f"{database[:8]}-{line.id}")
            for number, line in enumerate(facts.sold, start=1)
        )
    }


def _line(facts, line, number, uid):
    product = line.product_id
    return fa3.Line(
        number=number,
        uid=uid,
        name=fa3.token(line.name or product.name or ""),
        code=fitting(fa3.Line, "code", product.default_code),
        gtin=fitting(fa3.Line, "gtin", product.barcode),
        unit=fitting(fa3.Line, "unit", _unit(line)),
        procedure=facts.taxes(line)._ksef_procedure(),
        **amounts.line_values(facts, line),
    )


def _unit(line):
    """Return the unit of measure in Polish, the language of the document, if the
    database has that language."""
    unit = line.product_uom_id
    polish = line.env["res.lang"]._get_data(code="pl_PL")
    return unit.with_context(lang="pl_PL").name if polish else unit.name
