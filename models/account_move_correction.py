from odoo import api, fields, models


class AccountMove(models.Model):
    """Invoices issued offline that KSeF refused: corrected without changing them."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_may_be_corrected = fields.Boolean(
        "Can be corrected technically",
        compute="_compute_ksef_may_be_corrected",
        compute_sudo=True,
    )

    @api.depends("ksef_document_id.may_be_corrected")
    def _compute_ksef_may_be_corrected(self):
        for move in self:
            document = move.ksef_document_id
            move.ksef_may_be_corrected = document and document.may_be_corrected

    def action_ksef_correct_technically(self):
        """Open the wizard for the documents of these invoices."""
        return self.ksef_document_id.action_correct_technically()
