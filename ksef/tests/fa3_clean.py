"""Invoices in which everything is right, to be spoilt one thing at a time."""

import dataclasses
from datetime import date, datetime, timezone
from decimal import Decimal

from ksef import fa3

ADDRESS = fa3.Address(country="PL", line1="ul. Polna 1", line2="00-001 Warszawa")
ORIGINAL = fa3.CorrectedInvoice(issue_date=date(2026, 2, 15), number="FV/1")


def line(number, quantity, price, rate="23", **values):
    net = Decimal(quantity) * Decimal(price)
    return fa3.Line(
        number=number,
        name=f"towar {number}",
        quantity=Decimal(quantity),
        net_price=Decimal(price),
        net=net,
        rate=rate,
        **values,
    )


def total(bucket, net, tax=None, tax_pln=None):
    amounts = {"net": net, "tax": tax, "tax_pln": tax_pln}
    given = {name: Decimal(text) for name, text in amounts.items() if text is not None}
    return fa3.RateTotal(bucket=bucket, **given)


INVOICE = fa3.Invoice(
    created=datetime(2026, 3, 16, 9, 30, tzinfo=timezone.utc),
    seller=fa3.Seller(nip="9999999999", name="ABC", address=ADDRESS),
    buyer=fa3.Buyer(nip="1111111111", name="Jan Kowalski", address=ADDRESS),
    currency="PLN",
    issue_date=date(2026, 3, 15),
    number="FV/7",
    totals=(
        total(fa3.Bucket.STANDARD, "200", "46"),
        total(fa3.Bucket.REDUCED, "50", "4"),
    ),
    total=Decimal("300"),
    annotations=fa3.Annotations(),
    kind=fa3.Kind.INVOICE,
    lines=(line(1, "2", "100"), line(2, "1", "50", "8")),
)


def changed(invoice=INVOICE, **values):
    return dataclasses.replace(invoice, **values)


#: Half of the first line is returned.
CORRECTION = changed(
    kind=fa3.Kind.CORRECTION,
    correction_type="2",
    corrected=(ORIGINAL,),
    totals=(total(fa3.Bucket.STANDARD, "-100", "-23"),),
    total=Decimal("-123"),
    lines=(line(1, "2", "100", before=True), line(1, "1", "100")),
)
FOREIGN = changed(
    currency="EUR",
    totals=(total(fa3.Bucket.STANDARD, "200", "46", "202.40"),),
    total=Decimal("246"),
    lines=(line(1, "2", "100", exchange_rate=Decimal("4.4")),),
)
EU_BUYER = fa3.Buyer(
    eu_prefix="DE", eu_number="123456789", name="Hans GmbH", address=ADDRESS
)
EU_SERVICE = changed(
    seller=dataclasses.replace(INVOICE.seller, vat_prefix="PL"),
    buyer=EU_BUYER,
    annotations=fa3.Annotations(reverse_charge=True),
    totals=(total(fa3.Bucket.EU_SERVICES, "200"),),
    total=Decimal("200"),
    lines=(line(1, "2", "100", "np II"),),
)
EXEMPT = changed(
    annotations=fa3.Annotations(
        exemption=fa3.Exemption(basis=fa3.Basis.ACT, text="art. 43 ust. 1 pkt 37")
    ),
    totals=(total(fa3.Bucket.EXEMPT, "200"),),
    total=Decimal("200"),
    lines=(line(1, "2", "100", "zw"),),
)
MARGIN = changed(
    annotations=fa3.Annotations(margin=fa3.Margin.SECOND_HAND),
    totals=(total(fa3.Bucket.MARGIN, "150"),),
    total=Decimal("150"),
    lines=(
        fa3.Line(
            number=1,
            name="zegar",
            quantity=Decimal(1),
            gross_price=Decimal(150),
            gross=Decimal(150),
        ),
    ),
)
ADVANCE = changed(
    kind=fa3.Kind.ADVANCE,
    lines=(),
    totals=(total(fa3.Bucket.STANDARD, "100", "23"),),
    total=Decimal("123"),
    part_advances=(
        fa3.PartAdvance(day=date(2026, 3, 1), amount=Decimal(100)),
        fa3.PartAdvance(day=date(2026, 3, 2), amount=Decimal(23)),
    ),
    order=fa3.AdvanceOrder(
        value=Decimal("246"),
        lines=(fa3.OrderLine(number=1, name="towar", rate="23"),),
    ),
)
SETTLEMENT = changed(
    kind=fa3.Kind.SETTLEMENT,
    totals=(total(fa3.Bucket.STANDARD, "100", "23"),),
    total=Decimal("123"),
    lines=(line(1, "2", "100"),),
    advances=(fa3.AdvanceInvoice(number="FZ/1"),),
)
SIMPLIFIED = changed(
    kind=fa3.Kind.SIMPLIFIED,
    buyer=fa3.Buyer(nip="1111111111"),
    totals=(total(fa3.Bucket.STANDARD, "100", "23"),),
    total=Decimal("123"),
    lines=(fa3.Line(number=1, name="paliwo"),),
)
FORMER = changed(
    CORRECTION,
    buyer=dataclasses.replace(INVOICE.buyer, link_id="N1"),
    former_seller=fa3.FormerSeller(nip="9999999999", name="AB", address=ADDRESS),
    former_buyers=(
        fa3.FormerBuyer(nip="1111111111", name="Jan", address=ADDRESS, link_id="N1"),
    ),
)
RIGHT = {
    "invoice": INVOICE,
    "correction": CORRECTION,
    "foreign": FOREIGN,
    "service for the EU": EU_SERVICE,
    "exempt": EXEMPT,
    "margin": MARGIN,
    "advance": ADVANCE,
    "settlement": SETTLEMENT,
    "simplified": SIMPLIFIED,
    "former data": FORMER,
}

ONE, TWO = INVOICE.lines
STANDARD, REDUCED = INVOICE.totals
FIRST, SECOND = date(2026, 3, 1), date(2026, 3, 2)
RETURN = line(1, "-1", "100")
UNIT = fa3.ThirdParty(nip="1111111111", name="Szkoła", role="8")


def party(invoice=INVOICE, **values):
    return changed(invoice, buyer=dataclasses.replace(invoice.buyer, **values))


def lines(*rows, **values):
    return changed(lines=rows, **values)


def noted(invoice=INVOICE, **values):
    return changed(
        invoice, annotations=dataclasses.replace(invoice.annotations, **values)
    )


def spoilt(row=ONE, **values):
    return lines(dataclasses.replace(row, **values), TWO)


def paid_to(number):
    account = fa3.BankAccount(number=number)
    return changed(payment=fa3.Payment(accounts=(account,)))


def to_settle(**values):
    charges = (fa3.Charge(amount=Decimal(5), reason="kaucja"),)
    return changed(settlement=fa3.Settlement(charges=charges, **values))


def contact(mail):
    return party(contacts=(fa3.Contact(email=mail),))


def former(**values):
    (before,) = FORMER.former_buyers
    return changed(FORMER, former_buyers=(dataclasses.replace(before, **values),))


def mixed(rate):
    """An order of which half is sold under ``rate``."""
    rows = (*ADVANCE.order.lines, fa3.OrderLine(number=2, name="usługa", rate=rate))
    return dataclasses.replace(ADVANCE.order, lines=rows)


#: 20 of the 100 go back.
CORRECTED_ADVANCE = {
    "kind": fa3.Kind.ADVANCE_CORRECTION,
    "corrected": (ORIGINAL,),
    "totals": (total(fa3.Bucket.STANDARD, "-20", "-4.60"),),
    "total": Decimal("-24.60"),
    "part_advances": (),
}


def days(*given, **values):
    both = zip((ONE, TWO), given, strict=True)
    return lines(*(dataclasses.replace(r, supply_date=d) for r, d in both), **values)


#: Seldom, but right.
UNUSUAL = (
    changed(party(local_authority_unit=True), third_parties=(UNIT,)),
    changed(
        party(vat_group_member=True),
        third_parties=(
            fa3.ThirdParty(internal_id="1111111111-00001", name="x", role="10"),
        ),
    ),
    # What was sold before does not count: it is no longer so.
    changed(
        CORRECTION,
        lines=(line(1, "2", "100", "zw", before=True), line(1, "2", "100")),
        totals=(
            total(fa3.Bucket.EXEMPT, "-200"),
            total(fa3.Bucket.STANDARD, "200", "46"),
        ),
        total=Decimal(46),
    ),
    # Taken back and stated anew.
    changed(
        CORRECTION,
        lines=(line(1, "-2", "100", "zw"), line(2, "2", "100")),
        totals=(
            total(fa3.Bucket.EXEMPT, "-200"),
            total(fa3.Bucket.STANDARD, "200", "46"),
        ),
        total=Decimal(46),
    ),
    changed(CORRECTION, lines=(RETURN,)),
    changed(CORRECTION, lines=(), totals=(), total=Decimal(0)),
    changed(
        EU_SERVICE,
        lines=(line(1, "2", "100", "np I"),),
        buyer=EU_BUYER,
        totals=(total(fa3.Bucket.OUTSIDE_POLAND, "200"),),
    ),
    # An order of several rates: the advance taxes one, so does what corrects it.
    *(
        changed(ADVANCE, order=mixed(rate), **values)
        for rate in ("zw", "oo", "np II", "0 WDT")
        for values in ({}, CORRECTED_ADVANCE)
    ),
    noted(changed(ADVANCE, order=mixed("zw")), exemption=EXEMPT.annotations.exemption),
    noted(changed(ADVANCE, order=mixed("oo")), reverse_charge=True),
    lines(line(2, "0.01", "1", "8"), ONE, totals=(STANDARD,), total=Decimal(246)),
    changed(SIMPLIFIED, totals=(), total=Decimal(450)),
    changed(SIMPLIFIED, totals=(), total=Decimal(100), currency="EUR"),
    changed(total=Decimal("299.98")),  # a grosz for each rate
    changed(totals=(total(fa3.Bucket.STANDARD, "200.01", "46"), REDUCED)),
    spoilt(net_price=Decimal(120), unit_discount=Decimal(20)),
    spoilt(net_price=None, net=None, gross_price=Decimal(123), gross=Decimal(246)),
    days(FIRST, SECOND),
    days(FIRST, SECOND, supply_date=date(2026, 3, 3)),
    paid_to("61109010140000071219812874"),
    paid_to("PL61109010140000071219812874"),
    paid_to("DE89370400440532013000"),
    paid_to("123456789012"),
    to_settle(charges_total=Decimal(5), to_pay=Decimal(305)),
    contact("a@b.pl"),
    changed(descriptions=(fa3.Description(line=2, key="a", value="b"),)),
)
