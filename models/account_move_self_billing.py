from odoo import api, models

from ..mapping import parties


class AccountMove(models.Model):
    """Self-billing (art. 106d(1)): the company issues the invoices of a supplier. They
    are bills in a purchase journal marked for it."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    @api.depends("commercial_partner_id.vat", "commercial_partner_id.country_id")
    def _compute_ksef_issues(self):
        return super()._compute_ksef_issues()

    def _ksef_is_ours(self):
        return super()._ksef_is_ours() or self._ksef_is_self_billed()

    def _ksef_is_self_billed(self):
        """Tell whether this bill is issued in the name of a Polish supplier: the
        invoices of others do not belong in KSeF. What came from KSeF is there."""
        return bool(
            self.move_type in ("in_invoice", "in_refund")
            and self.journal_id.is_self_billing
            and parties.split_vat(self.commercial_partner_id)[0] == "PL"
            and self.sudo().ksef_document_id.direction != "received"
        )

    def _ksef_is_for_consumer(self):
        return not self._ksef_is_self_billed() and super()._ksef_is_for_consumer()


class AccountMoveSend(models.AbstractModel):
    """Self-billed invoices are sent to the supplier as others to the customer."""

    _inherit = "account.move.send"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _get_move_constraints(self, move):
        constraints = super()._get_move_constraints(move)
        if move._ksef_is_self_billed():
            constraints.pop("not_sale_document", None)
        return constraints
