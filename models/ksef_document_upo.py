from odoo import fields, models
from odoo.exceptions import UserError

from ..ksef.errors import KsefError
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message


class KsefDocument(models.Model):
    """The receipt (UPO) of a document: its own, or one page for a whole batch."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    upo_id = fields.Many2one(
        "ksef.upo",
        "Receipt of the whole batch",
        index="btree_not_null",
        ondelete="set null",
    )

    def action_download_upo(self):
        """Download the receipt of this document. Where Odoo keeps that of its batch
        alone, KSeF is asked for the single one; without an answer that of the batch
        has to do.

        :raises UserError: there is no receipt, and why.
        """
        self.ensure_one()
        self.check_access("read")
        if not self.sudo().upo:
            try:
                self._fetch_upo()
            except (KsefError, UserError) as error:
                return self._receipt_of_batch(error)
        return self._download("upo", f"UPO-{self.ksef_number}.xml")

    def _fetch_upo(self):
        """Ask KSeF for the receipt of this document alone, and keep it.

        :raises KsefError: no answer, or a refusal.
        :raises UserError: there is nothing to ask for, or this user may not.
        """
        document = self.sudo()
        if document.state != "accepted" or not document.session_id:
            raise UserError(self.env._("KSeF has given no receipt (UPO) for this yet."))
        if not self.env["account.move"].has_access("write"):
            raise UserError(
                self.env._(
                    "The receipt (UPO) has not been fetched yet. Ask an accountant to"
                    " download it."
                )
            )
        client = document.session_id._client()
        session = document.session_id.reference_number
        reference, number = document.invoice_reference, document.ksef_number
        commit(self.env)  # no transaction of ours waits for KSeF
        if reference:
            content = client.invoice_upo(session, reference)
        else:
            content = client.numbered_upo(session, number)
        roll_back(self.env)
        document._keep_upo(content)

    def _receipt_of_batch(self, error):
        """Offer the receipt of the whole batch instead.

        :raises UserError: there is none either.
        """
        why = user_message(self.env, error)
        page = self.sudo().upo_id
        if not page:
            raise UserError(why) from None
        text = self.env._(
            "This is the receipt of the whole batch, which names invoice %(number)s."
            " Its own receipt could not be fetched: %(reason)s",
            number=self.number,
            reason=why,
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "message": text,
                "sticky": True,
                "next": page.action_download(),
            },
        }
