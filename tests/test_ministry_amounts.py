from datetime import date

from odoo import Command
from odoo.tests import tagged

from .ministry_common import MinistryCase

ISSUED = date(2026, 2, 15)
NOT_IN_ODOO = {
    "Podmiot2/Adres/GLN": "Odoo's location number needs a module of its own",
    "Fa/Platnosc/RachunekBankowyFaktora/**": "the factor is a third party of ours",
    "Fa/WarunkiTransakcji/NrPartiiTowaru": "lots come from stock deliveries",
    "Fa/WarunkiTransakcji/Transport/**": "Odoo's invoices know no carrier",
}


ONE_DAY = {
    "Fa/FaWiersz/P_6A": "one day for all lines is P_6",
    "Fa/P_6": "one day for all lines is P_6",
    "Fa/Platnosc/**": "an invoice of Odoo always has a due date",
}


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMinistryAmounts(MinistryCase):
    """Examples 1, 20, 21, 22 and 23 of the ministry: an ordinary sale, sales in euro,
    goods to the EU and out of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write(
            {"name": "ABC AGD sp. z o. o.", "phone": "667444555"}
        )
        cls.company.write(
            {
                "ksef_footer": "Kapiał zakładowy 5 000 000",
                "ksef_krs": "0000099999",
                "ksef_regon": "123456785",
                "ksef_bdo": "000099999",
            }
        )
        cls.company.partner_id.bank_ids.unlink()
        cls.buyer.write(
            {"email": "jan@kowalski.pl", "phone": "555777999", "ref": "fdfd778343"}
        )
        cls.piece = cls.env["uom.uom"].create({"name": "szt."})

    def goods(self, name, price, tax="vs_kraj_23", quantity=1.0, **values):
        product = self.env["product.product"].create(
            {"name": name, "uom_id": self.piece.id, **values.pop("product", {})}
        )
        values |= {"product_id": product.id, "product_uom_id": self.piece.id}
        return self.line(price, tax, quantity, name=name, **values)

    def abroad(self, name, country, **values):
        state = values.pop("state", None)
        return self.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "country_id": self.env.ref(f"base.{country}").id,
                "state_id": state and self.env.ref(f"base.{state}").id,
                "phone": "555777999",
                **values,
            }
        )

    def priced(self, name, rate):
        currency = self.env.ref(f"base.{name}")
        currency.active = True
        currency.rate_ids.unlink()
        row = {
            "name": date(2026, 1, 1),
            "inverse_company_rate": rate,
            "company_id": self.company.id,
        }
        currency.rate_ids = [Command.create(row)]
        return currency.id

    def assertExample(self, move, number, justified):
        move.action_post()
        rejected = {
            "Stopka/Rejestry/REGON": "that of the example fails its check digit"
        }
        self.assertSaysLike(move, f"FA_3_Przyklad_{number}.xml", justified | rejected)

    def test_example_01_ordinary_sale(self):
        move = self.draft(
            self.goods("lodówka Zimnotech mk1", 1626.01),
            self.goods("wniesienie sprzętu", 40.65),
            self.goods("promocja lodówka pełna mleka", 0.95, "vs_kraj_5"),
            invoice_date=ISSUED,
            delivery_date=date(2026, 1, 27),
            name="FV2026/02/150",
            ksef_receipt=True,
            ksef_paid_on=date(2026, 1, 27),
            ksef_payment_method="6",
            ksef_order_number="4354343",
            ksef_order_date=date(2026, 1, 26),
            ksef_description_ids=[
                Command.create(
                    {
                        "key": "preferowane godziny dowozu",
                        "value": "dni robocze 17:00 - 20:00",
                    }
                )
            ],
        )
        off = "the example is a grosz off its own sums"
        self.assertExample(move, "01", {"Fa/P_15": off})

    def in_euro(self, *days):
        """The sale of examples 20 and 21, supplied on ``days``."""
        self.buyer.write(
            {
                "name": "CDE sp. j.",
                "street": "ul. Sadowa 1 lok. 3",
                "zip": "00-002",
                "city": "Kraków",
                "email": "cde@cde.pl",
            }
        )
        sold = (
            ("lodówka Zimnotech mk1", 406, 10, "8418 21 91"),
            ("zamrażarka Zimnotech mk2", 250, 20, "8418 40 20"),
            ("zmywarka Bryza 100", 300, 15, "8422 11 00"),
        )
        return self.draft(
            *(
                self.goods(
                    name,
                    price,
                    quantity=quantity,
                    ksef_supply_date=day,
                    product={"ksef_cn": cn},
                )
                for (name, price, quantity, cn), day in zip(sold, days, strict=True)
            ),
            currency_id=self.priced("EUR", 4.5005),
            invoice_date=ISSUED,
            invoice_date_due=date(2026, 3, 15),
            name="FV2026/02/150",
            ksef_payment_method="6",
            ksef_order_number="4354343",
            ksef_order_date=date(2026, 1, 26),
            invoice_incoterm_id=self.env.ref("account.incoterm_CIP").id,
        )

    def test_example_20_euro(self):
        days = (date(2026, 2, 20), date(2026, 2, 25), date(2026, 2, 26))
        self.assertExample(self.in_euro(*days), "20", NOT_IN_ODOO)

    def test_example_21_euro_at_several_rates(self):
        days = (date(2026, 2, 5), date(2026, 2, 10), date(2026, 2, 20))
        one_rate = "an entry of Odoo has one rate"
        differs = {"Fa/FaWiersz[*]/KursWaluty": one_rate, "Fa/P_14_1W": one_rate}
        self.assertExample(self.in_euro(*days), "21", NOT_IN_ODOO | differs)

    def test_example_22_goods_to_germany(self):
        buyer = self.abroad(
            "EFG GmbH",
            "de",
            vat="DE136695976",
            street="Blümchenstraße 1",
            zip="10999",
            city="Berlin",
            email="johan@shmidt.de",
        )
        move = self.draft(
            self.goods("lodówka Zimnotech mk1", 400, "vs_unia", 10),
            partner_id=buyer.id,
            currency_id=self.priced("EUR", 4.5),
            invoice_date=ISSUED,
            delivery_date=date(2026, 1, 3),
            name="FV2026/02/150",
        )
        number = "Odoo refuses the number of the example: its check digits are wrong"
        differs = {"Podmiot2/DaneIdentyfikacyjne/NrVatUE": number}
        self.assertExample(move, "22", ONE_DAY | differs)

    def test_example_23_goods_out_of_the_eu(self):
        buyer = self.abroad(
            "EFG Ltd.",
            "us",
            vat="999999999",
            street="Flower (St) 1",
            zip="99999",
            city="Seattle",
            state="state_us_48",
            email="john@smith.us",
        )
        move = self.draft(
            self.goods("lodówka Zimnotech mk1", 400, "vs_eksp_tow", 20),
            partner_id=buyer.id,
            currency_id=self.priced("USD", 3.6),
            invoice_date=date(2026, 6, 15),
            delivery_date=date(2026, 1, 3),
            name="FV2026/06/150",
        )
        differs = {
            "Fa/P_2": "Odoo numbers by the month of issue",
            "Podmiot2/Adres/AdresL2": "postcodes stand before the town, as in Poland",
        }
        self.assertExample(move, "23", ONE_DAY | differs)
