from odoo import models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    """Bills whose documents are in quarantine: deleted, or cancelled once they have had
    a number; neither is posted."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def action_ksef_set_aside(self):
        """Put the documents of these bills in quarantine."""
        self.check_access("write")
        return self.sudo().ksef_document_id.sudo(False).action_set_aside()

    def _ksef_remove(self):
        """Delete drafts; what has been posted once stays, cancelled."""
        numbered = self.filtered("posted_before")
        (numbered.filtered(lambda move: move.state == "draft")).button_cancel()
        bodies = {
            move.id: self.env._(
                "Put in quarantine: %s",
                move.sudo().ksef_document_id._quarantine_words(),
            )
            for move in numbered
        }
        numbered._message_log_batch(bodies=bodies)
        (self - numbered).unlink()

    def _ksef_revive(self):
        """Make drafts of the bills that were cancelled with their documents."""
        self.filtered(lambda move: move.state == "cancel").button_draft()

    def _post(self, soft=True):
        for move in self:
            if move.sudo().ksef_document_id.state == "quarantined":
                raise UserError(
                    self.env._(
                        "The KSeF document of bill %s is in quarantine. Take it out of"
                        " there before you post the bill.",
                        move.display_name,
                    )
                )
        return super()._post(soft)

    def _get_alerts(self):
        alerts = super()._get_alerts()
        document = self.sudo().ksef_document_id
        if document.state == "quarantined":
            alerts["ksef_quarantine"] = {
                "level": "danger",
                "message": self.env._(
                    "In quarantine: %s", document._quarantine_words()
                ),
            }
        return alerts
