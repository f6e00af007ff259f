import base64
import hashlib
from datetime import date, timedelta
from decimal import Decimal

from odoo.tests import Form, tagged

from ..ksef import fa3
from ..tools import warsaw
from .documents import supplier_file
from .import_common import ImportCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImport(ImportCase):
    """Supplier bills arrive by themselves, once, byte for byte, to the grosz."""

    def test_a_bill_arrives_by_the_cron(self):
        number = self.put()
        self.cron()
        bill = self.bill(number)
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual(bill.state, "draft", "a person decides about posting")
        self.assertEqual(bill.journal_id, self.purchases)
        self.assertEqual(bill.company_id, self.company)
        self.assertEqual(bill.currency_id.name, "PLN")
        self.assertEqual(bill.ref, "F/1/2026")
        self.assertEqual(bill.invoice_date, warsaw.today())
        self.assertEqual(bill.amount_untaxed, 100.0)
        self.assertEqual(bill.amount_total, 123.0, "P_15")
        line = bill.invoice_line_ids
        self.assertEqual((line.quantity, line.price_unit), (2, 50))
        self.assertEqual(line.name, "Papier ksero")
        self.assertEqual(line.tax_ids.amount, 23)
        self.assertEqual(line.tax_ids.type_tax_use, "purchase")
        self.assertEqual(line.account_id, self.purchases.default_account_id)

    def test_the_file_is_kept_byte_for_byte(self):
        xml = supplier_file().replace(b"?>\n", b"?>\r\n \n", 1) + b"\n<!-- \xc5\xbc -->"
        number = self.put_file(xml)
        self.cron()
        document = self.document(number)
        self.assertEqual(self.bytes_of(document), xml, "not even a line end changes")
        self.assertEqual(document.size, len(xml))
        digest = hashlib.sha256(xml).digest()
        identity = base64.b64encode(digest).decode()
        self.assertEqual(document.sha256, identity, "its hash is its identity")

    def test_the_file_is_attached_once_and_not_read_as_another_bill(self):
        before = self.env["account.move"].search_count([])
        xml = supplier_file()
        number = self.put_file(xml)
        self.press()
        attachments = self.bill(number).attachment_ids
        self.assertEqual(attachments.mapped("name"), [f"{number}.xml"])
        self.assertEqual(attachments.raw, xml, "the same bytes as KSeF keeps")
        self.assertEqual(self.env["account.move"].search_count([]), before + 1)

    def test_the_ksef_number_is_on_form_list_and_search(self):
        number = self.put()
        self.press()
        bill = self.bill(number)
        with Form(bill) as form:
            self.assertEqual(form.ksef_number, number)
            self.assertEqual(form.ksef_state, "booked")
        action = self.env.ref("account.action_move_in_invoice_type")
        listed = bill.get_view(view_type="list")["arch"]
        self.assertIn('name="ksef_number"', listed, f"list of {action.name}")
        searched = bill.get_view(view_type="search")["arch"]
        self.assertIn('name="ksef_number"', searched)
        found = bill.search([("ksef_number", "=", number)])
        self.assertEqual(found, bill, "a bill is found by its KSeF number")

    def test_dates_and_due_date(self):
        due = warsaw.today() + timedelta(days=14)
        number = self.put(
            issue_date=date(2026, 3, 2),
            supply_date=date(2026, 2, 27),
            payment=fa3.Payment(due=(fa3.Due(day=due),)),
        )
        self.cron()
        bill = self.bill(number)
        self.assertEqual(bill.invoice_date, date(2026, 3, 2), "P_1")
        self.assertEqual(bill.invoice_date_due, due, "TerminPlatnosci")
        self.assertEqual(bill.taxable_supply_date, date(2026, 2, 27), "P_6")

    def test_the_journal_of_the_settings_comes_first(self):
        other = self.purchases.copy({"name": "Zakupy z KSeF", "code": "KSEF"})
        other.default_account_id = self.purchases.default_account_id
        self.company.ksef_import_journal_id = other
        number = self.put()
        self.cron()
        self.assertEqual(self.bill(number).journal_id, other)

    def test_a_correction_downwards_becomes_a_refund(self):
        number = self.put(
            kind=fa3.Kind.CORRECTION,
            corrected=(fa3.CorrectedInvoice(number="F/0", issue_date=date.today()),),
            total=Decimal("-123.00"),
            totals=(
                fa3.RateTotal(
                    bucket=fa3.BUCKETS["23"], net=Decimal(-100), tax=Decimal(-23)
                ),
            ),
            lines=(
                fa3.Line(
                    number=1,
                    name="Papier ksero",
                    quantity=Decimal(-2),
                    net_price=Decimal(50),
                    net=Decimal(-100),
                    rate="23",
                ),
            ),
        )
        self.cron()
        bill = self.bill(number)
        self.assertEqual(bill.move_type, "in_refund")
        self.assertEqual(bill.amount_total, 123.0)

    def test_a_rate_without_purchase_tax_leaves_a_note(self):
        taxes = self.env["account.tax"].search(
            [("company_id", "=", self.company.id), ("type_tax_use", "=", "purchase")]
        )
        taxes.filtered(lambda tax: tax.ksef_rate == "23").active = False
        number = self.put()
        self.cron()
        bill = self.bill(number)
        self.assertFalse(bill.invoice_line_ids.tax_ids)
        self.assertEqual(bill.amount_total, 123.0, "the total holds without a tax too")
        self.assertIn("No tax has the KSeF rate 23", self.notes(bill))

    def test_a_company_without_purchase_journal_is_told(self):
        journals = self.env["account.journal"].search(
            [("company_id", "=", self.company.id), ("type", "=", "purchase")]
        )
        journals.active = False
        self.assertWaits("has no journal for vendor bills")
        journals.active = True
        self.assertBooked()

    def test_a_journal_without_account_is_told(self):
        account = self.purchases.default_account_id
        self.purchases.default_account_id = False
        self.assertWaits("has no default account")
        self.purchases.default_account_id = account
        self.assertBooked()

    def assertWaits(self, reason):
        self.put()
        told = self.press()
        self.assertIn(reason, self.documents().problem)
        self.assertIn(reason, told["message"], "who asked is told why")
        self.assertEqual(told["type"], "warning")
        self.assertEqual(self.documents().state, "received", "the file is kept")

    def assertBooked(self):
        self.cron()
        document = self.documents()
        self.assertEqual(document.move_id.amount_total, 123.0, "nothing is lost")
        self.assertFalse(document.problem)

    def test_the_same_number_never_twice(self):
        number = self.put()
        self.put("F/2/2026")
        self.cron()
        self.press()
        self.cron(times=2)
        self.assertEqual(len(self.documents()), 2, "touching windows repeat a file")
        bills = self.env["account.move"].search([("ksef_number", "=", number)])
        self.assertEqual(len(bills), 1)

    def test_the_same_window_exported_twice_gives_nothing_twice(self):
        self.put()
        self.cron()
        window = self.windows()[-1]
        window.copy({"state": "stored", "date_to": window.date_from})
        self.cron()
        self.assertEqual(len(self.windows()), 3, "the window was fetched once more")
        self.assertEqual(len(self.documents()), 1)

    def test_a_draft_bill_is_free_to_be_changed_and_posted(self):
        number = self.put()
        self.cron()
        bill = self.bill(number)
        with Form(bill) as form:
            form.ref = "poprawiony"
            with form.invoice_line_ids.edit(0) as line:
                line.price_unit = 60
        self.assertEqual(bill.amount_untaxed, 120.0)
        bill.action_post()
        self.assertEqual(bill.state, "posted")
        bill.button_draft()
        self.assertEqual(bill.state, "draft", "nothing of KSeF locks a bill")

    def test_a_deleted_bill_comes_back_only_when_asked_for(self):
        number = self.put()
        self.cron()
        self.bill(number).unlink()
        document = self.document(number)
        self.assertTrue(document.exists(), "the document stays")
        self.cron(times=2)
        self.assertFalse(document.move_id, "it does not come back by itself")
        self.as_accountant(document).action_book_again()
        self.assertEqual(self.bill(number).amount_total, 123.0)
        self.as_accountant(document).action_book_again()
        bills = self.env["account.move"].search([("ksef_number", "=", number)])
        self.assertEqual(len(bills), 1, "asked twice, made once")
