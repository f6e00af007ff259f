from odoo import fields, models


class KsefAttachmentBlock(models.Model):
    """BlokDanych: a part of the structured attachment of an invoice."""

    _name = "ksef.attachment.block"
    _inherit = "ksef.invoice.part"
    _description = "Part of the attachment of an invoice for KSeF"
    _order = "sequence, id"
    _rec_name = "heading"

    sequence = fields.Integer(default=10)
    heading = fields.Char()
    details = fields.Text(
        help="One “name: value” per line; KSeF wants at least one.", required=True
    )
    paragraphs = fields.Text("Text", help="Up to ten paragraphs, one per line.")
    table = fields.Text(
        help="Copy it from a spreadsheet; its first row names the columns."
    )
    table_description = fields.Char("Title of the table")
    table_details = fields.Text(
        "Details of the table", help="One “name: value” per line."
    )
    table_has_totals = fields.Boolean("The last row holds totals")
