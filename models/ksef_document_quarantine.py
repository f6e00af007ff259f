from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .ksef_document_file import STATED

#: What a received document may be before somebody sets it aside.
MAY_BE_SET_ASIDE = ("received", "booked", "kept")

#: What a person has said of it then.
DECIDED = ("quarantine_reason", "quarantine_note", "quarantined_at")


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

    def _join_files(self):
        """What was set aside when it was dropped or mailed stays aside when KSeF brings
        the same bytes."""
        aside = self.search(
            Domain("company_id", "in", self.company_id.ids)
            & Domain("state", "=", "quarantined")
            & Domain("ksef_number", "=", False)
            & Domain("sha256", "in", self.mapped("sha256"))
        ).grouped("sha256")
        kept = self.filtered(lambda document: document.sha256 in aside)
        for document in kept:
            document._stay_aside(aside[document.sha256][:1])
        return kept | super(KsefDocument, self - kept)._join_files()

    def _stay_aside(self, file):
        """Take the place of a document that came without a KSeF number."""
        move = file.move_id
        values = {name: file[name] for name in (*STATED, *DECIDED)}
        values["quarantined_by_id"] = file.quarantined_by_id.id
        move._ksef_link(self)
        file.unlink()
        self.write(values | {"move_id": move.id, "state": "quarantined"})

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
