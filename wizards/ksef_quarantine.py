from odoo import api, fields, models
from odoo.exceptions import UserError


class KsefQuarantine(models.TransientModel):
    """Asks why received invoices are set aside, and sets them aside."""

    _name = "ksef.quarantine"
    _description = "KSeF quarantine"

    document_ids = fields.Many2many("ksef.document", string="KSeF documents")
    reason = fields.Selection(
        lambda self: self.env["ksef.document"]
        ._fields["quarantine_reason"]
        ._description_selection(self.env),
        required=True,
    )
    note = fields.Text("Remark")
    bill_count = fields.Integer("Bills", compute="_compute_bill_count")

    @api.depends("document_ids.move_id")
    def _compute_bill_count(self):
        for wizard in self:
            wizard.bill_count = len(wizard.document_ids.sudo().move_id)

    @api.model
    def _open(self, documents):
        """Ask for the reason why ``documents`` are set aside.

        :raises UserError: one of them cannot be.
        """
        documents.check_access("read")
        if not documents:
            raise UserError(self.env._("None of these bills was received from KSeF."))
        documents._check_may_be_set_aside()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put in quarantine"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_document_ids": documents.ids},
        }

    def action_set_aside(self):
        """Set the documents aside. Who does it must be allowed to remove bills."""
        self.ensure_one()
        self.document_ids.check_access("read")
        self.env["account.move"].check_access("unlink")
        documents = self.document_ids.sudo().try_lock_for_update(allow_referencing=True)
        if documents != self.document_ids.sudo():
            raise UserError(
                self.env._("Somebody else works on one of these documents. Try again.")
            )
        self.document_ids._set_aside(self.reason, self.note)
        return {"type": "ir.actions.client", "tag": "soft_reload"}
