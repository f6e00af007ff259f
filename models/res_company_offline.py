from datetime import timedelta

from odoo import fields, models

from ..ksef.errors import ApiError, BudgetError, ServerError, TransportError
from .res_company import ADMIN

#: What waits is asked about once an hour at least: an older silence may be over.
SILENCE = timedelta(minutes=90)


class ResCompany(models.Model):
    """Work while KSeF is away."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    ksef_status_url = fields.Char("KSeF status service address", groups=ADMIN)
    ksef_offline_when = fields.Selection(
        [
            ("never", "Wait until it answers"),
            ("ask", "Ask me"),
            ("auto", "Issue offline by itself"),
        ],
        string="When KSeF does not answer",
        default="ask",
        required=True,
        groups=ADMIN,
    )
    ksef_offline_minutes = fields.Integer(
        "Minutes without an answer", default=30, groups=ADMIN
    )

    _ksef_offline_minutes_positive = models.Constraint(
        "CHECK(ksef_offline_minutes >= 0)",
        "Minutes without an answer: enter zero or more.",
    )

    def _ksef_offline_certificate(self):
        """Return the certificate that signs KOD II: of the present environment, valid
        and not revoked, the one that is valid longest; or none."""
        company = self.sudo()
        return company.ksef_certificate_ids.filtered(
            lambda c: c.type == "offline"
            and c.environment == company.ksef_environment
            and c.state == "stored"
        )[:1]

    def _ksef_note_answer(self, error=None):
        """Note whether KSeF answers, for every worker on every host."""
        if not self or isinstance(error, BudgetError):
            return  # KSeF is not used any more, or was not asked
        connection = self._ksef_connection()
        if isinstance(error, TransportError | ServerError):
            now = fields.Datetime.now()
            since = self._ksef_unreachable_since() or now
            connection._note(unreachable_since=since, unreachable_at=now)
        elif error is None or isinstance(error, ApiError):
            if connection.unreachable_since:
                connection._note(unreachable_since=False, unreachable_at=False)

    def _ksef_unreachable_since(self):
        """Return since when KSeF has not answered, or False. Where nobody asked it for
        some time, nobody knows."""
        connection = self._ksef_connection()
        oldest = fields.Datetime.now() - SILENCE
        asked = connection.unreachable_at and connection.unreachable_at > oldest
        return asked and connection.unreachable_since

    def _ksef_offline_at(self):
        """Return when what waits is to go offline by itself, or False: never."""
        company = self.sudo()
        since = company._ksef_unreachable_since()
        if company.ksef_offline_when != "auto" or not since:
            return False
        return since + timedelta(minutes=company.ksef_offline_minutes)
