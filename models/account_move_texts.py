from odoo import fields, models

from ..mapping.problems import Problem

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

    def _ksef_problems(self):
        return [*super()._ksef_problems(), *self._ksef_delivery_problems()]

    def _ksef_delivery_problems(self):
        """Yield why a right document could not be handed over to KSeF."""
        if self.ksef_attachment_ids:
            yield Problem(
                self.env._(
                    "KSeF takes an invoice with an attachment in a batch session only,"
                    " which cannot be opened from here yet. Remove the attachment on"
                    " the KSeF tab."
                ),
                field="ksef_attachment_ids",
            )
