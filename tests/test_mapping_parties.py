from datetime import date

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from .mapping_common import MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingParties(MappingCase):
    """Seller and buyer stand in FA(3) as the law wants them identified."""

    def buyer_of(self, tax="vs_kraj_23", **values):
        self.buyer.with_context(no_vat_validation=True).write(values)
        return self.document(self.posted(self.line(100, tax))).buyer

    def country(self, code):
        return self.env.ref(f"base.{code}").id

    def test_seller(self):
        seller = self.document(self.posted(self.line(1))).seller
        self.assertEqual(
            seller,
            fa3.Seller(
                nip="9999999999",
                name="ABC AGD sp. z o.o.",
                address=fa3.Address(
                    country="PL", line1="ul. Kwiatowa 1 m. 2", line2="00-001 Warszawa"
                ),
                contacts=(fa3.Contact(email="abc@abc.pl", phone="+48667444555"),),
            ),
        )

    def test_polish_nip_with_prefix_or_without(self):
        for vat in ("1111111111", "PL1111111111", "PL 111-111-11-11"):
            self.assertEqual(self.buyer_of(vat=vat).nip, "1111111111", vat)

    def test_foreign_firm_with_a_polish_nip(self):
        buyer = self.buyer_of(vat="PL1111111111", country_id=self.country("de"))
        self.assertEqual(buyer.nip, "1111111111")
        self.assertEqual(buyer.address.country, "DE")

    def test_eu_number_where_the_law_asks_for_it(self):
        for vat, code, prefix, number in (
            ("DE136695976", "de", "DE", "136695976"),
            ("136695976", "de", "DE", "136695976"),
            ("EL123456789", "gr", "EL", "123456789"),
            ("123456789", "gr", "EL", "123456789"),
            ("XI 123 456", "uk", "XI", "123456"),
        ):
            buyer = self.buyer_of("vs_unia", vat=vat, country_id=self.country(code))
            self.assertEqual((buyer.eu_prefix, buyer.eu_number), (prefix, number), vat)
            self.assertFalse(buyer.nip or buyer.other_id or buyer.no_id)

    def test_eu_firm_that_buys_in_poland(self):
        buyer = self.buyer_of(vat="EL123456789", country_id=self.country("gr"))
        self.assertEqual((buyer.id_country, buyer.other_id), ("GR", "123456789"))

    def test_firm_from_elsewhere(self):
        buyer = self.buyer_of(
            "vs_eksp_tow", vat="CHE-123.456.788", country_id=self.country("ch")
        )
        self.assertEqual((buyer.id_country, buyer.other_id), ("CH", "CHE123456788"))

    def test_consumer(self):
        for vat in (False, "/"):
            buyer = self.buyer_of(vat=vat)
            self.assertTrue(buyer.no_id)
            self.assertFalse(buyer.nip)

    def test_contact_of_a_company_buys_for_it(self):
        contact = self.env["res.partner"].create(
            {"name": "Jan", "parent_id": self.buyer.id, "type": "contact"}
        )
        invoice = self.document(self.posted(self.line(1), partner_id=contact.id))
        self.assertEqual(invoice.buyer.name, "F.H.U. Jan Kowalski")

    def test_address_lines(self):
        for values, lines in (
            ({"street2": "m. 2"}, ("ul. Polna 1, m. 2", "00-001 Warszawa")),
            ({"street": False, "street2": False}, ("00-001 Warszawa", None)),
            ({"zip": False}, ("Warszawa", None)),
        ):
            address = self.buyer_of(**values).address
            self.assertEqual((address.line1, address.line2), lines)

    def test_contacts_as_the_schema_admits_them(self):
        contacts = self.buyer_of(
            email="a@b.pl; c@d.pl, wrong, e@f.pl f@g.pl",
            phone="+48 22 123 45 67 wew. 123 lub 124",
        ).contacts
        self.assertEqual([c.email for c in contacts], ["a@b.pl", "c@d.pl", "e@f.pl"])
        self.assertEqual({c.phone for c in contacts}, {None}, "over 16 digits")

    def test_voluntary_data_that_does_not_fit_is_left_out(self):
        self.assertIsNone(self.buyer_of(ref="r" * 300).customer_number)
        self.assertEqual(self.buyer_of(ref="K-1").customer_number, "K-1")
        product = self.product_a.copy({"default_code": "x" * 51, "barcode": "1"})
        line = self.line(1, product_id=product.id)
        self.assertIsNone(self.document(self.posted(line)).lines[0].code)

    def test_characters_that_ksef_refuses(self):
        buyer = self.buyer_of(name="Firma\x92 \ufdd0Jana\n\tNowaka 🙂")
        self.assertEqual(buyer.name, "Firma Jana Nowaka 🙂")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingPayment(MappingCase):
    """Dates, account and flags of the invoice are those that Odoo shows."""

    def test_all_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30/70",
                "line_ids": [
                    Command.create({"value_amount": 30, "nb_days": 7}),
                    Command.create({"value_amount": 70, "nb_days": 30}),
                ],
            }
        )
        move = self.posted(self.line(100), invoice_payment_term_id=term.id)
        days = [due.day for due in self.document(move).payment.due]
        self.assertEqual(days, [date(2026, 3, 23), date(2026, 4, 15)])

    def test_bank_account(self):
        bank = self.env["res.bank"].create({"name": "Bank", "bic": "WBKPPLPP"})
        account = self.env["res.partner.bank"].create(
            {
                "acc_number": "PL61 1090 1014 0000 0712 1981 2874",
                "partner_id": self.company.partner_id.id,
                "bank_id": bank.id,
                "allow_out_payment": True,
            }
        )
        move = self.posted(self.line(1), partner_bank_id=account.id)
        payment = self.document(move).payment
        self.assertEqual(
            payment.accounts,
            (
                fa3.BankAccount(
                    number="PL61109010140000071219812874", swift="WBKPPLPP", bank="Bank"
                ),
            ),
        )
        self.assertEqual(payment.method, "6")

    def test_supply_date(self):
        earlier = date(2026, 3, 10)
        move = self.posted(self.line(1), taxable_supply_date=earlier)
        self.assertEqual(self.document(move).supply_date, earlier)
        self.assertIsNone(self.document(self.posted(self.line(1))).supply_date)

    def test_split_payment(self):
        move = self.posted(self.line(20_000), ksef_split_payment=True)
        self.assertTrue(self.document(move).annotations.split_payment)
        move = self.posted(self.line(20_000))
        self.assertFalse(self.document(move).annotations.split_payment)
