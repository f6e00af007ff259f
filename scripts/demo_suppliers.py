"""What suppliers have laid into KSeF: FA(3) files of today, written by hand."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

VAT = Decimal("0.23")

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
  <Naglowek>
    <KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>
    <WariantFormularza>3</WariantFormularza>
    <DataWytworzeniaFa>{day}T08:00:00Z</DataWytworzeniaFa>
    <SystemInfo>demo</SystemInfo>
  </Naglowek>
  <Podmiot1>
    <DaneIdentyfikacyjne><NIP>5260250274</NIP><Nazwa>Tartak Sosna sp. z o.o.</Nazwa></DaneIdentyfikacyjne>
    <Adres><KodKraju>PL</KodKraju><AdresL1>ul. Sosnowa 1</AdresL1><AdresL2>61-001 Poznań</AdresL2></Adres>
  </Podmiot1>
  <Podmiot2>
    <DaneIdentyfikacyjne><NIP>{buyer}</NIP><Nazwa>Stolarnia Dębowa sp. z o.o.</Nazwa></DaneIdentyfikacyjne>
    <Adres><KodKraju>PL</KodKraju><AdresL1>ul. Leśna 12</AdresL1><AdresL2>60-101 Poznań</AdresL2></Adres>
    <JST>2</JST><GV>2</GV>
  </Podmiot2>
  <Fa>
    <KodWaluty>PLN</KodWaluty><P_1>{day}</P_1><P_1M>Poznań</P_1M><P_2>{number}</P_2>
    <P_13_1>{net}</P_13_1><P_14_1>{tax}</P_14_1><P_15>{total}</P_15>
    <Adnotacje>
      <P_16>2</P_16><P_17>2</P_17><P_18>2</P_18><P_18A>2</P_18A>
      <Zwolnienie><P_19N>1</P_19N></Zwolnienie>
      <NoweSrodkiTransportu><P_22N>1</P_22N></NoweSrodkiTransportu>
      <P_23>2</P_23><PMarzy><P_PMarzyN>1</P_PMarzyN></PMarzy>
    </Adnotacje>
    <RodzajFaktury>{kind}</RodzajFaktury>{corrected}{lines}
  </Fa>
</Faktura>
"""  # noqa: E501

CORRECTED = """
    <PrzyczynaKorekty>Zwrot towaru</PrzyczynaKorekty><TypKorekty>2</TypKorekty>
    <DaneFaKorygowanej>
      <DataWystFaKorygowanej>{day}</DataWystFaKorygowanej><NrFaKorygowanej>{number}</NrFaKorygowanej>
      <NrKSeF>1</NrKSeF><NrKSeFFaKorygowanej>{ksef_number}</NrKSeFFaKorygowanej>
    </DaneFaKorygowanej>"""  # noqa: E501

LINE = """
    <FaWiersz>
      <NrWierszaFa>1</NrWierszaFa><P_7>Deska dębowa</P_7><P_8A>m2</P_8A><P_8B>{quantity}</P_8B>
      <P_9A>{price}</P_9A><P_11>{net}</P_11><P_12>23</P_12>{before}
    </FaWiersz>"""  # noqa: E501


@dataclass(frozen=True)
class Boards:
    """Oak boards at a net price."""

    quantity: int
    price: Decimal = Decimal("100.00")
    before: bool = False  # a correction: what was stated before

    @property
    def net(self):
        return self.quantity * self.price

    @property
    def xml(self):
        before = "<StanPrzed>1</StanPrzed>" if self.before else ""
        return LINE.format(
            quantity=self.quantity, price=self.price, net=self.net, before=before
        )


def invoice(number, buyer, *lines, kind="VAT", corrected="", wrong_by=0):
    """Return the bytes of an invoice.

    :param wrong_by: what is wrong with its total
    """
    net = sum(-line.net if line.before else line.net for line in lines)
    tax = round(net * VAT, 2)
    text = FILE.format(
        number=number,
        buyer=buyer,
        day=date.today(),
        kind=kind,
        corrected=corrected,
        lines="".join(line.xml for line in lines),
        net=net,
        tax=tax,
        total=net + tax + wrong_by,
    )
    return text.encode()


def correction(number, buyer, *lines, corrects, ksef_number):
    """Return the bytes of a correction with the states before and after."""
    corrected = CORRECTED.format(
        day=date.today(), number=corrects, ksef_number=ksef_number
    )
    return invoice(number, buyer, *lines, kind="KOR", corrected=corrected)
