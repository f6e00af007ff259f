from datetime import date

from odoo import Command
from odoo.tests import tagged

from .ministry_common import OWN as USUAL
from .ministry_common import MinistryCase

ISSUED = date(2026, 2, 15)
DUE = date(2026, 3, 15)
ACCOUNT = "73111111111111111111111111"

OWN = USUAL | {"Stopka/Rejestry/REGON": "the example's has a wrong check digit"}
#: What Odoo knows of a delivery comes from stock moves of a sales order.
WAREHOUSE = {
    "Fa/WZ": "delivery notes are stated where sales and stock are installed",
    "Fa/WarunkiTransakcji/NrPartiiTowaru": "lots likewise",
    "Fa/WarunkiTransakcji/Transport/**": "Odoo has no carrier's order",
}


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMinistryParties(MinistryCase):
    """The ministry's examples with third parties: a factor, a local authority."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.phone = "667444555"
        cls.company.sudo().write(
            {
                "ksef_footer": "Kapiał zakładowy 5 000 000",
                "ksef_krs": "0000099999",
                "ksef_bdo": "000099999",
            }
        )
        cls.buyer.write({"phone": "555777999", "ref": "fdfd778343"})
        cls.piece = cls.env["uom.uom"].create({"name": "szt.", "relative_factor": 1.0})
        cls.bank = cls.env["res.bank"].create(
            {"name": "Bank Bankowości Bankowej S. A."}
        )

    own = OWN

    def third(self, role, **values):
        """A third party of an invoice, with the phone of the examples."""
        partner = self.env["res.partner"].create(
            {
                "is_company": True,
                "country_id": self.env.ref("base.pl").id,
                "phone": "666888999",
                **values,
            }
        )
        row = {"partner_id": partner.id, "role": role}
        return partner, {"ksef_third_party_ids": [Command.create(row)]}

    def account(self, partner, **values):
        return self.env["res.partner.bank"].create(
            {
                "acc_number": ACCOUNT,
                "partner_id": partner.id,
                "bank_id": self.bank.id,
                "currency_id": self.env.ref("base.PLN").id,
                "allow_out_payment": True,
                **values,
            }
        )

    def sold(self, name, price, tax="vs_kraj_23", **values):
        product = {"name": name, "ksef_cn": values.pop("cn", False)}
        if not tax:
            product |= {"ksef_outside_vat": True, "taxes_id": False}
        return self.line(
            price,
            tax,
            name=name,
            product_id=self.env["product.product"].create(product).id,
            product_uom_id=self.piece.id,
            **values,
        )

    def issued(self, *lines, **values):
        return self.draft(
            *lines,
            name="FV2026/02/150",
            invoice_date=ISSUED,
            invoice_date_due=DUE,
            invoice_payment_term_id=False,
            ksef_payment_method="6",
            **values,
        )

    def test_example_4_factor(self):
        self.company.partner_id.name = "ABC AGD sp. z o. o."
        self.buyer.write(
            {
                "name": "CDE sp. j.",
                "street": "ul. Sadowa 1 lok. 3",
                "zip": "00-002",
                "city": "Kraków",
                "email": "cde@cde.pl",
            }
        )
        factor, row = self.third(
            "1",
            name="Bank Bankowości Bankowej S. A. BBB Faktoring",
            vat="2222222222",
            street="ul. Bankowa 1",
            zip="00-003",
            city="Łódź",
            email="bbb@efaktoring.pl",
        )
        self.account(factor, ksef_own_bank="2")
        move = self.issued(
            self.sold(
                "lodówka Zimnotech mk1",
                1626.01,
                quantity=10,
                cn="8418 21 91",
                ksef_supply_date=date(2026, 1, 3),
            ),
            self.sold(
                "zamrażarka Zimnotech mk2",
                1000,
                quantity=20,
                discount=10,
                cn="8418 40 20",
                ksef_supply_date=date(2026, 1, 10),
            ),
            self.sold(
                "zmywarka Bryza 100",
                1200,
                quantity=15,
                cn="8422 11 00",
                ksef_supply_date=date(2026, 1, 15),
            ),
            self.sold("nadwyżka salda nierozliczonych środków", -1000, None),
            ksef_order_number="4354343",
            ksef_order_date=date(2026, 1, 26),
            invoice_incoterm_id=self.env.ref("account.incoterm_CIP").id,
            **row,
        )
        self.assertSaysLike(move, "FA_3_Przyklad_04.xml", WAREHOUSE)

    def test_example_9_local_authority(self):
        self.company.partner_id.name = "ABC Leasing S.A."
        self.buyer.write(
            {
                "name": "Gmina Bzdziszewo",
                "street": "Bzdziszewo 1",
                "zip": "00-007",
                "city": "Bzdziszewo",
                "email": "bzdziszewo@tuwartoinwestowac.pl",
                "ksef_local_authority_unit": True,
            }
        )
        _school, row = self.third(
            "8",
            name="Szkoła Podstawowa w Bzdziszewie",
            vat="2222222222",
            street="ul. Akacjowa 200",
            zip="00-007",
            city="Bzdziszewo",
            email="sp@bzdziszewo.p",
        )
        self.tax("vs_kraj_zw").ksef_exemption = "art. 43 ust. 1 pkt 37 ustawy VAT"
        interest = {"key": "część odsetkowa raty", "value": "netto 200, vat 46"}
        move = self.issued(
            self.sold("rata leasingowa za 01/2026", 2000),
            self.sold("pakiet ubezpieczeń za 01/2026", 300, "vs_kraj_zw"),
            ksef_period_from=date(2026, 1, 1),
            ksef_period_to=date(2026, 1, 1),
            ksef_description_ids=[Command.create(interest)],
            partner_bank_id=self.account(self.company.partner_id).id,
            **row,
        )
        self.assertSaysLike(move, "FA_3_Przyklad_09.xml", {})
