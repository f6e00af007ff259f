from odoo import fields, models


class AccountMove(models.Model):
    """The QR codes of an invoice, and its PDF, made anew when they change."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_certificate_link = fields.Char(
        related="ksef_document_id.certificate_link",
        string="KSeF certificate QR code link",
    )
    ksef_qr_label = fields.Char(
        related="ksef_document_id.qr_label", string="Label under KOD I"
    )
    ksef_certificate_label = fields.Char(
        related="ksef_document_id.certificate_label", string="Label under KOD II"
    )

    def _ksef_drawn_codes(self):
        """Return the QR codes to show beside the invoice, with their images. Whoever
        may read the invoice may see them: customers too, without other rights."""
        document = self._ksef_code_document()
        document._note_codes_given()
        return document._drawn_codes() if document else []

    def _ksef_code_document(self):
        """The document whose codes the invoice bears; none outside KSeF."""
        self.ensure_one()
        document = self.sudo().ksef_document_id
        return document.browse() if self.ksef_total_failure else document

    def _ksef_pdf_label(self):
        """Return what tells the QR codes on a PDF from others, False where none are
        printed. The stored PDF bears it as its description."""
        document = self._ksef_code_document()
        codes = document._codes() if document else []
        if not codes or document.ksef_number:
            return bool(codes) and document.ksef_number
        # Another document of the same invoice has other links under the same labels.
        return " ".join([*(code["label"] for code in codes), document.sha256])

    def _ksef_drop_stale_pdf(self):
        """Forget PDFs that bear other QR codes than the invoice has by now."""
        for move in self.sudo().filtered("invoice_pdf_report_id"):
            if move.ksef_document_id or move.ksef_total_failure:
                if move.invoice_pdf_report_id.description == move._ksef_pdf_label():
                    continue
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

    # ------------------------------------------------------------------
    # Separate images
    # ------------------------------------------------------------------

    def _ksef_offline_files(self):
        """Return (name, PNG) of both codes while the invoice is offline: the customer
        may not be able to use the PDF."""
        document = self._ksef_code_document()
        return document._code_files() if document.certificate_label else []

    def action_ksef_download_qr_image(self):
        return self.ksef_document_id.action_download_qr_image()

    def action_ksef_download_certificate_image(self):
        return self.ksef_document_id.action_download_certificate_image()
