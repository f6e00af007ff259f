from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..ksef.deadlines import Mode, duty
from ..tools import warsaw

#: Not in KSeF yet: a refused document has to be replaced by one that it takes.
UNSENT = ("ready", "pending", "rejected")


class KsefDocument(models.Model):
    """Deadlines: by which day an offline invoice has to be in KSeF, what is left."""

    _inherit = "ksef.document"  # pylint: disable=consider-merging-classes-inherited

    deadline_left = fields.Char("Time left", compute="_compute_deadline_left")
    deadline_state = fields.Selection(
        [
            ("later", "Not due yet"),
            ("today", "Due today"),
            ("overdue", "Overdue"),
            ("unknown", "Not known yet"),
            ("waived", "No duty to send"),
        ],
        string="Deadline",
        compute="_compute_deadline_left",
        search="_search_deadline_state",
    )
    present_move_ids = fields.One2many(
        "account.move",
        "ksef_document_id",
        "Invoices it stands for",
        help="None once another document has replaced it.",
    )

    @api.depends("offline_mode", "state", "deadline", "deadline_waived")
    def _compute_deadline_left(self):
        words = {
            "waived": self.env._("no duty to send (total failure)"),
            "unknown": self.env._("not known while the outage lasts"),
        }
        for document in self:
            state = document._deadline_state(warsaw.today())
            due = state and (words.get(state) or self._days_left(document.deadline))
            document.deadline_state = state
            document.deadline_left = due

    def _is_unsent_offline(self):
        return bool(self.offline_mode) and self.state in UNSENT

    def _deadline_state(self, today):
        if not self._is_unsent_offline():
            return False
        if self.deadline_waived:
            return "waived"
        if not self.deadline:
            return "unknown"
        if self.deadline < today:
            return "overdue"
        return "today" if self.deadline == today else "later"

    @api.model
    def _days_left(self, deadline):
        """Return in words what is left until a deadline."""
        left = (deadline - warsaw.today()).days
        if left < 0:
            return self.env._("overdue since %s", format_date(self.env, deadline))
        if not left:
            return self.env._("due today")
        return (
            self.env._("due in %s days", left)
            if left > 1
            else self.env._("due tomorrow")
        )

    @api.model
    def _domain_unsent(self):
        """Documents of posted invoices that are not in KSeF yet, refused ones included;
        not those that another document has replaced."""
        return Domain(
            [
                ("direction", "=", "issued"),
                ("state", "in", UNSENT),
                ("present_move_ids.state", "=", "posted"),
            ]
        )

    @api.model
    def _domain_unsent_offline(self):
        return self._domain_unsent() & Domain("offline_mode", "!=", False)

    @api.model
    def _search_deadline_state(self, operator, values):
        if operator != "in":
            return NotImplemented
        today = warsaw.today()
        undecided = Domain("deadline", "=", False)
        due = {
            "later": Domain("deadline", ">", today),
            "today": Domain("deadline", "=", today),
            "overdue": Domain("deadline", "<", today),
            "unknown": undecided & Domain("deadline_waived", "=", False),
            "waived": undecided & Domain("deadline_waived", "=", True),
        }
        wanted = Domain.OR(due[value] for value in values if value in due)
        found = self._domain_unsent_offline() & wanted
        if False in values:
            found |= ~self._domain_unsent_offline()
        return found

    # ------------------------------------------------------------------
    # The rule
    # ------------------------------------------------------------------

    @api.model
    def _refresh_deadlines_of(self, environments):
        """Count anew after an announcement, for every company."""
        waiting = Domain("offline_mode", "!=", False) & Domain(
            "state", "!=", "accepted"
        )
        concerned = waiting & Domain("environment", "in", list(environments))
        self.sudo().search(concerned)._refresh_deadlines()

    @api.model
    def _deadline_of_date(self, environment, day):
        """Return by when an invoice dated ``day``, before today, is to be sent."""
        outages = self.env["ksef.outage"]._known(environment)
        return duty(Mode.OFFLINE24, warsaw.start_of_day(day), outages).deadline

    def _refresh_deadlines(self):
        """Count the deadlines of offline documents that KSeF has not accepted."""
        waiting = self.filtered(lambda d: d.offline_mode and d.state != "accepted")
        for environment, documents in waiting.grouped("environment").items():
            documents._count_deadlines(self.env["ksef.outage"]._known(environment))

    def _count_deadlines(self, outages):
        for due, documents in self.grouped(lambda d: d._duty(outages)).items():
            documents._note_duty(due)

    def _duty(self, outages):
        return duty(Mode(self.offline_mode), self._issued_at(), outages)

    def _issued_at(self):
        """Return the moment of issue. P_1 alone is the date of issue (art. 106na of the
        VAT act): taken offline on a later day, the day of P_1 counts."""
        moment = warsaw.aware(self.offline_at)
        if self.offline_mode != "offline24" or warsaw.day_of(self.offline_at) == (
            self.issue_date
        ):
            return moment
        return max([warsaw.start_of_day(self.issue_date), *self._numbers_awaited()])

    def _numbers_awaited(self):
        """Return when the invoices to name got their numbers: the document could not
        be issued before."""
        named = self.move_id._ksef_named_invoices() if self.move_id else self.move_id
        moments = named.sudo().ksef_document_id.mapped("acquired_at")
        return [warsaw.aware(moment) for moment in moments if moment]

    def _note_duty(self, due):
        values = {"deadline": due.deadline or False, "deadline_waived": due.waived}
        self.filtered(
            lambda d: (d.deadline, d.deadline_waived) != tuple(values.values())
        ).write(values)
