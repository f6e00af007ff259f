from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models import account_journal
from ..tools import tokens
from .import_common import ImportCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestImportButton(ImportCase):
    """The journal of vendor bills offers to fetch from KSeF where a company receives
    bills; an accountant presses the button and reads what came of it."""

    def shown(self, journal):
        journal = journal.with_user(self.accountant).with_context(
            allowed_company_ids=(self.company | self.other).ids
        )
        journal.invalidate_recordset()
        return journal.show_fetch_in_einvoices_button

    def test_it_shows_only_where_bills_are_received(self):
        self.assertTrue(self.shown(self.purchases))
        sales = self.company_data["default_journal_sale"]
        self.assertFalse(self.shown(sales))
        foreign = self.env["account.journal"].search(
            [("company_id", "=", self.other.id), ("type", "=", "purchase")], limit=1
        )
        self.assertFalse(self.shown(foreign), "that company does not use KSeF")
        self.company.ksef_import = False
        self.assertFalse(self.shown(self.purchases))
        self.company.write({"ksef_import": True, "ksef_environment": False})
        self.assertFalse(self.shown(self.purchases))
        self.configure(self.company)

    def test_it_tells_how_many_came(self):
        self.put()
        self.put("F/2")
        told = self.press()
        self.assertEqual(told["type"], "success")
        self.assertEqual(told["message"], "New bills received from KSeF: 2.")
        told = self.press()
        self.assertEqual(told["type"], "success")
        self.assertEqual(told["message"], "There are no new bills in KSeF.")
        self.assertEqual(told["next"]["tag"], "soft_reload", "the dashboard is fresh")

    def test_it_tells_that_ksef_still_prepares(self):
        self.simulator.set_delay(steps=99)
        self.put()
        with patch.object(account_journal, "WAIT_SECONDS", 0):
            told = self.press()
        self.assertEqual(told["type"], "warning")
        self.assertIn("KSeF is preparing the invoices", told["message"])

    def test_it_tells_what_ksef_says(self):
        self.simulator.revoke_certificate(self.certificate.serial_number)
        tokens._tokens.clear()
        told = self.press()
        self.assertEqual(told["type"], "warning")
        self.assertIn("KSeF does not accept this certificate", told["message"])
        self.simulator.store.certificates[
            self.certificate.serial_number
        ].revoked = False

    def test_who_may_make_no_bills_may_not_fetch(self):
        reader = self.reader()
        number = self.put()
        journal = self.purchases.with_user(reader)
        with self.assertRaises(AccessError):
            journal.button_fetch_in_einvoices()
        self.press()
        self.bill(number).unlink()
        with self.assertRaises(AccessError):
            self.document(number).with_user(reader).action_book_again()

    def test_windows_are_read_and_never_written_by_people(self):
        self.press()
        window = self.as_accountant(self.windows())
        self.assertTrue(window.date_to, "an accountant sees how far it is complete")
        with self.assertRaises(AccessError):
            window.date_to = "2030-01-01T00:00:00Z"
        with self.assertRaises(AccessError):
            window.unlink()
        with self.assertRaises(AccessError):
            _key = window.sealed_key
