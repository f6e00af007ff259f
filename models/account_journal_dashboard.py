from odoo import models
from odoo.fields import Domain

from ..tools import warsaw


class AccountJournal(models.Model):
    """The card of a sales journal: what is not in KSeF yet, and what that is due."""

    _inherit = "account.journal"  # pylint: disable=consider-merging-classes-inherited

    def _fill_sale_purchase_dashboard_data(self, dashboard_data):
        result = super()._fill_sale_purchase_dashboard_data(dashboard_data)
        journals = self.filtered(lambda journal: journal.type == "sale")
        if journals:
            for journal, groups in journals._ksef_unsent().items():
                numbers = self._ksef_numbers(groups)
                numbers["pause"] = journal.company_id._ksef_pause_text()
                dashboard_data[journal.id]["ksef"] = numbers
        return result

    def _ksef_unsent(self):
        """Return what is not in KSeF by journal, as (state, offline mode, waits for a
        person, number of documents, earliest deadline)."""
        documents = self.env["ksef.document"]
        rows = documents._read_group(
            documents._domain_unsent() & Domain("move_id.journal_id", "in", self.ids),
            ["move_id.journal_id", "state", "offline_mode", "waits_for_person"],
            ["__count", "deadline:min"],
        )
        unsent = {journal: [] for journal in self}
        for journal, *numbers in rows:
            unsent[journal].append(numbers)
        return unsent

    def _ksef_numbers(self, groups):
        """Return what the card shows; a refused offline invoice counts in both."""
        numbers = {"offline": 0, "stuck": 0, "left": False, "overdue": False}
        deadlines = []
        for state, mode, person, count, deadline in groups:
            stuck = state == "rejected" or person
            numbers["offline"] += count if mode else 0
            numbers["stuck"] += count if stuck else 0
            deadlines += [deadline] if mode and deadline else []
        if deadlines:
            first = min(deadlines)
            numbers["left"] = self.env["ksef.document"]._days_left(first)
            numbers["overdue"] = first < warsaw.today()
        return numbers

    def action_ksef_open_unsent(self):
        """Open the invoices that a number of the card counts; the context names their
        filter."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        wanted = self.env.context.get("ksef_filter", "ksef_offline_unsent")
        return action | {
            "domain": [
                ("journal_id", "=", self.id),
                ("move_type", "in", ("out_invoice", "out_refund")),
            ],
            "context": {"default_journal_id": self.id, f"search_default_{wanted}": 1},
        }
