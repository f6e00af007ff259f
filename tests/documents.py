"""FA(3) files that suppliers of the test company issue."""

from datetime import UTC, datetime
from decimal import Decimal

from ..ksef import fa3
from ..tools import warsaw
from .common import NIP, OTHER_NIP


def address(line1, line2="00-950 Warszawa"):
    return fa3.Address(country="PL", line1=line1, line2=line2)


def supplier_invoice(number="F/1/2026", seller_nip=OTHER_NIP, **values):
    """An ``fa3.Invoice`` over 2 x 50.00 + 23% to our company."""
    invoice = {
        "created": datetime.now(UTC),
        "seller": fa3.Seller(
            nip=seller_nip, name="Dostawca S.A.", address=address("ul. Dostawcza 3")
        ),
        "buyer": fa3.Buyer(
            nip=NIP, name="ABC AGD sp. z o.o.", address=address("ul. Kwiatowa 1 m. 2")
        ),
        "currency": "PLN",
        "issue_date": warsaw.today(),
        "number": number,
        "totals": (
            fa3.RateTotal(
                bucket=fa3.BUCKETS["23"], net=Decimal("100.00"), tax=Decimal("23.00")
            ),
        ),
        "total": Decimal("123.00"),
        "annotations": fa3.Annotations(),
        "kind": fa3.Kind.INVOICE,
        "lines": (
            fa3.Line(
                number=1,
                name="Papier ksero",
                unit="szt.",
                quantity=Decimal(2),
                net_price=Decimal("50.00"),
                net=Decimal("100.00"),
                rate="23",
            ),
        ),
    }
    return fa3.Invoice(**invoice | values)


def supplier_file(number="F/1/2026", **values):
    """The bytes of such an invoice."""
    return fa3.build(supplier_invoice(number, **values))
