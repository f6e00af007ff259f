from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.marks import exports_ahead, just_after, window_end
from ..ksef.partition import divide
from ..ksef.reading import moment
from ..tools import warsaw
from ..tools.transaction import commit
from .ksef_import import OPEN, ROLES

#: How often each role is asked for. The ministry recommends a synchronisation every 15
#: minutes at most, for third parties and authorized entities once a night.
INTERVALS = {
    "Subject2": timedelta(minutes=15),
    "Subject1": timedelta(hours=1),
    "Subject3": timedelta(hours=6),
    "SubjectAuthorized": timedelta(hours=6),
}

#: After the first failed attempt; each further one doubles it.
RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=1)

#: Windows behind the mark.
DONE = Domain("state", "in", ("stored", "incomplete"))


class KsefImport(models.Model):
    """Which window comes next, and when: from the mark on, or again, or in parts."""

    _inherit = "ksef.import"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------
    # What there is to do
    # ------------------------------------------------------------------

    @api.model
    def _roles_to_fetch(self, company):
        """Return the roles that are switched on, and those of which something waits."""
        wanted = company._ksef_import_roles()
        waiting = self.search(
            self._domain(company) & Domain("state", "in", ("planned", "requested"))
        )
        others = set(waiting.mapped("role")) - set(wanted)
        return wanted + [role for role, _name in ROLES if role in others]

    @api.model
    def _domain(self, company, role=None):
        domain = Domain("company_id", "=", company.id) & Domain(
            "environment", "=", company.sudo().ksef_environment
        )
        return domain & Domain("role", "=", role) if role else domain

    @api.model
    def _ledger(self, company, role):
        """The windows that move the mark."""
        own = Domain("again", "=", False) & Domain("parent_id", "=", False)
        return self._domain(company, role) & own

    @api.model
    def _waiting(self, company, role, force):
        """Return the window to go on with: what KSeF is working on before what is
        planned, each once its time has come.

        :param force: also before its time.
        """
        waiting = self._domain(company, role) & Domain(
            "state", "in", ("planned", "requested")
        )
        now = fields.Datetime.now()
        due = Domain("retry_at", "=", False) | Domain("retry_at", "<=", now)
        ordered = self.search(waiting & Domain("state", "=", "requested"), limit=1)
        if ordered:  # one export of a role at a time
            return ordered if force else ordered.filtered_domain(due)
        window = self.search(waiting & due, order="id", limit=1)
        return window or (
            self.search(waiting, order="id", limit=1) if force else window
        )

    @api.model
    def _plan_next(self, company, role, force):
        """Plan the next window of the ledger if it is time for one."""
        unfinished = Domain("state", "in", OPEN)
        if role not in company._ksef_import_roles() or self.search_count(
            self._ledger(company, role) & unfinished, limit=1
        ):
            return self.browse()
        begin = self._next_begin(company, role, force)
        if begin is None or moment(begin) > warsaw.now():
            return self.browse()
        window = self._plan(company, role, begin)
        commit(self.env)  # what hinders its order is noted on it
        return window

    @api.model
    def _next_begin(self, company, role, force):
        """Return where the next window begins, or None if it is not time for one.

        A start date set before the first window begins the walk anew; what is here
        already is recognised by its number.
        """
        start = self._start(company)
        last, first = self._last_stored(company, role), self._first(company, role)
        if not last or start < moment(first.date_from):
            return start.isoformat()
        recent = fields.Datetime.now() - INTERVALS[role]
        if last.requested_at > recent and not (last.more_follows or force):
            return None
        return last.date_to

    @api.model
    def _start(self, company):
        day = company.sudo().ksef_import_from or warsaw.today()
        return warsaw.start_of_day(day)

    @api.model
    def _last_stored(self, company, role):
        return self.search(self._ledger(company, role) & DONE, limit=1)

    @api.model
    def _first(self, company, role):
        done = self._ledger(company, role) & DONE
        return self.search(done, order="date_from, id", limit=1)

    @api.model
    def _mark(self, company, role):
        """Return how far the ledger of the role is complete; None: it has no window."""
        return self._last_stored(company, role).date_to or None

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------

    @api.model
    def _plan(self, company, role, date_from, date_to=None, **values):
        """Plan a window; it is ordered as soon as KSeF takes the order."""
        return self.create(
            {
                "company_id": company.id,
                "environment": company.sudo().ksef_environment,
                "role": role,
                "date_from": date_from,
                "date_to": date_to,
                "state": "planned",
                **values,
            }
        )

    @api.model
    def _plan_again(self, company, role, begin, end):
        """Plan to fetch a period again, in windows that KSeF takes.

        :param begin: aware datetime, or a mark of KSeF; so is ``end``.
        """
        begin, end = _written(begin), _written(end)
        windows = self.browse()
        while moment(begin) < moment(end):
            last = window_end(begin, warsaw.now(), end)
            windows |= self._plan(company, role, begin, last, again=True)
            begin = last
        return windows

    def _plan_rest(self, mark):
        """Plan what a truncated window that is fetched again has left out."""
        if self.again and moment(mark) < moment(self.date_to):
            self._plan(self.company_id, self.role, mark, self.date_to, again=True)

    def _replace(self):
        """Plan a window in place of one that failed, from the same mark, after a pause.

        :return: the pause.
        """
        pause = _pause(self.attempts + 1)
        self.flush_recordset()  # one end of the ledger at a time
        self._plan(
            self.company_id,
            self.role,
            self.date_from,
            self.date_to if self.again or self.parent_id else None,
            again=self.again,
            parent_id=self.parent_id.id,
            narrowed=self.narrowed or False,
            attempts=self.attempts + 1,
            retry_at=fields.Datetime.now() + pause,
        )
        return pause

    def _postpone(self, problem, pause=None):
        """Note why it did not work, and when it is tried again.

        :param pause: as long as KSeF says; else each failure doubles it.
        """
        if not pause:
            self.attempts += 1
            pause = _pause(self.attempts)
        self.write({"problem": problem, "retry_at": fields.Datetime.now() + pause})
        self._wake(pause)

    # ------------------------------------------------------------------
    # More invoices on one moment than KSeF hands out
    # ------------------------------------------------------------------

    def _divide(self, metadata):
        """Plan the parts of a window that begins with more invoices of one moment than
        a package holds. The mark moves on once all parts are stored."""
        filters = divide(self.narrowed or {}, metadata)
        # No earlier than the following moment KSeF counts: what it might store between
        # the two would be lost.
        end = self.date_to if self.parent_id else just_after(self.date_from)
        if not self.parent_id:
            self._plan_rest(end)
        for narrowed in filters:
            self._plan(
                self.company_id,
                self.role,
                self.date_from,
                end,
                again=self.again,
                parent_id=self.id,
                narrowed=narrowed,
            )
        if filters:
            return self._finish("divided", date_to=end)
        told = self._undivided_text()
        return self._finish("incomplete", date_to=end, more_follows=True, problem=told)

    def _undivided_text(self):
        return self.env._(
            "KSeF holds more invoices of the moment %s with one and the same amount"
            " than it hands out. Fetch those that are missing by their KSeF numbers.",
            self.date_from,
        )

    def _close_parent(self):
        """The last part that is done completes the window it belongs to."""
        whole = self.parent_id
        if not whole or whole.part_ids.filtered(lambda part: part.state in OPEN):
            return
        problems = filter(None, whole.part_ids.mapped("problem"))
        whole.write(
            {
                "state": "stored",
                "more_follows": True,
                "problem": "\n".join(dict.fromkeys(problems)) or False,
            }
        )
        commit(self.env)
        whole._close_parent()

    # ------------------------------------------------------------------
    # Progress
    # ------------------------------------------------------------------

    @api.model
    def _exports_ahead(self, company, role):
        """Return how many exports the role needs to reach the present, about."""
        start = self._start(company)
        mark = self._mark(company, role)
        done = self.search_count(
            self._domain(company, role) & Domain("state", "!=", "planned")
        )
        reached = max(moment(mark) or start, start)
        return exports_ahead(start, reached, warsaw.now(), done)


def _pause(attempts):
    """Return how long to wait after so many failed attempts."""
    return min(RETRY * 2 ** min(max(attempts - 1, 0), 10), LONGEST_RETRY)


def _written(when):
    return when if isinstance(when, str) else when.isoformat()
