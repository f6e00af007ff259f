from datetime import date

from odoo import Command
from odoo.tests import tagged

from .advance_common import KSEF_NUMBER, PAID, AdvanceMixin
from .ministry_common import MinistryCase

EARLIER = "9999999999-20230908-76B2B580D4DC-80"
THIRD = "5265877635-20250826-0100001AF629-AF"
SETTLED = date(2026, 8, 17)
SUPPLIED = date(2026, 9, 17)

OWN = {
    "Fa/FaWiersz[*]/UU_ID": "every line of ours has an identity of its own",
    "Fa/Zamowienie/ZamowienieWiersz[*]/UU_IDZ": "as the lines",
    "Stopka/Rejestry/REGON": "the example's has a wrong check digit",
}
PLACE = {"Fa/P_1M": "Odoo knows the city of the company, which is Kraków"}
DUE = {"Fa/Platnosc/**": "voluntary; Odoo always has a due date"}
UNMENTIONED = {
    "Fa/P_1M": "voluntary; ours states the city of the company",
    "Fa/FaWiersz[*]/P_8B": "may be left out of a simplified invoice (BRO p. 89-93); an"
    " invoice of Odoo always has it, and nothing known is dropped",
    "Fa/FaWiersz[*]/P_9A": "as P_8B",
    "Fa/FaWiersz[*]/P_11": "as P_8B",
    "Podmiot2/**": "may be left out as well: Odoo's customer has a name and an address",
    **DUE,
}


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMinistryAdvances(AdvanceMixin, MinistryCase):
    """The ministry's story of a flat: paid in advance, corrected three times, settled,
    corrected again; and its two simplified invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.developer = {
            "name": "ABC Developex sp. z o. o.",
            "street": "ul. Sadowa 1 m. 3",
            "zip": "00-002",
            "city": "Kraków",
        }
        cls.company.partner_id.write(
            {"name": "ABC AGD sp. z o. o.", "phone": "667444555"}
        )
        cls.company.sudo().write(
            {
                "ksef_footer": "Kapiał zakładowy 5 000 000",
                "ksef_krs": "0000099999",
                "ksef_bdo": "000099999",
            }
        )
        contact = {"email": "jan@kowalski.pl", "phone": "555777999"}
        cls.buyer.write(contact)
        cls.second_buyer = cls.buyer.copy(
            {"name": "F.H.U. Grażyna Kowalska", "vat": "3333333333", **contact}
        )
        cls.predecessor = cls.company.partner_id.copy(
            {
                "name": "ABC Developex sp. z o.o.",
                "street": "ul. Sadowa 1 lok. 3",
                "zip": "00-002",
                "city": "Kraków",
            }
        )
        cls.flat_product = cls.env["product.product"].create(
            {"name": "mieszkanie 50m^2", "l10n_pl_vat_gtu": "GTU_10"}
        )
        cls.piece = cls.env["uom.uom"].create({"name": "szt.", "relative_factor": 1.0})

    own = OWN

    def order_line(self, name, price, tax="vs_kraj_23", **values):
        values = {"product_uom_id": self.piece.id, **values}
        return super().order_line(name, price, tax, **values)

    def third(self):
        """Half of the flat is bought by another."""
        values = {"partner_id": self.second_buyer.id, "role": "4", "share": 50}
        return {"ksef_third_party_ids": [Command.create(values)]}

    def said(self, *texts):
        rows = [Command.create({"key": key, "value": value}) for key, value in texts]
        return {"ksef_description_ids": rows}

    def first(self):
        """Example 10, before it is posted."""
        self.company.partner_id.write(self.developer)
        return self.advance(
            name="FZ2026/02/150",
            ksef_payment_method="6",
            **self.third(),
            **self.said(("wysokosć wpłaconego zadatku", "20000 zł")),
        )

    def corrected(self, original, name, day, reason, **values):
        """A draft credit note over the whole of ``original``."""
        move = original._reverse_moves([{"invoice_date": day}])
        move.write({"name": name, "ref": reason, **values})
        return move

    def raised(self, original, name, day, reason, **values):
        """A draft debit note without lines."""
        wizards = self.env["account.debit.note"].with_user(self.accountant)
        wizard = wizards.with_context(
            active_model="account.move", active_ids=original.ids
        ).create({"date": day})
        move = original.browse(wizard.create_debit()["res_id"])
        move.write({"name": name, "invoice_date": day, "ref": reason, **values})
        return move

    def other_rate(self):
        """Example 11: the flat should have been sold at 8%, the price with VAT kept."""
        move = self.corrected(
            self.issued(self.first()),
            "FK2026/03/5",
            date(2026, 3, 15),
            "błędna stawka VAT",
            ksef_correction_type="3",
            ksef_advance_amount=20000,
        )
        move.action_ksef_copy_order()
        move.ksef_order_line_ids[0].write(
            {"price_unit": 341666.67, "tax_ids": self.tax("vs_kraj_8").ids}
        )
        move.action_ksef_divide_advance()
        return move

    def more_paid(self):
        """Example 12: 30000 had been paid, not 20000."""
        first = self.issued(self.other_rate(), EARLIER).reversed_entry_id
        move = self.raised(
            first,
            "FK2026/03/7",
            date(2026, 3, 17),
            "błędne zafakturowanie zaniżonej kwoty zadatku 20000 powinno być 30000",
            ksef_correction_type="1",
            ksef_advance_amount=10000,
        )
        move.action_ksef_copy_order()
        move.action_ksef_divide_advance()
        return move

    def test_10_advance(self):
        self.assertSaysLike(self.first(), "FA_3_Przyklad_10.xml", PLACE)

    def test_11_correction_of_the_rate(self):
        self.assertSaysLike(self.other_rate(), "FA_3_Przyklad_11.xml", PLACE)

    def test_12_correction_of_the_payment(self):
        self.assertSaysLike(self.more_paid(), "FA_3_Przyklad_12.xml", PLACE | DUE)

    def test_13_correction_of_the_order(self):
        first = self.issued(self.more_paid(), THIRD).debit_origin_id
        move = self.corrected(
            first,
            "FK2026/03/8",
            date(2026, 3, 17),
            "korekta wartości zamówienia o -10%",
            ksef_correction_type="3",
            invoice_line_ids=[Command.clear(), self.line(0, name="zamówienie")],
        )
        move.action_ksef_copy_order()
        move.ksef_order_line_ids[0].price_unit = 307500
        move.ksef_order_line_ids[1].price_unit = 4500
        number = {"Fa/P_2": "the example repeats the number of example 12"}
        self.assertSaysLike(move, "FA_3_Przyklad_13.xml", PLACE | number)

    def settlement_of(self, *advances, **values):
        """Example 14: the flat is handed over."""
        self.company.partner_id.write({**self.developer, "name": "ABC Developex S.A."})
        terms = self.env["account.payment.term"].create(
            {
                "name": "50% / 50%",
                "line_ids": [
                    Command.create({"value_amount": 50, "nb_days": days})
                    for days in (29, 59)
                ],
            }
        )
        flat = {"name": "mieszkanie 50m^2", "product_id": self.flat_product.id}
        return self.settlement(
            self.line(307500, "vs_kraj_8", product_uom_id=self.piece.id, **flat),
            self.line(4500, name="usługi dodatkowe", product_uom_id=self.piece.id),
            advances=advances,
            invoice_date=SETTLED,
            taxable_supply_date=SUPPLIED,
            name="FV2026/08/12",
            invoice_payment_term_id=terms.id,
            **values,
        )

    def paid(self, amount, ksef_number, *order):
        order = order or self.flat(341666.67, tax="vs_kraj_8")
        return self.issued(self.advance(*order, paid=amount), ksef_number)

    def test_14_settlement(self):
        bank = self.env["res.bank"].create({"name": "Bank Bankowości Bankowej S. A."})
        account = self.env["res.partner.bank"].create(
            {
                "acc_number": "73111111111111111111111111",
                "partner_id": self.company.partner_id.id,
                "bank_id": bank.id,
                "currency_id": self.env.ref("base.PLN").id,
                "allow_out_payment": True,
            }
        )
        predecessor = {"partner_id": self.predecessor.id, "role": "3"}
        third = self.third()
        third["ksef_third_party_ids"].append(Command.create(predecessor))
        move = self.settlement_of(
            self.paid(30000, KSEF_NUMBER),
            ksef_payment_method="6",
            partner_bank_id=account.id,
            **third,
            **self.said(
                ("wysokość pozostałej do zapłaty kwoty", "307635 zł"),
                ("W terminie 2026-09-15", "co najmniej 50% pozostałej kwoty"),
                ("W terminie 2026-10-15", "pozostała część"),
            ),
        )
        self.assertSaysLike(move, "FA_3_Przyklad_14.xml", PLACE)

    def simplified(self):
        return self.draft(
            self.line(365.85, name="wiertarka Wiertex mk5"),
            name="FV2026/02/150",
            invoice_date=PAID,
            taxable_supply_date=date(2026, 1, 3),
            ksef_simplified=True,
        )

    def test_15_simplified_invoice_with_totals(self):
        rate = {"Fa/FaWiersz/P_12": "may be left out, but is known"}
        self.assertSaysLike(
            self.simplified(), "FA_3_Przyklad_15.xml", UNMENTIONED | rate
        )

    def test_16_simplified_invoice_with_rates(self):
        totals = {
            "Fa/P_13_1": "follows from P_15 and the rate, but is known",
            "Fa/P_14_1": "as P_13_1",
        }
        self.assertSaysLike(
            self.simplified(), "FA_3_Przyklad_16.xml", UNMENTIONED | totals
        )

    def test_18_correction_of_a_settlement(self):
        """7635 too much had been taken away; the lines do not change."""
        excess = self.advance(*self.flat(307500, 4500, "vs_kraj_8"), paid=7635)
        excess.name = "ZAL/2026/8"
        settled = self.settlement_of(self.paid(30000, EARLIER), **self.third())
        settled.invoice_line_ids = excess._ksef_deductions()
        settled.name = "FV2026/09/12"
        self.issued(settled)
        lines = [
            Command.create({**line._ksef_deduction_values(), "quantity": 1})
            for line in excess.invoice_line_ids
        ]
        for line, booked in zip(lines, excess.invoice_line_ids, strict=True):
            line[2]["extra_tax_data"] = booked.extra_tax_data
        self.company.partner_id.street = "ul. Sadowa 1 lok. 3"
        move = self.raised(
            settled,
            "FK2026/09/1",
            SETTLED,
            "błędne zafakturowanie kwoty pozostałej do zapłaty: było 300000, a powinno"
            " być 307635",
            ksef_correction_type="1",
            invoice_line_ids=lines,
        )
        justified = {
            "Fa/DaneFaKorygowanej/NrFaKorygowanej": "Odoo numbers by the month of"
            " supply",
            "Fa/P_13_2": "7635 divided by art. 106f(1)(3) gives 6953.56 + 556.28",
            "Fa/P_14_2": "as P_13_2: 7509.84 x 8/108",
            "Fa/P_14_1": "125.16 x 23/123 is 23.40",
            "Fa/FaWiersz[2]/P_7": "the example writes m2 instead of m^2 by the way",
        }
        self.assertSaysLike(move, "FA_3_Przyklad_18.xml", PLACE | DUE | justified)
