"""Suppliers' invoices to measure with, as FA(3) files; written apart from the addon.

They are the same each time: 100 suppliers, five lines each, of 60 articles. Most
suppliers and half of the articles are known to the buyer: bench_buyer.py enters them.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

SUPPLIERS, ARTICLES = 100, 60
KNOWN_SUPPLIERS, KNOWN_ARTICLES = 80, 30
LINES = 5

#: The invoices arrive over so many days.
DAYS = 45

_RATES = (("23", "1", 23), ("8", "2", 8))
_UNITS = ("szt.", "kg", "opak.", "m2", "h")
_CENT = Decimal("0.01")

_ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
<Naglowek><KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>\
<WariantFormularza>3</WariantFormularza>\
<DataWytworzeniaFa>{day}T07:00:00Z</DataWytworzeniaFa></Naglowek>
<Podmiot1><DaneIdentyfikacyjne><NIP>{nip}</NIP><Nazwa>{name}</Nazwa>\
</DaneIdentyfikacyjne><Adres><KodKraju>PL</KodKraju><AdresL1>ul. Fabryczna {house}\
</AdresL1><AdresL2>90-001 Łódź</AdresL2></Adres></Podmiot1>
<Podmiot2><DaneIdentyfikacyjne><NIP>{buyer}</NIP><Nazwa>ABC AGD sp. z o.o.</Nazwa>\
</DaneIdentyfikacyjne><Adres><KodKraju>PL</KodKraju><AdresL1>ul. Kwiatowa 1</AdresL1>\
<AdresL2>00-001 Warszawa</AdresL2></Adres><JST>2</JST><GV>2</GV></Podmiot2>
<Fa><KodWaluty>PLN</KodWaluty><P_1>{day}</P_1><P_2>{number}</P_2>{totals}\
<P_15>{total}</P_15>
<Adnotacje><P_16>2</P_16><P_17>2</P_17><P_18>2</P_18><P_18A>2</P_18A><Zwolnienie>\
<P_19N>1</P_19N></Zwolnienie><NoweSrodkiTransportu><P_22N>1</P_22N>\
</NoweSrodkiTransportu><P_23>2</P_23><PMarzy><P_PMarzyN>1</P_PMarzyN></PMarzy>\
</Adnotacje><RodzajFaktury>VAT</RodzajFaktury>
{lines}
<Platnosc><TerminPlatnosci><Termin>{due}</Termin></TerminPlatnosci>\
<FormaPlatnosci>6</FormaPlatnosci><RachunekBankowy><NrRB>{account}</NrRB>\
</RachunekBankowy></Platnosc></Fa>
</Faktura>
"""
_TOTALS = "<P_13_{0}>{1}</P_13_{0}><P_14_{0}>{2}</P_14_{0}>"
_LINE = """<FaWiersz><NrWierszaFa>{place}</NrWierszaFa><P_7>{name}</P_7>\
<Indeks>{code}</Indeks><P_8A>{unit}</P_8A><P_8B>{quantity}</P_8B>\
<P_9A>{price}</P_9A><P_11>{net}</P_11><P_12>{rate}</P_12></FaWiersz>"""


@dataclass(frozen=True)
class Supplier:
    number: int

    @property
    def name(self):
        return f"Hurtownia nr {self.number} sp. z o.o."

    @property
    def nip(self):
        return _nip(self.number)

    @property
    def account(self):
        return _account(self.number)


def suppliers():
    return [Supplier(number) for number in range(SUPPLIERS)]


def article(number):
    """Return (code, name, KSeF rate, its totals, percent) of an article."""
    return f"A-{number:03}", f"Towar nr {number}", *_RATES[number % 7 == 0]


def file(number, day, buyer):
    """Return the bytes of the invoice with this number, issued on that day."""
    supplier = Supplier(number % SUPPLIERS)
    lines = [_line(number, place) for place in range(1, LINES + 1)]
    totals, total = _totals(lines)
    return _ENVELOPE.format(
        day=day,
        due=day + timedelta(days=14),
        nip=supplier.nip,
        name=supplier.name,
        house=supplier.number + 1,
        account=supplier.account,
        buyer=buyer,
        number=f"FV/{number}/{day.year}",
        totals=totals,
        total=total,
        lines="\n".join(_LINE.format(**line) for line in lines),
    ).encode()


def _line(number, place):
    code, name, rate, bucket, percent = article((number * 7 + place * 11) % ARTICLES)
    quantity, price = (number + place) % 9 + 1, Decimal(number % 997 + place * 100) / 7
    price = price.quantize(_CENT)
    return {
        "place": place,
        "code": code,
        "name": name,
        "unit": _UNITS[place - 1],
        "quantity": quantity,
        "price": price,
        "net": quantity * price,
        "rate": rate,
        "bucket": bucket,
        "percent": percent,
    }


def _totals(lines):
    text, total = "", Decimal()
    for _rate, bucket, percent in _RATES:
        net = sum(line["net"] for line in lines if line["bucket"] == bucket)
        tax = (net * percent / Decimal(100)).quantize(_CENT, ROUND_HALF_UP)
        text += _TOTALS.format(bucket, net, tax) if net else ""
        total += net + tax
    return text, total


def _nip(number):
    """Return the number-th NIP of which the check digit exists."""
    weights = (6, 5, 7, 2, 3, 4, 5, 6, 7)
    for digits in range(521_000_000 + number * 20, 522_000_000):
        check = sum(int(d) * w for d, w in zip(str(digits), weights, strict=True)) % 11
        if check < 10:
            return f"{digits}{check}"
    raise ValueError(number)


def _account(number):
    """Return a Polish account number: its check digits are those of an IBAN."""
    plain = f"10901014{number:016}"
    check = 98 - int(f"{plain}252100") % 97
    return f"{check:02}{plain}"
