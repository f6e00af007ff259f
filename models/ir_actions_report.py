from odoo import models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        # Whoever prints an invoice also gets its stored PDF renewed with the number.
        if res_ids and self._is_invoice_report(report_ref):
            self.env["account.move"].browse(res_ids)._ksef_refresh_pdf()
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)
