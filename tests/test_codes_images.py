import io

from PIL import Image

from odoo.tests import HttpCase, tagged

from .codes_common import CodesCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestCodesImages(CodesCase, HttpCase):
    """The codes can be had as pictures with their labels, for documents that cannot
    carry them: KOD II only as long as the invoice is offline."""

    def test_separate_images(self):
        self.use_offline_certificate("RSA")
        invoice = self.issued_offline()
        document = self.as_accountant(self.document(invoice))
        for action, link in (
            (document.action_download_qr_image(), document.qr_link),
            (document.action_download_certificate_image(), document.certificate_link),
        ):
            self.assertPicture(self.downloaded(action), link)
        mine = self.as_accountant(invoice)
        action = mine.action_ksef_download_certificate_image()
        self.assertPicture(self.downloaded(action), document.certificate_link)
        action = mine.action_ksef_download_qr_image()
        self.assertPicture(self.downloaded(action), document.qr_link)

    def downloaded(self, action):
        """What the accountant's browser gets for a button."""
        self.env.flush_all()
        self.accountant.password = "ksef_accountant"
        self.authenticate(self.accountant.login, "ksef_accountant")
        answer = self.url_open(action["url"])
        self.assertEqual(answer.headers["Content-Type"], "image/png")
        self.assertIn("KOD-I", answer.headers["Content-Disposition"])
        return answer.content

    def assertPicture(self, png, link):
        with Image.open(io.BytesIO(png)) as image:
            self.assertEqual(self.links_in(image), [link])
            self.assertGreater(image.height, image.width, "the label is under it")

    def test_images_after_acceptance(self):
        invoice = self.issued_offline()
        self.deliver()
        document = self.as_accountant(self.document(invoice))
        self.assertTrue(document.qr_image)
        self.assertFalse(document.certificate_image)
        self.assertEqual(document.qr_label, invoice.ksef_number)
        self.assertTrue(invoice.ksef_certificate_link, "what was printed stays known")
        self.assertFalse(invoice.ksef_certificate_label)
