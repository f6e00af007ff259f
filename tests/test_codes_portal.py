import base64
import io

import requests
from lxml import html
from PIL import Image

from odoo.tests import HttpCase, new_test_user, tagged

from .codes_common import CodesCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCodesPortal(CodesCase, HttpCase):
    """The customer finds the codes of his invoice in the portal, as images, links and
    labels, and nothing else of KSeF."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = new_test_user(
            cls.env, login="ksef_customer", groups="base.group_portal"
        )
        cls.customer.partner_id.parent_id = cls.buyer

    def setUp(self):
        super().setUp()
        self.authenticate("ksef_customer", "ksef_customer")

    def page(self, invoice):
        """The codes part of the invoice's page, or None."""
        self.env.flush_all()
        answer = self.url_open(f"/my/invoices/{invoice.id}")
        self.assertEqual(answer.status_code, 200)
        self.assertIn(f"/my/invoices/{invoice.id}", answer.url, "not sent away")
        found = html.fromstring(answer.text).xpath("//div[@id='ksef_codes']")
        return found[0] if found else None

    def shown(self, page):
        """(link, label) of each code; the image says the same as the link."""
        found = []
        for link in page.xpath(".//a"):
            (source,) = link.xpath(".//img/@src")
            png = base64.b64decode(source.removeprefix("data:image/png;base64,"))
            with Image.open(io.BytesIO(png)) as image:
                self.assertEqual(self.links_in(image), [link.get("href")])
            found.append((link.get("href"), link.xpath("./div")[-1].text_content()))
        return found

    def test_offline_then_numbered(self):
        self.use_offline_certificate("RSA")
        invoice = self.issued_offline()
        document = self.document(invoice)
        shown = self.shown(self.page(invoice))
        self.assertEqual(
            shown,
            [
                (document.qr_link, "OFFLINE"),
                (document.certificate_link, "CERTYFIKAT"),
            ],
        )
        self.assertEqual(requests.get(shown[1][0], timeout=10).status_code, 200)
        self.deliver()
        self.assertEqual(
            self.shown(self.page(invoice)), [(document.qr_link, invoice.ksef_number)]
        )

    def test_credit_note(self):
        refund = self.credit_note(self.sent())
        refund.action_ksef_issue_offline()
        labels = [label for _link, label in self.shown(self.page(refund))]
        self.assertEqual(labels, ["OFFLINE", "CERTYFIKAT"])

    def test_without_ksef(self):
        self.assertIsNone(self.page(self.posted(ksef_exclude=True)))

    def test_link_with_a_token(self):
        """Whoever got the link of the invoice by e-mail needs no account."""
        invoice = self.issued_offline()
        url = invoice.get_portal_url()
        self.env.flush_all()
        self.logout()
        self.assertIn(self.document(invoice).certificate_link, self.url_open(url).text)

    def test_no_other_rights(self):
        invoice = self.issued_offline()
        document = self.document(invoice)
        self.assertFalse(document.with_user(self.customer).has_access("read"))
        self.env.invalidate_all()
        drawn = invoice.with_user(self.customer)._ksef_drawn_codes()
        self.assertEqual(len(drawn), 2, "whoever may read the invoice")
        for field in ("xml", "qr_image"):
            answer = self.url_open(f"/web/content/ksef.document/{document.id}/{field}")
            self.assertNotEqual(answer.status_code, 200)
