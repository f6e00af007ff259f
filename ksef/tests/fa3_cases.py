"""What the FA(3) tests share: samples, the official schema, invoices to build."""

import random
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from ksef import fa3

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
SAMPLES = SHARED / "samples" / "fa3"
XSD = SHARED / "ksef" / "xsd"

needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason="needs ../shared/samples/fa3"
)
needs_schema = pytest.mark.skipif(
    not XSD.is_dir(), reason="needs the official schema in ../shared/ksef/xsd"
)


def sample_files():
    return sorted(SAMPLES.glob("*/*.xml"))


def valid_samples():
    """All but the invalid ones, which have a folder, and one that lost its number."""
    return [
        path
        for path in sample_files()
        if path.parent.name != "invalid" and "multiple-Subject3" not in path.name
    ]


def official_xsd():
    return (XSD / "schemat_FA(3)_v1-0E.xsd").read_bytes()


class _OfficialBaseTypes(etree.Resolver):
    def resolve(self, url, public_id, context):
        name = url.rsplit("/", 1)[-1]
        data = (XSD / "base" / name).read_bytes()
        return self.resolve_string(data, context, base_url=f"file:///base/{name}")


def official_schema():
    """The schema with the ministry's own base types, for comparison with ours."""
    parser = etree.XMLParser()
    parser.resolvers.add(_OfficialBaseTypes())
    return etree.XMLSchema(etree.fromstring(official_xsd(), parser))


ADDRESS = fa3.Address(
    country="PL", line1="ul. Kwiatowa 1 m. 2", line2="00-001 Warszawa", gln="5901234"
)
CONTACT = fa3.Contact(email="abc@abc.pl", phone="+48667444555")
SELLER = fa3.Seller(
    vat_prefix="PL",
    nip="9999999999",
    name="ABC AGD sp. z o.o.",
    address=ADDRESS,
    correspondence=ADDRESS,
    contacts=(CONTACT, fa3.Contact(email="b@abc.pl")),
)
BUYER = fa3.Buyer(
    nip="1111111111",
    name="F.H.U. Jan Kowalski",
    address=ADDRESS,
    correspondence=ADDRESS,
    contacts=(CONTACT,),
    customer_number="fdfd778343",
    local_authority_unit=True,
    vat_group_member=True,
)
LINE = fa3.Line(
    number=1,
    uid="aaaa111133339990",
    supply_date=date(2026, 1, 27),
    name="lodówka Zimnotech mk1 <A&B>",
    code="LOD-1",
    gtin="5901234123457",
    unit="szt.",
    quantity=Decimal("1.5"),
    net_price=Decimal("1626.01000001"),
    gross_price=Decimal("2000"),
    unit_discount=Decimal("0.5"),
    net=Decimal("2439.02"),
    gross=Decimal("2999.99"),
    tax=Decimal("560.97"),
    rate="23",
    oss_rate=Decimal("23"),
    procedure="I_42",
    before=True,
)
SETTLEMENT = fa3.Settlement(
    charges=(fa3.Charge(amount=Decimal(5), reason="kaucja"),),
    charges_total=Decimal(5),
    deductions=(fa3.Charge(amount=Decimal(300), reason="nadpłata"),),
    deductions_total=Decimal(300),
    overpaid=Decimal("37"),
)
ACCOUNT = fa3.BankAccount(
    number="61109010140000071219812874",
    swift="WBKPPLPP",
    bank="Bank Testowy S.A.",
    description="PLN",
)
PAYMENT = fa3.Payment(
    paid=True,
    paid_on=date(2026, 3, 1),
    due=(
        fa3.Due(day=date(2026, 3, 20)),
        fa3.Due(count=14, unit="dni", event="wystawienie faktury"),
    ),
    method="6",
    accounts=(ACCOUNT, fa3.BankAccount(number="1234567890")),
    factor_accounts=(ACCOUNT,),
)
ANNOTATIONS = fa3.Annotations(
    cash_accounting=True,
    self_billing=True,
    reverse_charge=True,
    split_payment=True,
    exemption=fa3.Exemption(basis=fa3.Basis.OTHER, text="art. 43 ust. 1 pkt 37"),
    triangular=True,
    margin=fa3.Margin.WORKS_OF_ART,
)
TOTALS = tuple(
    fa3.RateTotal(
        bucket=bucket,
        net=Decimal(position),
        tax=Decimal(position) / 4 if bucket.tax else None,
        tax_pln=Decimal(position) if bucket.tax_pln else None,
    )
    for position, bucket in enumerate(fa3.Bucket)
)
# Much of what the model knows, at once; `fa3_chance` makes the whole.
FULL = fa3.Invoice(
    created=datetime(2026, 3, 16, 9, 30, 5, tzinfo=timezone.utc),
    system="test",
    seller=SELLER,
    buyer=BUYER,
    currency="PLN",
    issue_date=date(2026, 3, 15),
    issue_place="Warszawa",
    number="FK2026/03/200",
    period_from=date(2026, 1, 1),
    period_to=date(2026, 1, 31),
    totals=TOTALS,
    total=Decimal("-200"),
    annotations=ANNOTATIONS,
    kind=fa3.Kind.CORRECTION,
    correction_reason="obniżka ceny",
    correction_type="3",
    corrected=(
        fa3.CorrectedInvoice(
            issue_date=date(2026, 2, 15),
            number="FV2026/02/150",
            ksef_number="9999999999-20230908-8BEF280C8D35-4D",
        ),
        fa3.CorrectedInvoice(issue_date=date(2025, 2, 15), number="poza KSeF"),
    ),
    lines=(LINE, fa3.Line(number=2)),
    settlement=SETTLEMENT,
    payment=PAYMENT,
)
IDENTITIES = (
    {"nip": "1111111111"},
    {"eu_prefix": "EL", "eu_number": "123456789"},
    {"id_country": "GR", "other_id": "X-1"},
    {"other_id": "X-1"},
    {"no_id": True},
)


def invoice_by_chance(seed):
    """A domestic invoice with some of everything."""
    chance = random.Random(seed)

    def some(value):
        return value if chance.random() < 0.6 else None

    def amount(places=2):
        return Decimal(chance.randint(-(10**9), 10**9)).scaleb(-places)

    def text(limit):
        letters = "aąćżŻ0 9-&<>\"'/€漢🙂\u0085"
        body = "".join(chance.choice(letters) for _i in range(chance.randint(0, 30)))
        return f"x{fa3.token(body)}"[:limit]

    def line(number):
        return fa3.Line(
            number=number,
            name=some(text(512)),
            unit=some(text(256)),
            quantity=some(amount(6)),
            net_price=some(amount(8)),
            net=some(amount()),
            tax=some(amount()),
            rate=some(chance.choice(fa3.RATES)),
            before=chance.random() < 0.2,
        )

    buckets = chance.sample(list(fa3.Bucket), chance.randint(0, 5))
    day = date(2026, 1, 1) + timedelta(days=chance.randint(0, 3000))
    return fa3.Invoice(
        created=datetime(2026, 1, 1, tzinfo=timezone.utc)
        + timedelta(seconds=chance.randint(0, 9**9)),
        seller=fa3.Seller(nip="9999999999", name=text(512), address=ADDRESS),
        buyer=fa3.Buyer(
            **chance.choice(IDENTITIES), name=some(text(512)), address=some(ADDRESS)
        ),
        currency="PLN",
        issue_date=day,
        number=text(256),
        supply_date=some(day),
        totals=tuple(
            fa3.RateTotal(
                bucket=bucket, net=amount(), tax=amount() if bucket.tax else None
            )
            for bucket in fa3.Bucket
            if bucket in buckets
        ),
        total=amount(),
        annotations=fa3.Annotations(
            split_payment=chance.random() < 0.5,
            exemption=some(fa3.Exemption(basis=fa3.Basis.ACT, text=text(256))),
        ),
        kind=fa3.Kind.INVOICE,
        lines=tuple(line(number) for number in range(1, chance.randint(1, 9))),
        payment=some(fa3.Payment(due=(fa3.Due(day=day),), accounts=(ACCOUNT,))),
    )
