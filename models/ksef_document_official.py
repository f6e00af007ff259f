from odoo import models
from odoo.exceptions import UserError

from ..ksef.errors import Fa3Error, ProtocolError
from ..ksef.fa3.official import official_view
from ..tools.user_message import user_message


class KsefDocument(models.Model):
    """The invoice as the ministry shows it, once its style sheet has been fetched."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    def action_read_officially(self):
        """Open the official view beside Odoo.

        :raises UserError: the style sheet is missing, or cannot show this file
        """
        self.ensure_one()
        self._official_html()
        return {
            "type": "ir.actions.act_url",
            "url": f"/l10n_pl_ksef/official/{self.id}",
            "target": "new",
        }

    def _official_html(self):
        """Return the page of the official view; nothing in it is to be trusted.

        :raises UserError: the style sheet is missing, or cannot show this file
        """
        self.ensure_one()
        self.check_access("read")
        files = self.env["ksef.official.view"]._kept_files()
        if not files:
            raise UserError(
                self.env._(
                    "The ministry's style sheet is not here yet. An administrator"
                    " fetches it once: menu KSeF, “Official view of invoices”."
                )
            )
        try:
            return official_view(self._bytes(), **files)
        except Fa3Error as error:
            raise UserError(user_message(self.env, error)) from error
        except ProtocolError as error:
            raise UserError(
                self.env._("The style sheet cannot show this invoice: %s", error)
            ) from error
