from odoo.tests import tagged

from ..ksef import fa3
from ..mapping.counterparties import (
    Counterparty,
    counterparty,
    other_side,
    partner_values,
)
from .common import NIP
from .documents import address, supplier_invoice
from .mapping_common import MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingCounterparties(MappingCase):
    """Who stands on a received invoice is told by a number, else by the name; a partner
    made of it has everything that the invoice says of it."""

    def created(self, party, accounts=()):
        country = self.env.ref("base.pl")
        values = partner_values(party, {"PL": country.id}, accounts)
        partners = self.env["res.partner"].with_context(no_vat_validation=True)
        return partners.create(values)

    def test_a_supplier(self):
        seller = fa3.Seller(
            nip="9999999999",
            name="ABC",
            address=address("ul. Kwiatowa 1 m. 2", "00-001 Warszawa"),
            contacts=(fa3.Contact(email="abc@abc.pl", phone="667444555"),),
        )
        self.assertRecordValues(
            self.created(seller),
            [
                {
                    "name": "ABC",
                    "vat": "PL9999999999",
                    "street": "ul. Kwiatowa 1 m. 2",
                    "zip": "00-001",
                    "city": "Warszawa",
                    "country_code": "PL",
                    "email": "abc@abc.pl",
                    "phone": "667444555",
                    "is_company": True,
                }
            ],
        )

    def test_an_address_in_one_line(self):
        for line, expected in (
            ("ul. Polna 1, 00-001 Warszawa", ("ul. Polna 1", "00-001", "Warszawa")),
            ("00-001 Warszawa", (None, "00-001", "Warszawa")),
            ("Dębno 7", ("Dębno 7", None, None)),
        ):
            seller = fa3.Seller(nip="9999999999", name="A", address=address(line, None))
            values = partner_values(seller, {})
            found = tuple(values.get(name) for name in ("street", "zip", "city"))
            self.assertEqual(found, expected, line)

    def test_accounts_are_not_trusted_and_stand_once(self):
        whole = "PL61109010140000071219812874"
        written = ("61109010140000071219812874", "PL61 1090 1014 0000 0712 1981 2874")
        accounts = tuple(fa3.BankAccount(number=number) for number in written)
        seller = supplier_invoice().seller
        banks = self.created(seller, accounts).bank_ids
        self.assertEqual(banks.mapped("sanitized_acc_number"), [whole])
        self.assertFalse(banks.allow_out_payment, "a person has to trust it")

    def test_numbers(self):
        for given, expected in (
            ({"nip": "9999999999"}, Counterparty("PL", "9999999999", "A")),
            (
                {"eu_prefix": "DE", "eu_number": "123456789"},
                Counterparty("DE", "123456789", "A"),
            ),
            ({"id_country": "GR", "other_id": "12-3"}, Counterparty("EL", "123", "A")),
            ({"id_country": "US", "other_id": "12 3"}, Counterparty("US", "123", "A")),
            ({"other_id": "X7"}, Counterparty("", "X7", "A")),
            ({"no_id": True}, Counterparty("", "", "A")),
        ):
            with self.subTest(given=given):
                found = counterparty(fa3.Buyer(name="A", **given))
                self.assertEqual(found, expected)

    def test_a_buyer_without_anything(self):
        buyer = fa3.Buyer(no_id=True)
        self.assertEqual(counterparty(buyer), Counterparty())
        self.assertFalse(partner_values(buyer, {})["is_company"])

    def test_the_other_side(self):
        bought = supplier_invoice()
        self.assertEqual(other_side(bought, NIP), bought.seller)
        sold = supplier_invoice(seller_nip=NIP, buyer=fa3.Buyer(nip="5265877635"))
        self.assertEqual(other_side(sold, NIP), sold.buyer)
        to_itself = supplier_invoice(seller_nip=NIP)
        self.assertEqual(other_side(to_itself, NIP), to_itself.seller)
        self.assertEqual(other_side(sold, ""), sold.seller, "no NIP of our own")

    def test_names_with_either_legal_form(self):
        full = Counterparty(name="ABC SPÓŁKA Z OGRANICZONĄ ODPOWIEDZIALNOŚCIĄ")
        self.assertIn("abc sp. z o.o.", full.names)
        self.assertIn(full.name.casefold(), Counterparty(name="ABC Sp. z o.o.").names)
