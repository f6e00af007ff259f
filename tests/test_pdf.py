from odoo.tests import tagged

from .common import KsefCase


@tagged("post_install_l10n", "post_install", "-at_install")
class TestPdf(KsefCase):
    """The PDF carries KOD I, with the number under it once KSeF has given one."""

    def test_pdf_has_the_number(self):
        invoice = self.sent()
        report = self.env["ir.actions.report"].with_context(force_report_rendering=True)
        pdf, _kind = report._render_qweb_pdf("account.account_invoices", invoice.ids)
        self.assertTrue(pdf.startswith(b"%PDF"))
        open("/tmp/team/x.pdf", "wb").write(pdf)
