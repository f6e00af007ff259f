import logging
from collections import Counter
from datetime import timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ..ksef.errors import ApiError, KsefError
from ..ksef.marks import just_after, ticks
from ..ksef.messages import InvoiceQuery
from ..ksef.reading import moment
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from ..tools.user_message import user_message
from .ksef_document_arrival import Listing
from .ksef_import import OVERTAKEN

_logger = logging.getLogger(__name__)

PAGE = 250

#: A month under way is controlled as far as the ledger is (R51).
WHILE_OPEN = timedelta(days=7)

#: A month is closed as soon as KSeF's mark has passed its end.
AFTER_END = timedelta(hours=1)

#: What was missing is looked for again.
AFTER_GAP = timedelta(days=1)

AFTER_TROUBLE = timedelta(hours=1)

#: So few are fetched by their numbers; more come in a package.
MOST_SINGLE = 10

#: KSeF has nothing there yet: the query begins beyond its data.
BEYOND = 21183


class KsefPeriod(models.Model):
    """The proof: page by page, what KSeF lists is looked for in Odoo. A control under
    way is committed after each page and survives restarts."""

    _inherit = "ksef.period"  # pylint: disable=consider-merging-classes-inherited

    # ------------------------------------------------------------------
    # When
    # ------------------------------------------------------------------

    @api.model
    def _control_due(self, company):
        """Control the months whose time has come, as far as the budget goes."""
        for role in company._ksef_import_roles():
            self._open_months(company, role)
        due = Domain("next_at", "<=", fields.Datetime.now())
        due &= Domain("company_id", "=", company.id)
        due &= Domain("environment", "=", company.sudo().ksef_environment)
        self.search(due, order="month, id")._control_or_note(company)

    @api.model
    def _open_months(self, company, role):
        """Begin the months that the ledger has reached."""
        imports = self.env["ksef.import"]
        mark, first = imports._mark(company, role), imports._first(company, role)
        if not mark:
            return
        known = {period.month: period for period in self._months(company, role)}
        month, last = _month_of(first.date_from), _month_of(mark)
        while month <= last:
            if month in known:
                known[month]._reopen(first.date_from, mark)
            else:
                self._open(company, role, month)
            month += relativedelta(months=1)

    @api.model
    def _months(self, company, role):
        environment = company.sudo().ksef_environment
        own = Domain("company_id", "=", company.id) & Domain("role", "=", role)
        return self.search(own & Domain("environment", "=", environment))

    @api.model
    def _open(self, company, role, month):
        period = self.create(
            {
                "company_id": company.id,
                "environment": company.sudo().ksef_environment,
                "role": role,
                "month": month,
            }
        )
        over = month + relativedelta(months=1) <= warsaw.today()
        period.next_at = fields.Datetime.now() if over else period._next_while_open()
        return period

    @api.model
    def _latest(self, company, role):
        """Return the last month of a role."""
        return self._months(company, role).sorted("month")[-1:]

    @api.model
    def _control_soon(self, company, role):
        """What is not proven yet is controlled with the next run."""
        self._open_months(company, role)
        unproven = self._months(company, role).filtered(lambda p: p.state != "complete")
        unproven.next_at = fields.Datetime.now()

    def _reopen(self, first, mark):
        """Control again what was controlled in part, once the ledger is there: people
        may let reception begin earlier."""
        begin = self._begin(first)
        if not self.controlled_from or ticks(mark) <= ticks(begin):
            return
        if ticks(begin) < ticks(self.controlled_from):
            now = fields.Datetime.now()
            self.write({"state": "open", "next_at": now, "cursor": False})

    def _next_while_open(self):
        """Return when a month under way is controlled next: soon after its end."""
        now = fields.Datetime.now()
        end = warsaw.naive(moment(self._limits()[1])) + AFTER_END
        return min(now + WHILE_OPEN, end) if end > now else now + AFTER_GAP

    # ------------------------------------------------------------------
    # The control
    # ------------------------------------------------------------------

    def _control_or_note(self, company):
        """Control months of one company; what stops it is noted.

        :return: the sentence for the user, or nothing when all went well.
        """
        for period in self:
            try:
                if not period._control(company._ksef_client(purpose="import")):
                    return None  # the time of the cron is over
            except KsefError as error:
                roll_back(self.env)
                _logger.info("KSeF control, period %s: %s", period.id, error)
                return period._note_trouble(company, error)
            except OVERTAKEN as error:
                roll_back(self.env)
                _logger.info("KSeF control, period %s: %s", period.id, error)
        return None

    def _note_trouble(self, company, error):
        pause = company._ksef_retry_after(error) or AFTER_TROUBLE
        self.problem = user_message(self.env, error)
        self.next_at = fields.Datetime.now() + pause
        self.env["ksef.import"]._wake(pause)
        commit(self.env)
        return self.problem

    def _control(self, client):
        """Compare this month, as far as the ledger is.

        :return: whether there is time for more.
        :raises KsefError: no usable answer; the control goes on from the last page.
        """
        imports = self.env["ksef.import"]
        mark = imports._mark(self.company_id, self.role)
        first = imports._first(self.company_id, self.role).date_from
        begin = self._begin(first) if mark else None
        if not mark or ticks(mark) <= ticks(begin):
            self.next_at = fields.Datetime.now() + WHILE_OPEN
            return commit(self.env)
        self.cursor = self.cursor or _first_cursor(begin, self._reached(mark))
        while self.cursor["page"] is not None:
            asked = self.cursor
            page = self._ask_page(client, asked)
            if not self._is_at(asked):
                return True  # another process controls this month
            self._compare(page)
            if not commit(self.env):
                self.env["ksef.import"]._wake()
                return False
        self._fetch_missing(client)
        self._judge()
        return commit(self.env)

    def _ask_page(self, client, cursor):
        query = InvoiceQuery(
            subject_type=self.role, date_from=cursor["from"], date_to=cursor["to"]
        )
        commit(self.env)
        try:
            page = client.query_metadata(
                query, page_offset=cursor["page"], page_size=PAGE
            )
        except ApiError as error:
            if error.code != BEYOND:
                raise
            page = None
        roll_back(self.env)
        return page

    def _is_at(self, cursor):
        """Whether the control is where it was, and ours until the commit."""
        locked = self.try_lock_for_update(allow_referencing=True)
        return bool(locked) and self.cursor == cursor

    def _compare(self, page):
        """Count what a page lists, and how much of it is here."""
        cursor = dict(self.cursor)
        rows = [
            row
            for row in (page.invoices if page else ())
            if row.ksef_number not in cursor["edge"] and _lies_before(row, cursor["to"])
        ]
        listing = Listing(self.company_id, self.environment, self.role)
        documents = self.env["ksef.document"]
        documents._note_listed(listing, rows)
        held = documents._held(listing, rows)
        cursor["listed"] += len(rows)
        cursor["held"] += len(held)
        cursor["aside"] += sum(one.set_aside for one in held.values())
        cursor["listed_sums"] = added(
            cursor["listed_sums"], ((row.currency, row.gross_amount) for row in rows)
        )
        cursor["held_sums"] = added(
            cursor["held_sums"], ((one.currency, one.amount) for one in held.values())
        )
        cursor["missing"] = cursor["missing"] | {
            row.ksef_number: row.permanent_storage_date
            for row in rows
            if row.ksef_number not in held
        }
        cursor["differing"] = cursor["differing"] | _differing(rows, held)
        self.cursor = cursor | _following(cursor, page)

    # ------------------------------------------------------------------
    # What is missing
    # ------------------------------------------------------------------

    def _fetch_missing(self, client):
        """Fetch what is missing: a few by their numbers, many in a package."""
        missing = self.cursor["missing"]
        imports, company = self.env["ksef.import"], self.company_id
        if len(missing) > MOST_SINGLE:
            dates = sorted(filter(None, missing.values()), key=ticks)
            imports._plan_again(company, self.role, dates[0], just_after(dates[-1]))
            imports._wake()
            return
        for number in list(missing):
            try:
                imports._fetch_numbers(client, company, [number], self.role)
            except ApiError as error:
                if error.status not in (400, 404):
                    raise
                _logger.info("KSeF control: %s: %s", number, error)


def _first_cursor(begin, end):
    """Return a control that has seen nothing yet: where its query begins and ends, its
    next page, and what is counted."""
    return {
        "begin": begin,
        "from": begin,
        "to": end,
        "page": 0,
        "edge": [],
        "cut": False,
        "listed": 0,
        "held": 0,
        "aside": 0,
        "listed_sums": {},
        "held_sums": {},
        "missing": {},
        "differing": {},
    }


def _lies_before(row, end):
    """Whether the end is behind it: the first moment of the next month belongs to that
    one, and of the moment of a mark there may be more than a package held."""
    date = row.permanent_storage_date
    return not date or ticks(date) < ticks(end)


def _following(cursor, page):
    """Return where the next page is: KSeF shows 10,000 of a query, the next one begins
    with the last of them. Those of that moment that were seen are its edge."""
    if not (page and page.has_more and page.invoices):
        return {"page": None}
    if not page.is_truncated:
        return {"page": cursor["page"] + 1, "edge": _edge(cursor, page)}
    last = page.invoices[-1].permanent_storage_date
    if ticks(last) > ticks(cursor["from"]):
        return {"page": 0, "from": last, "edge": _edge(cursor, page)}
    return {"page": 0, "from": just_after(last), "edge": [], "cut": True}


def _edge(cursor, page):
    """Return the numbers of the last moment seen so far."""
    last = page.invoices[-1].permanent_storage_date
    same = [r.ksef_number for r in page.invoices if r.permanent_storage_date == last]
    whole = len(same) == len(page.invoices)
    return cursor["edge"] + same if whole else same


def _month_of(mark):
    """Return the first day of the Polish month in which a mark lies."""
    return moment(mark).astimezone(warsaw.WARSAW).date().replace(day=1)


def _differing(rows, held):
    """Return, by KSeF number, what KSeF lists and what is here where they differ."""
    found = {}
    for row in rows:
        one = held.get(row.ksef_number)
        if one is None or row.gross_amount is None:
            continue
        listed = as_told(row.gross_amount, row.currency)
        here = as_told(one.amount, one.currency)
        if listed != here:
            found[row.ksef_number] = [listed, here]
    return found


def as_told(amount, currency):
    """Return an amount as it is compared and read."""
    return f"{round(Decimal(str(amount or 0)), 2) + 0:.2f} {currency or 'PLN'}"


def added(sums, amounts):
    """Return sums by currency, exact to the grosz, as JSON keeps them."""
    total = Counter({currency: Decimal(amount) for currency, amount in sums.items()})
    for currency, amount in amounts:
        total[currency or "PLN"] += round(Decimal(str(amount or 0)), 2)
    return {currency: str(amount) for currency, amount in total.items()}
