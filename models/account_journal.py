from odoo import api, models

#: How long a user waits for KSeF to make the package before the cron takes over.
WAIT_SECONDS = 15


class AccountJournal(models.Model):
    _inherit = "account.journal"

    @api.depends("type", "company_id.ksef_import", "company_id.ksef_environment")
    def _compute_show_fetch_in_einvoices_button(self):
        result = super()._compute_show_fetch_in_einvoices_button()
        for journal in self.filtered(lambda j: j.type == "purchase" and j.company_id):
            owner = journal.company_id._ksef_owner()
            if owner == journal.company_id and owner.ksef_import:
                journal.show_fetch_in_einvoices_button = True
        return result

    def button_fetch_in_einvoices(self):
        super().button_fetch_in_einvoices()
        self.check_access("read")
        self.env["account.move"].check_access("create")
        owner = self.company_id._ksef_owner()
        if not owner or not owner.ksef_import:
            return None
        return self._ksef_fetch_now(owner)

    def _ksef_fetch_now(self, company):
        """Fetch and book what is new, and tell the user."""
        imports = self.env["ksef.import"].sudo().with_company(company)
        trouble = imports._fetch_or_note(company, WAIT_SECONDS, force=True)
        made = imports._book_stored(company)
        waiting = self.env["ksef.document"].sudo()._to_book(company, 0)
        trouble = trouble or waiting[:1].problem
        told = [self._ksef_count_message(made)] if made or not trouble else []
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if trouble else "success",
                "message": " ".join([*told, trouble or ""]).strip(),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _ksef_count_message(self, made):
        if not made:
            return self.env._("There are no new bills in KSeF.")
        return self.env._("New bills received from KSeF: %s.", made)
