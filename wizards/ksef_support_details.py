from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.support_details import support_details

#: A batch may be refused as a whole: some of its documents are enough to find it.
MOST_REFUSED = 20


class KsefSupportDetails(models.TransientModel):
    """Shows what the help desk of KSeF asks for, to be copied in one click.

    Only methods of ours create it.
    """

    _name = "ksef.support.details"
    _description = "KSeF support details"

    text = fields.Text("Details", readonly=True)

    @api.model
    def _open(self, documents, sessions):
        """Show the details of documents and sessions.

        :raises UserError: there is nothing to tell.
        """
        if not documents and not sessions:
            raise UserError(
                self.env._("None of these invoices has been issued in KSeF.")
            )
        # Whoever may see these may see what they were sent with.
        text = support_details(self.env, documents.sudo(), sessions.sudo())
        wizard = self.sudo().create({"text": text})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Details for the support of KSeF"),
            "res_model": self._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }


class KsefDocument(models.Model):
    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    def action_support_details(self):
        self.check_access("read")
        sessions = self.sudo().session_ids.sorted("id", reverse=True)
        return self.env["ksef.support.details"]._open(self, sessions)


class KsefSession(models.Model):
    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def action_support_details(self):
        """The session and those of its documents that KSeF refused."""
        self.check_access("read")
        refused = self.env["ksef.document"].search(
            [("session_ids", "in", self.ids), ("state", "=", "rejected")],
            limit=MOST_REFUSED,
        )
        return self.env["ksef.support.details"]._open(refused, self)
