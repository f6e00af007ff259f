"""What is sold: the lines of an invoice, and those of the order behind an advance.

Only columns that some line fills are shown; what identifies goods stands below their
name. A correction with both states shows them side by side.
"""

from odoo.tools.translate import LazyTranslate

from .page import Block, section
from .rates import rate_text
from .states import both_states, has_states
from .traits import Trait, listed

# Two languages at once: `env._` has one.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

LINES = _lt("Lines")
BY_DIFFERENCE = _lt("Lines: by how much they change")

NUMBER = Trait(_lt("No."), lambda line, _say: str(line.number), shared=True)
NAME = Trait(
    _lt("Name of goods or service"), lambda line, _say: line.name or "", wide=True
)

#: Columns of lines, in the order in which an invoice is read.
COLUMNS = (
    NUMBER,
    NAME,
    Trait(_lt("Quantity"), lambda line, say: say.quantity(line.quantity), True),
    Trait(_lt("Unit"), lambda line, _say: line.unit or ""),
    Trait(_lt("Net price"), lambda line, say: say.amount(line.net_price), True),
    Trait(
        _lt("Gross price"),
        lambda line, say: say.amount(getattr(line, "gross_price", None)),
        True,
    ),
    Trait(
        _lt("Unit discount"),
        lambda line, say: say.amount(getattr(line, "unit_discount", None)),
        True,
    ),
    Trait(_lt("VAT rate"), rate_text),
    Trait(_lt("Net value"), lambda line, say: say.amount(line.net), True, amount="net"),
    Trait(_lt("VAT"), lambda line, say: say.amount(line.tax), True, amount="tax"),
    Trait(
        _lt("Gross value"),
        lambda line, say: say.amount(getattr(line, "gross", None)),
        True,
        amount="gross",
    ),
)


def _detail(word, name):
    return Trait(word, lambda line, _say: getattr(line, name, None) or "")


EXCHANGE_RATE = Trait(
    _lt("Exchange rate"),
    lambda line, say: say.quantity(getattr(line, "exchange_rate", None)),
)

#: What stands below the name.
DETAILS = (
    Trait(
        _lt("Supplied on"),
        lambda line, say: say.day(getattr(line, "supply_date", None)),
    ),
    _detail(_lt("Index"), "code"),
    _detail(_lt("GTIN"), "gtin"),
    _detail(_lt("PKWiU"), "pkwiu"),
    _detail(_lt("CN"), "cn"),
    _detail(_lt("PKOB"), "pkob"),
    _detail(_lt("GTU"), "gtu"),
    _detail(_lt("Procedure"), "procedure"),
    Trait(
        _lt("Annex 15 to the VAT Act"),
        lambda line, say: say.yes if line.annex_15 else "",
    ),
    Trait(_lt("Excise duty"), lambda line, say: say.amount(line.excise)),
    EXCHANGE_RATE,
    _detail(_lt("Line ID (UU_ID)"), "uid"),
)


def sections(invoice, speech):
    """Yield the lines."""
    word = BY_DIFFERENCE if _by_difference(invoice) else LINES
    once = shared_rate(invoice) is not None
    details = [d for d in DETAILS if not (once and d is EXCHANGE_RATE)]
    grid = _grid(invoice.lines, details, speech)
    yield from section("lines", speech.label(word), Block(grid=grid))


def order_sections(invoice, speech):
    """Yield the order or contract that an advance is paid for."""
    order = invoice.order
    if order is None:
        return
    value = speech.money(order.value, invoice.currency)
    yield from section(
        "order",
        speech.label(_lt("Order or contract of this advance")),
        Block(grid=_grid(order.lines, DETAILS, speech)),
        Block(fields=(*speech.field(_lt("Value with VAT"), value, strong=True),)),
    )


def shared_rate(invoice):
    """Return the exchange rate that all lines have, if there is one."""
    rates = {line.exchange_rate for line in invoice.lines}
    return rates.pop() if len(rates) == 1 else None


def _by_difference(invoice):
    return invoice.kind.is_correction and not has_states(invoice.lines)


def _grid(lines, details, speech):
    if not lines:
        return None
    if has_states(lines):
        return both_states(lines, COLUMNS, details, speech)
    return listed(lines, COLUMNS, details, speech)
