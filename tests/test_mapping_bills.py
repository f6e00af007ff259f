from datetime import date
from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from .mapping_common import BillCase

KNOWN, STRANGE = "61109010140000071219812874", "27114020040000300201355387"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBills(BillCase):
    """A bill has the total and the VAT of the received invoice, to the grosz."""

    def test_ordinary_bill_is_computed_by_odoo(self):
        invoice = self.invoice(
            self.sold("300.00", quantity=Decimal(3), net_price=Decimal(100))
        )
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        line = move.invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit), (3, 100))
        self.assertEqual(line.tax_ids, self.tax("vz_kraj_23"))
        self.assertFalse(line.extra_tax_data, "nothing needs to be forced")
        self.assertEqual(notes, [])
        self.assertEqual(move.ref, "FV2026/02/150")
        self.assertEqual(move.invoice_date, date(2026, 2, 15))

    def test_vat_of_the_supplier_is_kept(self):
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD, net=Decimal("0.99"), tax=Decimal("0.24")
        )
        invoice = self.invoice(*[self.sold("0.33")] * 3, totals=(total,))
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertEqual(notes, [])
        move.action_post()
        self.assertBooked(move, invoice, "posting keeps it")

    def test_vat_shared_out_over_lines(self):
        for vat in ("0.21", "0.23", "0.25"):
            total = fa3.RateTotal(
                bucket=fa3.Bucket.STANDARD, net=Decimal("0.99"), tax=Decimal(vat)
            )
            invoice = self.invoice(*[self.sold("0.33")] * 3, totals=(total,))
            move, notes = self.bill(invoice)
            self.assertBooked(move, invoice, vat)
            self.assertEqual(notes, [], "the VAT is no difference to be told")

    def test_rows_before_and_after_a_correction(self):
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD, net=Decimal("-20.00"), tax=Decimal("-4.60")
        )
        invoice = self.invoice(
            self.sold("100.00", before=True),
            self.sold("80.00"),
            totals=(total,),
            kind=fa3.Kind.CORRECTION,
        )
        move, _notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        before, after = move.invoice_line_ids
        self.assertEqual((before.price_subtotal, after.price_subtotal), (100, -80))
        self.assertIn("Before correction", before.name)

    def test_a_person_who_changes_a_line_is_obeyed(self):
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD, net=Decimal("0.99"), tax=Decimal("0.24")
        )
        move, _notes = self.bill(
            self.invoice(*[self.sold("0.33")] * 3, totals=(total,))
        )
        move.invoice_line_ids[0].price_unit = 100
        self.assertEqual(move.amount_untaxed, 100.66)

    def test_gross_prices(self):
        line = {
            "name": "usługa",
            "rate": "23",
            "quantity": Decimal(3),
            "gross_price": Decimal("3.33"),
            "gross": Decimal("9.99"),
        }
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD, net=Decimal("8.12"), tax=Decimal("1.87")
        )
        invoice = self.invoice(line, totals=(total,))
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertEqual(notes, [])

    def invoice_of_prices(self, **price):
        total = fa3.RateTotal(
            bucket=fa3.Bucket.STANDARD, net=Decimal("5.12"), tax=Decimal("1.18")
        )
        line = {"name": "śruba", "rate": "23", "quantity": Decimal(1000), **price}
        return self.invoice({"net": Decimal("5.12"), **line}, totals=(total,))

    def test_unit_price_of_many_decimals(self):
        invoice = self.invoice_of_prices(net_price=Decimal("0.00512"))
        move, _notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertEqual(move.invoice_line_ids.price_unit, 0.00512)

    def test_no_unit_price(self):
        invoice = self.invoice_of_prices()
        move, _notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertEqual(move.invoice_line_ids.quantity, 1000)

    def test_total_that_does_not_add_up(self):
        invoice = self.invoice(self.sold("100.00"), total=Decimal("123.01"))
        move, notes = self.bill(invoice)
        self.assertEqual(move.amount_total, 123.01)
        self.assertIn("0.01", notes[0])

    def test_rate_without_a_purchase_tax(self):
        total = fa3.RateTotal(
            bucket=fa3.Bucket.TAXI, net=Decimal(100), tax=Decimal("4.00")
        )
        invoice = self.invoice(self.sold("100.00", "4"), totals=(total,))
        move, notes = self.bill(invoice)
        self.assertEqual(move.amount_total, 104)
        self.assertIn("KSeF rate 4", notes[0])

    def test_tax_included_in_the_prices_of_purchases(self):
        self.tax("vz_kraj_23").price_include_override = "tax_included"
        invoice = self.invoice(self.sold("100.00", quantity=Decimal(2)))
        move, _notes = self.bill(invoice)
        self.assertBooked(move, invoice)

    def test_dates_and_payment(self):
        self.supplier.bank_ids = [
            Command.create({"acc_number": "PL 61 1090 1014 0000 0712 1981 2874"})
        ]
        account = fa3.BankAccount(number="61109010140000071219812874")
        due = fa3.Due(day=date(2026, 3, 1))
        invoice = self.invoice(
            self.sold("100.00"),
            supply_date=date(2026, 1, 27),
            payment=fa3.Payment(due=(due,), accounts=(account,)),
        )
        move, notes = self.bill(invoice)
        self.assertEqual(move.taxable_supply_date, date(2026, 1, 27))
        self.assertEqual(move.date, date(2026, 2, 15), "not before the invoice")
        self.assertEqual(move.invoice_date_due, date(2026, 3, 1))
        self.assertEqual(move.partner_bank_id, self.supplier.bank_ids)
        self.assertEqual(notes, [])

    def test_unknown_account_is_told_not_added(self):
        account = fa3.BankAccount(number="61109010140000071219812874")
        invoice = self.invoice(
            self.sold("100.00"), payment=fa3.Payment(accounts=(account,))
        )
        move, notes = self.bill(invoice)
        self.assertFalse(move.partner_bank_id)
        self.assertFalse(self.supplier.bank_ids)
        self.assertIn("61109010140000071219812874", notes[0])

    def accounts(self, kind, *names, **values):
        """The account to pay to on a bill that names some: our supplier's trusted one,
        a strange one, a factor's."""
        numbers = {"known": KNOWN, "strange": STRANGE, "factor": STRANGE}
        named = {name: (fa3.BankAccount(number=numbers[name]),) for name in names}
        factor = named.pop("factor", ())
        payment = fa3.Payment(accounts=sum(named.values(), ()), factor_accounts=factor)
        move, _notes = self.bill(
            self.invoice(
                self.sold(values.get("net", "1.00")), kind=kind, payment=payment
            )
        )
        return move.partner_bank_id

    def test_the_account_to_pay_to(self):
        """Odoo would take any of the supplier's; none is better than a wrong one."""
        self.supplier.bank_ids = [Command.create({"acc_number": f"PL{KNOWN}"})]
        own, bill = self.supplier.bank_ids, fa3.Kind.INVOICE
        self.assertEqual(self.accounts(bill), own, "none is named")
        self.assertEqual(self.accounts(bill, "strange", "known"), own)
        self.assertFalse(self.accounts(bill, "strange"))
        self.assertFalse(self.accounts(bill, "known", "factor"), "it is the factor's")

    def test_a_credit_note_is_not_paid_to_the_supplier(self):
        self.supplier.bank_ids = [Command.create({"acc_number": f"PL{KNOWN}"})]
        found = self.accounts(fa3.Kind.CORRECTION, "known", net="-1.00")
        self.assertNotEqual(found, self.supplier.bank_ids)

    def test_another_buyer_is_told(self):
        address = fa3.Address(country="PL", line1="x")
        other = fa3.Buyer(nip="9999999999", name="Inny", address=address)
        _move, notes = self.bill(self.invoice(self.sold("1.00"), buyer=other))
        self.assertIn("Inny, NIP 9999999999", notes[0])

    def assertTold(self, expected, **values):
        """The notes on an ordinary bill with ``values`` besides; the totals hold."""
        invoice = self.invoice(self.sold("100.00"), **values)
        move, notes = self.bill(invoice)
        self.assertBooked(move, invoice)
        self.assertEqual(notes, expected)

    def test_other_parties_are_told(self):
        address = fa3.Address(country="PL", line1="x")
        self.assertTold(
            [
                "Also on the invoice: Faktor, 9999999999. Factor.",
                "Also on the invoice: Oddział, 9999999999-00001. Magazyn i odbiorca.",
                "Also on the invoice: -. Employee.",
                "Also on the invoice: Komornik, 5265877635. Court bailiff.",
            ],
            third_parties=(
                fa3.ThirdParty(nip="9999999999", name="Faktor", role="1"),
                fa3.ThirdParty(
                    internal_id="9999999999-00001",
                    name="Oddział",
                    other_role="Magazyn i odbiorca",
                ),
                fa3.ThirdParty(no_id=True, role="11"),
            ),
            authorized=fa3.Authorized(
                nip="5265877635", name="Komornik", address=address, role="2"
            ),
        )

    def test_advances_are_told(self):
        paid = (date(2026, 1, 7), date(2026, 1, 9))
        parts = [fa3.PartAdvance(day=day, amount=Decimal("61.50")) for day in paid]
        self.assertTold(
            [
                "Advance invoice: the goods or services are still to come.",
                "Advance of 61.50 PLN, paid on 2026-01-07.",
                "Advance of 61.50 PLN, paid on 2026-01-09.",
            ],
            kind=fa3.Kind.ADVANCE,
            part_advances=tuple(parts),
        )
        self.assertTold(
            [
                "Settlement of advances: the amounts are what is left to pay.",
                "Advance invoices of this sale: 9999999999-20260131-0A-1, ZAL/1",
            ],
            kind=fa3.Kind.SETTLEMENT,
            advances=(
                fa3.AdvanceInvoice(ksef_number="9999999999-20260131-0A-1"),
                fa3.AdvanceInvoice(number="ZAL/1"),
            ),
        )

    def test_payment_in_parts_and_discount_are_told(self):
        part = fa3.PartPayment(amount=Decimal("23.00"), day=date(2026, 2, 1))
        discount = fa3.EarlyDiscount(terms="7 dni", size="2%")
        payment = fa3.Payment(partial="1", parts=(part,), discount=discount)
        self.assertTold(
            [
                "The supplier notes 23.00 as paid on 2026-02-01.",
                "Discount for early payment: 2%, 7 dni",
            ],
            payment=payment,
        )

    def test_what_a_bill_does_not_carry_is_told(self):
        table = fa3.MetaData(key="licznik", value="7")
        block = fa3.AttachmentBlock(metadata=(table,))
        self.assertTold(
            [
                "The invoice has an attachment: see its full text.",
                "The file also contains Fa/A, Fa/B, Fa/C, Fa/D, Fa/E, …: see its full"
                " text.",
            ],
            attachment=fa3.Attachment(blocks=(block,)),
            unread=tuple(f"Fa/{letter}" for letter in "ABCDEF"),
        )

    def test_a_correction_of_data_is_told(self):
        address = fa3.Address(country="PL", line1="x")
        former = fa3.FormerSeller(nip="9999999999", name="Dawna", address=address)
        original = fa3.CorrectedInvoice(issue_date=date(2026, 1, 1), number="FV/1")
        self.assertTold(
            [
                "Correction of invoice FV/1. Reason: -",
                "Corrected period: styczeń 2026",
                "The right number of the corrected invoice is FV/2.",
                "The correction changes the data of the seller or the buyer. Before it"
                " was Dawna, 9999999999.",
            ],
            kind=fa3.Kind.CORRECTION,
            corrected=(original,),
            corrected_period="styczeń 2026",
            corrected_number="FV/2",
            former_seller=former,
        )

    def test_credit_note_by_difference(self):
        line = self.sold("-90.00", quantity=Decimal(-1), net_price=Decimal(90))
        original = fa3.CorrectedInvoice(issue_date=date(2026, 1, 1), number="FV/1")
        invoice = self.invoice(line, kind=fa3.Kind.CORRECTION, corrected=(original,))
        move, notes = self.bill(invoice)
        self.assertEqual(move.move_type, "in_refund")
        self.assertBooked(move, invoice)
        self.assertEqual(move.invoice_line_ids.price_unit, 90)
        self.assertEqual(move.invoice_origin, "FV/1")
        self.assertIn("FV/1", notes[0])

    def test_foreign_currency_is_told(self):
        euro = self.env.ref("base.EUR")
        euro.active = False
        move, notes = self.bill(self.invoice(self.sold("100.00"), currency="EUR"))
        self.assertEqual(move.currency_id, euro)
        self.assertEqual(move.amount_total, 123)
        self.assertTrue(any("not active" in note for note in notes))
