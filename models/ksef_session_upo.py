from odoo import fields, models

from ..ksef.errors import (
    ApiError,
    AuthenticationError,
    ProtocolError,
    RateLimitError,
)
from .ksef_session_duplicate import PATIENCE
from .ksef_session_poll import LACKS_UPO


class KsefSession(models.Model):
    """The collective receipt of a batch: fetched once, for all of its documents."""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    def _fetch_upos(self, client, status):
        """Keep the pages of the receipt. What no page names, or only one that stays
        unusable, is asked for one by one.

        :raises KsefError: the first trouble, while a receipt is missing for it.
        """
        if self.session_type == "online":
            super()._fetch_upos(client, status)
            return
        trouble = self._fetch_upo_pages(client, status)
        patient = fields.Datetime.now() - self.opened_at < PATIENCE
        # KSeF may still be making the pages while it lists verdicts.
        if status.upo_pages and not (trouble and patient):
            super()._fetch_upos(client, status)
        if trouble and self._mine(*LACKS_UPO):
            raise trouble

    def _fetch_upo_pages(self, client, status):
        """Keep every page that is not here yet.

        :return: the first trouble with one; it keeps no other back.
        """
        upos, trouble = self.env["ksef.upo"], None
        known = upos.search([("session_id", "=", self.id)]).mapped("reference_number")
        for page in status.upo_pages:
            if page.reference_number in known:
                continue
            self._renew_lease()
            try:
                content = client.session_upo(
                    self.reference_number, page.reference_number
                )
                upos._keep(self, page.reference_number, content)
            except (AuthenticationError, RateLimitError):
                raise
            except (ApiError, ProtocolError) as error:
                trouble = trouble or error
        return trouble
