from odoo import fields, models


class KsefSession(models.Model):
    """What KSeF counts in a session, and when it was what."""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    session_type = fields.Selection(
        [("online", "Online"), ("batch", "Batch")],
        string="Kind of session",
        required=True,
        default="online",
    )
    invoice_count = fields.Integer("Invoices in KSeF")
    successful_count = fields.Integer("Accepted")
    failed_count = fields.Integer("Refused")
    part_count = fields.Integer("Parts")
    closed_at = fields.Datetime("Closed on")
    finished_at = fields.Datetime("Finished on")
    trace_id = fields.Char("Trace ID")
