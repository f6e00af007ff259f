from odoo import api, models


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _pre_render_qweb_pdf(self, report_ref, res_ids=None, data=None):
        # Whoever prints an invoice also gets its stored PDF renewed with the number.
        if res_ids and self._is_invoice_report(report_ref):
            self.env["account.move"].browse(res_ids)._ksef_refresh_pdf()
        return super()._pre_render_qweb_pdf(report_ref, res_ids=res_ids, data=data)

    @api.model
    def _ksef_on_screen(self, name, records):
        """Return the action that shows a report, with a button to print it."""
        report = self._get_report(name)
        return report.report_action(records, config=False) | {
            "report_type": "qweb-html"
        }
