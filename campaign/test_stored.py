"""Workers are killed (SIGKILL) at every step of receiving suppliers' invoices.

After test_secrets.py: what it searches is the life of a company without these.
"""

from datetime import date

import pytest

from .ground import NIP
from .test_killed import deaths, told

SUPPLIER = "5265877635"
BILL = """<?xml version="1.0" encoding="UTF-8"?>
<Faktura xmlns="http://crd.gov.pl/wzor/2025/06/25/13775/"><Naglowek>
<KodFormularza kodSystemowy="FA (3)" wersjaSchemy="1-0E">FA</KodFormularza>
<WariantFormularza>3</WariantFormularza>
<DataWytworzeniaFa>2026-02-04T11:18:34Z</DataWytworzeniaFa></Naglowek>
<Podmiot1><DaneIdentyfikacyjne><NIP>{seller}</NIP><Nazwa>Hurtownia</Nazwa>
</DaneIdentyfikacyjne><Adres><KodKraju>PL</KodKraju><AdresL1>Polna 1</AdresL1></Adres>
</Podmiot1><Podmiot2><DaneIdentyfikacyjne><NIP>{buyer}</NIP><Nazwa>ABC AGD</Nazwa>
</DaneIdentyfikacyjne><JST>2</JST><GV>2</GV></Podmiot2>
<Fa><KodWaluty>PLN</KodWaluty><P_1>{day}</P_1><P_2>{number}</P_2>
<P_13_1>100.00</P_13_1><P_14_1>23.00</P_14_1><P_15>123.00</P_15>
<Adnotacje><P_16>2</P_16><P_17>2</P_17><P_18>2</P_18><P_18A>2</P_18A>
<Zwolnienie><P_19N>1</P_19N></Zwolnienie>
<NoweSrodkiTransportu><P_22N>1</P_22N></NoweSrodkiTransportu><P_23>2</P_23>
<PMarzy><P_PMarzyN>1</P_PMarzyN></PMarzy></Adnotacje><RodzajFaktury>VAT</RodzajFaktury>
<FaWiersz><NrWierszaFa>1</NrWierszaFa><P_7>pralka</P_7><P_8A>szt.</P_8A><P_8B>1</P_8B>
<P_9A>100.00</P_9A><P_11>100.00</P_11><P_12>23</P_12></FaWiersz></Fa></Faktura>
"""

#: Until the next window is due: INTERVALS of the addon, and some minutes.
MINUTES = 20

#: Whoever was there before may have left an export that hangs: the addon gives it up
#: after six hours.
PATIENCE = 7 * 60


class TestReception:
    """Each invoice that KSeF holds is stored once and has one bill, wherever the worker
    dies that fetches, stores and books it."""

    @pytest.fixture(autouse=True)
    def stage(self, ground, login):
        self.ground, self.simulator = ground, ground.simulator
        ground.do("furnish")
        ground.ask("receive_later", minutes=PATIENCE)
        self.numbers = []

    def test_every_death(self):
        self.arrive()
        count = 0
        for kill, words in deaths(self.ground, "receive", before=False):
            with told(words):
                if kill:
                    self.ground.do("receive", kill=kill)
                held = self.ground.ask("receive_later", minutes=MINUTES)
                assert {number: held.get(number) for number in self.numbers} == (
                    dict.fromkeys(self.numbers, [1, 1])
                )
            self.arrive()
            count += 1
        assert count > 8, "there were steps to die at"

    def arrive(self):
        """Two more invoices; the time of the next window has come."""
        for _time in range(2):
            number = f"HURT/{len(self.numbers)}"
            bill = BILL.format(
                seller=SUPPLIER, buyer=NIP, day=date.today(), number=number
            )
            self.numbers.append(self.simulator.put_invoice(bill.encode()))
        self.ground.do("let_pass", minutes=MINUTES)
