from datetime import date

from odoo import Command
from odoo.tests import tagged

from .ministry_common import MinistryCase

DEPOSITED = date(2026, 1, 27)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMinistryMargin(MinistryCase):
    """Example 8 of the ministry: a used car sold under the margin scheme, to a receipt,
    partly paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.partner_id.write(
            {"name": "Komis ABC AGD sp. z o. o.", "phone": "667444555"}
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
        bank = cls.env["res.bank"].create({"name": "Bank Bankowości Bankowej S. A."})
        cls.account = cls.env["res.partner.bank"].create(
            {
                "acc_number": "73 1111 1111 1111 1111 1111 1111",
                "partner_id": cls.company.partner_id.id,
                "bank_id": bank.id,
                "currency_id": cls.env.ref("base.PLN").id,
                "allow_out_payment": True,
            }
        )
        cls.buyer.write(
            {"email": "jan@kowalski.pl", "phone": "555777999", "ref": "fdfd778343"}
        )

    def car(self):
        margin = self.tax("vs_kraj_0").copy({"name": "marża", "ksef_rate": "margin"})
        unit = self.env["uom.uom"].create({"name": "szt."})
        return self.env["product.product"].create(
            {
                "name": "samochód używany marki Autex rocznik 2010",
                "l10n_pl_vat_gtu": "GTU_07",
                "uom_id": unit.id,
                "taxes_id": [Command.set(margin.ids)],
            }
        )

    def deposit(self, move, amount):
        """Cash that the customer paid before, assigned to a draft invoice."""
        payment = self.env["account.payment"].create(
            {
                "partner_id": move.partner_id.id,
                "amount": amount,
                "date": DEPOSITED,
                "journal_id": self.company_data["default_journal_cash"].id,
            }
        )
        payment.outstanding_account_id = payment.outstanding_account_id or (
            self.company.account_journal_suspense_account_id
        )
        payment.action_post()
        receivable = payment.move_id.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        move.sudo().js_assign_outstanding_line(receivable.id)

    def test_example_08_used_car(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30 dni od otrzymania faktury",
                "ksef_due_event": "Otrzymanie faktury",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        move = self.draft(
            Command.create({"product_id": self.car().id, "price_unit": 15_000.0}),
            invoice_date=date(2026, 2, 27),
            taxable_supply_date=DEPOSITED,
            invoice_payment_term_id=term.id,
            partner_bank_id=self.account.id,
            name="FM2026/01/150",
            ksef_receipt=True,
        )
        self.deposit(move, 10_000)
        move.action_post()
        self.assertSaysLike(
            move,
            "FA_3_Przyklad_08.xml",
            {
                "Fa/P_2": "Odoo books in the month of supply and numbers by it",
                "Fa/Platnosc/TerminPlatnosci/TerminOpis/Jednostka": "plural of the day",
                "Stopka/Rejestry/REGON": "that of the example fails its check digit",
            },
        )
