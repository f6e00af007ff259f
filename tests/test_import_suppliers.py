from odoo import Command
from odoo.tests import tagged

from ..ksef import fa3
from .documents import address
from .import_common import ImportCase

NIP = "8130000020"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportSuppliers(ImportCase):
    """The supplier of a bill is found by NIP, however it is written, else by its name;
    an unknown one is created with its address, where the settings want it; a partner of
    somebody else is never taken."""

    def supplier(self, **values):
        values = {"name": "Znany S.A.", "vat": f"PL{NIP}", "is_company": True} | values
        partners = self.env["res.partner"].with_context(no_vat_validation=True)
        return partners.create(values).with_env(self.env)

    def partner_of(self, number="F/1/2026", **values):
        """The partner of the bill of an invoice that arrives now."""
        received = self.put(number, seller_nip=NIP, **values)
        self.press()
        return self.bill(received).partner_id

    def test_i11_an_unknown_supplier_is_created_with_address(self):
        partner = self.partner_of(
            seller=fa3.Seller(
                nip=NIP,
                name="Nowy Dostawca sp. z o.o.",
                address=address("ul. Nowa 7/2", "31-002 Kraków"),
                contacts=(fa3.Contact(email="biuro@nowy.pl", phone="123456789"),),
            )
        )
        self.assertEqual(partner.name, "Nowy Dostawca sp. z o.o.")
        self.assertEqual(partner.vat, f"PL{NIP}")
        self.assertTrue(partner.is_company)
        self.assertEqual(partner.street, "ul. Nowa 7/2")
        self.assertEqual((partner.zip, partner.city), ("31-002", "Kraków"))
        self.assertEqual(partner.country_id.code, "PL")
        self.assertEqual(partner.email, "biuro@nowy.pl")
        self.assertFalse(partner.company_id, "the other company may buy there too")

    def test_a_known_supplier_however_its_nip_is_written(self):
        forms = (NIP, f"PL{NIP}", "813-000-00-20", "813-00-00-020", "PL 813-000-00-20")
        for index, form in enumerate(forms):
            with self.subTest(form=form):
                supplier = self.supplier()
                self.env.cr.execute(
                    "UPDATE res_partner SET vat = %s WHERE id = %s", [form, supplier.id]
                )
                supplier.invalidate_recordset()
                self.assertEqual(self.partner_of(f"F/{index}"), supplier)
                supplier.active = False

    def test_the_company_of_a_contact(self):
        supplier = self.supplier()
        self.supplier(name="Pan Jan", parent_id=supplier.id, is_company=False)
        supplier.sudo().copy({"name": "Kopia"})
        self.assertEqual(self.partner_of(), supplier, "the oldest, and no contact")

    def test_i11_the_company_of_a_contact_that_has_the_number_alone(self):
        firm = self.supplier(vat=False)
        contact = self.supplier(name="Pan Jan", parent_id=firm.id, is_company=False)
        self.env.cr.execute(
            "UPDATE res_partner SET vat = %s WHERE id = %s", [f"PL{NIP}", contact.id]
        )
        contact.invalidate_recordset()
        self.assertEqual(self.partner_of(), firm)

    def test_a_partner_of_the_company_before_a_shared_one(self):
        self.supplier()
        own = self.supplier(company_id=self.company.id)
        self.assertEqual(self.partner_of(), own)

    def test_a_supplier_that_has_no_number_in_odoo(self):
        known = self.supplier(name="Dostawca Spółka Akcyjna", vat=False)
        received = self.put(seller_nip=NIP)  # of Dostawca S.A.
        self.press()
        bill = self.bill(received)
        self.assertEqual(bill.partner_id, known)
        self.assertIn("found by its name alone", self.notes(bill))
        self.assertIn(f"PL{NIP}", self.notes(bill))
        self.assertFalse(known.vat, "a person decides whether it is the same")

    def test_a_name_is_not_enough(self):
        another = self.supplier(name="Dostawca S.A.", vat="PL5252248481")
        self.assertNotEqual(self.partner_of("F/1"), another, "it has another NIP")
        self.env["res.partner"].search([("vat", "=", f"PL{NIP}")]).active = False
        two = self.supplier(name="Dostawca S.A.", vat=False)
        two |= two.copy({"name": "Dostawca S.A."})
        self.assertNotIn(self.partner_of("F/2"), two, "one of two: which?")

    def test_i11_no_partner_is_created_where_the_settings_say_so(self):
        self.company.ksef_import_partners = False
        known = self.supplier()
        partners = self.env["res.partner"].search_count([])
        stranger = self.put("F/1", seller_nip="5252248481")
        self.assertEqual(self.partner_of("F/2"), known, "a known one is taken")
        bill = self.bill(stranger)
        self.assertFalse(bill.partner_id)
        self.assertEqual(bill.amount_total, 123)
        self.assertIn("PL5252248481, is not among your partners", self.notes(bill))
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_an_archived_supplier_is_left_alone(self):
        supplier = self.supplier(active=False)
        partner = self.partner_of()
        self.assertNotEqual(partner, supplier, "somebody archived it on purpose")
        self.assertEqual(partner.vat, f"PL{NIP}")
        self.assertEqual(self.partner_of("F/2"), partner, "but only one new is made")

    def test_a_partner_of_another_company_is_not_taken(self):
        supplier = self.supplier(company_id=self.other.id)
        partner = self.partner_of()
        self.assertNotEqual(partner, supplier)
        self.assertEqual(partner.vat, f"PL{NIP}", "a new one is made")

    def test_a_partner_of_the_own_company_is_taken(self):
        supplier = self.supplier(company_id=self.company.id)
        self.assertEqual(self.partner_of(), supplier)

    def test_the_same_digits_in_another_country_are_somebody_else(self):
        foreign = self.supplier(vat=NIP, country_id=self.env.ref("base.de").id)
        self.assertNotEqual(self.partner_of(), foreign)

    def test_a_nip_that_odoo_would_refuse(self):
        received = self.put("F/9", seller_nip="1234567890")
        self.press()
        partner = self.bill(received).partner_id
        self.assertEqual(partner.vat, "PL1234567890", "KSeF has accepted it")

    def test_one_new_supplier_for_many_bills(self):
        numbers = [self.put(f"F/{i}", seller_nip=NIP) for i in range(5)]
        self.press()
        partners = [self.bill(number).partner_id for number in numbers]
        self.assertEqual(len(set(partners)), 1)

    def test_i14_all_accounts_of_a_new_supplier(self):
        """Those of every invoice that comes at once, whichever is read last."""
        numbers = ("61109010140000071219812874", "27114020040000300201355387")
        for number in numbers:
            payment = fa3.Payment(accounts=(fa3.BankAccount(number=number),))
            self.put(number, seller_nip=NIP, payment=payment)
        last = self.put("F/9", seller_nip=NIP)
        self.press()
        accounts = self.bill(last).partner_id.bank_ids.mapped("sanitized_acc_number")
        self.assertEqual(set(accounts), {f"PL{number}" for number in numbers})

    def test_a_known_supplier_keeps_its_data(self):
        supplier = self.supplier(name="Nazwa własna", street="ul. Własna 1")
        self.assertEqual(self.partner_of(), supplier)
        self.assertEqual(supplier.name, "Nazwa własna")
        self.assertEqual(supplier.street, "ul. Własna 1")

    def test_the_bank_account_of_the_supplier(self):
        account = "PL61109010140000071219812874"
        supplier = self.supplier(
            bank_ids=[
                Command.create({"acc_number": "61 1090 1014 0000 0712 1981 2874"})
            ]
        )
        payment = fa3.Payment(accounts=(fa3.BankAccount(number=account[2:]),))
        received = self.put(seller_nip=NIP, payment=payment)
        self.press()
        bill = self.bill(received)
        self.assertEqual(bill.partner_bank_id, supplier.bank_ids)
        self.assertNotIn("is not among the bank accounts", self.notes(bill))

    def test_i14_the_bank_account_of_a_new_supplier(self):
        payment = fa3.Payment(
            accounts=(fa3.BankAccount(number="61109010140000071219812874"),),
            factor_accounts=(fa3.BankAccount(number="27114020040000300201355387"),),
        )
        received = self.put(seller_nip=NIP, payment=payment)
        self.press()
        bill = self.bill(received)
        account = bill.partner_id.bank_ids
        self.assertEqual(account.sanitized_acc_number, "PL61109010140000071219812874")
        self.assertFalse(bill.partner_bank_id, "the factor is to be paid")
        self.assertFalse(account.allow_out_payment, "not before a person trusts it")
        self.assertIn("before you trust it", self.notes(bill).replace("\n", " "))
