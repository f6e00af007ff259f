import base64

from odoo import api, fields, models
from odoo.tools.image import image_data_uri

from ..ksef import qr
from ..tools.code_picture import labelled

#: Side of a printed code, and the least of a module of it, in millimetres as the
#: report says them: the wkhtmltopdf of Debian prints three quarters of that.
SIDE = 44
MODULE = 0.5

#: About how wide a code is on a screen, in pixels: whole ones for each module.
WIDTH = 300

CODES = ("KOD I", "KOD II")


class KsefDocument(models.Model):
    """The QR codes that go to the buyer: which of them, and what stands under them."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    qr_label = fields.Char("Label under KOD I", compute="_compute_labels")
    certificate_label = fields.Char("Label under KOD II", compute="_compute_labels")
    qr_image = fields.Binary("KOD I", compute="_compute_images")
    certificate_image = fields.Binary("KOD II", compute="_compute_images")

    @api.depends("state", "ksef_number", "qr_link", "certificate_link", "offline_mode")
    def _compute_labels(self):
        for document in self:
            labels = {code["name"]: code["label"] for code in document._codes()}
            document.qr_label = labels.get("KOD I")
            document.certificate_label = labels.get("KOD II")

    @api.depends("qr_label", "certificate_label")
    def _compute_images(self):
        for document in self:
            images = {
                code["name"]: base64.b64encode(labelled(code["link"], code["label"]))
                for code in document._codes()
            }
            document.qr_image = images.get("KOD I")
            document.certificate_image = images.get("KOD II")

    def _codes(self):
        """Return the codes that belong on the invoice, each a dict of name, link and
        label. The labels are literally the law's, in every language."""
        self.ensure_one()
        if not self.qr_link or not self._locks_invoice():
            return []
        codes = [(self.qr_link, self.ksef_number or "OFFLINE")]
        if self.offline_mode and self.certificate_link and self.state != "accepted":
            codes.append((self.certificate_link, "CERTYFIKAT"))
        return [
            {"name": name, "link": link, "label": label}
            for name, (link, label) in zip(CODES, codes, strict=False)
        ]

    def _drawn_codes(self):
        """Return the same with image (data URI: no request while printing), width (px,
        on a screen) and side (mm, on paper: one for all, the finest of them decides).
        """
        return self._draw(self._codes())

    def _draw(self, codes):
        """Return ``codes`` with their images, see ``_drawn_codes``."""
        modules = [qr.modules(code["link"]) for code in codes]
        side = max([SIDE, *(count * MODULE for count in modules)])
        drawn = []
        for code, count in zip(codes, modules, strict=True):
            pixels = max(3, WIDTH // count)
            png = base64.b64encode(qr.image(code["link"], box_size=2 * pixels))
            image = {"image": image_data_uri(png), "width": pixels * count}
            drawn.append(code | image | {"side": side})
        return drawn

    def _code_files(self):
        """Return (file name, PNG) of each code with its label."""
        return [
            (self._code_file_name(code["name"]), labelled(code["link"], code["label"]))
            for code in self._codes()
        ]

    def _code_file_name(self, name):
        return f"{name}-{self.number or ''}.png".replace("/", "_").replace(" ", "-")

    def action_download_qr_image(self):
        return self._download("qr_image", self._code_file_name("KOD I"))

    def action_download_certificate_image(self):
        self.check_access("read")
        self._note_codes_given()
        return self._download("certificate_image", self._code_file_name("KOD II"))
