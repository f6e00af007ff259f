"""What the taxes of a line say to KSeF."""

from typing import Any, NamedTuple


class LineTaxes(NamedTuple):
    """The taxes of a line, as far as FA(3) states them."""

    vat: Any  #: those with a KSeF rate; a right line has one
    rate: str | None
    procedure: str | None
    amount: float  #: percent, of a right line
    is_plain: bool  #: one simple tax of a percentage
    includes_vat: bool  #: the price of the user includes this plain VAT
    price_include: bool


def line_taxes(taxes):
    """Return the ``LineTaxes`` of the taxes that stand on a line. A deposit beside the
    VAT bears no rate."""
    rated = taxes.flatten_taxes_hierarchy().filtered("ksef_rate")
    vat = rated.filtered(lambda tax: tax.ksef_rate != "outside") or rated
    first = vat[:1]
    is_plain = len(taxes) == 1 and taxes.amount_type == "percent"
    return LineTaxes(
        vat=vat,
        rate=first.ksef_rate or None,
        procedure=first.ksef_procedure or None,
        amount=first.amount,
        is_plain=is_plain,
        price_include=first.price_include,
        includes_vat=bool(
            is_plain and taxes.amount and taxes.price_include and taxes == vat
        ),
    )
