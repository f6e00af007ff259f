import logging

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_datetime

from ..ksef.deadlines import Outage, OutageKind
from ..ksef.errors import KsefError
from ..ksef.lighthouse import Lighthouse
from ..ksef.transport import Transport
from ..tools import warsaw
from ..tools.transaction import commit, roll_back
from .ksef_certificate import ENVIRONMENTS

#: Of events at the same time the strongest decides.
STRENGTH = ("maintenance", "failure", "total_failure")

#: What deadlines and modes depend on.
DECISIVE = frozenset({"active", "environment", "kind", "start", "end"})

#: What a person may add to an announcement of the status service. Archived, it counts
#: no more: the service may err, or forget to tell of an end (R37).
NOTES = frozenset({"note", "active"})

#: Nobody waits long for the status service.
STATUS_SECONDS = 15

#: Somebody may write on the same documents while deadlines are counted anew.
STORE_ATTEMPTS = 3

#: The largest number of a database integer.
MOST_VERSION = 2**31 - 1

_logger = logging.getLogger(__name__)


class KsefOutage(models.Model):
    """An announced unavailability or failure of KSeF, from-to. With the calendar it is
    the only input of offline deadlines. It holds for every company."""

    _name = "ksef.outage"
    _description = "KSeF outage"
    _order = "start desc, id desc"

    environment = fields.Selection(
        ENVIRONMENTS, required=True, default=lambda self: self._default_environment()
    )
    kind = fields.Selection(
        [
            ("maintenance", "Announced unavailability"),
            ("failure", "Failure"),
            ("total_failure", "Total failure"),
        ],
        required=True,
        help="As the ministry announced it: unavailability and failure in BIP and in"
        " its software, a total failure in the mass media.",
    )
    start = fields.Datetime(required=True, default=fields.Datetime.now)
    end = fields.Datetime(help="Empty: still going on.")
    name = fields.Char(
        "Announcement", help="Title of the announcement, or where it is."
    )
    text = fields.Text("Text of the announcement", readonly=True)
    note = fields.Text()
    active = fields.Boolean(
        default=True, help="Archived: neither modes nor deadlines depend on it."
    )
    source = fields.Selection(
        [("manual", "Entered by hand"), ("lighthouse", "Status service of KSeF")],
        required=True,
        default="manual",
        readonly=True,
    )
    event_id = fields.Char("Event", readonly=True, help="Number of the status service.")
    version = fields.Integer(readonly=True)
    lasting = fields.Boolean("Going on now", compute="_compute_lasting")

    _event_unique = models.UniqueIndex(
        "(environment, event_id) WHERE event_id IS NOT NULL",
        "This announcement of the status service is recorded already.",
    )

    @api.model
    def _default_environment(self):
        return self.env.company._ksef_owner().sudo().ksef_environment or "production"

    @api.depends("kind", "name")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for outage in self:
            outage.display_name = outage.name or kinds.get(outage.kind)

    @api.depends("start", "end")
    def _compute_lasting(self):
        now = fields.Datetime.now()
        for outage in self:
            begun = outage.start and outage.start <= now
            outage.lasting = begun and (not outage.end or outage.end > now)

    @api.constrains("start", "end")
    def _check_end(self):
        for outage in self.filtered("end"):
            if outage.end <= outage.start:
                raise ValidationError(
                    self.env._(
                        "The outage begins on %(start)s: enter an end after that, or"
                        " leave the end empty while it lasts.",
                        start=format_datetime(self.env, outage.start),
                    )
                )

    # ------------------------------------------------------------------
    # What an announcement changes
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            vals_list = [{**values, "source": "manual"} for values in vals_list]
        outages = super().create(vals_list)
        outages._spread(outages.mapped("environment"))
        return outages

    def write(self, vals):
        self._check_entered_by_hand(vals.keys() - NOTES)
        environments = set(self.mapped("environment"))
        result = super().write(vals)
        if DECISIVE & vals.keys():
            self._spread(environments | set(self.mapped("environment")))
        return result

    def unlink(self):
        self._check_entered_by_hand({"id"})
        environments = set(self.mapped("environment"))
        result = super().unlink()
        self.browse()._spread(environments)
        return result

    def _check_entered_by_hand(self, fields_to_change):
        """Announcements of the status service are evidence: people add notes only."""
        if self.env.su or not fields_to_change:
            return
        announced = self.filtered(lambda outage: outage.source == "lighthouse")
        if announced or "source" in fields_to_change:
            raise UserError(
                self.env._(
                    "The status service of KSeF announced this outage: only a note can"
                    " be added. If it is wrong or over, archive it, and enter what the"
                    " ministry announced as an outage of its own."
                )
            )

    def _spread(self, environments):
        """Count deadlines anew; when an outage is over, what waited is sent."""
        self.env["ksef.document"]._refresh_deadlines_of(environments)
        now = fields.Datetime.now()
        for moment in {max(outage.end, now) for outage in self if outage.end}:
            self.env["ksef.session"]._wake_up("send", moment)

    # ------------------------------------------------------------------
    # What is announced
    # ------------------------------------------------------------------

    @api.model
    def _current(self, environment):
        """Return the strongest outage that lasts now, or none."""
        now = fields.Datetime.now()
        lasting = Domain("end", "=", False) | Domain("end", ">", now)
        outages = self.sudo().search(
            Domain("environment", "=", environment)
            & Domain("start", "<=", now)
            & lasting
        )
        return outages.sorted(lambda outage: STRENGTH.index(outage.kind))[-1:]

    @api.model
    def _known(self, environment):
        """Return what has been announced, as the rule of deadlines takes it."""
        announced = self.sudo().search([("environment", "=", environment)])
        return [
            Outage(
                OutageKind(outage.kind),
                warsaw.aware(outage.start),
                warsaw.aware(outage.end) if outage.end else None,
            )
            for outage in announced
        ]

    # ------------------------------------------------------------------
    # The status service
    # ------------------------------------------------------------------

    @api.model
    def _look(self, owners):
        """Take over what the status service announces, each address asked once.

        A service that does not answer says nothing about KSeF: nothing changes then.
        Commits, so that no transaction of ours is open while it is asked.
        """
        places = self._places(owners)
        commit(self.env)
        for environment, url in places:
            announcements = self._ask(url)
            if announcements:
                self._store_or_leave(environment, announcements)
                commit(self.env)

    @api.model
    def _places(self, owners):
        """Return each (environment, address of its status service) of companies."""
        places = set()
        for owner in owners.sudo().filtered("ksef_environment"):
            try:
                url = owner._ksef_environment().status_url
            except KsefError:  # own addresses that are not given: nothing to ask
                continue
            if url:
                places.add((owner.ksef_environment, url))
        return sorted(places)

    @api.model
    def _ask(self, url):
        try:
            return Lighthouse(Transport(url, timeout=STATUS_SECONDS)).announcements()
        except KsefError as error:
            _logger.info("KSeF status service %s: %s", url, error)
            return ()

    @api.model
    def _store_or_leave(self, environment, announcements):
        """Store announcements; what stays in the way, the next look brings again."""
        for _attempt in range(STORE_ATTEMPTS):
            try:
                self._store(environment, announcements)
                self.env.flush_all()
                return
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                roll_back(self.env)

    @api.model
    def _store(self, environment, announcements):
        # One process at a time: two that look at once would insert an event twice.
        lock = SQL("SELECT pg_try_advisory_xact_lock(hashtext('ksef.outage'))")
        if not self.env.execute_query(lock)[0][0]:
            return
        outages = self.sudo().with_context(active_test=False)
        events = [str(announcement.event_id) for announcement in announcements]
        known = outages.search(
            [("environment", "=", environment), ("event_id", "in", events)]
        ).grouped("event_id")
        announced = [self._values(environment, each) for each in announcements]
        new = []
        for values in filter(_is_sound, announced):
            outage = known.get(values["event_id"])
            if outage:
                outage._follow(values)
            else:
                new.append(values)
        outages.create(new)

    @api.model
    def _values(self, environment, announcement):
        return {
            "environment": environment,
            "event_id": str(announcement.event_id),
            "version": announcement.version,
            "source": "lighthouse",
            "kind": announcement.kind.value,
            "start": warsaw.naive(announcement.start),
            "end": warsaw.naive(announcement.end) or False,
            "name": announcement.title,
            "text": announcement.text,
        }

    def _follow(self, values):
        """Take over a newer version of the announcement; write what differs only."""
        if values["version"] < self.version:
            return
        changes = {name: new for name, new in values.items() if self[name] != new}
        if changes:
            self.write(changes)


def _is_sound(values):
    """Whether the database takes what the status service says."""
    ends_after_start = not values["end"] or values["end"] > values["start"]
    return ends_after_start and 0 <= values["version"] <= MOST_VERSION
