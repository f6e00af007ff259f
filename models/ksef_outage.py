from odoo import api, fields, models
from odoo.fields import Domain

from .ksef_certificate import ENVIRONMENTS

#: Of events at the same time the strongest decides.
STRENGTH = ("maintenance", "failure", "total_failure")


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
        default="failure",
        help="As the ministry announced it: unavailability and failure in BIP and in its"
        " software, a total failure in the mass media.",
    )
    start = fields.Datetime(required=True, default=fields.Datetime.now)
    end = fields.Datetime(help="Empty: it lasts.")
    name = fields.Char("Announcement", help="Title of the announcement, or where it is.")
    text = fields.Text("Text of the announcement", readonly=True)
    note = fields.Text()
    source = fields.Selection(
        [("manual", "Entered by hand"), ("lighthouse", "Status service of KSeF")],
        required=True,
        default="manual",
        readonly=True,
    )
    event_id = fields.Char("Event", readonly=True, help="Number of the status service.")
    version = fields.Integer(readonly=True)

    _end_after_start = models.Constraint(
        'CHECK("end" IS NULL OR "end" > start)',
        "An outage ends after it has begun: correct its end.",
    )
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
