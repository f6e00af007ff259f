import dataclasses
from datetime import timedelta
from decimal import Decimal

from odoo import Command
from odoo.tests import new_test_user, tagged

from ..ksef import fa3
from ..mapping.trust import account_is_valid, odd_character
from ..tools import warsaw
from .documents import address, supplier_file, supplier_invoice
from .test_quarantine import QuarantineCase

NIP = "8130000020"
ACCOUNT = "61109010140000071219812874"
OTHER_ACCOUNT = "27114020040000300201355387"


class TrustCase(QuarantineCase):
    """A known supplier with a trusted account sends invoices."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supplier = cls.env["res.partner"].create(
            {
                "name": "Stały Dostawca",
                "vat": f"PL{NIP}",
                "is_company": True,
                "bank_ids": [Command.create({"acc_number": f"PL{ACCOUNT}"})],
            }
        )
        cls.supplier.bank_ids.sudo().allow_out_payment = True

    def invoice_of(self, **values):
        return {"seller_nip": NIP} | values

    def codes(self, number="F/1", **values):
        """The codes of what is found about an invoice that arrives now."""
        document = self.arrived(number, **self.invoice_of(**values))
        self.assertTrue(document.move_id, "it is received all the same")
        return {finding["code"] for finding in document.findings or []}

    def checked(self, document, **values):
        """The codes of what is found about a document if its invoice said this."""
        invoice = supplier_invoice(document.number, **self.invoice_of(**values))
        document.sudo()._check_trust({document.sudo(): invoice})
        return {finding["code"] for finding in document.findings or []}

    def dropped(self, **values):
        """The bill of a file that the accountant drops."""
        attachment = self.as_accountant(self.env["ir.attachment"]).create(
            {
                "name": "f.xml",
                "raw": supplier_file("F/1", **values),
                "mimetype": "application/xml",
            }
        )
        journal = self.as_accountant(self.purchases)
        journal = journal.with_context(default_move_type="in_invoice")
        return journal._create_document_from_attachment(attachment.ids)

    def paid_to(self, *accounts, **values):
        accounts = tuple(fa3.BankAccount(number=number) for number in accounts)
        return fa3.Payment(accounts=accounts, **values)

    def totals(self, net="100.00", tax="23.00"):
        bucket = fa3.BUCKETS["23"]
        return (fa3.RateTotal(bucket=bucket, net=Decimal(net), tax=Decimal(tax)),)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestTrust(TrustCase):
    """What is odd about an invoice is found when it is booked and shown until a person
    has looked; it keeps no invoice out (I08, R59-R61)."""

    def test_a_right_invoice_is_clean(self):
        document = self.arrived(**self.invoice_of(payment=self.paid_to(ACCOUNT)))
        self.assertFalse(document.findings)
        self.assertEqual(document.trust, "clean")
        self.assertFalse([k for k in document.move_id._get_alerts() if "ksef" in k])

    def test_r59_sums(self):
        grave = self.arrived("S/1", **self.invoice_of(total=Decimal("123.06")))
        (finding,) = grave.findings
        self.assertEqual((finding["code"], finding["level"]), ("sums", "warning"))
        grosz = self.arrived("S/2", **self.invoice_of(total=Decimal("123.01")))
        self.assertEqual(grosz.findings[0]["level"], "info", "shown, not grave")
        self.assertEqual(grosz.trust, "clean")
        self.assertIn("123.01", grosz.findings_text)

    def test_vat(self):
        found = self.codes(totals=self.totals(tax="24.00"), total=Decimal(124))
        self.assertEqual(found, {"vat"})

    def test_vat_of_a_correction_may_change_alone(self):
        totals = self.totals("0.00", "5.00")
        found = self.codes(
            kind=fa3.Kind.CORRECTION, lines=(), totals=totals, total=Decimal(5)
        )
        self.assertEqual(found, set())

    def test_lines_before_and_after(self):
        (line,) = supplier_invoice().lines
        before = dataclasses.replace(line, before=True)
        after = dataclasses.replace(line, number=2, net=Decimal("120.00"))
        found = self.codes(
            kind=fa3.Kind.CORRECTION,
            lines=(before, after),
            totals=self.totals("20.00", "4.60"),
            total=Decimal("24.60"),
        )
        self.assertEqual(found, set())

    def test_lines(self):
        (line,) = supplier_invoice().lines
        lines = (dataclasses.replace(line, net=Decimal("90.00")),)
        self.assertIn("lines", self.codes("L/1", lines=lines))
        lines = (dataclasses.replace(line, net=Decimal("99.99")),)
        document = self.arrived("L/2", **self.invoice_of(lines=lines))
        (finding,) = document.findings
        self.assertEqual((finding["code"], finding["level"]), ("lines", "info"))
        self.assertEqual(document.trust, "clean", "a grosz is shown, and no more")

    def test_i08_the_bill_differs_from_the_invoice(self):
        bill = self.as_accountant(self.env["account.move"]).create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "ref": "F/1",
                "invoice_line_ids": [Command.create({"price_unit": 1, "name": "x"})],
            }
        )
        document = self.arrived("F/1", **self.invoice_of())
        document.sudo().write({"move_id": bill.id})
        self.assertIn("bill_total", self.checked(document))

    def test_parties(self):
        stranger = fa3.Buyer(nip="5261040828", name="Obcy", address=address("ul. 1"))
        document = self.arrived("F/1", **self.invoice_of())
        self.assertIn("buyer_nip", self.checked(document, buyer=stranger))
        unit = fa3.ThirdParty(internal_id="9999999999-12345", name="Filia", role="8")
        named = {"buyer": stranger, "third_parties": (unit,)}
        self.assertFalse(self.checked(document, **named), "a unit of ours")
        self.assertIn("seller_nip", self.codes("P/3", seller_nip="1234567890"))

    def test_a_bill_of_another_partner(self):
        document = self.arrived("F/1", **self.invoice_of())
        document.move_id.partner_id = self.buyer
        self.assertIn("partner_nip", self.checked(document))

    def test_characters(self):
        seller = fa3.Seller(
            nip=NIP, name="Orl\N{CYRILLIC SMALL LETTER IE}n S.A.", address=address("1")
        )
        document = self.arrived("C/1", seller=seller)
        (finding,) = [f for f in document.findings if f["code"] == "characters"]
        self.assertEqual(finding["level"], "danger")
        self.assertIn("CYRILLIC SMALL LETTER IE", finding["text"])

    def test_odd_characters(self):
        odd = {
            "P\N{ZERO WIDTH SPACE}KO": "ZERO WIDTH SPACE",
            "PK\N{GREEK CAPITAL LETTER OMICRON}": "GREEK CAPITAL LETTER OMICRON",
            "Zażółć gęślą jaźń S.A.": None,
            "Müller & Søn": None,
            "ООО Ромашка": None,
            "Alpha Ω": None,
        }
        for text, name in odd.items():
            with self.subTest(text):
                self.assertEqual(odd_character(text), name)

    def test_r61_accounts(self):
        cases = {
            "the trusted one": (self.paid_to(f"PL{ACCOUNT}"), set()),
            "a changed one": (self.paid_to(OTHER_ACCOUNT), {"account_changed"}),
            "a wrong one": (
                self.paid_to("61109010140000071219812875"),
                {"account", "account_changed"},
            ),
            "one of two": (self.paid_to(ACCOUNT, OTHER_ACCOUNT), {"account_changed"}),
            "paid already": (self.paid_to(OTHER_ACCOUNT, paid=True), set()),
        }
        for index, (why, (payment, expected)) in enumerate(cases.items()):
            with self.subTest(why):
                self.assertEqual(self.codes(f"A/{index}", payment=payment), expected)

    def test_the_account_of_a_factor(self):
        """Who pays the supplier pays twice; a new factor is a change like any other."""
        factor = (fa3.BankAccount(number=OTHER_ACCOUNT),)
        payment = self.paid_to(ACCOUNT, factor_accounts=factor)
        self.assertEqual(self.codes(payment=payment), {"account_changed"})

    def test_nothing_is_paid_to_who_owes_us(self):
        (line,) = supplier_invoice().lines
        less = dataclasses.replace(line, net=-line.net, quantity=-line.quantity)
        found = self.codes(
            kind=fa3.Kind.CORRECTION,
            lines=(less,),
            totals=self.totals("-100.00", "-23.00"),
            total=Decimal("-123.00"),
            payment=self.paid_to(OTHER_ACCOUNT),
        )
        self.assertEqual(found, set(), "an account on a credit note matters little")

    def test_an_account_that_is_trusted_later(self):
        """What was odd is odd no more, and is again once nobody trusts the account."""
        payment = self.paid_to(OTHER_ACCOUNT)
        bill = self.arrived(**self.invoice_of(payment=payment)).move_id
        self.assertIn("ksef_trust_0", bill._get_alerts())
        account = self.env["res.partner.bank"].create(
            {"partner_id": self.supplier.id, "acc_number": OTHER_ACCOUNT}
        )
        account.sudo().allow_out_payment = False
        self.assertEqual(bill.ksef_trust, "check", "known, but nobody trusts it")
        account.sudo().allow_out_payment = True
        self.assertEqual(bill.ksef_trust, "clean")
        self.assertNotIn("ksef_trust_0", bill._get_alerts())
        account.sudo().allow_out_payment = False
        self.assertEqual(bill.ksef_trust, "check")

    def test_accounts_of_bills_that_are_confirmed_or_paid(self):
        payment = self.paid_to(OTHER_ACCOUNT)
        confirmed, paid = (
            self.arrived(number, **self.invoice_of(payment=payment)).move_id
            for number in ("F/1", "F/2")
        )
        confirmed.action_ksef_confirm()
        paid.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=paid.ids
        ).create({})._create_payments()
        self.supplier.bank_ids.sudo().allow_out_payment = False
        self.assertEqual(confirmed.ksef_trust, "confirmed", "a person has said so")
        self.assertIn("account_changed", str(paid.sudo().ksef_document_id.findings))

    def test_what_a_person_has_changed_is_checked_when_it_is_posted(self):
        bill = self.arrived(**self.invoice_of()).move_id
        self.assertEqual(bill.ksef_trust, "clean")
        bill.invoice_line_ids.price_unit = 60
        bill.action_post()
        self.assertEqual(bill.state, "posted", "nothing is held up")
        alert = bill._get_alerts()["ksef_trust_0"]["message"]
        self.assertIn("The total of the bill is 147.60", alert)

    def test_a_dropped_file_does_not_come_later_every_day(self):
        """It came when it was dropped, however long its bill then waits."""
        issued = warsaw.today() - timedelta(days=20)
        bill = self.dropped(**self.invoice_of(issue_date=issued))
        document = bill.sudo().ksef_document_id
        self.assertIn("late", str(document.findings))
        self.env.cr.execute(
            "UPDATE ksef_document SET create_date = create_date - interval '10 days'"
            " WHERE id = %s",
            document.ids,
        )
        document.invalidate_recordset()
        document._check_again()
        self.assertFalse(document.findings)

    def test_a_supplier_without_trusted_account(self):
        self.supplier.bank_ids.sudo().allow_out_payment = False
        found = self.codes(payment=self.paid_to(ACCOUNT))
        self.assertEqual(found, {"account_new"}, "known, but nobody has confirmed it")

    def test_valid_accounts(self):
        for number, swift, valid in (
            (ACCOUNT, None, True),
            ("DE89370400440532013000", None, True),
            ("DE89370400440532013001", None, False),
            ("12345678", "CHASUS33", True),
            ("12345678", None, False),
        ):
            with self.subTest(number):
                self.assertEqual(account_is_valid(number, swift), valid)

    def test_dates(self):
        today = warsaw.today()
        days = {
            "future": {"issue_date": today + timedelta(days=1)},
            "future_supply": {"supply_date": today + timedelta(days=40)},
            "future_supply ": {
                "period_from": today,
                "period_to": today + timedelta(days=364),
            },
            "late": {"issue_date": today - timedelta(days=300)},
        }
        for index, (code, values) in enumerate(days.items()):
            with self.subTest(code):
                self.assertEqual(self.codes(f"D/{index}", **values), {code.strip()})
        recent = {"issue_date": today - timedelta(days=5)}
        self.assertEqual(self.codes("D/9", **recent), set(), "after an outage")

    def test_currency(self):
        self.env.ref("base.CHF").active = False
        self.assertIn("currency", self.codes("W/1", currency="CHF"))

    def test_goods_of_annex_15_without_split_payment(self):
        (line,) = supplier_invoice().lines
        net, tax, total = "12200.00", "2806.00", Decimal("15006.00")
        goods = dataclasses.replace(line, net=Decimal(net), annex_15=True)
        values = {
            "lines": (goods,),
            "totals": self.totals(net, tax),
            "total": total,
        }
        self.assertEqual(self.codes("M/1", **values), {"split_payment"})
        said = fa3.Annotations(split_payment=True)
        self.assertEqual(self.codes("M/2", annotations=said, **values), set())
        little = {"lines": (dataclasses.replace(line, annex_15=True),)}
        self.assertEqual(self.codes("M/3", **little), set(), "up to 15,000 PLN")

    def test_the_same_number_again(self):
        self.codes("F/7")
        again = self.codes("F/7", kind=fa3.Kind.SIMPLIFIED)
        self.assertIn("again", again, "KSeF takes a number once for each kind")

    def test_it_is_shown_until_a_person_has_looked(self):
        payment = self.paid_to(OTHER_ACCOUNT)
        bill = self.arrived(**self.invoice_of(payment=payment)).move_id
        self.assertEqual(bill.ksef_trust, "check")
        alert = bill._get_alerts()["ksef_trust_0"]
        self.assertEqual(alert["level"], "danger")
        self.assertIn(OTHER_ACCOUNT, alert["message"])
        model, method, ids = alert["action_call"]
        getattr(self.as_accountant(self.env[model]).browse(ids), method)()
        self.assertEqual(bill.ksef_trust, "confirmed")
        self.assertNotIn("ksef_trust_0", bill._get_alerts())
        self.assertIn("Checked: The account", self.notes(bill))

    def test_suppliers_in_the_portal_do_not_learn_of_it(self):
        portal = new_test_user(self.env, "ksef_portal", groups="base.group_portal")
        seen = self.env["account.move"].with_user(portal).fields_get()
        self.assertIn("ksef_number", seen)
        self.assertNotIn("ksef_trust", seen)

    def test_a_dropped_file_is_checked_too(self):
        bill = self.dropped(**self.invoice_of(payment=self.paid_to("12")))
        xml = bill.attachment_ids.raw
        self.assertEqual(bill.ksef_trust, "check")
        received = self.put_file(xml)
        self.press()
        self.assertEqual(self.document(received).move_id, bill)
        self.assertEqual(bill.ksef_trust, "check", "still, when KSeF brings it")
        self.assertIn("account_changed", str(self.document(received).findings))

    def test_a_person_posts_whenever_it_wants(self):
        payment = self.paid_to(OTHER_ACCOUNT)
        bill = self.arrived(**self.invoice_of(payment=payment)).move_id
        bill.action_post()
        self.assertEqual(bill.state, "posted", "nothing is held up")
        self.assertIn("ksef_trust_0", bill._get_alerts(), "it is not paid yet")


@tagged("post_install_l10n", "post_install", "-at_install")
class TestAutomaticPosting(TrustCase):
    """Odoo posts the bills of a supplier by itself where the user has said so, but none
    that a person should look at."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.autopost_bills = True
        cls.supplier.autopost_bills = "always"

    def test_a_clean_bill_is_posted(self):
        self.assertEqual(self.arrived(**self.invoice_of()).move_id.state, "posted")

    def test_i08_one_to_be_checked_waits(self):
        payment = self.paid_to(OTHER_ACCOUNT)
        bill = self.arrived(**self.invoice_of(payment=payment)).move_id
        self.assertEqual(bill.state, "draft")
        self.assertIn("Not posted automatically", self.notes(bill))
        bill.action_ksef_confirm()
        bill._autopost_bill()
        self.assertEqual(bill.state, "posted", "once a person has looked")

    def test_one_with_a_similar_bill_waits(self):
        self.as_accountant(self.env["account.move"]).create(
            {
                "move_type": "in_invoice",
                "partner_id": self.supplier.id,
                "ref": "F-1",
                "invoice_line_ids": [Command.create({"price_unit": 1, "name": "x"})],
            }
        )
        document = self.arrived("F/1", **self.invoice_of())
        self.assertTrue(document.similar_move_ids)
        self.assertEqual(document.move_id.state, "draft")

    def test_other_suppliers_are_posted_by_people(self):
        self.supplier.autopost_bills = "ask"
        self.assertEqual(self.arrived(**self.invoice_of()).move_id.state, "draft")

    def test_a_bill_that_odoo_cannot_post_stays_a_draft(self):
        self.purchases.default_account_id.active = False
        document = self.arrived(**self.invoice_of())
        self.assertEqual(document.state, "booked", "it is received all the same")
        self.assertEqual(document.move_id.amount_total, 123.0)
        self.assertEqual(document.move_id.state, "draft")
        self.assertIn("was not posted automatically", self.notes(document.move_id))
