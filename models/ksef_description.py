from odoo import api, fields, models


class KsefDescription(models.Model):
    """DodatkowyOpis: a key and a value, of the whole invoice or of one line."""

    _name = "ksef.description"
    _inherit = "ksef.invoice.part"
    _description = "Further information on an invoice for KSeF"
    _order = "sequence, id"
    _rec_name = "key"

    sequence = fields.Integer(default=10)
    key = fields.Char("Name", required=True)
    value = fields.Char("Text", required=True)
    line_id = fields.Many2one(
        "account.move.line",
        "Invoice line",
        domain="[('move_id', '=', parent.id), ('display_type', '=', 'product')]",
        index="btree_not_null",
        ondelete="set null",
        help="Empty: the text is about the whole invoice.",
    )

    @api.constrains("line_id", "move_id")
    def _check_line(self):
        self._ksef_check_line()
