from odoo import fields, models
from odoo.exceptions import UserError

from ..tools import warsaw

ACCOUNTANT = "account.group_account_invoice"


class AccountMove(models.Model):
    """Delivery as the invoice form tells it: what happened, what to do, one click."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _get_alerts(self):
        alerts = super()._get_alerts()
        document = self.sudo().ksef_document_id
        if self.state != "posted" or document.direction != "issued":
            return alerts
        if document.state == "pending" and not document.problem:
            alerts["ksef_pending"] = self._ksef_pending_alert(document.session_id)
        elif document.state == "ready" and not document.problem:
            if not document.to_send:
                text = self.env._("KSeF: this invoice waits until somebody sends it.")
                alerts["ksef_ready"] = {"level": "info", "message": text}
        alert = alerts.get("ksef_problem") or alerts.get("ksef_ready")
        if alert and self.env.user.has_group(ACCOUNTANT):
            alert.update(self._ksef_way_out(document))
        return alerts

    def _ksef_way_out(self, document):
        """Return the link that an alert offers, if one helps."""
        if document.state == "ready":
            text = self.env._("Send now")
            if document.waits_for_person or document.attempts:
                text = self.env._("Try again now")
            return self._ksef_click(text, self, "action_ksef_send")
        if document.state == "pending":
            text = self.env._("Ask KSeF now")
            return self._ksef_click(text, document.session_id, "action_poll_now")
        if document.state == "rejected" and self.show_reset_to_draft_button:
            return self._ksef_click(self.env._("Reset to Draft"), self, "button_draft")
        return {}

    def _ksef_pending_alert(self, session):
        """Return where the invoice is, and how far KSeF is with what came with it."""
        sent = fields.Datetime.context_timestamp(
            self.with_context(tz=warsaw.WARSAW.key), session.opened_at
        )
        words = {"session": session.reference_number, "sent": f"{sent:%Y-%m-%d %H:%M}"}
        if session.session_type == "batch":
            text = self.env._(
                "KSeF: in batch session %(session)s, sent %(sent)s, %(progress)s.",
                progress=session.progress_text,
                **words,
            )
        else:
            text = self.env._(
                "KSeF: sent %(sent)s in session %(session)s, no answer yet. Odoo keeps"
                " asking by itself.",
                **words,
            )
        alert = {"level": "info", "message": text}
        if self.env.user.has_group(ACCOUNTANT):
            text = self.env._("Ask KSeF now")
            alert.update(self._ksef_click(text, session, "action_poll_now"))
        return alert

    def _ksef_click(self, text, records, method):
        return {
            "action_text": text,
            "action_call": (records._name, method, records.ids),
        }

    def action_ksef_download_upo(self):
        """Download the receipt of the one invoice.

        :raises UserError: it is not in KSeF.
        """
        self.ensure_one()
        if not self.ksef_document_id:
            raise UserError(self.env._("This invoice is not in KSeF."))
        return self.ksef_document_id.action_download_upo()

    def action_ksef_support_details(self):
        return self.ksef_document_ids.action_support_details()
