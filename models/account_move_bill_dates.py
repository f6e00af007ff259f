from odoo import api, fields, models

from ..ksef import number as ksef_number


class AccountMove(models.Model):
    """When a bill from KSeF is booked."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _ksef_create_linked(self, documents, values):
        """A bill counts as received on the day on which KSeF gave its number (art.
        106na(3) of the VAT Act): its VAT may be deducted no earlier, however late it
        arrives (art. 86(10b)(1))."""
        dated = [
            bill | _received(document, bill)
            for document, bill in zip(documents, values, strict=True)
        ]
        return super()._ksef_create_linked(documents, dated)


def _received(document, bill):
    if not bill.get("date") or not ksef_number.is_valid(document.ksef_number or ""):
        return {}
    day = ksef_number.parse(document.ksef_number).accepted_on
    return {"date": max(fields.Date.to_date(bill["date"]), day)}
