from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class KsefTechnicalCorrection(models.TransientModel):
    """Shows what new files of refused offline invoices say otherwise, and sends those
    whose content is the same once the user has confirmed it.

    Only methods of ours create and fill it: what was shown is what is confirmed.
    """

    _name = "ksef.technical.correction"
    _description = "KSeF technical correction"

    line_ids = fields.One2many(
        "ksef.technical.correction.line", "wizard_id", readonly=True
    )
    difference_ids = fields.One2many(
        "ksef.technical.correction.difference", "wizard_id", readonly=True
    )
    invoice_count = fields.Integer("Invoices", compute="_compute_counts")
    possible_count = fields.Integer("Can be corrected", compute="_compute_counts")
    number = fields.Char("Invoice", compute="_compute_single")
    refusal = fields.Text("KSeF says", compute="_compute_single")
    obstacle = fields.Text(compute="_compute_single")
    was_changed = fields.Boolean("Changed since it was shown", readonly=True)
    confirmed = fields.Boolean(
        "The content of the invoice is the same as in the refused file"
    )

    @api.depends("line_ids.obstacle")
    def _compute_counts(self):
        for wizard in self:
            wizard.invoice_count = len(wizard.line_ids)
            wizard.possible_count = len(wizard._possible_lines())

    @api.depends("line_ids.obstacle")
    def _compute_single(self):
        for wizard in self:
            several = len(wizard.line_ids) > 1
            line = wizard.line_ids.browse() if several else wizard.line_ids
            wizard.number = line.number
            wizard.refusal = line.refusal
            wizard.obstacle = line.obstacle

    def _possible_lines(self):
        return self.line_ids.filtered(lambda line: not line.obstacle)

    # ------------------------------------------------------------------
    # Show
    # ------------------------------------------------------------------

    @api.model
    def _open(self, documents):
        """Compare documents with their invoices of now, and show the result.

        :raises UserError: there is nothing to compare.
        """
        if not documents:
            raise UserError(
                self.env._("None of these invoices has been issued in KSeF.")
            )
        wizard = self.sudo().create(
            {
                "line_ids": [
                    Command.create({"document_id": document.id})
                    for document in documents
                ]
            }
        )
        wizard.sudo(False).line_ids._compare()
        return wizard._action()

    def _action(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Technical correction"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    # ------------------------------------------------------------------
    # Confirm
    # ------------------------------------------------------------------

    def action_correct(self):
        """Replace the refused documents whose content is the same.

        Invoices that were changed since they were shown are shown again instead.
        """
        self.ensure_one()
        lines = self._possible_lines()
        self._check_confirmed(lines)
        lines.document_id._lock_to_correct()
        proposals = {line: line.document_id._propose_correction() for line in lines}
        if not all(line._shows(found) for line, found in proposals.items()):
            lines._compare()
            self.sudo().write({"was_changed": True, "confirmed": False})
            return self._action()
        for line, proposal in proposals.items():
            line.document_id._correct_technically(proposal)
        return self._corrected_notification(len(lines))

    def _corrected_notification(self, count):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("New files on their way to KSeF: %s", count),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_confirmed(self, lines):
        lines.document_id.check_access("read")
        lines.document_id.move_id.check_access("write")
        if not lines:
            raise UserError(
                self.env._("None of these invoices can be corrected this way.")
            )
        if not self.confirmed:
            raise UserError(
                self.env._("Confirm that the content of the invoice is the same.")
            )


class KsefTechnicalCorrectionLine(models.TransientModel):
    """One refused document: whether a new file may replace it."""

    _name = "ksef.technical.correction.line"
    _description = "KSeF technical correction: document"

    wizard_id = fields.Many2one(
        "ksef.technical.correction", required=True, ondelete="cascade", index=True
    )
    document_id = fields.Many2one("ksef.document", required=True, ondelete="cascade")
    number = fields.Char(related="document_id.number", related_sudo=False)
    buyer_name = fields.Char(related="document_id.buyer_name", related_sudo=False)
    refusal = fields.Text(
        "KSeF says", related="document_id.status_text", related_sudo=False
    )
    obstacle = fields.Text("Why not", readonly=True)
    difference_ids = fields.One2many(
        "ksef.technical.correction.difference", "line_id", readonly=True
    )

    def _compare(self):
        """Build the new files and keep what they say otherwise."""
        for line in self:
            proposal = line.document_id._propose_correction()
            line.sudo().write(
                {
                    "obstacle": proposal.obstacle,
                    "difference_ids": [
                        Command.clear(),
                        *(Command.create(row) for row in line._rows(proposal)),
                    ],
                }
            )

    def _rows(self, proposal):
        return [
            {
                "wizard_id": self.wizard_id.id,
                "element": each.path,
                "refused_value": each.old,
                "new_value": each.new,
                "is_protected": each.protected,
            }
            for each in proposal.differences
        ]

    def _shows(self, proposal):
        """Return whether the user has seen just this."""
        shown = [
            (row.element, row.refused_value or None, row.new_value or None)
            for row in self.difference_ids
        ]
        found = [(d.path, d.old or None, d.new or None) for d in proposal.differences]
        return shown == found and not proposal.obstacle


class KsefTechnicalCorrectionDifference(models.TransientModel):
    """One element that the new file states otherwise."""

    _name = "ksef.technical.correction.difference"
    _description = "KSeF technical correction: difference"
    _order = "id"

    wizard_id = fields.Many2one(
        "ksef.technical.correction", required=True, ondelete="cascade", index=True
    )
    line_id = fields.Many2one(
        "ksef.technical.correction.line", required=True, ondelete="cascade", index=True
    )
    number = fields.Char("Invoice", related="line_id.number", related_sudo=False)
    element = fields.Char("FA(3) element")
    refused_value = fields.Text("Refused file")
    new_value = fields.Text("New file")
    is_protected = fields.Boolean("Protected")
