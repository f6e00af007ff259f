import base64
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, new_test_user, tagged

from ..wizards import ksef_official_view
from ..wizards.ksef_official_view import FILES
from .common import KsefCase
from .documents import supplier_file
from .readable_common import Readable

XSL = """<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:tns="http://crd.gov.pl/wzor/2025/06/25/13775/">{content}</xsl:stylesheet>"""
STYLE = XSL.format(
    content='<xsl:import href="http://crd.gov.pl/x/WspolneSzablonyWizualizacji.xsl"/>'
    '<xsl:output method="html"/>'
    '<xsl:template match="/"><html><body><script>alert(1)</script>'
    '<xsl:call-template name="Numer"/></body></html></xsl:template>'
)
SHARED = XSL.format(
    content='<xsl:template name="Numer"><b><xsl:value-of'
    ' select="tns:Faktura/tns:Fa/tns:P_2"/></b></xsl:template>'
)


@tagged("post_install_l10n", "post_install", "-at_install")
class TestOfficialView(Readable, KsefCase, HttpCase):
    """Once an administrator has kept the ministry's style sheet, accountants see
    invoices as the ministry shows them, in a page that can do nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(cls.env, "ksef_admin", groups="base.group_system")

    def chosen(self, **files):
        given = {"style": STYLE, "shared": SHARED, "countries": "<a/>", **files}
        encoded = {n: base64.b64encode(c.encode()) for n, c in given.items() if c}
        return self.env["ksef.official.view"].with_user(self.admin).create(encoded)

    def test_not_fetched_yet(self):
        document = self.received(supplier_file())
        with self.assertRaisesRegex(UserError, "administrator"):
            document.action_read_officially()

    def test_kept_and_shown(self):
        self.chosen().action_keep()
        document = self.received(supplier_file("F/7/2026"))
        action = document.action_read_officially()
        self.authenticate(self.accountant.login, "ksef_accountant")
        answer = self.url_open(action["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertIn("<b>F/7/2026</b>", answer.text)
        policy = answer.headers["Content-Security-Policy"]
        self.assertIn("sandbox", policy)
        self.assertNotIn("script", policy, "none is allowed")
        self.assertIn("default-src 'none'", policy)

    def test_newer_files_take_the_place_of_older_ones(self):
        self.chosen().action_keep()
        newer = SHARED.replace("<b>", "<i>").replace("</b>", "</i>")
        self.chosen(shared=newer).action_keep()
        html = self.received(supplier_file("F/7/2026"))._official_html()
        self.assertIn("<i>F/7/2026</i>", html)
        kept = self.env["ir.attachment"].search(
            [("res_model", "=", "ksef.official.view")]
        )
        self.assertEqual(len(kept), 3)
        with self.assertRaises(AccessError):
            self.as_accountant(kept).mapped("raw")

    def test_what_the_files_are(self):
        self.assertIn("SHA-256", self.chosen().comparison)

    def test_what_is_no_style_sheet(self):
        for files in ({"shared": None}, {"style": "<html/>"}, {"style": "x"}):
            with self.subTest(files), self.assertRaises(UserError):
                self.chosen(**files).action_keep()
        self.assertFalse(self.env["ksef.official.view"]._kept_files())

    def serve(self, files):
        """A server that has these files stands in for the ministry's; what it was asked
        for."""
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                content = files.get(self.path.rpartition("/")[2])
                self.send_response(200 if content else 404)
                self.end_headers()
                self.wfile.write((content or "").encode())

            def log_message(self, *_args):
                """Tests are silent."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        Thread(target=server.serve_forever, daemon=True).start()
        host = f"http://127.0.0.1:{server.server_port}"
        self.patch(ksef_official_view, "HOST", host)
        return asked

    def served(self):
        names = [file.name for file in FILES.values()]
        return dict(zip(names, (STYLE, SHARED, "<a/>"), strict=True))

    def test_fetched_once_and_looked_at_before_it_is_kept(self):
        asked = self.serve(self.served())
        wizard = self.chosen(style=None, shared=None, countries=None)
        wizard.action_fetch()
        self.assertEqual(len(asked), 3)
        self.assertIn("SHA-256", wizard.comparison, "another version, it says")
        self.assertFalse(wizard._kept_files())
        wizard.action_keep()
        self.received(supplier_file())._official_html()
        self.assertEqual(len(asked), 3, "nothing is fetched later")

    def test_ministry_that_does_not_give_the_files(self):
        wizard = self.chosen(style=None, shared=None, countries=None)
        self.serve({})
        with self.assertRaisesRegex(UserError, "browser"):
            wizard.action_fetch()
        self.serve(self.served())
        self.patch(ksef_official_view, "MAX_BYTES", 10)
        with self.assertRaisesRegex(UserError, "browser"):
            wizard.action_fetch()
        self.assertFalse(wizard.style)

    def test_hostile_invoice(self):
        self.chosen().action_keep()
        number = "<script>alert(1)</script>"
        document = self.received(supplier_file(number))
        html = document._official_html().replace("<script>alert(1)</script>", "", 1)
        self.assertIn("&lt;script&gt;", html)
        self.assertNotIn("<script>", html)
        bomb = b'<!DOCTYPE a [<!ENTITY b "b">]><Faktura>&b;</Faktura>'
        with self.assertRaises(UserError):
            self.received(bomb, ksef_number=None)._official_html()

    def test_rights(self):
        with self.assertRaises(AccessError):
            self.env["ksef.official.view"].with_user(self.accountant).create({})
        self.chosen().action_keep()
        document = self.received(supplier_file(), company_id=self.other.id)
        with self.assertRaises(AccessError):
            document._official_html()

    def test_nobody_else_reads_by_address(self):
        """A supplier in the portal, an employee, an accountant of another company."""
        self.chosen().action_keep()
        document = self.received(supplier_file("F/9/2026"))
        bill = self.env["account.move"].create(
            {"move_type": "in_invoice", "partner_id": self.buyer.id}
        )
        bill._ksef_link(document.sudo())
        document.sudo().move_id = bill
        company = {"company_id": self.other.id, "company_ids": self.other.ids}
        users = (
            new_test_user(self.env, "ksef_portal", groups="base.group_portal"),
            new_test_user(self.env, "ksef_worker", groups="base.group_user"),
            new_test_user(
                self.env, "ksef_far", groups="account.group_account_invoice", **company
            ),
        )
        users[0].partner_id.commercial_partner_id = self.buyer
        bill.message_subscribe(users[0].partner_id.ids)
        for user in users:
            self.authenticate(user.login, user.login)
            for address in self.addresses(document, bill):
                with self.subTest(user=user.login, address=address):
                    answer = self.url_open(address)
                    self.assertNotIn("F/9/2026", answer.text)
                    self.assertNotIn(b"%PDF", answer.content[:10])

    def addresses(self, document, bill):
        """Where a browser finds what a received invoice says."""
        return (
            f"/l10n_pl_ksef/official/{document.id}",
            f"/report/html/l10n_pl_ksef.readable_document/{document.id}",
            f"/report/pdf/l10n_pl_ksef.readable_document/{document.id}",
            f"/report/html/l10n_pl_ksef.readable_move/{bill.id}",
            f"/report/pdf/l10n_pl_ksef.readable_move/{bill.id}",
            f"/web/content/ksef.document/{document.id}/xml",
        )

    def test_readable_invoice_in_the_client(self):
        document = self.received(supplier_file("F/8/2026"))
        name = document.action_read()["report_name"]
        self.authenticate(self.accountant.login, "ksef_accountant")
        answer = self.url_open(f"/report/html/{name}/{document.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("F/8/2026", answer.text)
