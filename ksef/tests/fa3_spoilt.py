"""Right invoices spoilt in one thing: the code, the element, the invoice."""

import dataclasses
from decimal import Decimal

from ksef import fa3
from ksef.tests.fa3_clean import (
    ADDRESS,
    ADVANCE,
    CORRECTION,
    EU_SERVICE,
    EXEMPT,
    FIRST,
    FOREIGN,
    FORMER,
    INVOICE,
    MARGIN,
    ONE,
    ORIGINAL,
    REDUCED,
    RETURN,
    SECOND,
    SETTLEMENT,
    SIMPLIFIED,
    STANDARD,
    TWO,
    UNIT,
    changed,
    contact,
    days,
    former,
    line,
    lines,
    noted,
    paid_to,
    party,
    spoilt,
    to_settle,
    total,
)

BUYER, BODY = "Faktura/Podmiot2", "Faktura/Fa"
ROW = f"{BODY}/FaWiersz[1]"

#: What a correction need not say, or has to repeat as it was.
DUTIES_OF_A_SALE = {
    "exemption-missing",
    "reverse-charge-missing",
    "nip-as-foreign",
    "buyer-without-address",
    "eu-sale-without-prefix",
    "eu-sale-without-number",
}


def corrected(invoice):
    return changed(invoice, kind=fa3.Kind.CORRECTION, corrected=(ORIGINAL,))


#: Code, element, a right document spoilt in one thing.
ERRORS = (
    (
        "kor-without-original",
        f"{BODY}/DaneFaKorygowanej",
        changed(CORRECTION, corrected=()),
    ),
    (
        "correction-without-kor",
        f"{BODY}/DaneFaKorygowanej",
        changed(corrected=(ORIGINAL,)),
    ),
    ("correction-without-kor", f"{BODY}/TypKorekty", changed(correction_type="1")),
    (
        "exemption-missing",
        f"{BODY}/Adnotacje/Zwolnienie/P_19",
        noted(EXEMPT, exemption=None),
    ),
    (
        "exemption-missing",
        f"{BODY}/Adnotacje/Zwolnienie/P_19",
        changed(ADVANCE, totals=(total(fa3.Bucket.EXEMPT, "123"),)),
    ),
    (
        "reverse-charge-missing",
        f"{BODY}/Adnotacje/P_18",
        noted(EU_SERVICE, reverse_charge=False),
    ),
    ("margin-missing", f"{BODY}/Adnotacje/PMarzy/P_PMarzy", noted(MARGIN, margin=None)),
    (
        "simplified-too-large",
        f"{BODY}/P_15",
        changed(SIMPLIFIED, totals=(), total=Decimal("450.01")),
    ),
    (
        "simplified-without-nip",
        f"{BUYER}/DaneIdentyfikacyjne/NIP",
        party(SIMPLIFIED, nip=None, no_id=True),
    ),
    ("no-lines", f"{BODY}/FaWiersz", lines()),
    ("line-without-name", f"{ROW}/P_7", spoilt(name=None)),
    (
        "nip-checksum",
        "Faktura/Podmiot1/DaneIdentyfikacyjne/NIP",
        changed(seller=dataclasses.replace(INVOICE.seller, nip="1234567890")),
    ),
    ("nip-checksum", f"{BUYER}/DaneIdentyfikacyjne/NIP", party(nip="1234567890")),
    (
        "nip-checksum",
        "Faktura/Podmiot3/DaneIdentyfikacyjne/IDWew",
        changed(
            third_parties=(
                fa3.ThirdParty(internal_id="1234567890-00001", name="x", role="2"),
            )
        ),
    ),
    (
        "nip-checksum",
        "Faktura/PodmiotUpowazniony/DaneIdentyfikacyjne/NIP",
        changed(
            authorized=fa3.Authorized(
                nip="1234567890", name="x", address=ADDRESS, role="2"
            )
        ),
    ),
    (
        "nip-as-foreign",
        f"{BUYER}/DaneIdentyfikacyjne/NrVatUE",
        party(nip=None, eu_prefix="PL", eu_number="1111111111"),
    ),
    (
        "nip-as-foreign",
        f"{BUYER}/DaneIdentyfikacyjne/NrID",
        party(nip=None, id_country="PL", other_id="1111111111"),
    ),
    (
        "nip-as-foreign",
        f"{BUYER}/DaneIdentyfikacyjne/NrID",
        party(nip=None, other_id="PL 111-111-11-11"),
    ),
    ("buyer-without-name", f"{BUYER}/DaneIdentyfikacyjne/Nazwa", party(name=None)),
    ("buyer-without-address", f"{BUYER}/Adres", party(address=None)),
    ("jst-without-unit", f"{BUYER}/JST", party(local_authority_unit=True)),
    ("gv-without-member", f"{BUYER}/GV", party(vat_group_member=True)),
    (
        "jst-without-unit",
        f"{BUYER}/JST",
        changed(
            party(local_authority_unit=True),
            third_parties=(dataclasses.replace(UNIT, nip=None, no_id=True),),
        ),
    ),
    (
        "shares-above-all",
        "Faktura/Podmiot3",
        changed(
            third_parties=tuple(
                dataclasses.replace(UNIT, role="4", share=Decimal(60))
                for _i in range(2)
            )
        ),
    ),
    (
        "eu-sale-without-prefix",
        "Faktura/Podmiot1/PrefiksPodatnika",
        changed(EU_SERVICE, seller=INVOICE.seller),
    ),
    (
        "eu-sale-without-number",
        f"{BUYER}/DaneIdentyfikacyjne/NrVatUE",
        changed(EU_SERVICE, buyer=INVOICE.buyer),
    ),
    (
        "line-number-repeated",
        f"{BODY}/FaWiersz[2]/NrWierszaFa",
        lines(ONE, dataclasses.replace(TWO, number=1)),
    ),
    (
        "pln-tax-missing",
        f"{BODY}/P_14_1W",
        changed(FOREIGN, totals=(total(fa3.Bucket.STANDARD, "200", "46"),)),
    ),
    (
        "rate-without-total",
        f"{BODY}/P_13_2",
        changed(totals=(STANDARD,), total=Decimal(246)),
    ),
)
WARNINGS = (
    (
        "simplified-too-large",
        f"{BODY}/P_15",
        changed(SIMPLIFIED, totals=(), total=Decimal(100), currency="USD"),
    ),
    ("former-buyer-unknown", f"{BODY}/Podmiot2K/IDNabywcy", former(link_id="N2")),
    (
        "former-nip-differs",
        f"{BODY}/Podmiot2K/DaneIdentyfikacyjne/NIP",
        former(nip="9999999999"),
    ),
    (
        "former-nip-differs",
        f"{BODY}/Podmiot1K/DaneIdentyfikacyjne/NIP",
        changed(
            FORMER,
            former_seller=dataclasses.replace(FORMER.former_seller, nip="1111111111"),
        ),
    ),
    (
        "nip-checksum",
        f"{BODY}/Podmiot2K/DaneIdentyfikacyjne/NIP",
        changed(
            former(nip="1234567890"),
            buyer=dataclasses.replace(FORMER.buyer, nip=None, no_id=True),
        ),
    ),
    *(
        (code, path, corrected(invoice))
        for code, path, invoice in ERRORS
        if code in DUTIES_OF_A_SALE and invoice.kind is fa3.Kind.INVOICE
    ),
    (
        "margin-missing",
        f"{BODY}/Adnotacje/PMarzy/P_PMarzy",
        noted(
            changed(MARGIN, kind=fa3.Kind.CORRECTION, corrected=(ORIGINAL,)),
            margin=None,
        ),
    ),
    (
        "exemption-unused",
        f"{BODY}/Adnotacje/Zwolnienie/P_19",
        noted(exemption=EXEMPT.annotations.exemption),
    ),
    ("reverse-charge-unused", f"{BODY}/Adnotacje/P_18", noted(reverse_charge=True)),
    (
        "margin-unused",
        f"{BODY}/Adnotacje/PMarzy/P_PMarzy",
        noted(margin=fa3.Margin.ANTIQUES),
    ),
    (
        "split-payment-account",
        f"{BODY}/Platnosc/RachunekBankowy",
        noted(split_payment=True),
    ),
    ("advance-without-order", f"{BODY}/Zamowienie", changed(ADVANCE, order=None)),
    (
        "settlement-without-advance",
        f"{BODY}/FakturaZaliczkowa",
        changed(SETTLEMENT, advances=()),
    ),
    (
        "part-advances-sum",
        f"{BODY}/ZaliczkaCzesciowa",
        changed(ADVANCE, part_advances=ADVANCE.part_advances[:1]),
    ),
    ("supply-date-common", f"{ROW}/P_6A", days(FIRST, FIRST)),
    ("supply-date-repeated", f"{ROW}/P_6A", days(FIRST, SECOND, supply_date=FIRST)),
    (
        "description-of-no-line",
        f"{BODY}/DodatkowyOpis/NrWiersza",
        changed(descriptions=(fa3.Description(line=3, key="a", value="b"),)),
    ),
    (
        "account-number",
        f"{BODY}/Platnosc/RachunekBankowy/NrRB",
        paid_to("1234567890123456789012345"),
    ),
    (
        "account-number",
        f"{BODY}/Platnosc/RachunekBankowy/NrRB",
        paid_to("61109010140000071219812875"),
    ),
    (
        "account-number",
        f"{BODY}/Platnosc/RachunekBankowy/NrRB",
        paid_to("DE89370400440532013001"),
    ),
    (
        "share-without-buyer",
        "Faktura/Podmiot3/Udzial",
        changed(third_parties=(dataclasses.replace(UNIT, share=Decimal(5)),)),
    ),
    ("several-mails", f"{BUYER}/DaneKontaktowe/Email", contact("a@b.pl, c@d.pl")),
    ("former-buyer-unlinked", f"{BODY}/Podmiot2K", former(link_id=None)),
    (
        "buyer-without-name",
        f"{BUYER}/DaneIdentyfikacyjne/Nazwa",
        party(CORRECTION, name=None),
    ),
    (
        "line-number-repeated",
        f"{BODY}/FaWiersz[3]/NrWierszaFa",
        changed(CORRECTION, lines=(*CORRECTION.lines, line(1, "0", "9"))),
    ),
    (
        "negative-twice",
        f"{ROW}/P_8B",
        spoilt(quantity=Decimal(-2), net_price=Decimal(-100)),
    ),
    ("negative-quantity", f"{ROW}/P_8B", spoilt(quantity=Decimal(-2), net_price=None)),
    ("line-arithmetic", f"{ROW}/P_11", spoilt(net_price=Decimal("99.99"))),
    (
        "line-arithmetic",
        f"{ROW}/P_11",
        spoilt(net_price=Decimal(110), unit_discount=Decimal(20)),
    ),
    (
        "line-arithmetic",
        f"{ROW}/P_11A",
        spoilt(gross_price=Decimal(123), gross=Decimal(123)),
    ),
    ("line-gross", f"{ROW}/P_11A", spoilt(gross=Decimal(247), tax=Decimal(46))),
    ("line-tax", f"{ROW}/P_11Vat", spoilt(tax=Decimal("46.02"))),
    (
        "pln-tax-missing",
        f"{BODY}/P_14_2W",
        changed(FOREIGN, totals=(*FOREIGN.totals, total(fa3.Bucket.REDUCED, "0", "0"))),
    ),
    (
        "exchange-rate-missing",
        f"{BODY}/FaWiersz/KursWaluty",
        changed(FOREIGN, lines=(ONE,)),
    ),
    (
        "pln-with-exchange",
        f"{BODY}/P_14_1W",
        changed(totals=(dataclasses.replace(STANDARD, tax_pln=Decimal(46)), REDUCED)),
    ),
    ("pln-with-exchange", f"{BODY}/KursWalutyZ", changed(advance_rate=Decimal(1))),
    ("pln-with-exchange", f"{ROW}/KursWaluty", spoilt(exchange_rate=Decimal(1))),
    (
        "contract-currency",
        f"{BODY}/WarunkiTransakcji/WalutaUmowna",
        changed(terms=fa3.Terms(contract_rate=Decimal(1), contract_currency="PLN")),
    ),
    ("total-sum", f"{BODY}/P_15", changed(total=Decimal("300.03"))),
    ("rate-sum", f"{BODY}/P_13_1", spoilt(net=Decimal("200.02"), quantity=None)),
    (
        "rate-sum",
        f"{BODY}/P_13_1",
        changed(
            CORRECTION,
            lines=(dataclasses.replace(RETURN, net=Decimal("-99.95"), quantity=None),),
        ),
    ),
    (
        "rate-sum",
        f"{BODY}/P_13_7",
        changed(
            EXEMPT,
            totals=(),
            total=Decimal(0),
            kind=fa3.Kind.CORRECTION,
            corrected=(ORIGINAL,),
        ),
    ),
    (
        "rate-tax",
        f"{BODY}/P_14_1",
        changed(
            totals=(total(fa3.Bucket.STANDARD, "200", "30"), REDUCED),
            total=Decimal(284),
        ),
    ),
    (
        "rate-tax",
        f"{BODY}/P_14_1",
        changed(ADVANCE, totals=(total(fa3.Bucket.STANDARD, "93", "30"),)),
    ),
    (
        "settlement-sum",
        f"{BODY}/Rozliczenie/SumaObciazen",
        to_settle(charges_total=Decimal(6)),
    ),
    (
        "settlement-result",
        f"{BODY}/Rozliczenie/DoZaplaty",
        to_settle(to_pay=Decimal(300)),
    ),
    (
        "settlement-result",
        f"{BODY}/Rozliczenie/DoRozliczenia",
        to_settle(overpaid=Decimal(5)),
    ),
)
