from odoo import fields, models


class KsefSession(models.Model):
    """What KSeF counts in a session, and when what happened to it."""

    _inherit = "ksef.session"  # pylint: disable=consider-merging-classes-inherited

    session_type = fields.Selection(
        [("online", "Online"), ("batch", "Batch")],
        string="Kind",
        required=True,
        default="online",
    )
    invoice_count = fields.Integer("Invoices in KSeF")
    successful_count = fields.Integer("Accepted, as KSeF counts")
    failed_count = fields.Integer("Rejected, as KSeF counts")
    part_count = fields.Integer("Parts")
    closed_at = fields.Datetime("Closed on")
    finished_at = fields.Datetime("Finished on")
    trace_id = fields.Char("Trace", help="What KSeF calls its last answer.")
