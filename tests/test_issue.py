import base64
import re
from datetime import date, timedelta
from pathlib import Path

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..ksef import fa3
from ..tools import warsaw
from ..tools.fa3_message import fa3_message
from .delivery_common import DeliveryCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestApplicability(DeliveryCase):
    """Issued in KSeF are the sales invoices of a connected Polish company to everybody
    but consumers, unless somebody has decided otherwise."""

    def is_issued(self, **values):
        return self.posted(**values).ksef_state == "ready"

    def buyer_with(self, **values):
        return self.buyer.copy({"name": "Nabywca", **values})

    def test_kinds_of_documents(self):
        moves = self.env["account.move"].with_user(self.accountant)
        for kind in ("in_invoice", "in_refund", "out_receipt", "in_receipt"):
            with self.subTest(kind=kind):
                taxes = {} if kind == "out_receipt" else {"tax": None}
                move = self.draft(
                    self.line(10.0, **taxes),
                    move_type=kind,
                    invoice_date=warsaw.today(),
                )
                move.action_post()
                self.assertFalse(move.ksef_state, "not ours to issue")
        account = self.company_data["default_account_revenue"]
        sides = [{"debit": 5.0}, {"credit": 5.0}]
        lines = [Command.create({"account_id": account.id, **side}) for side in sides]
        entry = moves.create({"move_type": "entry", "line_ids": lines})
        entry.action_post()
        self.assertFalse(entry.ksef_state)
        self.assertTrue(self.is_issued())

    def test_buyers(self):
        country = self.env.ref
        for name, values, expected in (
            ("NIP", {"vat": "1111111111"}, True),
            ("EU", {"vat": "DE123456788", "country_id": country("base.de").id}, True),
            ("foreign", {"vat": "123456", "country_id": country("base.us").id}, True),
            ("consumer", {"vat": False, "is_company": False}, False),
            ("says so", {"vat": "/", "is_company": False}, False),
        ):
            with self.subTest(buyer=name):
                partner = self.buyer_with(**values)
                self.assertEqual(self.is_issued(partner_id=partner.id), expected)

    def test_contact_of_a_business(self):
        contact = self.env["res.partner"].create(
            {"name": "Księgowa", "parent_id": self.buyer.id, "type": "invoice"}
        )
        self.assertTrue(self.is_issued(partner_id=contact.id), "the firm buys")

    def test_consumers_if_the_company_wants(self):
        self.company.ksef_send_consumers = True
        consumer = self.buyer_with(vat=False, is_company=False)
        self.assertTrue(self.is_issued(partner_id=consumer.id))

    def test_excluded(self):
        self.assertFalse(self.is_issued(ksef_exclude=True))

    def test_company_without_ksef(self):
        invoice = self.other_posted()
        self.assertFalse(invoice.ksef_state, "only the company that uses KSeF")
        self.assertFalse(invoice.ksef_used)
        self.company.ksef_environment = False
        self.assertFalse(self.is_issued())

    def test_sent_by_odoos_own_module(self):
        if "l10n_pl_edi_status" not in self.env["account.move"]._fields:
            return
        for values in ({"l10n_pl_edi_status": "sent"}, {"l10n_pl_edi_number": "1"}):
            with self.subTest(**values):
                invoice = self.invoice()
                invoice.sudo().write(values)
                invoice.action_post()
                self.assertFalse(invoice.ksef_state, "KSeF would get it twice")

    def test_copy_is_a_new_invoice(self):
        invoice = self.sent()
        copy = invoice.copy({"invoice_date": warsaw.today()})
        self.assertFalse(copy.ksef_document_id)
        self.assertFalse(copy.ksef_number)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestIssue(DeliveryCase):
    """Posting freezes a right document, or tells everything that is wrong and leaves
    nothing behind."""

    def problems(self, invoices):
        """What the user reads when posting is refused."""
        with self.assertRaises(UserError) as refusal:
            invoices.action_post()
        return str(refusal.exception)

    def test_frozen_bytes(self):
        invoice = self.posted()
        xml = base64.b64decode(self.document(invoice).xml)
        self.assertEqual(fa3.check(xml, self.schema), ())
        read = fa3.parse(xml)
        self.assertEqual(read.number, invoice.name)
        self.assertEqual(read.issue_date, invoice.invoice_date)
        self.assertEqual(read.seller.nip, "9999999999")

    def test_unit_where_polish_is_not_installed(self):
        product = self.env["product.product"].create({"name": "Lodówka"})
        invoice = self.posted(self.line(10.0, product_id=product.id))
        (line,) = fa3.parse(self.document(invoice)._bytes()).lines
        self.assertEqual(line.unit, product.uom_id.name)

    def test_what_ksef_or_the_law_refuses_is_told_in_sentences(self):
        invoice = self.posted()
        xml = self.document(invoice)._bytes()
        documents = self.env["ksef.document"]
        documents._check_schema(invoice, xml)
        for spoilt, sentence, element in (
            ((b"<P_7>", b"<P_7>\xef\xb7\x90"), "KSeF does not take: U+FDD0", "P_7"),
            ((b"<P_16>2", b"<P_16>3"), 'does not permit the value "3"', "P_16"),
            ((b"<P_1>", b"<P_2>x</P_2><P_1>"), "is not expected here", "P_2"),
            ((b"<JST>2", b"<JST>1"), "add the unit as a third party", "JST"),
            ((b">1111111111<", b">1111111112<"), "1111111112 is not a valid", "NIP"),
            ((b"<KodWaluty>PLN", b"<KodWaluty>EUR"), "stated in PLN", "P_14_1W"),
        ):
            self.assertIn(spoilt[0], xml)
            with self.assertRaises(UserError) as refusal:
                documents._check_schema(invoice, xml.replace(*spoilt, 1))
            said = str(refusal.exception)
            self.assertIn(sentence, said)
            self.assertIn(element, said, "where it stands")
            self.assertNotIn("Element '", said, "no words of a program")

    def test_what_is_likely_a_mistake_stops_nothing(self):
        invoice = self.posted()
        xml = self.document(invoice)._bytes()
        spoilt = re.sub(rb"<P_15>[^<]*", b"<P_15>9999.99", xml)
        found = {finding.code for finding in fa3.findings(spoilt, self.schema)}
        self.assertEqual(found, {"total-sum"})
        self.env["ksef.document"]._check_schema(invoice, spoilt)

    def test_every_refusal_has_a_sentence(self):
        root = Path(fa3.__file__).parent
        source = "".join(path.read_text() for path in root.rglob("*.py"))
        written = r'(?:\berror|Finding|told|_refusal)\(\s*"([a-z0-9-]+)"'
        codes = set(re.findall(written, source))
        codes |= {"schema-missing", "schema-unexpected", "schema-length"}
        codes |= {"schema-value", "jst-without-unit", "gv-without-member"}
        self.assertGreater(len(codes), 38)
        unknown = fa3_message(self.env, fa3.Finding("unknown", "", ""))
        for code in codes:
            said = fa3_message(self.env, fa3.Finding(code, "", "", value="x"))
            self.assertNotEqual(said, unknown, code)

    def test_every_problem_at_once(self):
        first = self.posted()
        self.buyer.write({"street": False, "zip": False, "city": False})
        tax = {"tax": None}
        invoice = self.invoice(self.line(1.0, **tax, name="bez podatku"))
        documents = self.env["ksef.document"].search_count([])
        said = self.problems(invoice)
        for words in ("address", "bez podatku", "choose a tax"):
            self.assertIn(words, said)
        self.assertEqual(invoice.state, "draft")
        self.assertFalse(invoice.posted_before)
        self.assertEqual(self.env["ksef.document"].search_count([]), documents)
        self.buyer.write({"street": "ul. Polna 1", "city": "Warszawa"})
        invoice.invoice_line_ids.tax_ids = self.tax("vs_kraj_23")
        invoice.action_post()
        self.assertEqual(
            invoice.sequence_number, first.sequence_number + 1, "no number was used up"
        )

    def test_addresses_missing(self):
        """Written past the settings form, which demands them."""
        self.configure(self.company, ksef_api_url=False)
        told = self.problems(self.invoice())
        self.assertIn("give the API address and the QR code address", told)

    def test_batch_with_one_bad(self):
        good, bad = self.invoice(), self.invoice(self.line(1.0, tax=None, name="zły"))
        said = self.problems(good | bad)
        self.assertIn("zły", said)
        self.assertEqual(set((good | bad).mapped("state")), {"draft"})
        good.action_post()
        self.assertEqual(good.ksef_state, "ready")

    def test_what_the_schema_refuses(self):
        self.buyer.name = "x" * 600
        self.assertIn("600 characters", self.problems(self.invoice()))

    def test_dates(self):
        today = warsaw.today()
        earlier = self.invoice(invoice_date=today - timedelta(days=2))
        self.assertEqual(earlier._get_alerts()["ksef_backdated"]["level"], "warning")
        earlier.action_post()
        self.assertEqual(earlier.ksef_state, "ready", "sent as it is")
        self.assertNotIn("ksef_backdated", self.invoice()._get_alerts())
        later = self.invoice(invoice_date=today + timedelta(days=2))
        self.assertIn("future", self.problems(later))

    def test_no_date_is_today_in_poland(self):
        with freeze_time("2026-03-16 23:30:00"):
            for user in (self.env.ref("base.user_root"), self.accountant):
                with self.subTest(user=user.login):
                    invoice = self.invoice(invoice_date=False)
                    invoice.with_user(user).action_post()
                    self.assertEqual(invoice.invoice_date, date(2026, 3, 17))
                    read = fa3.parse(self.document(invoice)._bytes())
                    self.assertEqual(read.issue_date, date(2026, 3, 17))

    def test_credit_note_names_the_invoice(self):
        invoice = self.sent()
        refund = invoice._reverse_moves([{"invoice_date": warsaw.today()}])
        refund.action_post()
        (corrected,) = fa3.parse(self.document(refund)._bytes()).corrected
        self.assertEqual(corrected.ksef_number, invoice.ksef_number)
        self.assertEqual(corrected.number, invoice.name)
        self.deliver()
        self.assertAccepted(refund)

    def test_debit_note(self):
        invoice = self.sent()
        wizard = (
            self.env["account.debit.note"]
            .with_user(self.accountant)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"copy_lines": True, "date": warsaw.today()})
        )
        debit = self.env["account.move"].browse(wizard.create_debit()["res_id"])
        debit.with_user(self.accountant).action_post()
        (corrected,) = fa3.parse(self.document(debit)._bytes()).corrected
        self.assertEqual(corrected.ksef_number, invoice.ksef_number)

    def test_posted_by_the_cron_on_its_day(self):
        today = warsaw.today()
        later = self.invoice(invoice_date=today + timedelta(days=3))
        later.auto_post = "at_date"
        later._post(soft=True)
        self.assertEqual(later.state, "draft", "its day has not come")
        yesterday = today - timedelta(days=1)  # in UTC it may be yesterday still
        due = self.invoice(invoice_date=yesterday)
        due.auto_post = "at_date"
        bad = self.invoice(self.line(1.0, tax=None), invoice_date=yesterday)
        bad.auto_post = "at_date"
        with self.enter_registry_test_mode():
            cron = self.env.ref("account.ir_cron_auto_post_draft_entry")
            cron.method_direct_trigger()
        self.assertEqual(due.ksef_state, "ready")
        self.assertEqual(bad.state, "draft", "one bad invoice holds nobody up")
        self.assertEqual(later.state, "draft")

    def test_document_is_not_given_by_hand(self):
        document = self.document(self.sent())
        moves = self.env["account.move"].with_user(self.accountant)
        values = {"move_type": "out_invoice", "ksef_document_id": document.id}
        with self.assertRaises(UserError):
            moves.create(values)
        with self.assertRaises(UserError):
            moves.with_context(default_ksef_document_id=document.id).create(
                {"move_type": "out_invoice"}
            )
        with self.assertRaises(UserError):
            self.invoice().write({"ksef_document_id": document.id})

    def test_another_environment(self):
        invoice = self.posted()
        self.company.ksef_environment = "test"
        self.deliver()
        self.assertWaits(invoice, "another KSeF environment")
        self.configure(self.company)
        self.deliver()
        self.assertAccepted(invoice)
