from odoo import api, models


class AccountMoveSendWizard(models.TransientModel):
    _inherit = "account.move.send.wizard"

    @api.depends("move_id")
    def _compute_extra_edi_checkboxes(self):
        """Offer offline work, unticked: only a person decides on it here."""
        result = super()._compute_extra_edi_checkboxes()
        edis = self._get_all_extra_edis()
        for wizard in self:
            if edis["ksef_offline"]["is_applicable"](wizard.move_id):
                wizard.extra_edi_checkboxes = {
                    **(wizard.extra_edi_checkboxes or {}),
                    "ksef_offline": {
                        "checked": False,
                        "label": edis["ksef_offline"]["label"],
                        "help": edis["ksef_offline"]["help"],
                    },
                }
        return result
