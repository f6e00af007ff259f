from odoo import models


class KsefSession(models.Model):
    """The collective receipt of a batch: fetched once, for all of its documents."""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _fetch_upos(self, client, status):
        if self.session_type == "batch":
            self._fetch_upo_pages(client, status)
            if not self._upo_is_complete(status):
                return
        super()._fetch_upos(client, status)

    def _fetch_upo_pages(self, client, status):
        upos = self.env["ksef.upo"]
        known = upos.search([("session_id", "=", self.id)]).mapped("reference_number")
        for page in status.upo_pages:
            if page.reference_number not in known:
                self._renew_lease()
                content = client.session_upo(
                    self.reference_number, page.reference_number
                )
                upos._keep(self, page.reference_number, content)

    def _upo_is_complete(self, status):
        """Whether what no page names has to be asked for one by one: KSeF may still be
        making the pages while it lists verdicts."""
        return bool(status.upo_pages)
