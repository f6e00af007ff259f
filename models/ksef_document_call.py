from odoo import api, models
from odoo.fields import Domain

from ..tools import warsaw
from ..tools.reminder import planned
from .ksef_document_deadline import UNSENT

ATTENTION = "l10n_pl_ksef.mail_activity_type_attention"


class KsefDocument(models.Model):
    """Calls: what cannot go on by itself becomes an activity of its responsible user
    at once, one per invoice, until it can."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    def _call_person(self):
        """Call people to documents that need them, take back the calls of all others.

        To be told of every document whose state or need of a person has changed.
        """
        # Read together, whatever set they were taken from.
        documents = self.browse(self.ids).filtered("move_id")
        stuck = documents.filtered(
            lambda d: d.state == "rejected" or d.waits_for_person
        )._in_need()
        (documents - stuck)._take_back_calls()
        stuck.move_id._ksef_call_person()

    def _in_need(self):
        """Return those whose invoices are posted and that no other has replaced."""
        return self.filtered(
            lambda d: (
                d.direction == "issued"
                and d.state in UNSENT
                and d.move_id.state == "posted"
                and d.move_id.ksef_document_id == d
            )
        )

    def _take_back_calls(self):
        """Delete the activities planned for these documents; those of a document that
        has taken the place of one of these stay."""
        calls = planned(self.env, self.env.ref(ATTENTION), self.move_id)
        called = self.filtered(lambda d: d.move_id.id in set(calls.mapped("res_id")))
        current = called.filtered(
            lambda d: d.move_id.ksef_document_id in (d, d.browse())
        )
        calls.filtered(lambda one: one.res_id in current.move_id.ids).unlink()

    def _without_call_done(self, day):
        """Return those whose calls nobody has marked as done since ``day``."""
        activities = self.env["mail.activity"].with_context(active_test=False)
        done = activities.search(
            [
                ("res_model", "=", "account.move"),
                ("res_id", "in", self.move_id.ids),
                ("activity_type_id", "=", self.env.ref(ATTENTION).id),
                ("date_done", ">=", day),
            ]
        )
        settled = set(done.mapped("res_id"))
        return self.filtered(lambda document: document.move_id.id not in settled)

    @api.model
    def _domain_stuck(self):
        """What is refused, waits for a person, or should have left yesterday."""
        yesterday = Domain("state", "=", "ready") & Domain(
            "issue_date", "<", warsaw.today()
        )
        forgotten = yesterday & Domain("offline_mode", "=", False)
        held = Domain("state", "=", "rejected") | Domain("waits_for_person", "=", True)
        return self._domain_unsent() & (forgotten | held)

    @api.model
    def _call_for_stuck(self):
        """Once a day: call to whatever is stuck, take back what has been settled."""
        stuck = self.search(self._domain_stuck())
        stuck.move_id._ksef_call_person()
        self._settled_since(stuck)._take_back_calls()

    @api.model
    def _settled_since(self, stuck):
        """Return the documents whose calls are settled."""
        calls = self.env["mail.activity"].search(
            [
                ("res_model", "=", "account.move"),
                ("activity_type_id", "=", self.env.ref(ATTENTION).id),
                ("res_id", "not in", stuck.move_id.ids),
            ]
        )
        moves = self.env["account.move"].browse(calls.mapped("res_id"))
        return moves.ksef_document_id
