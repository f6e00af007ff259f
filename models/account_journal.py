from odoo import api, models

#: How long a user waits for KSeF to make the package before the cron takes over.
WAIT_SECONDS = 15


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.depends("type", "company_id")
    def _compute_show_fetch_in_einvoices_button(self):
        super()._compute_show_fetch_in_einvoices_button()
        for journal in self.filtered(lambda journal: journal.type == "purchase"):
            owner = journal.company_id._ksef_owner()
            if owner == journal.company_id and owner.ksef_import:
                journal.show_fetch_in_einvoices_button = True

    def button_fetch_in_einvoices(self):
        super().button_fetch_in_einvoices()
        owner = self.company_id._ksef_owner()
        if not owner or not owner.ksef_import:
            return None
        return self._ksef_fetch_now(owner)

    def _ksef_fetch_now(self, company):
        """Fetch and book what is new, and tell the user."""
        imports = self.env["ksef.import"].sudo().with_company(company)
        documents = self.env["ksef.document"].sudo().with_company(company)
        message = imports._fetch_or_note(company, WAIT_SECONDS, force=True)
        documents._book_received(company)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if message else "success",
                "message": message or self.env._("All bills in KSeF are here."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
