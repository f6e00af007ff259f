from datetime import timedelta

from odoo.tests import HttpCase, tagged

from ..tools import warsaw
from .common import PASSWORD, KsefCase
from .documents import supplier_file

INVOICES = "account.action_move_out_invoice_type"
SETTINGS = "account.action_account_config"
DASHBOARD = "account.open_account_journal_dashboard_kanban"


@tagged("post_install_l10n", "post_install", "-at_install")
class TestBrowser(KsefCase, HttpCase):
    """What a person does in a browser works: upload, post and send, receive."""

    def setUp(self):
        super().setUp()
        self.accountant.password = "ksef_accountant"
        self.accountant.company_ids = self.company
        self.administrator = self.env["res.users"].create(
            {
                "name": "Administrator",
                "login": "ksef_administrator",
                "password": "ksef_administrator",
                "company_id": self.company.id,
                "company_ids": [(6, 0, self.company.ids)],
                "group_ids": [
                    (4, self.env.ref("base.group_system").id),
                    (4, self.env.ref("account.group_account_manager").id),
                ],
            }
        )

    def serve(self, name, content):
        """Let the browser fetch a file, so that it can be chosen in a form."""
        self.env["ir.attachment"].create(
            {
                "name": name,
                "url": f"/ksef_test/{name}",
                "raw": content,
                "public": True,
            }
        )

    def tour(self, name, action, login, timeout=60):
        self.start_tour(
            f"/odoo/action-{action}",
            name,
            login=login,
            timeout=timeout,
        )

    def test_an_administrator_uploads_the_certificate(self):
        self.certificate.unlink()
        crt, key = self.simulator.issue_certificate(nip="9999999999", password=PASSWORD)
        self.serve("certificate.crt", crt)
        self.serve("certificate.key", key)
        self.tour("ksef_upload", SETTINGS, "ksef_administrator")
        certificate = self.env["ksef.certificate"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(certificate.mapped("state"), ["active"])

    def test_an_accountant_posts_and_sends(self):
        self.buyer.email = "jan@example.com"
        invoice = self.invoice()
        action = f"{INVOICES}/{invoice.id}"
        self.tour("ksef_send", action, self.accountant.login, timeout=120)
        held = {one.ksef_number for one in self.simulator.invoices}
        self.assertIn(invoice.ksef_number, held, "the ministry holds it")

    def test_an_accountant_fetches_bills(self):
        self.configure(
            self.company,
            ksef_import=True,
            ksef_import_from=warsaw.today() - timedelta(days=5),
        )
        number = self.simulator.put_invoice(supplier_file())
        self.tour("ksef_import", DASHBOARD, self.accountant.login)
        bill = self.env["account.move"].search([("ksef_number", "=", number)])
        self.assertEqual(bill.amount_total, 123.0)
