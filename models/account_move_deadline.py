from odoo import fields, models


class AccountMove(models.Model):
    """What is left until an invoice issued offline has to be in KSeF."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_deadline_left = fields.Char(
        related="ksef_document_id.deadline_left", string="Time left for KSeF"
    )
    ksef_deadline_state = fields.Selection(
        related="ksef_document_id.deadline_state", string="KSeF deadline"
    )
