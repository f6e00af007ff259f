from odoo import api, fields, models
from odoo.exceptions import UserError

#: What a received document may be before somebody sets it aside.
MAY_BE_SET_ASIDE = ("received", "booked")


class KsefDocument(models.Model):
    """Quarantine: what is wrong, not ours or fraud is set aside by a person, with a
    reason. The file is kept, but no bill is made of it until a person takes it back."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    quarantine_reason = fields.Selection(
        [
            ("wrong", "Wrong: the supplier has to correct it"),
            ("not_ours", "Not ours: sent to the wrong buyer"),
            ("fraud", "Fraud or scam"),
            ("other", "Other"),
        ],
        string="Reason for quarantine",
    )
    quarantine_note = fields.Text("Remark on quarantine")
    quarantined_by_id = fields.Many2one("res.users", "Put in quarantine by")
    quarantined_at = fields.Datetime("In quarantine since")
    is_without_bill = fields.Boolean("Without bill", compute="_compute_is_without_bill")
    may_be_set_aside = fields.Boolean(
        "May be put in quarantine", compute="_compute_may_be_set_aside"
    )

    @api.depends("direction", "state", "move_id")
    def _compute_is_without_bill(self):
        for document in self:
            document.is_without_bill = document._is_without_bill()

    def _is_without_bill(self):
        """A bill may be made of it when somebody asks."""
        return (
            self.direction == "received"
            and self.state in MAY_BE_SET_ASIDE
            and not self.move_id
        )

    @api.depends("direction", "state", "is_joined", "move_id.state")
    def _compute_may_be_set_aside(self):
        for document in self:
            document.may_be_set_aside = (
                document.direction == "received"
                and document.state in MAY_BE_SET_ASIDE
                and (document.is_joined or document.sudo().move_id.state != "posted")
            )

    def action_set_aside(self):
        """Ask for the reason."""
        return self.env["ksef.quarantine"]._open(self)

    def action_take_back(self):
        """Let documents count again: cancelled bills become drafts, deleted ones are
        made anew."""
        self.check_access("read")
        self.env["account.move"].check_access("create")
        documents = self.sudo().try_lock_for_update(allow_referencing=True)
        documents = documents.filtered(lambda d: d.state == "quarantined")
        documents._take_back()
        for company, lost in documents.grouped("company_id").items():
            waiting = lost.filtered(lambda d: d.state == "received")
            waiting.with_company(company)._book()

    def _set_aside(self, reason, note):
        """Put received documents in quarantine and remove their bills.

        :raises UserError: a bill is posted.
        """
        self._check_may_be_set_aside()
        documents = self.sudo()
        documents.filtered("is_joined")._separate()
        bills = documents.move_id.with_env(self.env)
        documents.write(
            {
                "state": "quarantined",
                "quarantine_reason": reason,
                "quarantine_note": note,
                "quarantined_by_id": self.env.user.id,
                "quarantined_at": fields.Datetime.now(),
                "problem": False,
            }
        )
        bills._ksef_remove()

    def _check_may_be_set_aside(self):
        for document in self.filtered(lambda d: not d.may_be_set_aside):
            name = document.ksef_number or document.number
            bill = document.sudo().move_id
            if document.direction == "received" and bill.state == "posted":
                raise UserError(
                    self.env._(
                        "The bill %(bill)s of %(document)s is posted. Reset it to draft"
                        " first.",
                        bill=bill.display_name,
                        document=name,
                    )
                )
            raise UserError(
                self.env._(
                    "%s cannot be put in quarantine: only received invoices can, and"
                    " only once.",
                    name,
                )
            )

    def _take_back(self):
        """Take documents out of quarantine; who did it is logged on their bills."""
        kept = self.filtered("move_id")
        (self - kept).state = "received"
        kept.state = "booked"
        kept.move_id.with_env(self.env)._ksef_revive()
        bodies = {
            document.move_id.id: self.env._(
                "Taken out of quarantine. It was there since %(time)s: %(reason)s",
                time=fields.Datetime.to_string(document.quarantined_at),
                reason=document._quarantine_words(),
            )
            for document in kept
        }
        kept.move_id._message_log_batch(bodies=bodies)

    def _quarantine_words(self):
        """Return reason and remark as one sentence."""
        reasons = self._fields["quarantine_reason"]._description_selection(self.env)
        reason = dict(reasons).get(self.quarantine_reason)
        return ". ".join(filter(None, [reason, self.quarantine_note]))
