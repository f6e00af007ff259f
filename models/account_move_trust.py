from odoo import fields, models
from odoo.exceptions import UserError

from ..mapping.trust import INFO
from .ksef_route import READERS


class AccountMove(models.Model):
    """What was found odd about a received bill: shown until a person has looked, and
    Odoo posts nothing by itself before."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    ksef_trust = fields.Selection(
        related="ksef_document_id.trust", string="Trust check", groups=READERS
    )

    def _ksef_fill(self, invoice, document):
        """A file that is dropped or mailed is checked like one from KSeF."""
        result = super()._ksef_fill(invoice, document)
        document._check_trust({document: invoice})
        return result

    def _post(self, soft=True):
        """What a person has changed counts, as it is posted."""
        self.sudo().ksef_document_id._check_again()
        return super()._post(soft)

    def _get_alerts(self):
        alerts = super()._get_alerts()
        document = self.sudo().ksef_document_id
        if document.trust != "check" or self.state == "cancel":
            return alerts
        grave = [one for one in document.findings if one["level"] != INFO]
        for index, finding in enumerate(grave):
            alerts[f"ksef_trust_{index}"] = {
                "level": finding["level"],
                "message": finding["text"],
            }
        alerts["ksef_trust_0"] |= {
            "action_text": self.env._("I have checked it"),
            "action_call": (self._name, "action_ksef_confirm", self.ids),
        }
        return alerts

    def action_ksef_confirm(self):
        """A person has looked at what was found odd."""
        self.check_access("write")
        documents = self.sudo().ksef_document_id
        documents = documents.filtered(lambda d: d.trust == "check")
        bodies = {
            document.move_id.id: self.env._(
                "Checked: %s", document.findings_text.replace("\n", " ")
            )
            for document in documents
        }
        documents._confirm()
        documents.move_id.with_env(self.env)._message_log_batch(bodies=bodies)

    def _ksef_autopost(self):
        """Do what Odoo does with bills of suppliers who are trusted entirely; a bill
        that it cannot post stays a draft, with the reason."""
        if self.partner_id.autopost_bills != "always":
            return
        try:
            with self.env.cr.savepoint():
                self._autopost_bill()
        except UserError as error:
            self._message_log(
                body=self.env._("The bill was not posted automatically: %s", error)
            )

    def _autopost_bill(self):
        document = self.sudo().ksef_document_id
        if not document or document._may_be_posted_alone():
            return super()._autopost_bill()
        if self.partner_id.autopost_bills == "always":
            self._message_log(
                body=self.env._(
                    "Not posted automatically: the check of the invoice has found what"
                    " a person should look at."
                )
            )
        return None
