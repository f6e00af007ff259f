from odoo import fields, models

from ..mapping.readable import Speech
from .res_company import ADMIN

#: Languages of each choice; the first one writes the numbers.
LANGUAGES = {
    "polish": ("pl_PL",),
    "english": ("en_US",),
    "both": ("pl_PL", "en_US"),
}


class ResCompany(models.Model):
    """In which languages readable invoices are labelled."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    ksef_readable_language = fields.Selection(
        [
            ("polish", "Polish"),
            ("english", "English"),
            ("both", "Polish and English"),
        ],
        "Language of readable invoices",
        groups=ADMIN,
        help="Empty: the language of whoever reads the invoice.",
    )

    def _ksef_speech(self):
        """Return how readable invoices are written for the present reader."""
        chosen = self.sudo().ksef_readable_language
        reader = self.env.lang or self.sudo().partner_id.lang or "pl_PL"
        return Speech(LANGUAGES.get(chosen) or (reader,))
