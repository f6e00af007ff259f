from decimal import Decimal

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..mapping.problems import problems
from .mapping_common import MappingCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestMappingThirdParties(MappingCase):
    """Everybody whom an invoice concerns is named with the right role, and nobody else:
    whoever is named with a NIP may read it."""

    def party(self, name, vat=False, **values):
        return self.env["res.partner"].create(
            {
                "name": name,
                "is_company": True,
                "vat": vat,
                "country_id": self.env.ref("base.pl").id,
                "street": "ul. Bankowa 1",
                "zip": "00-003",
                "city": "Łódź",
                **values,
            }
        )

    def unit(self, name, **values):
        """A delivery address of the buyer."""
        place = {"type": "delivery", "parent_id": self.buyer.id, "is_company": False}
        return self.party(name, **place, **values)

    def with_parties(self, *rows, **values):
        """A draft with third parties, each (partner, role, further values)."""
        commands = [
            Command.create({"partner_id": partner.id, "role": role, **more})
            for partner, role, more in rows
        ]
        return self.draft(self.line(100), ksef_third_party_ids=commands, **values)

    def stated(self, *rows, **values):
        """The document of an invoice with third parties."""
        move = self.with_parties(*rows, **values)
        move.action_post()
        return self.document(move)

    def thirds(self, *rows, **values):
        return self.stated(*rows, **values).third_parties

    def assertTold(self, move, field, *words):
        told = problems(move)
        self.assertEqual([one.field for one in told], [field], told)
        for word in words:
            self.assertIn(word, told[0].text)

    def test_authorized_entity(self):
        bailiff = self.party("Komornik Sądowy", "5265877635", email="k@sad.pl")
        self.company.write(
            {"ksef_authorized_id": bailiff.id, "ksef_authorized_role": "2"}
        )
        authorized = self.document(self.posted(self.line(1))).authorized
        self.assertEqual((authorized.nip, authorized.role), ("5265877635", "2"))
        self.assertEqual(authorized.contacts[0].email, "k@sad.pl")
        self.company.ksef_authorized_role = False
        bailiff.write({"street": False, "zip": False, "city": False, "vat": False})
        told = problems(self.draft(self.line(1)))
        fields = {one.field for one in told}
        self.assertEqual(fields, {"vat", "street", "ksef_authorized_role"}, told)

    def test_third_parties_in_their_order(self):
        factor = self.party("Bank", "2222222222", email="b@b.pl", ksef_eori="PL2")
        unit = self.party("Oddział", ksef_internal_id="1111111111-00001")
        found = self.thirds((factor, "1", {"customer_number": "K-9"}), (unit, "2", {}))
        self.assertEqual([third.role for third in found], ["1", "2"])
        self.assertEqual(found[0].nip, "2222222222")
        self.assertEqual(found[0].customer_number, "K-9")
        self.assertEqual(found[0].eori, "PL2")
        self.assertEqual(found[0].address.line1, "ul. Bankowa 1")
        self.assertEqual(found[1].internal_id, "1111111111-00001")
        self.assertIsNone(found[1].nip)

    def test_other_role_in_words(self):
        broker = self.party("Broker", "DE136695976")
        (third,) = self.thirds((broker, "other", {"other_role": " pośrednik "}))
        self.assertEqual((third.role, third.other_role), (None, "pośrednik"))
        self.assertEqual((third.id_country, third.other_id), ("DE", "136695976"))
        move = self.with_parties((broker, "other", {}))
        self.assertTold(move, "ksef_third_party_ids", "Broker", "role in words")

    def test_employee_has_no_number(self):
        employee = self.env["res.partner"].create(
            {"name": "Jan Nowak", "parent_id": self.buyer.id}
        )
        self.assertTrue(employee.vat, "Odoo gives contacts the number of their firm")
        (third,) = self.thirds((employee, "11", {}))
        self.assertTrue(third.no_id)
        self.assertEqual((third.nip, third.name), (None, "Jan Nowak"))

    def test_additional_buyers_and_their_shares(self):
        ann, bob = self.party("Ann", "2222222222"), self.party("Bob", "3333333333")
        found = self.thirds((ann, "4", {"share": 30}), (bob, "4", {"share": 12.5}))
        self.assertEqual([third.share for third in found], [30, Decimal("12.5")])
        found = self.thirds((ann, "4", {}), (bob, "4", {}))
        self.assertEqual([third.share for third in found], [None, None])
        move = self.with_parties((ann, "4", {"share": 30}), (bob, "4", {}))
        self.assertTold(move, "ksef_third_party_ids", "of each, or of none")
        move = self.with_parties((ann, "4", {"share": 60}), (bob, "4", {"share": 40}))
        self.assertTold(move, "ksef_third_party_ids", "100%")
        ann.write({"street": False, "zip": False, "city": False})
        move = self.with_parties((ann, "4", {}))
        self.assertTold(move, "street", "Third party Ann")

    def test_delivery_to_a_branch_of_the_buyer(self):
        branch = self.unit("Magazyn")
        (third,) = self.thirds(partner_shipping_id=branch.id)
        self.assertEqual((third.role, third.nip), ("2", "1111111111"))
        self.assertEqual(third.address.line1, "ul. Bankowa 1")
        branch.write({"street": "ul. Polna 1", "zip": "00-001", "city": "Warszawa"})
        self.assertFalse(self.thirds(partner_shipping_id=branch.id), "the same address")
        branch.ksef_internal_id = "1111111111-00002"
        (third,) = self.thirds(partner_shipping_id=branch.id)
        self.assertEqual(third.internal_id, "1111111111-00002", "it may read it")

    def test_another_firm_that_gets_the_goods_is_not_named(self):
        firm = self.party("Inna firma", "2222222222")
        self.assertFalse(self.thirds(partner_shipping_id=firm.id))

    def test_delivery_to_a_consumer_names_nobody(self):
        self.buyer.write({"vat": False, "is_company": False})
        self.assertFalse(self.thirds(partner_shipping_id=self.unit("Babcia").id))

    def test_f23_local_authority_with_its_unit(self):
        self.buyer.ksef_local_authority_unit = True
        move = self.draft(self.line(1))
        self.assertTold(move, "ksef_local_authority_unit", "F.H.U. Jan Kowalski")
        self.assertEqual(problems(move)[0].record, self.buyer)
        school = self.party("Szkoła", "2222222222")
        buyer = self.stated((school, "8", {})).buyer
        self.assertTrue(buyer.local_authority_unit)
        self.assertFalse(buyer.vat_group_member)
        school.vat = False
        move = self.with_parties((school, "8", {}))
        self.assertTold(move, "ksef_internal_id", "Szkoła")
        self.buyer.ksef_local_authority_unit = False
        school.ksef_internal_id = "1111111111-00003"
        self.assertTrue(self.stated((school, "8", {})).buyer.local_authority_unit)

    def test_delivery_address_is_the_unit_of_a_local_authority(self):
        self.buyer.ksef_local_authority_unit = True
        school = self.unit("Szkoła", ksef_internal_id="1111111111-00004")
        invoice = self.stated(partner_shipping_id=school.id)
        self.assertTrue(invoice.buyer.local_authority_unit)
        self.assertEqual(invoice.third_parties[0].role, "8")

    def test_f23_vat_group_with_its_member(self):
        self.buyer.ksef_vat_group_member = True
        self.assertTold(self.draft(self.line(1)), "ksef_vat_group_member", "VAT group")
        member = self.party("Członek", "2222222222")
        buyer = self.stated((member, "10", {})).buyer
        self.assertTrue(buyer.vat_group_member)
        self.assertFalse(buyer.local_authority_unit)

    def test_third_party_with_a_wrong_number(self):
        payer = self.party("Płatnik", "2222222222")
        payer.with_context(no_vat_validation=True).vat = "PL2222222223"
        move = self.with_parties((payer, "6", {}))
        self.assertTold(move, "vat", "Third party Płatnik", "2222222223")
        self.assertEqual(problems(move)[0].record, payer)
        nameless = self.party("Bez NIP")
        self.assertTold(self.with_parties((nameless, "1", {})), "vat", "factor")

    def test_defaults_of_customer_and_company(self):
        payer, factor = self.party("Płatnik"), self.party("Bank", "2222222222")
        self.buyer.ksef_default_third_party_ids = [
            Command.create({"partner_id": payer.id, "role": "6"})
        ]
        self.company.partner_id.ksef_default_third_party_ids = [
            Command.create({"partner_id": factor.id, "role": "1"}),
            Command.create({"partner_id": payer.id, "role": "2"}),
        ]
        move = self.draft(self.line(1))
        rows = move.ksef_third_party_ids
        self.assertEqual(rows.mapped("role"), ["1", "6"], "a company has no unit here")
        self.assertEqual(rows.partner_id, factor + payer)
        self.assertEqual(len(move.copy().ksef_third_party_ids), 2)
        move.action_post()
        refund = self.reversal(move)
        self.assertEqual(refund.ksef_third_party_ids.mapped("role"), ["1", "6"])
        move = self.draft(self.line(1))
        move.partner_id = self.party("Inny", "3333333333")
        self.assertEqual(move.ksef_third_party_ids.mapped("role"), ["1"])

    def test_defaults_appear_on_the_form_and_give_way_to_the_user(self):
        self.company.ksef_environment = "test"
        payer = self.party("Płatnik")
        self.buyer.ksef_default_third_party_ids = [
            Command.create({"partner_id": payer.id, "role": "6"})
        ]
        moves = self.env["account.move"].with_user(self.accountant)
        with Form(moves.with_context(default_move_type="out_invoice")) as form:
            form.partner_id = self.buyer
            self.assertEqual(len(form.ksef_third_party_ids), 1)
            form.ksef_third_party_ids.remove(0)
        self.assertFalse(form.record.ksef_third_party_ids)

    def test_a_company_as_customer_brings_no_factor_of_its_own(self):
        factor = self.party("Bank", "2222222222")
        self.company.partner_id.ksef_default_third_party_ids = [
            Command.create({"partner_id": factor.id, "role": "1"})
        ]
        other = self.env["res.company"].create({"name": "Nasza druga"})
        other.partner_id.ksef_default_third_party_ids = [
            Command.create({"partner_id": factor.id, "role": "1"}),
            Command.create({"partner_id": factor.id, "role": "6"}),
        ]
        move = self.draft(self.line(1), partner_id=other.partner_id.id)
        self.assertEqual(move.ksef_third_party_ids.mapped("role"), ["1", "6"])

    def test_internal_identifier_is_checked(self):
        for text in ("1111111111", "1111111112-00001", "1111111111-1", "x"):
            with self.assertRaises(ValidationError, msg=text):
                self.buyer.ksef_internal_id = text
