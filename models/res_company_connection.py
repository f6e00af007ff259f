import sys
from datetime import timedelta

from odoo import api, fields, models

from ..ksef.errors import BudgetError, CertificateError, RateLimitError
from ..ksef.transport import Transport
from .res_company import ADMIN, REQUEST_SECONDS

#: The protection systems of KSeF block whoever goes on asking for longer (R33).
BLOCKED = "security-service-blocked"
BLOCKED_SECONDS = 3600

SILENCE_FIELDS = ("paused_until", "unreachable_since", "unreachable_at")

#: What is left where KSeF sets no limit.
ANY_NUMBER = sys.maxsize


class ResCompany(models.Model):
    """The connection that a company shares with all that have its NIP: KSeF counts by
    NIP, whatever companies and branches there are in Odoo."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    ksef_connection_id = fields.Many2one(
        "ksef.connection",
        "KSeF connection",
        compute="_compute_ksef_connection_id",
        store=True,
        index=True,
        groups=ADMIN,
    )
    ksef_paused_until = fields.Datetime(
        "No KSeF requests until",
        compute="_compute_ksef_silence",
        inverse="_inverse_ksef_silence",
        groups=ADMIN,
    )
    ksef_unreachable_since = fields.Datetime(
        "No answer from KSeF since",
        compute="_compute_ksef_silence",
        inverse="_inverse_ksef_silence",
        groups=ADMIN,
    )
    ksef_unreachable_at = fields.Datetime(
        "Last time without an answer",
        compute="_compute_ksef_silence",
        inverse="_inverse_ksef_silence",
        groups=ADMIN,
    )

    ksef_leaves_token = fields.Boolean(
        "Log in to KSeF by certificate once one works", groups=ADMIN
    )

    ksef_told_warning = fields.Text("KSeF warning told to people", groups=ADMIN)

    @api.depends("ksef_environment", "ksef_api_url", "ksef_qr_url", "partner_id.vat")
    def _compute_ksef_connection_id(self):
        for company in self:
            # In a form nothing is made: what is typed there may never be saved.
            company.ksef_connection_id = (
                company._ksef_find_connection()
                if company.id == company._origin.id
                else company._origin.ksef_connection_id
            )

    @api.depends(
        "ksef_connection_id.paused_until",
        "ksef_connection_id.unreachable_since",
        "ksef_connection_id.unreachable_at",
    )
    def _compute_ksef_silence(self):
        for company in self:
            connection = company.sudo().ksef_connection_id
            company.ksef_paused_until = connection.paused_until
            company.ksef_unreachable_since = connection.unreachable_since
            company.ksef_unreachable_at = connection.unreachable_at

    def _inverse_ksef_silence(self):
        for company in self:
            values = {name: company[f"ksef_{name}"] for name in SILENCE_FIELDS}
            company.sudo().ksef_connection_id.write(values)

    def _ksef_find_connection(self):
        """Return the connection of this company's own NIP and address, if there are
        both."""
        connections = self.env["ksef.connection"].sudo()
        nip = self._ksef_nip()
        if not (nip and self.sudo().ksef_environment):
            return connections
        try:
            return connections._of(nip, self._ksef_environment().api_url)
        except (CertificateError, ValueError):
            return connections  # the addresses are not complete

    def _ksef_connection(self):
        """Return the connection in use; empty where the settings are not complete."""
        owner = self and self._ksef_owner()
        if not owner:
            return self.env["ksef.connection"].sudo()
        found = owner._ksef_find_connection()
        if owner.ksef_connection_id != found:  # a known address changed by an update
            owner.ksef_connection_id = found
        return found

    def _ksef_same_nip(self):
        """Return this company and all others that share its connection."""
        return self | self._ksef_connection().company_ids

    def _ksef_receiver(self):
        """Return the company that receives the bills of this NIP: of those that share
        the connection and receive bills, the one that was here first."""
        sharing = self._ksef_connection().company_ids
        return sharing.filtered("ksef_import").sorted("id")[:1]

    def _ksef_transport(self, heard):
        """Return the line to KSeF.

        :param heard: the meter that notes what stands beside the answers.
        """
        return Transport(
            self._ksef_environment().api_url,
            timeout=REQUEST_SECONDS,
            on_answer=heard.note_answer,
        )

    # ------------------------------------------------------------------
    # Budget and pause (429)
    # ------------------------------------------------------------------

    def _ksef_left(self, group, purpose="deadline"):
        """Return how many requests a purpose may still make within the hour, of a group
        as `GET /rate-limits` calls it."""
        connection = self._ksef_connection()
        left = connection._meter().left(group, purpose) if connection else None
        return ANY_NUMBER if left is None else left

    def _ksef_check_pause(self):
        """Pass unless KSeF asked for a pause that is not over.

        :raises RateLimitError: it did.
        """
        until = self._ksef_connection().paused_until
        left = until and (until - fields.Datetime.now()).total_seconds()
        if left and left > 0:
            raise RateLimitError(retry_after=int(left) + 1)

    def _ksef_retry_after(self, error):
        """Return how long an error asks to wait, if it does. A pause that KSeF itself
        asks for is noted for every process; our own count stops nobody else, and is no
        trouble of KSeF's."""
        connection = self._ksef_connection()
        if not isinstance(error, BudgetError):
            connection._note_error(error)
        if getattr(error, "reason_code", None) == BLOCKED:
            self._ksef_pause(BLOCKED_SECONDS)
            return timedelta(seconds=BLOCKED_SECONDS)
        if not isinstance(error, RateLimitError):
            return None
        until = connection.paused_until
        running = until and until > fields.Datetime.now()
        if not (running or isinstance(error, BudgetError)):
            self._ksef_pause(error.retry_after)
        return timedelta(seconds=error.retry_after)

    def _ksef_pause(self, seconds):
        """Note how long KSeF wants no requests, for every worker on every host."""
        return self._ksef_connection()._pause(seconds)
