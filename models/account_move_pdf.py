from odoo import models


class AccountMove(models.Model):
    """The PDF of an invoice, renewed when its QR codes change."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _ksef_pdf_label(self):
        """Return what stands under the QR code, False where none is printed. The stored
        PDF bears it as its description."""
        document = self.sudo().ksef_document_id
        printed = document.qr_link and document.state in (
            "ready",
            "pending",
            "accepted",
        )
        return printed and (document.ksef_number or "OFFLINE")

    def _ksef_drop_stale_pdf(self):
        """Forget PDFs whose QR code has another label by now."""
        for move in self.sudo().filtered("invoice_pdf_report_id"):
            label = move._ksef_pdf_label()
            if label and move.invoice_pdf_report_id.description != label:
                move.invoice_pdf_report_id.unlink()
                move.invalidate_recordset(
                    ["invoice_pdf_report_id", "invoice_pdf_report_file"]
                )

    def _ksef_refresh_pdf(self):
        """Make stale PDFs anew, with the number and its QR code."""
        stored = self.sudo().filtered("invoice_pdf_report_id")
        stored._ksef_drop_stale_pdf()
        sender = self.env["account.move.send"].sudo()
        for move in stored.filtered(lambda move: not move.invoice_pdf_report_id):
            data = {move: {"pdf_report": sender._get_default_pdf_report_id(move)}}
            sender._prepare_invoice_pdf_report(data)
            sender._link_invoice_documents(data)

    def _get_invoice_legal_documents(self, filetype, allow_fallback=False):
        if filetype == "pdf":
            self._ksef_refresh_pdf()
        return super()._get_invoice_legal_documents(
            filetype, allow_fallback=allow_fallback
        )

    def _get_invoice_legal_documents_all(self, allow_fallback=False):
        self._ksef_refresh_pdf()
        return super()._get_invoice_legal_documents_all(allow_fallback=allow_fallback)
