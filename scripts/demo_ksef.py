"""What the demo asks of the simulator beside the API: its management interface."""

import os
from pathlib import Path

import requests
from lxml import etree

ADDRESS = os.environ["DEMO_SIMULATOR"]
EXAMPLE = Path("samples/fa3/mf-official/FA_3_Przyklad_01.xml")

#: Used where the ministry's examples do not lie beside the checkout.
OWN_BILL = """<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/">
  <Naglowek>
    <KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>
    <WariantFormularza>3</WariantFormularza>
    <DataWytworzeniaFa>2026-02-16T09:00:00Z</DataWytworzeniaFa>
    <SystemInfo>demo</SystemInfo>
  </Naglowek>
  <Podmiot1>
    <DaneIdentyfikacyjne><NIP>9999999999</NIP><Nazwa>Tartak sp. z o.o.</Nazwa></DaneIdentyfikacyjne>
    <Adres><KodKraju>PL</KodKraju><AdresL1>ul. Sosnowa 1</AdresL1><AdresL2>61-001 Poznań</AdresL2></Adres>
  </Podmiot1>
  <Podmiot2>
    <DaneIdentyfikacyjne><NIP>1111111111</NIP><Nazwa>Stolarnia Dębowa sp. z o.o.</Nazwa></DaneIdentyfikacyjne>
    <Adres><KodKraju>PL</KodKraju><AdresL1>ul. Leśna 12</AdresL1></Adres>
    <JST>2</JST><GV>2</GV>
  </Podmiot2>
  <Fa>
    <KodWaluty>PLN</KodWaluty><P_1>2026-02-16</P_1><P_2>T/2026/77</P_2>
    <P_13_1>1000.00</P_13_1><P_14_1>230.00</P_14_1><P_15>1230.00</P_15>
    <Adnotacje>
      <P_16>2</P_16><P_17>2</P_17><P_18>2</P_18><P_18A>2</P_18A>
      <Zwolnienie><P_19N>1</P_19N></Zwolnienie>
      <NoweSrodkiTransportu><P_22N>1</P_22N></NoweSrodkiTransportu>
      <P_23>2</P_23><PMarzy><P_PMarzyN>1</P_PMarzyN></PMarzy>
    </Adnotacje>
    <RodzajFaktury>VAT</RodzajFaktury>
    <FaWiersz>
      <NrWierszaFa>1</NrWierszaFa><P_7>Deska dębowa</P_7><P_8A>m2</P_8A><P_8B>10</P_8B>
      <P_9A>100.00</P_9A><P_11>1000.00</P_11><P_12>23</P_12>
    </FaWiersz>
  </Fa>
</Faktura>
"""  # noqa: E501


def supplier_bill():
    """Return (where it comes from, the bytes): a published example if there is one."""
    example = Path(__file__).resolve().parents[2] / "shared" / EXAMPLE
    if example.exists():
        return f"the ministry's example {example.name}", example.read_bytes()
    return "an example of our own", OWN_BILL.encode()


def facts(xml):
    """Return (P_2, P_15) of an FA(3) file."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    root = etree.fromstring(xml, parser)
    return tuple(root.findtext(f"{{*}}Fa/{{*}}{name}") for name in ("P_2", "P_15"))


def new_certificate(company, password):
    """Return (.crt, .key) as the taxpayer application hands them out."""
    order = {
        "kind": "Authentication",
        "nip": company.vat.removeprefix("PL"),
        "name": company.name,
        "password": password,
    }
    answer = _sent("post", "/manage/certificates", json=order).json()
    return answer["certificate"].encode(), answer["key"].encode()


def away(on):
    """Take KSeF away, or bring it back: away, it answers nobody."""
    _sent("post", "/manage/away", json={"on": on})


def put_invoice(xml):
    """Let a supplier's invoice lie in KSeF. Returns its KSeF number."""
    return _sent("post", "/manage/invoices", data=xml).json()["ksefNumber"]


def stored_bytes(ksef_number):
    return _sent("get", f"/manage/invoices/{ksef_number}").content


def follow(link):
    """Open a link of a QR code. Returns the page's text."""
    answer = requests.get(link, timeout=10)
    answer.raise_for_status()
    return answer.text


def _sent(method, path, **content):
    answer = requests.request(method, ADDRESS + path, timeout=30, **content)
    answer.raise_for_status()
    return answer
