from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import formatLang

from ..ksef.marks import ticks
from ..ksef.reading import moment
from ..tools import warsaw
from .ksef_certificate import ENVIRONMENTS
from .ksef_import import ROLES


class KsefPeriod(models.Model):
    """One month of one company and role: whether all that KSeF lists is here.

    A month is counted by the day on which KSeF stored an invoice for good: nothing is
    added to it any more once the high water mark has passed its end. What lies before
    the start date of reception is not asked for.
    """

    _name = "ksef.period"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Completeness of a month in KSeF"
    _order = "month desc, company_id, role"
    _rec_name = "month"

    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True, ondelete="cascade"
    )
    environment = fields.Selection(ENVIRONMENTS, required=True, readonly=True)
    role = fields.Selection(ROLES, required=True, readonly=True)
    month = fields.Date(required=True, readonly=True)
    # (none) --[_open]---> open       the ledger has reached this month
    # open   --[_judge]--> open       controlled as far as the ledger is, no gap
    # any    --[_judge]--> gap        KSeF lists what is not here: it is fetched
    # any    --[_judge]--> different  all is here, but over other amounts
    # any    --[_judge]--> complete   the month is over, all that is listed is here
    # any    --[_reopen]-> open       reception has been made to begin earlier
    state = fields.Selection(
        [
            ("open", "Under way"),
            ("gap", "Invoices missing"),
            ("different", "Amounts differ"),
            ("complete", "Complete"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="open",
        tracking=True,
    )
    received_until = fields.Char(
        "Received until",
        compute="_compute_received_until",
        help="How far this month has been received without a gap in time.",
    )
    controlled_at = fields.Datetime("Last control", readonly=True)
    controlled_from = fields.Char(
        readonly=True, help="Where that control began: the month, or reception."
    )
    controlled_to = fields.Char(readonly=True, help="As far as that control reached.")
    next_at = fields.Datetime("Next control", readonly=True, index="btree_not_null")
    cursor = fields.Json(readonly=True, help="How far a control under way has come.")

    listed_count = fields.Integer("In KSeF", readonly=True)
    held_count = fields.Integer("In Odoo", readonly=True)
    set_aside_count = fields.Integer(
        "Of these set aside", readonly=True, help="In quarantine: here, not booked."
    )
    late_count = fields.Integer(
        "Fetched by the control", readonly=True, help="They had not arrived before."
    )
    listed_sums = fields.Json(readonly=True)
    held_sums = fields.Json(readonly=True)
    listed_amounts = fields.Char("Amounts in KSeF", compute="_compute_amounts")
    held_amounts = fields.Char("Amounts in Odoo", compute="_compute_amounts")
    missing = fields.Json(
        "Missing, with dates", readonly=True, help="When KSeF stored what is not here."
    )
    missing_count = fields.Integer("Missing", readonly=True)
    missing_numbers = fields.Text("Missing numbers", compute="_compute_missing_numbers")
    differing = fields.Json(
        "Amounts that differ", readonly=True, help="What KSeF lists, and what is here."
    )
    differing_count = fields.Integer("Other amounts", readonly=True)
    differing_lines = fields.Text("Differences", compute="_compute_differing_lines")
    problem = fields.Text(readonly=True)

    _unique_month = models.Constraint(
        "UNIQUE(company_id, environment, role, month)", "This month is here already."
    )

    @api.depends("month", "role")
    def _compute_display_name(self):
        names = dict(self._fields["role"]._description_selection(self.env))
        for period in self:
            month = period.month and f"{period.month:%Y-%m}"
            period.display_name = f"{month}, {names.get(period.role, '')}"

    @api.depends("listed_sums", "held_sums")
    def _compute_amounts(self):
        for period in self:
            period.listed_amounts = self._amounts(period.listed_sums)
            period.held_amounts = self._amounts(period.held_sums)

    def _amounts(self, sums):
        """Return sums by currency as a person reads them."""
        return "; ".join(
            f"{formatLang(self.env, float(amount), digits=2)} {currency}"
            for currency, amount in sorted((sums or {}).items())
        )

    @api.depends("missing")
    def _compute_missing_numbers(self):
        for period in self:
            period.missing_numbers = "\n".join(period.missing or {})

    @api.depends("differing")
    def _compute_differing_lines(self):
        for period in self:
            period.differing_lines = "\n".join(
                self.env._(
                    "%(number)s: %(listed)s in KSeF, %(held)s in Odoo",
                    number=number,
                    listed=listed,
                    held=held,
                )
                for number, (listed, held) in (period.differing or {}).items()
            )

    @api.depends("month", "role", "company_id", "environment")
    def _compute_received_until(self):
        imports = self.env["ksef.import"].sudo()
        for period in self:
            company = period.company_id.sudo()
            mark = imports._mark(company, period.role)
            begin, _end = period._limits()
            until = period._reached(mark) if mark else None
            period.received_until = (
                company._ksef_mark_text(until)
                if until and ticks(until) > ticks(begin)
                else False
            )

    def _limits(self):
        """Return the first moment of the month, and that of the next one."""
        following = self.month + relativedelta(months=1)
        return tuple(
            warsaw.start_of_day(day).isoformat() for day in (self.month, following)
        )

    def _reached(self, mark):
        """Return how far into this month a mark reaches."""
        end = self._limits()[1]
        return end if ticks(mark) >= ticks(end) else mark

    def _begin(self, first):
        """Return the first moment to control.

        :param first: where reception of the role begins
        """
        return max(self._limits()[0], first, key=ticks)

    def _is_over(self, mark):
        return ticks(mark) >= ticks(self._limits()[1])

    # ------------------------------------------------------------------
    # Buttons
    # ------------------------------------------------------------------

    def action_control(self):
        """Control these months anew, now.

        :raises UserError: another company receives the invoices of this NIP.
        """
        self.check_access("read")
        self.env["account.move"].check_access("create")
        for company, periods in self.sudo().grouped("company_id").items():
            elsewhere = self.env["ksef.import"].sudo()._received_elsewhere(company)
            if elsewhere:
                raise UserError(elsewhere)
            periods.write({"next_at": fields.Datetime.now(), "cursor": False})
            trouble = periods.with_company(company)._control_or_note(company)
            self.env["ksef.import"].sudo().with_company(company)._book_stored(company)
            if trouble:
                raise UserError(trouble)

    def action_open_documents(self):
        """Open what is here of this month."""
        self.ensure_one()
        begin, end = (warsaw.naive(moment(mark)) for mark in self._limits())
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "l10n_pl_ksef.action_ksef_document"
        )
        here = Domain("listed_roles", "like", self.role) & Domain(
            "company_id", "=", self.company_id.id
        )
        here &= Domain("stored_at", ">=", begin) & Domain("stored_at", "<", end)
        return action | {"domain": list(here)}
