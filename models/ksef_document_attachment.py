from odoo import api, fields, models


class KsefDocument(models.Model):
    """A document with a structured attachment."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    needs_batch = fields.Boolean(
        "Batch session only", help="It has an attachment (Zalacznik)."
    )

    @api.model
    def _values_of_invoice(self, invoice):
        values = super()._values_of_invoice(invoice)
        return values | {"needs_batch": invoice.attachment is not None}
