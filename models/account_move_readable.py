from dataclasses import replace

from odoo import models
from odoo.exceptions import AccessError

from ..mapping.readable import readable

REPORT = "l10n_pl_ksef.report_ksef_move"


class AccountMove(models.Model):
    """The readable invoice: of a bill what KSeF delivered, of a sale what goes to KSeF,
    before posting too."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def action_ksef_read(self):
        """Show on screen what the KSeF file of this invoice says, or will say."""
        self.ensure_one()
        self.check_access("read")
        return self.env["ir.actions.report"]._ksef_on_screen(REPORT, self)

    def _ksef_readable_name(self):
        """Return the name of the file with the readable invoice, without its type."""
        if self.ksef_document_id:
            return self.ksef_document_id._readable_name()
        return (self.name or self.env._("Draft")).replace("/", "_")

    def _ksef_readable(self):
        """Return what the template shows, see ``ksef.document._readable``.

        :raises AccessError: the user is no accountant
        """
        self.ensure_one()
        if not self._ksef_may_be_told():
            raise AccessError(self.env._("Only accountants read invoices of KSeF."))
        if self.ksef_document_id:
            return self.ksef_document_id._readable()
        if not self._ksef_is_ours():
            return {"notices": [self.env._("This bill has no document of KSeF.")]}
        return self._ksef_preview()

    def _ksef_preview(self):
        """Return what would be issued as the invoice stands now. What forbids it is
        told instead: it may be just what cannot be shown."""
        notices = [self.env._("Preview: not issued in KSeF.")]
        told = self._ksef_preview_problems()
        if told:
            return {"notices": [*notices, *told]}
        invoice = self._ksef_invoice()
        number = invoice.number or self.env._("Draft")
        page = readable(replace(invoice, number=number), self.company_id._ksef_speech())
        return {"page": page, "notices": notices}

    def _ksef_preview_problems(self):
        if not self.partner_id or not self.invoice_line_ids:
            return [self.env._("Enter the customer and at least one line.")]
        return [problem.text for problem in self._ksef_problems()]
