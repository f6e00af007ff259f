from odoo import api, fields, models

from ..ksef import number as ksef_number


class KsefCorrectedInvoice(models.Model):
    """An invoice that a correction names (DaneFaKorygowanej): one of Odoo, or one of
    another program that is typed in."""

    _name = "ksef.corrected.invoice"
    _inherit = "ksef.invoice.part"
    _description = "Corrected invoice for KSeF"
    _check_company_auto = True

    original_id = fields.Many2one(
        "account.move",
        "Invoice in Odoo",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Its number, its date and its KSeF number are stated as they are there.",
    )
    number = fields.Char(compute="_compute_of_original", store=True, readonly=False)
    issue_date = fields.Date(
        "Issue date", compute="_compute_of_original", store=True, readonly=False
    )
    ksef_number = fields.Char("KSeF number", index="btree_not_null")
    outside_ksef = fields.Boolean(
        "Issued outside KSeF", help="The corrected invoice has no KSeF number."
    )

    @api.depends("original_id")
    def _compute_of_original(self):
        for row in self:
            original = row.original_id
            if row.move_id._ksef_is_received():  # states it as the supplier wrote it
                original = original.browse()
            row.number = original.name or row.number
            row.issue_date = original.invoice_date or row.issue_date

    def _stated_number(self):
        """Return the KSeF number as it is written, empty for one outside KSeF."""
        written = "".join((self.ksef_number or "").split()).upper()
        return "" if self.outside_ksef else written

    def _has_valid_number(self):
        return ksef_number.is_valid(self._stated_number())
