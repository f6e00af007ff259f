from odoo import api, fields, models


class AccountMoveReversal(models.TransientModel):
    """Credit notes that correct data, not amounts."""

    _inherit = "account.move.reversal"

    ksef_issues = fields.Boolean(
        "Issued in KSeF by the company", compute="_compute_ksef_issues"
    )
    ksef_data_only = fields.Boolean(
        "Correct data only",
        help="For a wrong name or address: first correct it on the contact, then make"
        " this credit note. It changes no amount and states the former data of buyer"
        " and seller beside the present ones. A wrong Tax ID cannot be corrected so:"
        " reverse the whole invoice and issue a new one.",
    )

    @api.depends("move_ids")
    def _compute_ksef_issues(self):
        for wizard in self:
            moves = wizard.move_ids
            wizard.ksef_issues = bool(moves) and all(
                move.ksef_issues and move.move_type in ("out_invoice", "in_invoice")
                for move in moves
            )

    def _prepare_default_reversal(self, move):
        values = super()._prepare_default_reversal(move)
        if self._ksef_corrects_data():
            values |= {"ksef_correction_method": "none", "ksef_former_parties": True}
        return values

    def reverse_moves(self, is_modify=False):
        action = super().reverse_moves(is_modify and not self._ksef_corrects_data())
        if self._ksef_corrects_data():
            self.new_move_ids.invoice_line_ids.filtered(
                lambda line: line.display_type == "product"
            ).quantity = 0
        return action

    def _ksef_corrects_data(self):
        return self.ksef_data_only and self.ksef_issues
