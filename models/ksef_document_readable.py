from odoo import models

from ..ksef import qr
from ..ksef.environments import ENVIRONMENTS
from ..ksef.errors import CertificateError, Fa3Error
from ..ksef.fa3 import parse
from ..mapping.readable import readable
from ..tools.user_message import user_message

REPORT = "l10n_pl_ksef.report_ksef_document"

#: States of which nothing need be said above the invoice.
USUAL_STATES = ("accepted", "received", "booked", "kept")


class KsefDocument(models.Model):
    """The invoice as a person reads it: on screen and on paper, from its bytes alone.

    ``_readable_html`` and ``_readable_pdf`` are for whoever sends it to people.
    """

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    def action_read(self):
        """Show the invoice on screen, where it can be printed too."""
        self.ensure_one()
        self.check_access("read")
        return self.env["ir.actions.report"]._ksef_on_screen(REPORT, self)

    def _readable_html(self):
        """Return the readable invoice as HTML to be placed in a page or a message."""
        self.ensure_one()
        values = {"read": self._readable()}
        return self.env["ir.qweb"]._render("l10n_pl_ksef.readable_page", values)

    def _readable_pdf(self):
        """Return the readable invoice as the bytes of a PDF; nothing is attached.

        :raises UserError: wkhtmltopdf is missing or failed.
        """
        self.ensure_one()
        reports = self.env["ir.actions.report"]
        return reports._render_qweb_pdf(REPORT, self.ids)[0]

    def _readable_name(self):
        """Return the name of the file with the readable invoice, without its type."""
        name = self.ksef_number or self.number or str(self.id)
        return name.replace("/", "_")

    def _readable(self):
        """Return what the template shows: a page and notices. A file that cannot be
        read has no page, but a notice of the reason."""
        self.ensure_one()
        notices = self._readable_notices()
        try:
            invoice = parse(self._bytes())
        except Fa3Error as error:
            return {"notices": [*notices, user_message(self.env, error)]}
        page = readable(
            invoice,
            self.company_id._ksef_speech(),
            ksef_number=self.ksef_number,
            codes=self._readable_codes(invoice),
        )
        return {"page": page, "notices": notices}

    def _readable_notices(self):
        if self.state in USUAL_STATES:
            return []
        states = dict(self._fields["state"]._description_selection(self.env))
        return [states[self.state]]

    def _readable_codes(self, invoice):
        """Return the QR codes to print: of what we issued those that the buyer gets, of
        what we received KOD I with its number."""
        if self.direction == "issued":
            self._note_codes_given()
            return self._drawn_codes()
        address = self._readable_qr_address()
        if not (address and self.ksef_number):
            return []
        link = qr.invoice_link(
            address, invoice.seller.nip, invoice.issue_date, self.sha256
        )
        code = {"name": "KOD I", "link": link, "label": self.ksef_number}
        return self._draw([code])

    def _readable_qr_address(self):
        """Return where the links of this document's environment lead, if known."""
        if self.environment in ENVIRONMENTS:
            return ENVIRONMENTS[self.environment].qr_url
        owner = self.company_id._ksef_owner()
        if not owner or owner.sudo().ksef_environment != self.environment:
            return None
        try:
            return owner._ksef_environment().qr_url
        except CertificateError:
            return None
