from odoo import fields, models

ACCOUNTANTS = "account.group_account_invoice,account.group_account_readonly"


class AccountMove(models.Model):
    """Free texts of an invoice, and its structured attachment."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_description_ids = fields.One2many(
        "ksef.description",
        "move_id",
        "Further information for KSeF",
        copy=False,
        groups=ACCOUNTANTS,
    )
    ksef_attachment_ids = fields.One2many(
        "ksef.attachment.block",
        "move_id",
        "Attachment for KSeF",
        copy=False,
        groups=ACCOUNTANTS,
    )

    def _ksef_frozen_fields(self):
        return super()._ksef_frozen_fields() | {"narration"}
