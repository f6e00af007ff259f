from datetime import date

from odoo import Command
from odoo.tests import tagged

from .kor_common import NUMBERS, KorMixin
from .ministry_common import MinistryCase

#: Data of the examples that the test company does not have.
COMPANY = {
    "Stopka/**": "texts of the footer are tested on their own",
}


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMinistryCorrections(KorMixin, MinistryCase):
    """The ministry's corrections: before and after, difference, data of the buyer,
    collective discounts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write(
            {"name": "ABC AGD sp. z o. o.", "phone": "667444555"}
        )
        cls.buyer.write(
            {
                "email": "jan@kowalski.pl",
                "phone": "555777999",
                "ref": "fdfd778343",
            }
        )
        cls.piece = cls.env["uom.uom"].create({"name": "szt.", "relative_factor": 1.0})

    def fridge(self, price=1626.01, **values):
        return self.line(price, product_uom_id=self.piece.id, **values)

    def invoice(self, name, day, *lines, number=NUMBERS[0], **values):
        draft = self.draft(*lines, invoice_date=day, **values)
        draft.name = name
        draft.action_post()
        return self.accept(draft, number=number)

    def first_invoice(self):
        """Example 1, whose corrections the others are."""
        return self.invoice(
            "FV2026/02/150",
            date(2026, 2, 15),
            self.fridge(),
            self.line(40.65, name="wniesienie sprzętu", product_uom_id=self.piece.id),
            delivery_date=date(2026, 1, 27),
        )

    def price_cut(self, **values):
        """200 PLN less, with VAT: 162.60 net, and the VAT that makes it whole."""
        draft = self.credit_note(
            self.first_invoice(),
            reason="obniżka ceny o 200 zł z uwagi na uszkodzenia estetyczne",
        )
        self.keep(draft, {"price_unit": 162.60})
        draft.write(
            {
                "invoice_date": date(2026, 3, 15),
                "name": "FK2026/03/200",
                "ksef_correction_type": "3",
                **values,
            }
        )
        draft.action_post()
        return draft

    def test_02_before_and_after(self):
        self.assertSaysLike(self.price_cut(), "FA_3_Przyklad_02.xml", COMPANY)

    def test_03_difference(self):
        refund = self.price_cut(ksef_correction_method="difference")
        self.assertSaysLike(refund, "FA_3_Przyklad_03.xml", COMPANY)

    def test_05_name_of_the_buyer(self):
        self.buyer.write(
            {
                "name": "CDE sp. j.",
                "street": "ul. Sadowa 1 lok. 3",
                "zip": "00-002",
                "city": "Kraków",
                "email": "cde@cde.pl",
            }
        )
        original = self.invoice("FV2026/02/150", date(2026, 2, 15), self.fridge())
        self.buyer.name = "CeDeE s.c."
        draft = self.credit_note(
            original, reason="błędna nazwa nabywcy", ksef_data_only=True
        )
        draft.write({"invoice_date": date(2026, 4, 1), "name": "FK2026/04/23"})
        draft.action_post()
        self.assertSaysLike(draft, "FA_3_Przyklad_05.xml", COMPANY)

    def collective(self, *lines, **values):
        """A discount on six invoices of half a year."""
        self.buyer.write(
            {
                "name": "CeDeE s.c.",
                "street": "ul. Sadowa 1 lok. 3",
                "zip": "00-002",
                "city": "Kraków",
                "email": "cde@cde.pl",
            }
        )
        days = {
            "FV2026/01/134": date(2026, 1, 15),
            "FV2026/02/150": date(2026, 2, 15),
            "FV2026/03/143": date(2026, 3, 15),
            "FV2026/04/23": date(2026, 4, 15),
            "FV2026/05/54": date(2026, 5, 15),
            "FV2026/06/15": date(2026, 6, 15),
        }
        corrected = [
            self.invoice(name, day, self.fridge(), number=number)
            for (name, day), number in zip(days.items(), NUMBERS, strict=True)
        ]
        draft = self.draft(
            *lines,
            move_type="out_refund",
            invoice_date=date(2026, 7, 15),
            name="FK2026/07/243",
            ref="rabat 50000 z uwagi na poziom zakupów pierwszym półroczu 2026",
            ksef_corrected_ids=[
                Command.create({"original_id": move.id}) for move in corrected
            ],
            ksef_corrected_period="pierwsze półrocze 2026",
            **values,
        )
        draft.action_post()
        return draft

    def test_06_collective_discount(self):
        refund = self.collective(
            self.line(40650.41, name="rabat"), ksef_correction_method="none"
        )
        self.assertSaysLike(refund, "FA_3_Przyklad_06.xml", COMPANY)

    def test_07_collective_discount_of_some_goods(self):
        fridge = self.env["product.product"].create(
            {"name": "lodówka Zimnotech mk1", "ksef_cn": "8418 21 91"}
        )
        refund = self.collective(
            self.fridge(40.65041, quantity=1000, product_id=fridge.id),
            ksef_correction_method="names",
        )
        self.assertSaysLike(refund, "FA_3_Przyklad_07.xml", COMPANY)
