from datetime import date

from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.problems import problems
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

    def test_number_that_begins_as_another_country_does(self):
        mexico = self.country("mx")
        for vat in ("PLA850101AB1", "ESO1202108R2"):
            buyer = self.buyer_of("vs_eksp_tow", vat=vat, country_id=mexico)
            self.assertEqual((buyer.id_country, buyer.other_id), ("MX", vat))
        buyer = self.buyer_of(vat="PL1111111111", country_id=mexico)
        self.assertEqual(buyer.nip, "1111111111", "registered in Poland")
        buyer = self.buyer_of("vs_unia", vat="DE136695976", country_id=mexico)
        self.assertEqual((buyer.eu_prefix, buyer.eu_number), ("DE", "136695976"))
        buyer = self.buyer_of("vs_unia", vat="ATU12345675", country_id=mexico)
        self.assertEqual((buyer.eu_prefix, buyer.eu_number), ("AT", "U12345675"))

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
        product = self.env["product.product"].create(
            {"name": "towar", "default_code": "x" * 51, "barcode": "1"}
        )
        line = self.line(1, product_id=product.id)
        self.assertIsNone(self.document(self.posted(line)).lines[0].code)

    def test_characters_that_ksef_refuses(self):
        buyer = self.buyer_of(name="Firma\x92 \ufdd0Jana\n\tNowaka 🙂")
        self.assertEqual(buyer.name, "Firma Jana Nowaka 🙂")

    def test_f07_eu_trade_names_both_numbers(self):
        buyer = {"vat": "DE136695976", "country_id": self.country("de")}
        for tax in ("vs_unia", "vs_dostu", "vs_unia_triangular"):
            self.tax(tax).active = True
            self.buyer.write(buyer)
            invoice = self.document(self.posted(self.line(100, tax)))
            self.assertEqual(invoice.seller.vat_prefix, "PL", tax)
            identity = (invoice.buyer.eu_prefix, invoice.buyer.eu_number)
            self.assertEqual(identity, ("DE", "136695976"), tax)
            self.assertIsNone(invoice.buyer.other_id, tax)
        invoice = self.document(self.posted(self.line(100)))
        self.assertIsNone(invoice.seller.vat_prefix, "sold in Poland")

    def test_f07_eu_trade_without_an_eu_number_is_told(self):
        for vat, code in (("PL1111111111", "pl"), (False, "de"), ("EX123", "de")):
            self.buyer.with_context(no_vat_validation=True).write(
                {"vat": vat, "country_id": self.country(code)}
            )
            told = problems(self.draft(self.line(100, "vs_unia")))
            self.assertEqual([one.field for one in told], ["vat"], told)
            self.assertEqual(told[0].record, self.buyer)
            self.assertIn("EU VAT number", told[0].text)

    def test_exempt_small_business_of_another_state(self):
        for vat in ("EX123456789", "DE123456789-EX"):
            buyer = self.buyer_of(vat=vat, country_id=self.country("de"))
            self.assertEqual(buyer.id_country, "DE")
            self.assertIn("EX", buyer.other_id, "BRO p. 20: kept with the EX")

    def test_number_in_other_letters(self):
        serbia = self.country("rs")
        buyer = self.buyer_of("vs_eksp_tow", vat="ИНН 77-12", country_id=serbia)
        self.assertEqual(buyer.other_id, "ИНН7712")

    def test_f13_name_and_address_beyond_the_schema_are_told(self):
        move = self.draft(self.line(1))
        for field in ("name", "street", "city"):
            self.buyer.write({"name": "JK", "street": "S", "city": "C"})
            self.buyer[field] = "ż" * 513
            told = problems(move)
            self.assertEqual([one.field for one in told], [field], told)
            self.assertIn("512", told[0].text)
            self.assertEqual(told[0].record, self.buyer)

    def test_f13_phones_are_never_run_together_or_cut(self):
        for text, phones in (
            ("22 123 45 67, 600-100-200", ["221234567", "600100200"]),
            ("221234567/600100200", ["221234567", "600100200"]),
            ("22/123 45 67", ["221234567"]),
            ("+48 (0)22 123 45 67", ["+48221234567"]),
            ("(22) 123.45.67 lub 600 100 200", ["221234567", "600100200"]),
            ("221234567 w. 12", ["221234567 w. 12"]),
            ("+48 22 123 45 67 wew. 1234", []),
            ("wew. 12", []),
            ("++48 22 123 45 67 89 01 23 45", []),
        ):
            contacts = self.buyer_of(phone=text, email=False).contacts
            self.assertEqual([contact.phone for contact in contacts], phones, text)

    def test_f13_emails_of_any_form(self):
        email = '"Jan, Nowak" <jan@firma.pl>; jan@firma.pl,ola@firma.pl. biuro'
        contacts = self.buyer_of(email=email, phone=False).contacts
        found = [contact.email for contact in contacts]
        self.assertEqual(found, ["jan@firma.pl", "ola@firma.pl"])

    def test_f14_street_without_country_is_told(self):
        self.buyer.write({"country_id": False, "vat": "PL1111111111"})
        told = problems(self.draft(self.line(1)))
        self.assertEqual([one.field for one in told], ["country_id"], told)

    def test_f22_no_country_name_and_no_street_twice(self):
        address = self.buyer_of(street2="ul. Polna 1").address
        lines = (address.line1, address.line2)
        self.assertEqual(lines, ("ul. Polna 1", "00-001 Warszawa"))

    def test_state_where_addresses_need_it(self):
        america = {
            "zip": "94103",
            "city": "San Francisco",
            "vat": "12-3456789",
            "country_id": self.country("us"),
            "state_id": self.env.ref("base.state_us_5").id,
        }
        address = self.buyer_of("vs_eksp_tow", **america).address
        self.assertEqual(address.line2, "94103 San Francisco, CA")
        states = self.env["res.country.state"]
        region = states.search([("country_id", "=", self.country("pl"))], limit=1)
        self.assertTrue(region)
        self.buyer.write({"country_id": self.country("pl"), "vat": "/"})
        address = self.buyer_of(state_id=region.id).address
        self.assertEqual(address.line2, "94103 San Francisco", "not in Poland")

    def test_correspondence_address(self):
        contact = self.env["res.partner"].create(
            {
                "name": "Księgowość",
                "parent_id": self.buyer.id,
                "type": "invoice",
                "country_id": self.country("pl"),
                "street": "skr. poczt. 7",
                "city": "Łódź",
            }
        )
        invoice = self.document(self.posted(self.line(1), partner_id=contact.id))
        self.assertEqual(invoice.buyer.address.line1, "ul. Polna 1")
        self.assertEqual(invoice.buyer.correspondence.line1, "skr. poczt. 7")
        self.assertFalse(invoice.third_parties)
        usual = self.document(self.posted(self.line(1)))
        self.assertIsNone(usual.buyer.correspondence)

    def test_eori_of_both_and_status_of_the_company(self):
        self.company.partner_id.ksef_eori = "PL999999999900000"
        self.company.ksef_taxpayer_status = "1"
        self.buyer.ksef_eori = "PL111111111100000"
        invoice = self.document(self.posted(self.line(1)))
        self.assertEqual(invoice.seller.eori, "PL999999999900000")
        self.assertEqual(invoice.seller.status, "1")
        self.assertEqual(invoice.buyer.eori, "PL111111111100000")


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
