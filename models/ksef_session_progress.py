from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import formatLang

#: The form shows so many documents, the list all: a batch carries up to 10,000.
MOST_SHOWN = 40

TROUBLED = Domain("state", "=", "rejected") | Domain("waits_for_person", "=", True)


class KsefSession(models.Model):
    """Progress: how many documents a session carried, and what became of them."""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    accepted_count = fields.Integer("Accepted", compute="_compute_document_count")
    rejected_count = fields.Integer("Rejected", compute="_compute_document_count")
    pending_count = fields.Integer(
        "Waiting for KSeF", compute="_compute_document_count"
    )
    unsent_count = fields.Integer(
        "To be sent again",
        compute="_compute_document_count",
        help="KSeF has not taken these documents: they are sent once more.",
    )
    progress = fields.Integer("Answered (%)", compute="_compute_progress")
    progress_text = fields.Char("Progress", compute="_compute_progress")
    shown_document_ids = fields.Many2many(
        "ksef.document",
        string="Documents to look at",
        compute="_compute_shown_document_ids",
        help="What needs attention comes first.",
    )
    left_out_count = fields.Integer(
        "Documents not shown", compute="_compute_shown_document_ids"
    )

    @api.depends("document_ids", "document_ids.state", "document_ids.session_id")
    def _compute_document_count(self):
        """Count in the database: no document is read."""
        self.update(dict.fromkeys(("document_count", *COUNTED.values()), 0))
        counted = self.env["ksef.document"]._read_group(
            [("session_ids", "in", self.ids)],
            ["session_ids", "session_id", "state"],
            ["__count"],
        )
        for session, last, state, count in counted:
            if session not in self:  # it carried some of them too
                continue
            session.document_count += count
            # What another session carries by now is counted there.
            name = COUNTED.get(state) if last == session or state == "ready" else None
            if name:
                session[name] += count

    @api.depends(
        "document_count",
        "pending_count",
        "invoice_count",
        "successful_count",
        "failed_count",
    )
    def _compute_progress(self):
        """KSeF's own count runs ahead of the documents: these get their verdicts when
        the list has been read."""
        for session in self:
            total = max(session.document_count, session.invoice_count)
            settled = session.document_count - session.pending_count
            answered = max(settled, session.successful_count + session.failed_count)
            answered = min(answered, total)
            session.progress = 100 * answered // total if total else 0
            session.progress_text = self.env._(
                "%(answered)s of %(total)s answered",
                answered=formatLang(self.env, answered, digits=0),
                total=formatLang(self.env, total, digits=0),
            )

    @api.depends("document_count")
    def _compute_shown_document_ids(self):
        documents = self.env["ksef.document"]
        for session in self:
            mine = Domain("session_ids", "in", session.ids)
            shown = documents.search(mine & TROUBLED, order="id", limit=MOST_SHOWN)
            room = MOST_SHOWN - len(shown)
            if room:
                others = mine & Domain("id", "not in", shown.ids)
                shown |= documents.search(others, order="id", limit=room)
            session.shown_document_ids = shown
            session.left_out_count = session.document_count - len(shown)

    # ------------------------------------------------------------------
    # What people do
    # ------------------------------------------------------------------

    def action_open_documents(self):
        return self._open_documents()

    def action_open_accepted(self):
        return self._open_documents("accepted")

    def action_open_rejected(self):
        return self._open_documents("rejected")

    def action_open_waiting(self):
        return self._open_documents("pending")

    def action_open_unsent(self):
        return self._open_documents("ready")

    def _open_documents(self, name=None):
        """Open the list of all documents of this session, filtered by ``name``."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "l10n_pl_ksef.action_ksef_session_documents"
        )
        action["domain"] = [("session_ids", "in", self.ids)]
        action["context"] = {f"search_default_{name}": 1} if name else {}
        return action

    def action_send_again(self):
        """Send now what this session did not bring to KSeF.

        :raises UserError: nothing waits.
        """
        self.check_access("read")
        waiting = self.env["ksef.document"].search(
            [("session_ids", "in", self.ids), ("state", "=", "ready")]
        )
        if not waiting:
            raise UserError(self.env._("Nothing of this session waits to be sent."))
        waiting.action_send_now()


#: State of a document -> the count of its session.
COUNTED = {
    "accepted": "accepted_count",
    "rejected": "rejected_count",
    "pending": "pending_count",
    "ready": "unsent_count",
}
