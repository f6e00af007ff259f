from odoo import models

from ..tools.reminder import Call, call
from .ksef_document_call import ATTENTION


class AccountMove(models.Model):
    """Invoices that need a person: whom, and in which words."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _ksef_call_person(self, reason=None):
        """Plan an activity for the person responsible for each of these invoices.

        :param reason: what has happened, where their documents do not say it: a text,
            or a function from an environment to one.
        """
        moves = self.sudo().browse(self.ids)
        calls = [
            Call(
                record=move,
                user=move._ksef_responsible(),
                words=move._ksef_attention_words(),
                reason=reason or move.ksef_document_id.problem or "",
            )
            for move in moves
        ]
        call(moves.env, moves.env.ref(ATTENTION), calls)

    def _ksef_responsible(self):
        """Return the salesperson, else who made the invoice; robots read nothing."""
        people = (self.invoice_user_id | self.create_uid).filtered("active")
        return people[:1] or self.env.ref("base.user_admin")

    def _ksef_attention_words(self):
        number = self.name
        return lambda env: env._("KSeF: invoice %s needs attention", number)
