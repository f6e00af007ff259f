from odoo import api, fields, models

from .ksef_route import READERS


class AccountMove(models.Model):
    """Bills with the journal, the responsible user and the tags of their rule."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_tag_ids = fields.Many2many(
        "ksef.tag", string="KSeF tags", check_company=True, groups=READERS
    )

    @api.model
    def _ksef_create_linked(self, documents, values):
        routed = [
            bill | document.route_id.sudo()._bill_values()
            if bill["move_type"] in self.get_purchase_types()
            else bill
            for document, bill in zip(documents, values, strict=True)
        ]
        return super()._ksef_create_linked(documents, routed)
